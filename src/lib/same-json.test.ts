import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'
import { sameJson } from './same-json.ts'

const areSame = (a: unknown, b: unknown) => canonicalJson(a) === canonicalJson(b)

test('values are the same where their canonical texts are equal', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => sameJson(a, b) === areSame(a, b)))
  fc.assert(fc.property(fc.jsonValue(), (value) => sameJson(value, JSON.parse(canonicalJson(value)))))
})

for (const [a, b] of [
  [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: undefined }, { b: undefined }],
  [{ a: 1 }, { a: 1, b: null }],
  [{ a: 1, b: 2 }, { a: 1 }],
  [{ toString: 1 }, {}],
  [{}, []],
  [[], {}],
  [{ 0: 'a' }, ['a']],
  [
    [1, 2],
    [2, 1],
  ],
  [null, {}],
  [0, -0],
  ['1', 1],
] as const)
  test(`${JSON.stringify(a)} and ${JSON.stringify(b)}`, () => assert.equal(sameJson(a, b), areSame(a, b)))
