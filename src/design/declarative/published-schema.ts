import { Setup, setupParts } from '../../model/declarative.ts'
import { NodePlugin } from '../../plugins/registry.ts'

/** What is in a document many times is in its schema once, by name. */
const definitions: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ...Object.entries(setupParts).map(([name, schema]): [unknown, string] => [schema, name]),
  [NodePlugin, 'plugin'],
])

/** What the command line puts a value in the place of: editors take the reference where a pattern asks for the value. */
const REFERENCE = '\\$\\{env:'

/** The schema of a document as editors want it: nothing is required that has a default. */
export function publishedSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...published(Setup),
    $defs: Object.fromEntries([...definitions].map(([schema, name]) => [name, published(schema as object)])),
  }
}

function published(schema: object): object {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
      // No word of JSON Schema: what it would choose between says itself which one it is.
      if (key === 'discriminator') return []
      // Names of fields, which may be words of JSON Schema.
      if (key === 'properties')
        return [[key, Object.fromEntries(Object.entries(value).map(([name, field]) => [name, part(field)]))]]
      if (key === 'required' && 'properties' in schema) return withoutDefaulted(value, schema.properties)
      if (key === 'pattern' && 'type' in schema && typeof value === 'string')
        return [[key, `(?:${value})|${REFERENCE}`]]
      return [[key, key === 'default' || key === 'examples' ? value : part(value)]]
    }),
  )
}

function part(value: unknown): unknown {
  const name = definitions.get(value)
  if (name !== undefined) return { $ref: `#/$defs/${name}` }
  if (Array.isArray(value)) return value.map(part)
  return typeof value === 'object' && value !== null ? published(value) : value
}

/** The fields that must be there: not those that have a default. */
function withoutDefaulted(required: unknown, properties: unknown): [string, unknown][] {
  const hasDefault = (name: string) =>
    typeof properties === 'object' &&
    properties !== null &&
    Object.entries(properties).some(([key, schema]) => key === name && 'default' in schema)
  const left = (required as string[]).filter((name) => !hasDefault(name))
  return left.length === 0 ? [] : [['required', left]]
}
