import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashPassword, verifyPassword } from './passwords.ts'

test('a password is known by its hash, and no other', async () => {
  const hash = await hashPassword('correct horse')
  assert.match(hash, /^\$argon2id\$v=19\$m=\d+,t=\d+,p=1\$[\w+/]+\$[\w+/]+$/)
  assert.equal(await verifyPassword('correct horse', hash), true)
  for (const wrong of ['', 'correct hors', 'correct horse ', 'Correct horse'])
    assert.equal(await verifyPassword(wrong, hash), false, wrong)
})

test('each hash has a salt of its own', async () =>
  assert.notEqual(await hashPassword('correct horse'), await hashPassword('correct horse')))

test('where there is no user no password is right', async () => {
  for (const password of ['', 'correct horse', 'A'.repeat(43)])
    assert.equal(await verifyPassword(password, null), false)
})
