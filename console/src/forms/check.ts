import { asSchema, at, isObject, type JsonSchema, memberSchema, resolve } from './schema.ts'

/**
 * What a schema says is wrong with a value, while it is typed. The content security policy keeps validators that compile from
 * running here, so this reads the keywords that our schemas have. The server stays the judge: it knows more than the schema.
 */
export interface Fault {
  /** JSON Pointer. */
  readonly path: string
  /** The keyword that is broken. */
  readonly keyword: FaultKeyword
  /** What the keyword asks for. */
  readonly limit: string | number
}

export type FaultKeyword =
  | 'type'
  | 'enum'
  | 'const'
  | 'pattern'
  | 'minLength'
  | 'maxLength'
  | 'minimum'
  | 'maximum'
  | 'exclusiveMinimum'
  | 'exclusiveMaximum'
  | 'multipleOf'
  | 'minItems'
  | 'maxItems'
  | 'uniqueItems'
  | 'required'
  | 'additionalProperties'
  | 'minProperties'
  | 'maxProperties'
  | 'anyOf'

/** Everything wrong with a value. Members with a default may be left out. `root` is the document that references are in. */
export function check(given: JsonSchema, value: unknown, root: JsonSchema = given, path = ''): Fault[] {
  const schema = resolve(given, root)
  const fault = faultAt(path)
  if (schema.const !== undefined && !isSame(schema.const, value)) return [fault('const', JSON.stringify(schema.const))]
  if (schema.enum !== undefined && !schema.enum.some((one) => isSame(one, value)))
    return [fault('enum', schema.enum.map(String).join(', '))]
  if (schema.type !== undefined && !typesOf(schema).some((type) => isOfType(value, type)))
    return [fault('type', typesOf(schema).join(', '))]
  return [
    ...checkUnion(schema, value, root, path),
    ...checkText(schema, value, fault),
    ...checkNumber(schema, value, fault),
    ...checkList(schema, value, root, path, fault),
    ...checkObject(schema, value, root, path, fault),
  ]
}

type MakeFault = (keyword: FaultKeyword, limit: string | number) => Fault

const faultAt =
  (path: string): MakeFault =>
  (keyword, limit) => ({ path, keyword, limit })

function checkUnion(schema: JsonSchema, value: unknown, root: JsonSchema, path: string): Fault[] {
  const either = schema.anyOf ?? schema.oneOf
  if (either === undefined) return []
  const tag = schema.discriminator?.propertyName
  if (tag !== undefined && isObject(value)) {
    const named = either.find((one) => one.properties?.[tag]?.const === value[tag])
    return named === undefined
      ? [{ path: at(path, tag), keyword: 'anyOf', limit: '' }]
      : check(named, value, root, path)
  }
  const faults = either.map((one) => check(one, value, root, path))
  if (faults.some((found) => found.length === 0)) return []
  // The alternative that is nearest says what is missing.
  return faults.reduce((nearest, found) => (found.length < nearest.length ? found : nearest))
}

function checkText(schema: JsonSchema, value: unknown, fault: MakeFault): Fault[] {
  if (typeof value !== 'string') return []
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema
  const length = lengthOf(value)
  return [
    ...(length < minLength ? [fault('minLength', minLength)] : []),
    ...(length > maxLength ? [fault('maxLength', maxLength)] : []),
    ...(pattern !== undefined && !patternOf(pattern).test(value)
      ? [fault('pattern', schema['x-expected'] ?? pattern)]
      : []),
  ]
}

function checkNumber(schema: JsonSchema, value: unknown, fault: MakeFault): Fault[] {
  if (typeof value !== 'number') return []
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  return [
    ...(minimum !== undefined && value < minimum ? [fault('minimum', minimum)] : []),
    ...(maximum !== undefined && value > maximum ? [fault('maximum', maximum)] : []),
    ...(exclusiveMinimum !== undefined && value <= exclusiveMinimum
      ? [fault('exclusiveMinimum', exclusiveMinimum)]
      : []),
    ...(exclusiveMaximum !== undefined && value >= exclusiveMaximum
      ? [fault('exclusiveMaximum', exclusiveMaximum)]
      : []),
    ...(multipleOf !== undefined && !Number.isInteger(value / multipleOf) ? [fault('multipleOf', multipleOf)] : []),
  ]
}

function checkList(schema: JsonSchema, value: unknown, root: JsonSchema, path: string, fault: MakeFault): Fault[] {
  if (!Array.isArray(value)) return []
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items = {} } = schema
  // What is not even of the type that is asked for is told once.
  const typed = value.filter((item) => items.type === undefined || typesOf(items).some((type) => isOfType(item, type)))
  return [
    ...(value.length < minItems ? [fault('minItems', minItems)] : []),
    ...(value.length > maxItems ? [fault('maxItems', maxItems)] : []),
    ...(schema.uniqueItems === true && hasTwins(typed) ? [fault('uniqueItems', 1)] : []),
    ...value.flatMap((item, place) => check(items, item, root, at(path, place))),
  ]
}

function checkObject(schema: JsonSchema, value: unknown, root: JsonSchema, path: string, fault: MakeFault): Fault[] {
  if (!isObject(value)) return []
  const { properties = {}, required = [], minProperties = 0, maxProperties = Number.POSITIVE_INFINITY } = schema
  const count = Object.keys(value).length
  const missing = required.filter(
    (name) => value[name] === undefined && asSchema(properties[name]).default === undefined,
  )
  return [
    ...(count < minProperties ? [fault('minProperties', minProperties)] : []),
    ...(count > maxProperties ? [fault('maxProperties', maxProperties)] : []),
    ...missing.map((name): Fault => ({ path: at(path, name), keyword: 'required', limit: name })),
    ...Object.entries(value).flatMap(([name, member]) => {
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined
      const found = own ?? memberSchema(schema)
      if (found !== null && found !== undefined) return check(found, member, root, at(path, name))
      return schema.additionalProperties === false
        ? [{ path: at(path, name), keyword: 'additionalProperties', limit: name } as const]
        : []
    }),
  ]
}

const typesOf = ({ type = [] }: JsonSchema): readonly string[] => (typeof type === 'string' ? [type] : type)

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    default:
      return typeof value === type
  }
}

/** In characters, as JSON Schema counts. */
function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}

const patterns = new Map<string, RegExp>()

function patternOf(pattern: string): RegExp {
  const known = patterns.get(pattern)
  if (known !== undefined) return known
  const made = new RegExp(pattern, 'u')
  patterns.set(pattern, made)
  return made
}

const hasTwins = (list: readonly unknown[]) => new Set(list.map((one) => JSON.stringify(one))).size < list.length

/** Whether two values are the same JSON. Constants and choices are simple. */
const isSame = (one: unknown, other: unknown) => one === other || JSON.stringify(one) === JSON.stringify(other)
