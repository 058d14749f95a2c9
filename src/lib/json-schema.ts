/** JSON Schemas as values: walking them, what they refer to, and old dialects in the words of the newest. */

export type JsonSchema = boolean | { readonly [keyword: string]: unknown }
type SchemaObject = Readonly<Record<string, unknown>>

/** Keywords whose value is a schema; `items` and `dependencies` are looked at apart. */
const SINGLE = new Set([
  'additionalItems',
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
])
/** … a list of schemas. */
const LISTS = new Set(['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems'])
/** … schemas by name. */
const MAPS = new Set(['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties'])

/** Replaces every schema in a schema, the innermost first. What only looks like one (in `enum`, `default`, …) stays as it is. */
export function mapSchema(schema: unknown, change: (schema: SchemaObject) => JsonSchema): unknown {
  if (!isObject(schema)) return schema
  const changed = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (LISTS.has(keyword) && Array.isArray(value)) return [keyword, value.map((one) => mapSchema(one, change))]
    if (SINGLE.has(keyword)) return [keyword, mapSchema(value, change)]
    if (MAPS.has(keyword) && isObject(value))
      return [keyword, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapSchema(one, change)]))]
    return [keyword, value]
  })
  return change(Object.fromEntries(changed))
}

/** Calls `visit` with every schema in a schema and the JSON Pointer of where it stands. */
export function visitSchemas(
  schema: unknown,
  visit: (schema: SchemaObject, pointer: string) => void,
  pointer = '',
): void {
  if (!isObject(schema)) return
  visit(schema, pointer)
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${pointer}/${escapeKey(keyword)}`
    if (LISTS.has(keyword) && Array.isArray(value))
      for (const [i, one] of value.entries()) visitSchemas(one, visit, `${at}/${i}`)
    else if (SINGLE.has(keyword)) visitSchemas(value, visit, at)
    else if (MAPS.has(keyword) && isObject(value))
      for (const [name, one] of Object.entries(value)) visitSchemas(one, visit, `${at}/${escapeKey(name)}`)
  }
}

/** Everything that a schema refers to, with the JSON Pointer of each reference. */
export function referencesOf(schema: unknown): { readonly reference: string; readonly pointer: string }[] {
  const found: { reference: string; pointer: string }[] = []
  visitSchemas(schema, (one, pointer) => {
    for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef']) {
      const reference = one[keyword]
      if (typeof reference === 'string') found.push({ reference, pointer: `${pointer}/${keyword}` })
    }
  })
  return found
}

/** Whether a JSON Pointer, as it stands behind `#`, leads to something. */
export function leadsSomewhere(document: unknown, pointer: string): boolean {
  let value = document
  for (const key of pointer.split('/').slice(1).map(unescapeKey)) {
    if (Array.isArray(value)) value = value[Number(key)]
    else if (isObject(value) && Object.hasOwn(value, key)) value = value[key]
    else return false
  }
  return value !== undefined
}

/**
 * A schema of draft-04 or draft-07 in the words of 2020-12, with the same verdicts: exclusive limits as numbers, lists of
 * items as `prefixItems`, dependencies by their kind, and nothing beside a `$ref`, where the old drafts see nothing either.
 */
export function toDraft2020(schema: JsonSchema): JsonSchema {
  return mapSchema(schema, modern) as JsonSchema
}

function modern(schema: SchemaObject): SchemaObject {
  if (typeof schema.$ref === 'string') return { $ref: schema.$ref }
  const { $schema: _, exclusiveMinimum, exclusiveMaximum, items, additionalItems, dependencies, ...others } = schema
  // An identifier would move what references lead to; in draft-04 it is called "id".
  const { $id: _id, id, ...rest } = others
  return withoutUndefined({
    ...rest,
    ...(typeof id === 'string' ? {} : id !== undefined && { id }),
    ...limits('minimum', exclusiveMinimum, schema.minimum),
    ...limits('maximum', exclusiveMaximum, schema.maximum),
    ...(Array.isArray(items)
      ? { prefixItems: items, ...(additionalItems !== undefined && { items: additionalItems }) }
      : items !== undefined && { items }),
    ...dependenciesByKind(dependencies),
  })
}

function limits(limit: 'minimum' | 'maximum', exclusive: unknown, value: unknown): SchemaObject {
  const keyword = limit === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum'
  if (exclusive === true && value !== undefined) return { [limit]: undefined, [keyword]: value }
  return typeof exclusive === 'number' ? { [keyword]: exclusive } : {}
}

function dependenciesByKind(dependencies: unknown): SchemaObject {
  if (!isObject(dependencies)) return {}
  const entries = Object.entries(dependencies)
  const required = entries.filter(([, value]) => Array.isArray(value))
  const schemas = entries.filter(([, value]) => !Array.isArray(value))
  return {
    ...(required.length > 0 && { dependentRequired: Object.fromEntries(required) }),
    ...(schemas.length > 0 && { dependentSchemas: Object.fromEntries(schemas) }),
  }
}

function withoutUndefined(schema: SchemaObject): SchemaObject {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined))
}

function isObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

function unescapeKey(key: string): string {
  let decoded = key
  try {
    decoded = decodeURIComponent(key)
  } catch {
    // Not percent-encoded after all: the key is meant as it stands.
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~')
}
