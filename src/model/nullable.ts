import { type Static, type TSchema, Type } from '#bundles/typebox'

/**
 * A value or null, as one schema with two types: in a union, as TypeBox would write it, validators fill in no defaults and
 * tell the mistakes of both sides.
 */
export function Nullable<Schema extends TSchema & { readonly type: string }>(
  schema: Schema,
  options: { title: string; description: string; default?: null; examples?: readonly unknown[] },
) {
  return Type.Unsafe<Static<Schema> | null>({ ...schema, type: [schema.type, 'null'], ...options })
}
