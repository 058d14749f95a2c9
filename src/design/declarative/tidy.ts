import { canonicalJson } from '../../lib/canonical-json.ts'
import type { Schema } from '../../model/declarative.ts'

/** A schema as it is walked. */
interface Walkable {
  readonly properties?: Readonly<Record<string, Walkable>>
  readonly patternProperties?: Readonly<Record<string, Walkable>>
  readonly additionalProperties?: Walkable | boolean
  readonly items?: Walkable
  readonly oneOf?: readonly Walkable[]
  readonly discriminator?: { readonly propertyName: string }
  readonly const?: unknown
  readonly default?: unknown
}

type Members = Readonly<Record<string, unknown>>

/**
 * A value as it is written for people: without what is the default anyway and what the schema does not have, fields in the
 * order of their schema, what is by name in the order of the names. Equal values are written equally, whatever they were made of.
 */
export function tidy(value: unknown, schema: Schema): unknown {
  return walk(value, schema as Walkable, true)
}

function walk(value: unknown, given: Walkable, isTerse: boolean): unknown {
  const { schema, terse } = chosen(value, given, isTerse)
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? value : value.map((item) => walk(item, items, terse))
  }
  if (!isRecord(value)) return value
  const { properties = {}, patternProperties = {}, additionalProperties } = schema
  const own = fields(value, properties, terse)
  if (additionalProperties === false && terse && Object.keys(patternProperties).length === 0)
    return Object.fromEntries(own)
  const byName = Object.values(patternProperties)[0] ?? additionalProperties
  return Object.fromEntries([...own, ...others(value, properties, typeof byName === 'object' ? byName : null, terse)])
}

/**
 * Of schemas that are told apart by a field, the one that the value is of. Settings of plugins are written in full: what
 * was in force when they were saved stays in force, whatever a later version has as default.
 */
function chosen(value: unknown, schema: Walkable, isTerse: boolean): { schema: Walkable; terse: boolean } {
  const tag = schema.discriminator?.propertyName
  if (tag === undefined || !isRecord(value)) return { schema, terse: isTerse }
  const found = schema.oneOf?.find(({ properties }) => properties?.[tag]?.const === value[tag])
  return { schema: found ?? schema, terse: isTerse && tag !== 'plugin' }
}

function fields(value: Members, properties: Readonly<Record<string, Walkable>>, isTerse: boolean): [string, unknown][] {
  return Object.entries(properties).flatMap(([name, schema]): [string, unknown][] => {
    const member = Object.hasOwn(value, name) ? value[name] : undefined
    if (member === undefined || (isTerse && isDefault(member, schema))) return []
    return [[name, walk(member, schema, isTerse)]]
  })
}

/** What the schema does not name: in order where it is by name, as it stands where the schema knows nothing of it. */
function others(
  value: Members,
  properties: Readonly<Record<string, Walkable>>,
  byName: Walkable | null,
  isTerse: boolean,
): [string, unknown][] {
  const rest = Object.entries(value).filter(
    ([name, member]) => !Object.hasOwn(properties, name) && member !== undefined,
  )
  if (byName === null) return rest
  return rest.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, walk(member, byName, isTerse)])
}

function isDefault(value: unknown, schema: Walkable): boolean {
  return 'default' in schema && canonicalJson(value) === canonicalJson(schema.default)
}

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
