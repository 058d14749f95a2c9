import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { queryValues } from './query.ts'

const cases: [query: string, name: string, value: string | undefined][] = [
  ['', 'a', undefined],
  ['a=1', 'a', '1'],
  ['a=1&b=2&a=3', 'a', '1,3'],
  ['ab=1', 'a', undefined],
  ['b=a=1', 'a', undefined],
  ['b&a=1', 'a', '1'],
  ['a', 'a', ''],
  ['a=1=2', 'a', '1=2'],
  ['a%62=x+y%20z', 'ab', 'x y z'],
  ['a+b=1', 'a b', '1'],
  ['a+b=1', 'a+b', undefined],
  ['&&a=%', 'a', '%'],
]
for (const [query, name, value] of cases)
  test(`${name} of "${query}"`, () => assert.equal(queryValues(query, name), value))

test('it is what URLSearchParams reads', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '=', '&', '%', '+', '2', '6', ' ', '?', '#', 'é') })
  fc.assert(
    fc.property(text, text, (query, name) => {
      // A question mark before all is not of the query, but URLSearchParams takes it for one.
      const all = new URLSearchParams(`?${query}`).getAll(name)
      assert.equal(queryValues(query, name), all.length === 0 ? undefined : all.join(','))
    }),
    { numRuns: 2_000 },
  )
})
