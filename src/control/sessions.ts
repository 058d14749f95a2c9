import { randomBytes } from 'node:crypto'
import type { User } from '../model/access.ts'
import { TooManyAttempts, Unauthenticated } from '../model/errors.ts'
import type { Unit } from '../store/unit.ts'
import type { UnitRunner } from './context.ts'
import { verifyPassword } from './passwords.ts'
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
  { name, password, address }: { name: string; password: string; address: string },
): Promise<NewSession> {
  const known = await runner.inTransaction('system', (unit) => unit.users.findForLogin(name))
  // Outside of a transaction: it takes its time, and others must not wait for it.
  const isRight = () => verifyPassword(password, known?.password ?? null)
  if (!(await throttle.attempt([`name ${name}`, `address ${address}`], isRight)) || known === null)
    throw new Unauthenticated('Name or password is wrong.')
  return beginSession(runner, known.user)
}

/** Begins a session of somebody who has proved who they are. */
export async function beginSession(runner: UnitRunner, user: User): Promise<NewSession> {
  const value = randomBytes(32).toString('base64url')
  const now = Date.now()
  await runner.inTransaction(user.name, async (unit) => {
    const [begins, ends] = [new Date(now).toISOString(), new Date(now + SESSION_MS).toISOString()]
    await unit.users.insertSession(digestOf(value), user.id, begins, ends)
    await unit.audit.record({ action: 'log-in', kind: 'user', id: user.id, before: null, after: null })
  })
  return { user, value }
}

/** Ends a session. One that is not there has ended already. */
export async function logOut(unit: Unit, userId: string, value: string): Promise<void> {
  await unit.users.deleteSession(digestOf(value))
  await unit.audit.record({ action: 'log-out', kind: 'user', id: userId, before: null, after: null })
}

/** Slows down those who try passwords: after some failures a name, and an address, must wait. */
export class LoginThrottle {
  private readonly failures = new Map<string, { count: number; until: number }>()
  private readonly now: () => number

  constructor(now: () => number = Date.now) {
    this.now = now
  }

  /**
   * Runs a try on behalf of a name and an address. Throws `TooManyAttempts` where one of them must wait. It counts as a
   * failure from its beginning, so that of many at once none comes for free.
   */
  async attempt(keys: readonly string[], isRight: () => Promise<boolean>): Promise<boolean> {
    const wait = this.secondsToWait(keys)
    if (wait > 0) throw new TooManyAttempts(wait)
    this.fail(keys)
    const right = await isRight()
    if (right) this.succeed(keys)
    return right
  }

  /** Seconds to wait before the next try of any of these keys; 0 for none. */
  secondsToWait(keys: readonly string[]): number {
    const until = Math.max(...keys.map((key) => this.blockedUntil(key)))
    return Math.max(0, Math.ceil((until - this.now()) / 1000))
  }

  /** Counts a failure. From the fifth on each one doubles the wait, up to a quarter of an hour. */
  fail(keys: readonly string[]): void {
    for (const key of keys) {
      const count = (this.failures.get(key)?.count ?? 0) + 1
      // Taken out and put in: the map is in the order of the last failures.
      this.failures.delete(key)
      this.failures.set(key, { count, until: this.now() + FORGET_MS })
    }
    for (const key of this.failures.keys()) {
      if (this.failures.size <= MAX_KEYS) break
      this.failures.delete(key)
    }
  }

  /** Forgets the failures of keys: they have proved themselves. */
  succeed(keys: readonly string[]): void {
    for (const key of keys) this.failures.delete(key)
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.failures.size
  }

  private blockedUntil(key: string): number {
    const failure = this.failures.get(key)
    if (failure === undefined) return 0
    const lastAt = failure.until - FORGET_MS
    if (this.now() >= failure.until) {
      this.failures.delete(key)
      return 0
    }
    const beyond = failure.count - FREE_FAILURES
    return beyond < 0 ? 0 : lastAt + Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** beyond)
  }
}

const FREE_FAILURES = 5
const FIRST_WAIT_MS = 1_000
const MAX_WAIT_MS = 15 * 60_000
const FORGET_MS = 60 * 60_000
const MAX_KEYS = 10_000
