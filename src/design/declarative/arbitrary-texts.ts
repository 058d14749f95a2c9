import fc from 'fast-check'

/** What arbitrary setups are put together from. */

export type Fields = Record<string, unknown>

/** A text for people, in any script. */
export const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })

/** A text that means nothing where context variables may stand. */
export const plainText = text.map((one) => one.replaceAll('$', 's'))

/** Some of the fields. */
export function some(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Fields> {
  return fc.record(fields, { requiredKeys: [] })
}

/** Some of the names, at most three, each with its fields. */
export function byName<Name extends string>(
  names: readonly Name[],
  fieldsOf: (name: Name) => fc.Arbitrary<unknown>,
): fc.Arbitrary<Fields> {
  return fc
    .uniqueArray(fc.constantFrom(...names), { maxLength: 3 })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((name): [string, fc.Arbitrary<unknown>] => [name, fieldsOf(name)]))),
    )
}

/** Those that say something. */
export function nonEmpty(fields: fc.Arbitrary<Fields>): fc.Arbitrary<Fields> {
  return fields.filter((all) => Object.keys(all).length > 0)
}
