import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createVault, isHashed, isSealed, NotOurs } from './vault.ts'

const vault = createVault(randomBytes(32))
const other = createVault(randomBytes(32))

test('digests are short, the same for the same value, and another key has others', () => {
  assert.match(vault.digest('a'), /^[0-9a-f]{32}$/)
  assert.equal(vault.digest('a'), vault.digest('a'))
  assert.notEqual(vault.digest('a'), vault.digest('b'))
  assert.notEqual(vault.digest('a'), other.digest('a'))
})

describe('sealed secrets', () => {
  test('are opened again, and only by their key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const whole = text.toWellFormed()
        const sealed = vault.seal(whole)
        assert.ok(isSealed(sealed))
        assert.equal(vault.open(sealed), whole)
        assert.equal(vault.seal(whole), sealed)
        assert.throws(() => other.open(sealed), NotOurs)
      }),
    )
  })

  test('do not show what they hold', () => {
    assert.doesNotMatch(vault.seal('correct horse'), /correct|horse/)
    assert.notEqual(vault.seal('a'), vault.seal('b'))
  })

  test('are refused when any byte of them was changed', () => {
    const sealed = vault.seal('secret')
    const bytes = Buffer.from(sealed.slice('$sealed$'.length), 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.throws(() => vault.open(`$sealed$${changed.toString('base64url')}`), NotOurs)
    }
  })

  for (const text of ['', 'plain', '$sealed$', '$sealed$AAAA', '$argon2id$v=19'])
    test(`"${text}" is not one`, () => assert.throws(() => vault.open(text), NotOurs))
})

describe('hashed passwords', () => {
  test('are the same for the same user, and not for another user or key', () => {
    const hash = vault.hash('correct horse', 'ada')
    assert.ok(isHashed(hash))
    assert.equal(vault.hash('correct horse', 'ada'), hash)
    assert.notEqual(vault.hash('correct horse', 'bob'), hash)
    assert.notEqual(other.hash('correct horse', 'ada'), hash)
    assert.doesNotMatch(hash, /horse/)
  })
})
