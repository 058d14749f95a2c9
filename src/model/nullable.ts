import { type Static, type TObject, Type } from 'typebox'

/**
 * An object or null, as one schema with two types: in a union, as TypeBox would write it, validators fill in no defaults and
 * tell the mistakes of both sides.
 */
export function Nullable<Schema extends TObject>(
  schema: Schema,
  options: { title: string; description: string; default?: null },
) {
  return Type.Unsafe<Static<Schema> | null>({ ...schema, type: ['object', 'null'], ...options })
}
