/** JSON Schemas as forms read them: which kind of field a value has, and how values are reached and changed. */

/** The keywords that forms look at. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: boolean | JsonSchema
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly discriminator?: { readonly propertyName: string }
  readonly writeOnly?: boolean
  /** A text with context variables. */
  readonly 'x-template'?: boolean
  /** What the pattern wants, in words. */
  readonly 'x-expected'?: string
  /** Members that are shown without a frame around them. */
  readonly 'x-plain'?: boolean
  /** The name of a restriction policy of the service. */
  readonly 'x-policy'?: boolean
}

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A schema as the API gives it: any JSON there. */
export const asSchema = (value: unknown): JsonSchema => (isObject(value) ? value : {})

/** JSON Pointer of a member. */
export const at = (path: string, key: string | number): string =>
  `${path}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`

/** What a value is edited with. */
export type FieldKind =
  | 'text'
  | 'lines'
  | 'secret'
  | 'choice'
  | 'number'
  | 'switch'
  | 'texts'
  | 'choices'
  | 'cards'
  | 'record'
  | 'object'
  | 'one-member'
  | 'union'
  | 'json'

/** Longer texts than this are rarely a single line. */
const LONG_TEXT = 60_000

/** Which kind of field a schema asks for; `json` for what no other can show. */
export function kindOf(schema: JsonSchema): FieldKind {
  if (schema.enum !== undefined) return schema.enum.every(isSimple) ? 'choice' : 'json'
  if (schema.oneOf !== undefined || schema.anyOf !== undefined) return 'union'
  switch (typeOf(schema)) {
    case 'string':
      if (schema.writeOnly === true) return 'secret'
      return (schema.maxLength ?? 0) >= LONG_TEXT || isPem(schema) ? 'lines' : 'text'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'switch'
    case 'array':
      return kindOfList(asSchema(schema.items))
    case 'object':
      return kindOfObject(schema)
    default:
      return 'json'
  }
}

function kindOfList(items: JsonSchema): FieldKind {
  if (items.enum !== undefined) return items.enum.every(isSimple) ? 'choices' : 'json'
  const type = typeOf(items)
  if (type === 'string') return items.writeOnly === true ? 'json' : 'texts'
  if (type === 'integer' || type === 'number') return 'texts'
  return type === 'object' && items.properties !== undefined ? 'cards' : 'json'
}

function kindOfObject(schema: JsonSchema): FieldKind {
  if (schema.properties !== undefined)
    return schema.minProperties === 1 && schema.maxProperties === 1 ? 'one-member' : 'object'
  return memberSchema(schema) === null ? 'json' : 'record'
}

/** The schema of the members of a record; null for what is none. */
export function memberSchema({ patternProperties, additionalProperties }: JsonSchema): JsonSchema | null {
  const [pattern] = Object.values(patternProperties ?? {})
  return pattern ?? (isObject(additionalProperties) ? additionalProperties : null)
}

/** The type of a value that is there: `["integer", "null"]` is an integer. */
export function typeOf({ type }: JsonSchema): string | undefined {
  return typeof type === 'string' ? type : type?.find((one) => one !== 'null')
}

/** A schema that takes `null` too, without that: `anyOf: [X, null]` is X. */
export function withoutNull(schema: JsonSchema): { readonly schema: JsonSchema; readonly isNullable: boolean } {
  if (Array.isArray(schema.type)) return { schema, isNullable: schema.type.includes('null') }
  const either = schema.anyOf ?? schema.oneOf ?? []
  const others = either.filter((one) => one.type !== 'null' && one.const !== null)
  const [only] = others
  if (others.length === either.length) return { schema, isNullable: false }
  const { anyOf: _any, oneOf: _one, ...outer } = schema
  return { schema: others.length === 1 ? { ...only, ...outer } : { ...outer, anyOf: others }, isNullable: true }
}

/** The schema that a reference within the same document leads to; what leads nowhere stays as it is. */
export function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (schema.$ref === undefined || !schema.$ref.startsWith('#/')) return schema
  const keys = schema.$ref.slice(2).split('/')
  const found = keys.reduce<unknown>((value, key) => {
    const name = decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')
    return isObject(value) ? value[name] : undefined
  }, root)
  if (!isObject(found)) return schema
  const { $ref: _, ...beside } = schema
  return { ...found, ...beside }
}

/** Certificates and keys have many lines. */
export function isPem({ pattern, examples = [] }: JsonSchema): boolean {
  return [pattern, ...examples].some((text) => typeof text === 'string' && text.includes('-----BEGIN '))
}

const isSimple = (value: unknown) => typeof value === 'string' || typeof value === 'number'

/** An object with a member set, in its place; undefined takes it out. */
export function withMember(object: JsonObject, name: string, value: unknown): JsonObject {
  if (value !== undefined) return { ...object, [name]: value }
  const { [name]: _, ...others } = object
  return others
}

/** A text as title: `maxBodyBytes` becomes `Max body bytes`. For what has no title of its own. */
export function titleOf(schema: JsonSchema, name: string): string {
  if (schema.title !== undefined) return schema.title
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const UNITS = { second: 's', byte: 'bytes', percent: '%', millisecond: 'ms' } as const
type Unit = (typeof UNITS)[keyof typeof UNITS]

/** The unit of a number, as its description says it: the first that is named there. */
export function unitOf({ description = '' }: JsonSchema): Unit | null {
  const [, named] = /\b(second|byte|percent|millisecond)s?\b/i.exec(description) ?? []
  return named === undefined ? null : UNITS[named.toLowerCase() as keyof typeof UNITS]
}

/** What an alternative of a union is recognised by: the constant of its discriminator; else its place. */
export function alternativeOf(schema: JsonSchema, value: unknown, fits: (one: JsonSchema) => number): number {
  const either = schema.oneOf ?? schema.anyOf ?? []
  const tag = schema.discriminator?.propertyName
  if (tag !== undefined && isObject(value)) {
    const named = either.findIndex((one) => one.properties?.[tag]?.const === value[tag])
    if (named >= 0) return named
  }
  const faults = either.map(fits)
  return Math.max(0, faults.indexOf(Math.min(...faults)))
}

/** What a new value begins with: only what has to be there, and has no default; texts and numbers are for somebody to fill in. */
export function beginning(given: JsonSchema, root: JsonSchema = given): unknown {
  const schema = resolve(given, root)
  switch (kindOf(schema)) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
          const isNeeded = schema.required?.includes(name) === true && member.default === undefined
          const begun = isNeeded ? beginning(member, root) : undefined
          return begun === undefined ? [] : [[name, begun]]
        }),
      )
    case 'cards':
      return (schema.minItems ?? 0) > 0 ? [beginning(asSchema(schema.items), root)] : []
    case 'record':
    case 'one-member':
      return {}
    default:
      return undefined
  }
}
