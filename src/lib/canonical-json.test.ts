import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'

const cases: [value: unknown, text: string][] = [
  [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
  [{ '\u20ac': 1, '\r': 2, '1': 3 }, '{"\\r":2,"1":3,"€":1}'],
  [{ a: undefined, b: 1e21 }, '{"b":1e+21}'],
  [[], '[]'],
  [-0, '0'],
]
for (const [value, text] of cases) test(text, () => assert.equal(canonicalJson(value), text))

for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, () => 1, 1n, [undefined]]) {
  test(`refuses ${String(value)}`, () => assert.throws(() => canonicalJson(value), TypeError))
}

/** The same value with the keys of all its objects in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  )
}

test('says the same value, whatever the order of its keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      assert.equal(canonicalJson(JSON.parse(text)), text)
      assert.equal(canonicalJson(shuffled(JSON.parse(text))), text)
    }),
  )
})
