import fc from 'fast-check'
import { asSchema, type JsonSchema, memberSchema, typeOf } from '../../../console/src/forms/schema.ts'

/** Values for a schema: mostly what it asks for, now and then something else, in every place where something can stand. */
export function arbitraryValue(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 14, arbitrary: meant(schema) }, { weight: 1, arbitrary: anything })
}

const anything = fc.constantFrom<unknown>('', 'x', 0, -1, 1.5, 2 ** 60, true, null, [], {}, ['a', 'a'], { a: 1 })

function meant(schema: JsonSchema): fc.Arbitrary<unknown> {
  const examples = [schema.default, ...(schema.examples ?? [])].filter((value) => value !== undefined)
  const given = examples.length === 0 ? [] : [fc.constantFrom(...examples)]
  return fc.oneof(byKind(schema), ...given)
}

function byKind(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  switch (typeOf(schema)) {
    case 'string':
      return fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('a'.repeat(300), '😀'.repeat(40)))
    case 'integer':
    case 'number':
      return arbitraryNumber(schema)
    case 'boolean':
      return fc.boolean()
    case 'array':
      return fc.array(arbitraryValue(asSchema(schema.items)), { maxLength: 3 })
    case 'object':
      return arbitraryObject(schema)
    default:
      return anything
  }
}

function arbitraryNumber({ minimum = -10, maximum = 10 }: JsonSchema): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(minimum, maximum, minimum - 1, maximum + 1, minimum + 0.5),
    fc.integer({ min: Math.ceil(minimum), max: Math.floor(maximum) }),
  )
}

function arbitraryObject(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { properties } = schema
  if (properties === undefined)
    return fc.dictionary(fc.constantFrom('a', 'b/c', 'd~e'), arbitraryValue(memberSchema(schema) ?? {}), { maxKeys: 2 })
  const members = Object.entries(properties).map(([name, member]) => [name, arbitraryValue(member)] as const)
  return fc
    .record(
      {
        ...Object.fromEntries(members),
        unknown: fc.oneof({ weight: 20, arbitrary: fc.constant(undefined) }, anything),
      },
      { requiredKeys: [] },
    )
    .map((object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)))
}
