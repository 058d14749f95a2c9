import { mapSchema } from '../lib/json-schema.ts'
import { type JsonSchema, MODEL_REFERENCE } from '../model/json-schema.ts'
import type { Model } from '../model/model.ts'

/**
 * A model in the one form in which it is kept. `true` and `false` mean the same in every dialect that has them, and `#`, the
 * whole schema, is the model itself by its name.
 */
export function normalModel({ name, description, dialect, schema }: Model): Model {
  if (typeof schema === 'boolean')
    return { name, description, dialect: dialect === 'draft-04' ? dialect : '2020-12', schema }
  const named = mapSchema(schema, (one) => (one.$ref === '#' ? { ...one, $ref: MODEL_REFERENCE + name } : one))
  return { name, description, dialect, schema: named as JsonSchema }
}
