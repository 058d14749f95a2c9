import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { Dialect, type JsonSchema } from './json-schema.ts'

export const ModelName = Type.String({
  title: 'Name',
  description: 'Letters, digits, ".", "_" and "-"; unique in its service. It cannot be changed.',
  pattern: '^[A-Za-z0-9._-]{1,100}$',
  [EXPECTED]: 'up to 100 letters, digits, ".", "_" and "-"',
  examples: ['Pet'],
})

/** A JSON Schema of a service, which parameters, bodies and other models refer to by its name. */
export const Model = Type.Object({
  name: ModelName,
  description: Type.String({ title: 'Description', description: 'What it describes.', maxLength: 10_000, default: '' }),
  dialect: Dialect,
  schema: Type.Unsafe<JsonSchema>({
    type: ['object', 'boolean'],
    title: 'Schema',
    description: 'JSON Schema of that dialect; {"$ref": "#/models/NAME"} names another model.',
    examples: [{ type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }],
  }),
})
export type Model = Static<typeof Model>
