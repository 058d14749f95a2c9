/** JSON Schemas of parameters and bodies as one chooses them from a list: the usual ones have a name, others are JSON. */

export type Schema = boolean | { readonly [keyword: string]: unknown }

/** What the API takes. Its document says of a schema no more than that it is an object, which the types take for an empty one. */
export const asSent = (schema: Schema) => schema as boolean | Record<string, never>

const TYPES = ['string', 'integer', 'number', 'boolean', 'object'] as const
const MODEL = '#/models/'
const LIST = '[]'

/** All that can be chosen: types, models, and lists of each. */
export const schemaKinds = (models: readonly string[]) => ({
  types: [...TYPES, ...TYPES.map((type) => type + LIST)],
  models: models.flatMap((name) => [MODEL + name, MODEL + name + LIST]),
})

/** What a schema is called in the list; null for one that is none of these. What else it says (formats, bounds) does not count. */
export function kindOf(schema: Schema | undefined): string | null {
  if (schema === undefined || typeof schema === 'boolean') return null
  if (typeof schema.$ref === 'string') return schema.$ref.startsWith(MODEL) ? schema.$ref : null
  const type = TYPES.find((one) => one === schema.type)
  if (type !== undefined) return type
  if (schema.type !== 'array') return null
  const items = kindOf(schema.items as Schema | undefined)
  return items === null || items.endsWith(LIST) ? null : items + LIST
}

/** How a kind is shown: a model by its name. */
export const kindLabel = (kind: string): string => kind.replace(MODEL, '')

/** The schema of another kind. What the old one says beside its type stays, where the new one has room for it. */
export function withKind(schema: Schema | undefined, kind: string): Schema {
  if (kind === kindOf(schema)) return schema ?? true
  if (kind.startsWith(MODEL) && !kind.endsWith(LIST)) return { $ref: kind }
  const { title, description } = typeof schema === 'object' ? schema : {}
  const told = { ...(title !== undefined && { title }), ...(description !== undefined && { description }) }
  if (!kind.endsWith(LIST)) return { ...told, type: kind }
  const item = kind.slice(0, -LIST.length)
  // Of a string with a format one makes a list of strings with it.
  return { ...told, type: 'array', items: kindOf(schema) === item ? (schema ?? true) : withKind(undefined, item) }
}

/** What a schema says beside its kind, in short: `format: date, maximum: 10`. */
export function restOf(schema: Schema | undefined): string {
  if (schema === undefined || typeof schema === 'boolean') return schema === undefined ? '' : String(schema)
  if (kindOf(schema) === null) return JSON.stringify(schema)
  return Object.entries(schema)
    .filter(([keyword]) => !['type', '$ref', 'items'].includes(keyword))
    .map(([keyword, value]) => `${keyword}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}
