import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { hashPassword } from '../lib/passwords.ts'
import { createVault } from '../lib/vault.ts'
import { Forbidden, Unauthenticated } from '../model/errors.ts'
import { openStore, type Store } from '../store/open.ts'
import type { UnitRunner } from './context.ts'
import { LoginThrottle } from './login-throttle.ts'
import { logIn } from './sessions.ts'
import { changePassword, createUser, resetPassword } from './users.ts'

/** What happens to those who prove a password while an admin sets another one. */

const folder = mkdtempSync(join(tmpdir(), 'turnpike-sessions-'))
let store: Store
let last = 0
before(async () => {
  store = await openStore({
    folder,
    url: '',
    vault: createVault(Buffer.alloc(32, 1)),
    logger: { info: () => undefined, warn: () => undefined },
  })
})
after(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

async function newUser() {
  const hash = await hashPassword('the old one')
  return store.inTransaction('admin', (unit) => createUser(unit, { name: `ada${++last}` }, hash))
}

/** Runs something just before the second transaction. */
function between(work: () => Promise<unknown>): UnitRunner {
  let count = 0
  return {
    inTransaction: async (actor, use) => {
      if (++count === 2) await work()
      return store.inTransaction(actor, use)
    },
  }
}

describe('an admin resets the password while it is being checked', () => {
  const reset = (id: string) => async () => {
    const hash = await hashPassword('the new one')
    await store.inTransaction('admin', (unit) => resetPassword(unit, id, hash))
  }

  test('a login with the old one is refused', async () => {
    const { id, name } = await newUser()
    const attempt = { name, address: '192.0.2.1', password: 'the old one' }
    await assert.rejects(logIn(between(reset(id)), new LoginThrottle(), attempt), Unauthenticated)
    await logIn(store, new LoginThrottle(), { ...attempt, password: 'the new one' })
  })

  test('a change of the old one is refused, and the new one stays', async () => {
    const { id, name } = await newUser()
    const change = { current: 'the old one', next: 'one of mine', address: '192.0.2.1', goesOn: true }
    await assert.rejects(changePassword(between(reset(id)), new LoginThrottle(), id, change), Forbidden)
    await logIn(store, new LoginThrottle(), { name, address: '192.0.2.1', password: 'the new one' })
  })
})
