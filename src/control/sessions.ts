import { randomBytes } from 'node:crypto'
import { verifyPassword } from '../lib/passwords.ts'
import type { User } from '../model/access.ts'
import { Unauthenticated } from '../model/errors.ts'
import type { Unit } from '../store/unit.ts'
import type { UnitRunner } from './context.ts'
import type { Attempt, LoginThrottle } from './login-throttle.ts'
import { digestOf } from './tokens.ts'

/** How long one stays logged in. */
export const SESSION_MS = 12 * 60 * 60 * 1000

/** A session that has begun: `value` goes into the cookie and is kept nowhere. */
export interface NewSession {
  readonly user: User
  readonly value: string
}

/**
 * Begins a session. Throws `Unauthenticated` if name or password is wrong, which is not told apart, and `TooManyAttempts`
 * where the name or the address has failed too often.
 */
export async function logIn(
  runner: UnitRunner,
  throttle: LoginThrottle,
  { password, ...attempt }: Attempt & { password: string },
): Promise<NewSession> {
  const known = await runner.inTransaction('system', (unit) => unit.users.findForLogin(attempt.name))
  // Outside of a transaction: it takes its time, and others must not wait for it.
  const isRight = () => verifyPassword(password, known?.password ?? null)
  if (!(await throttle.attempt(attempt, isRight)) || known === null) throw wrong()
  return runner.inTransaction(attempt.name, async (unit) => {
    // Meanwhile an admin may have deleted the user, or set another password to keep out whoever knows this one.
    const user = await unit.users.find(known.user.id)
    if (user === null || (await unit.users.passwordOf(user.id)) !== known.password) throw wrong()
    return beginSession(unit, user)
  })
}

const wrong = () => new Unauthenticated('Name or password is wrong.')

/** Begins a session of somebody who has proved who they are. */
export async function beginSession(unit: Unit, user: User): Promise<NewSession> {
  const value = randomBytes(32).toString('base64url')
  const now = Date.now()
  const [begins, ends] = [new Date(now).toISOString(), new Date(now + SESSION_MS).toISOString()]
  await unit.users.insertSession(digestOf(value), user.id, begins, ends)
  await unit.audit.record({ action: 'log-in', kind: 'user', id: user.id, before: null, after: null })
  return { user, value }
}

/** Ends a session. One that is not there has ended already. */
export async function logOut(unit: Unit, userId: string, value: string): Promise<void> {
  await unit.users.deleteSession(digestOf(value))
  await unit.audit.record({ action: 'log-out', kind: 'user', id: userId, before: null, after: null })
}
