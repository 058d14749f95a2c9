import { type Static, Type } from '#bundles/typebox'
import type { JsonSchema } from '../lib/json-schema.ts'

export type { JsonSchema }

/**
 * A schema that stands in a design, in JSON Schema 2020-12. `{"$ref": "#/models/NAME"}` in it names a model of the service;
 * there are no other references.
 */
export const InlineSchema = Type.Unsafe<JsonSchema>({
  type: ['object', 'boolean'],
  title: 'Schema',
  description: 'JSON Schema 2020-12; {"$ref": "#/models/NAME"} names a model.',
  examples: [{ type: 'string' }],
})

/** The dialects that models may be written in. */
export const dialects = ['draft-04', 'draft-07', '2020-12'] as const
export const Dialect = Type.Enum(dialects, {
  title: 'Dialect',
  description: 'The version of JSON Schema.',
  default: '2020-12',
})
export type Dialect = Static<typeof Dialect>

/** How references to models begin. */
export const MODEL_REFERENCE = '#/models/'
