import type { SchemaCompiler } from '../lib/schema-compiler.ts'
import type { RouteParameter } from './plugin.ts'

/** Parameters as they are written in a request, turned into values by their schema (OpenAPI 3.1, section 4.8.12.3). */

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** The value of a parameter that was written; the texts are all of its name, decoded. */
export function readValue(texts: readonly string[], parameter: RouteParameter, schemas: SchemaCompiler): unknown {
  const types = schemas.typesOf(parameter.schema)
  if (types.includes('array')) return readArray(texts, parameter, schemas)
  const [text = ''] = texts
  // The same name twice, where there is one value: as a list it fits no schema of one.
  return texts.length > 1 ? texts : readScalar(text, types)
}

/** The value of a `deepObject` parameter, by its members; undefined where there is none. */
export function readDeepObject(
  all: ReadonlyMap<string, readonly string[]>,
  parameter: RouteParameter,
  schemas: SchemaCompiler,
): unknown {
  const schema = schemas.resolve(parameter.schema)
  const properties =
    typeof schema === 'object' && typeof schema.properties === 'object'
      ? (schema.properties as Record<string, never>)
      : {}
  const members = [...all].flatMap(([key, texts]) => {
    const name =
      key.startsWith(`${parameter.name}[`) && key.endsWith(']') ? key.slice(parameter.name.length + 1, -1) : null
    if (name === null) return []
    const own = Object.hasOwn(properties, name) ? (properties[name] ?? true) : true
    return [[name, readValue(texts, { ...parameter, schema: own, style: 'form', explode: true }, schemas)] as const]
  })
  return members.length === 0 ? undefined : Object.fromEntries(members)
}

function readArray(
  texts: readonly string[],
  { in: place, schema, style, explode }: RouteParameter,
  schemas: SchemaCompiler,
): unknown[] {
  const isListed = place === 'query' || place === 'form' || place === 'cookie'
  // Each item is a parameter of its own where nothing else is said.
  const isExploded = isListed && (explode ?? (style === undefined || style === 'form'))
  const separator = style === 'spaceDelimited' ? ' ' : style === 'pipeDelimited' ? '|' : ','
  const items = isExploded
    ? texts
    : texts.flatMap((text) => (text === '' ? [] : text.split(separator).map((one) => one.trim())))
  const resolved = schemas.resolve(schema)
  const item = typeof resolved === 'object' && resolved.items !== undefined ? (resolved.items as never) : true
  const types = schemas.typesOf(item)
  return items.map((text) => readScalar(text, types))
}

/** A text as the first type that it fits; else as it is, for the schema to say what is wrong with it. */
function readScalar(text: string, types: readonly string[]): unknown {
  for (const type of types) {
    if ((type === 'integer' || type === 'number') && NUMBER.test(text)) {
      const value = Number(text)
      if (type === 'number' || Number.isInteger(value)) return value
    }
    if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
    if (type === 'null' && (text === '' || text === 'null')) return null
    if (type === 'object') {
      try {
        return JSON.parse(text)
      } catch {
        // Not JSON: the schema says so.
      }
    }
    if (type === 'string') return text
  }
  return text
}
