import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  fillPattern,
  matchPattern,
  splitTarget,
  targetOf,
  variablesOf,
} from '../../../console/src/features/try/target.ts'

test('a path is made of its variables, and taken apart into the same', () => {
  const value = fc.string({ minLength: 1 }).filter((text) => !/^\{[^}]+\}$/.test(text) && text.isWellFormed())
  const rest = value.filter((text) => text.split('/').every((part) => !/^\{[^}]+\}$/.test(part)))
  fc.assert(
    fc.property(value, rest, (id, below) => {
      const pattern = '/a.b/{id}/c/{below+}'
      const path = fillPattern(pattern, { id, below })
      assert.deepEqual(matchPattern(pattern, path), { id, below })
    }),
  )
})

test('a variable without a value has none when it is read again', () => {
  const path = fillPattern('/pets/{id}', {})
  assert.deepEqual([path, matchPattern('/pets/{id}', path)], ['/pets/%7Bid%7D', { id: '' }])
})

test('a path of another shape does not match', () => {
  assert.equal(matchPattern('/pets/{id}', '/pets/1/toys'), null)
  assert.equal(matchPattern('/a.b', '/axb'), null)
})

test('the variables of a pattern, in order', () => {
  assert.deepEqual(variablesOf('/a/{id}/{rest+}'), ['id', 'rest'])
})

test('a query is written, and read again as the same pairs', () => {
  const text = fc.string().filter((one) => one.isWellFormed())
  const pair = fc.record({ name: text.filter((name) => name !== ''), value: text }, { noNullPrototype: true })
  fc.assert(
    fc.property(fc.array(pair), (query) => {
      assert.deepEqual(splitTarget(targetOf('/a', query)), { path: '/a', query })
    }),
  )
})
