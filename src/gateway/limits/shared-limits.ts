import { randomInt } from 'node:crypto'
import { KeyedHash } from '../../lib/keyed-hash.ts'
import { monotonicMs } from '../../lib/monotonic-clock.ts'
import type {
  Breaker,
  BreakerRule,
  ConcurrencyLimiter,
  Exchange,
  RateLimiter,
  RateRule,
  RetryBudget,
  RetryBudgetRule,
} from '../../plugins/plugin.ts'
import type { LimitBackend } from './backend.ts'
import { type BreakerPlace, SharedBreaker } from './breaker.ts'
import { NO_PLACE, PlaceTable, placeTableMemory } from './place-table.ts'
import { Rate } from './rate.ts'
import { RateTable, rateTableMemory } from './rate-table.ts'
import { SharedRetryBudget } from './retry-budget.ts'
import { WindowTable, windowTableMemory } from './window-table.ts'

/** Limits of one process: what its workers count is in memory that all of them share. */

/** Buckets that can be under way at once; the system gives memory only to those that are used. */
const RATE_SLOTS = 2 ** 20
/** Keys that can have requests under way at once. */
const PLACE_SLOTS = 2 ** 16
/** Breakers and retry budgets: one or a few for each route that has them. */
const WINDOW_SLOTS = 2 ** 15

/** What the threads of a process share for their limits. It is handed to each at its start. */
export interface LimitMemory {
  readonly rates: SharedArrayBuffer
  readonly places: SharedArrayBuffer
  readonly windows: SharedArrayBuffer
  /** The key of the hash: random, so that no client can aim at the slot of another. */
  readonly hashKey: readonly [number, number]
}

/** Makes the memory, for so many workers and one that only looks. */
export function createLimitMemory(workers: number): LimitMemory {
  return {
    rates: rateTableMemory(RATE_SLOTS),
    places: placeTableMemory(PLACE_SLOTS, workers),
    windows: windowTableMemory(WINDOW_SLOTS),
    hashKey: [randomInt(2 ** 32), randomInt(2 ** 32)],
  }
}

/** An exchange that keeps which places it has taken. */
export interface PlaceHolder {
  readonly places: number[]
}

/** So many places, over all workers. */
export interface Places {
  /** What to give to `release`, or `NO_PLACE`. */
  take(): number
  isFull(): boolean
  release(place: number): void
}

/** The limits as one worker sees them. */
export class SharedLimits implements LimitBackend {
  readonly rates: RateTable
  readonly places: PlaceTable
  readonly windows: WindowTable
  private readonly hash: KeyedHash
  private readonly now: () => number

  constructor(memory: LimitMemory, worker: number, now = monotonicMs) {
    this.rates = new RateTable(memory.rates)
    this.places = new PlaceTable(memory.places, PLACE_SLOTS, worker)
    this.windows = new WindowTable(memory.windows)
    this.hash = new KeyedHash(...memory.hashKey)
    this.now = now
  }

  /** How full the table of rates is, and how often a key lost its place there. */
  get fill(): { readonly fill: number; readonly evictions: number } {
    return { fill: this.rates.fill(this.now()), evictions: this.rates.evictions }
  }

  rate(name: string, rule: RateRule): RateLimiter {
    const { rates, now } = this
    const { hash, rate } = this.rateParts(name, rule)
    return {
      take(key) {
        hash.digest(key)
        return rates.take(rate, hash.low, hash.high, now())
      },
    }
  }

  concurrency(name: string, most: number): ConcurrencyLimiter {
    const { places } = this
    const hash = this.placeHash(name)
    return {
      take(x, key) {
        hash.digest(key)
        const place = places.take(hash.low, hash.high, most)
        if (place === NO_PLACE) return false
        holderOf(x).places.push(place)
        return true
      },
    }
  }

  /** Places under one name, for what gives them back by itself. */
  placesOf(name: string, most: number): Places {
    const { places } = this
    const hash = this.placeHash(name)
    hash.digest(name)
    const { low, high } = hash
    return {
      take: () => places.take(low, high, most),
      isFull: () => places.count(low, high) >= most,
      release: (place) => places.release(place),
    }
  }

  breaker(name: string, rule: BreakerRule): Breaker {
    return new SharedBreaker(rule, this.windowPlace(`breaker ${JSON.stringify(rule)} ${name}`))
  }

  retryBudget(name: string, rule: RetryBudgetRule): RetryBudget {
    return new SharedRetryBudget(rule, this.windowPlace(`retries ${name}`))
  }

  /** The same limits for somebody who only looks: nothing is taken, and `told` hears how full they are. */
  observed(told: (note: string) => void): LimitBackend {
    return {
      rate: (name, rule) => {
        const { hash, rate } = this.rateParts(name, rule)
        return {
          take: (key) => {
            hash.digest(key)
            const left = this.rates.peek(rate, hash.low, hash.high, this.now())
            told(`limit ${textOf(rule)}, for ${JSON.stringify(key)}: ${leftText(left)}`)
            return left
          },
        }
      },
      concurrency: (name, most) => {
        const hash = this.placeHash(name)
        return {
          take: (_x, key) => {
            hash.digest(key)
            const count = this.places.count(hash.low, hash.high)
            told(`limit ${most} at a time, for ${JSON.stringify(key)}: ${count} under way`)
            return count < most
          },
        }
      },
      breaker: (name, rule) => observedBreaker(this.breaker(name, rule)),
      retryBudget: (name, rule) => {
        const budget = this.retryBudget(name, rule)
        return { request: () => undefined, take: () => budget.left() >= 1, left: () => budget.left() }
      },
    }
  }

  private rateParts(name: string, rule: RateRule) {
    // The numbers of a bucket mean something by its rule alone, so another rule is another bucket.
    const hash = this.hash.derive(`rate ${rule.requests}/${rule.periodMs}+${rule.burst} ${name}`)
    return { hash, rate: new Rate(rule) }
  }

  private placeHash(name: string): KeyedHash {
    return this.hash.derive(`places ${name}`)
  }

  private windowPlace(name: string): BreakerPlace {
    const hash = this.hash.derive(name)
    hash.digest('')
    return { table: this.windows, hash, now: this.now }
  }
}

/** A breaker that is asked, and hears nothing of what comes of it. */
function observedBreaker(breaker: Breaker): Breaker {
  return {
    admit() {
      const { kind, waitMs } = breaker.state()
      return kind === 'open' ? -waitMs : 0
    },
    settle: () => null,
    failLate: () => null,
    release: () => undefined,
    state: () => breaker.state(),
  }
}

function holderOf(x: Exchange): PlaceHolder {
  // Every exchange that a gateway hands to its plugins is one of its own, or a view of one.
  return x as unknown as PlaceHolder
}

/** Words for a rule. */
function textOf({ requests, periodMs, burst }: RateRule): string {
  const units: Record<number, string> = { 1000: 'second', 60000: 'minute', 3600000: 'hour' }
  return `${requests} per ${units[periodMs] ?? `${periodMs} ms`}, ${burst} at once`
}

function leftText(left: number): string {
  if (left < 0) return `full; one can come in ${-left} ms`
  return left === 0 ? 'this is the last that can come now' : `${left} more could come now`
}
