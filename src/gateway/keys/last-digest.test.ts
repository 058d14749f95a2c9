import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LastDigest } from './last-digest.ts'

test('whatever values come in whatever order, each gets its own digest', () => {
  // Few characters and lengths, so that some are the same and some differ in one place.
  const value = fc.string({ unit: fc.constantFrom('a', 'b', '\xe4'), minLength: 0, maxLength: 4 })
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const last = new LastDigest()
      for (const one of values)
        assert.equal(
          last.of(one, (text) => `digest of ${text}`),
          `digest of ${one}`,
        )
    }),
  )
})

test('the digest of a value that comes again is not made again', () => {
  const last = new LastDigest()
  const made: string[] = []
  const make = (value: string) => {
    made.push(value)
    return `digest of ${value}`
  }
  for (const value of ['one', 'one', 'two', 'two', 'one', 'x'.repeat(300), 'x'.repeat(300)]) last.of(value, make)
  assert.deepEqual(made, ['one', 'two', 'one', 'x'.repeat(300), 'x'.repeat(300)])
})
