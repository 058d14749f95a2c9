import { isObject, type JsonObject, withMember } from '../../forms/schema.ts'

/** The properties of an object schema as rows of a table. What the table does not show is kept. */

export interface Property {
  readonly name: string
  /** `string`, `Pet` (a model), `string[]`, or `other` for what a table cannot say. */
  readonly kind: string
  readonly isRequired: boolean
  readonly description: string
}

/** Types that a property can have, beside models; each as a list, too. */
export const simpleKinds = ['string', 'integer', 'number', 'boolean', 'object'] as const
export const OTHER = 'other'
const LIST = '[]'
const REFERENCE = '#/models/'

/** Whether a schema can be shown as a table: an object, as far as it says. */
export function hasProperties(schema: unknown): schema is JsonObject {
  if (!isObject(schema)) return false
  if (schema.properties !== undefined && !isObject(schema.properties)) return false
  return schema.type === 'object' || (schema.type === undefined && isObject(schema.properties))
}

const propertiesOf = (schema: JsonObject): JsonObject => (isObject(schema.properties) ? schema.properties : {})
const requiredOf = (schema: JsonObject): unknown[] => (Array.isArray(schema.required) ? schema.required : [])

/** The rows of a schema. */
export function rowsOf(schema: JsonObject): Property[] {
  const required = requiredOf(schema)
  return Object.entries(propertiesOf(schema)).map(([name, property]) => ({
    name,
    kind: kindOf(property),
    isRequired: required.includes(name),
    description: isObject(property) && typeof property.description === 'string' ? property.description : '',
  }))
}

function kindOf(property: unknown): string {
  if (!isObject(property)) return OTHER
  if (property.type === 'array' && isObject(property.items)) {
    const items = kindOf(property.items)
    return items === OTHER || items.endsWith(LIST) ? OTHER : `${items}${LIST}`
  }
  const model = modelOf(property)
  if (model !== null) return model
  return simpleKinds.find((kind) => kind === property.type) ?? OTHER
}

/** A model of that name may be called as a type is: it is told apart by its reference. */
function modelOf({ $ref }: JsonObject): string | null {
  return typeof $ref === 'string' && $ref.startsWith(REFERENCE) ? `${REFERENCE}${$ref.slice(REFERENCE.length)}` : null
}

/** How a kind is shown: a model by its name. */
export const kindLabel = (kind: string): string => kind.replace(REFERENCE, '')

/** The kinds that a property can be given. */
export function kindsFor(models: readonly string[]): string[] {
  const single = [...simpleKinds, ...models.map((name) => `${REFERENCE}${name}`)]
  return [...single, ...single.map((kind) => `${kind}${LIST}`)]
}

/** A schema with one row changed. */
export function withRow(schema: JsonObject, before: string, row: Property): JsonObject {
  const properties = propertiesOf(schema)
  const own = isObject(properties[before]) ? properties[before] : properties[before] === undefined ? {} : null
  // A schema that is `true` or `false` has nothing to be changed in it.
  const changed = own === null && row.kind === OTHER ? properties[before] : described(ofKind(own ?? {}, row.kind), row)
  const renamed = Object.entries(properties).map(([name, one]) => (name === before ? [row.name, changed] : [name, one]))
  const others = requiredOf(schema).map((name) => (name === before ? row.name : name))
  const isThere = others.includes(row.name)
  const required = row.isRequired
    ? isThere
      ? others
      : [...others, row.name]
    : others.filter((one) => one !== row.name)
  return withRequired({ ...schema, properties: Object.fromEntries(renamed) }, required)
}

/** A schema with another row, at its end. */
export function withNewRow(schema: JsonObject): JsonObject {
  const properties = propertiesOf(schema)
  const name = freeName(Object.keys(properties))
  return { ...schema, properties: { ...properties, [name]: { type: 'string' } } }
}

/** A schema without one of its rows. */
export function withoutRow(schema: JsonObject, name: string): JsonObject {
  const properties = withMember(propertiesOf(schema), name, undefined)
  return withRequired(
    { ...schema, properties },
    requiredOf(schema).filter((one) => one !== name),
  )
}

/** draft-04 wants at least one name in `required`. */
const withRequired = (schema: JsonObject, required: readonly unknown[]): JsonObject =>
  withMember(schema, 'required', required.length === 0 ? undefined : required)

function ofKind(property: JsonObject, kind: string): JsonObject {
  if (kind === OTHER || kindOf(property) === kind) return property
  const { type: _type, $ref: _ref, items, ...kept } = property
  if (kind.endsWith(LIST)) {
    const inner = ofKind(isObject(items) ? items : {}, kind.slice(0, -LIST.length))
    return { type: 'array', items: inner, ...kept }
  }
  return kind.startsWith(REFERENCE) ? { $ref: kind, ...kept } : { type: kind, ...kept }
}

const described = (property: JsonObject, { description }: Property): JsonObject =>
  withMember(property, 'description', description === '' ? undefined : description)

function freeName(names: readonly string[]): string {
  let number = names.length + 1
  while (names.includes(`property${number}`)) number++
  return `property${number}`
}
