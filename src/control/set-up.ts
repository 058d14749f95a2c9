import { randomBytes, timingSafeEqual } from 'node:crypto'
import { hashPassword } from '../lib/passwords.ts'
import { Forbidden } from '../model/errors.ts'
import type { UnitRunner } from './context.ts'
import { beginSession, type NewSession } from './sessions.ts'
import { digestOf } from './tokens.ts'
import { assertNoUser, createFirstUser } from './users.ts'

/** The one-time way in: while there is no user yet, whoever has seen the program start may become the first one. */
export class SetUp {
  private readonly runner: UnitRunner
  private readonly digest: string
  /** Shown at the start, for the link. It is of this run only, and is worth nothing once there is a user. */
  readonly token: string

  constructor(runner: UnitRunner) {
    this.runner = runner
    this.token = randomBytes(24).toString('base64url')
    this.digest = digestOf(this.token)
  }

  /** Whether there is still nobody. */
  isOpen(): Promise<boolean> {
    return this.runner.inTransaction('system', async (unit) => !(await unit.users.exist()))
  }

  /**
   * Makes the first user, an admin, and begins their session. Throws `Conflict` once there is somebody, whatever the token,
   * and `Forbidden` for a wrong one.
   */
  async run(token: string, { name, password }: { name: string; password: string }): Promise<NewSession> {
    await this.runner.inTransaction('system', assertNoUser)
    if (!timingSafeEqual(Buffer.from(digestOf(token)), Buffer.from(this.digest)))
      throw new Forbidden(
        'This is not the set-up link of this run: take the one that the program printed at its last start.',
      )
    const hash = await hashPassword(password)
    return this.runner.inTransaction(name, async (unit) => beginSession(unit, await createFirstUser(unit, name, hash)))
  }
}
