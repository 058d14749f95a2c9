import { networkOf } from '../lib/network-of.ts'
import { TooManyAttempts } from '../model/errors.ts'

/** Who tries a password. */
export interface Attempt {
  readonly name: string
  /** IP address of the client. */
  readonly address: string
}

/** Slows down those who try passwords: after some failures a name, and an address, must wait. */
export class LoginThrottle {
  private readonly failures = new Map<string, { count: number; lastAt: number }>()
  private readonly now: () => number

  constructor(now: () => number = Date.now) {
    this.now = now
  }

  /**
   * Runs a try on behalf of a name and an address. Throws `TooManyAttempts` where one of them must wait. It counts as a
   * failure from its beginning, so that of many at once none comes for free; a success forgets the failures of both.
   */
  async attempt(attempt: Attempt, isRight: () => Promise<boolean>): Promise<boolean> {
    const wait = this.secondsToWait(attempt)
    if (wait > 0) throw new TooManyAttempts(wait)
    this.count(attempt)
    const right = await isRight()
    if (right) for (const { key } of limitsOf(attempt)) this.failures.delete(key)
    return right
  }

  /** Seconds to wait before the next try; 0 for none. */
  secondsToWait(attempt: Attempt): number {
    const until = Math.max(...limitsOf(attempt).map((limit) => this.blockedUntil(limit)))
    return Math.max(0, Math.ceil((until - this.now()) / 1000))
  }

  /** How many names and addresses are remembered. */
  get size(): number {
    return this.failures.size
  }

  private count(attempt: Attempt): void {
    for (const { key } of limitsOf(attempt)) {
      const count = (this.remembered(key)?.count ?? 0) + 1
      // Taken out and put in: the map is in the order of the last failures.
      this.failures.delete(key)
      this.failures.set(key, { count, lastAt: this.now() })
    }
    for (const key of this.failures.keys()) {
      if (this.failures.size <= MAX_KEYS) break
      this.failures.delete(key)
    }
  }

  private remembered(key: string) {
    const failure = this.failures.get(key)
    return failure !== undefined && this.now() < failure.lastAt + FORGET_MS ? failure : undefined
  }

  /** Beyond those that are free, each failure doubles the wait, up to a quarter of an hour. */
  private blockedUntil({ key, free }: Limit): number {
    const { count, lastAt } = this.remembered(key) ?? { count: 0, lastAt: 0 }
    return count < free ? 0 : lastAt + Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (count - free))
  }
}

/** What an attempt is counted for, and how many failures of that are free. */
interface Limit {
  readonly key: string
  readonly free: number
}

function limitsOf({ name, address }: Attempt): Limit[] {
  return [
    { key: `name ${name}`, free: 5 },
    // More: a whole office may come from one address.
    { key: `address ${networkOf(address)}`, free: 20 },
  ]
}

const FIRST_WAIT_MS = 1_000
const MAX_WAIT_MS = 15 * 60_000
const FORGET_MS = 60 * 60_000
/** Some megabytes at most; those that failed longest ago are forgotten first. */
const MAX_KEYS = 10_000
