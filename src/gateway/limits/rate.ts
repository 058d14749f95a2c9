import type { RateRule } from '../../plugins/plugin.ts'

/**
 * The arithmetic of a rate limit: the generic cell rate algorithm (ITU-T I.371), which is a bucket of tokens that keeps one
 * number, the time at which the bucket will be full again. docs/limits.md has the proof of its bound.
 *
 * That number is 32 bits wide, so that one atomic operation changes it. Time is counted in parts of a token: one token is
 * `increment` ticks, a power of two, and a bucket holds `capacity` ticks. Ticks go round after 2^32 of them; the scale is
 * chosen so that this takes at least 34 minutes, and what is older than half of that looks like the future. Who keeps such
 * numbers must see to it that none gets so old: `rate-table.ts` by the time that it keeps beside them, `keys/` by sweeping.
 */

/** No state: the bucket is full. No state that is kept has this number. */
export const FULL = 0
/** Nor this one, which is for who keeps them to say that a place is being given away. */
export const LOCKED = -0x8000_0000

/** The most that ticks may go forward in a second. */
const MAX_TICKS_PER_SECOND = 2 ** 21
/** The largest bucket, in ticks: a small part of 2^32, so that a time in the future can be told from one long past. */
const MAX_CAPACITY = 2 ** 29
const MAX_INCREMENT = 2 ** 20

/** The largest values of a rule. */
export const maxRequests = 1_000_000
export const maxBurst = 1_000_000

/** What came of asking: the new state, and what the caller is told. Reused, so that asking allocates nothing. */
export class Decision {
  /** The state to keep; only where it is admitted. */
  next = FULL
  /** Not below 0: admitted, and so many more could be. Below 0: refused, and one could be in so many milliseconds. */
  result = 0
  /** How many milliseconds from now the bucket is full again. */
  fullInMs = 0
}

/** A rule, made ready. */
export class Rate {
  readonly increment: number
  readonly capacity: number
  private readonly ticksPerMs: number
  /** Numbers that are further ahead than this are long past. Twice the capacity, and a second for clocks that differ. */
  private readonly horizon: number

  constructor({ requests, periodMs, burst }: RateRule) {
    const perSecond = (requests * 1_000) / periodMs
    this.increment = Math.min(
      MAX_INCREMENT,
      powerBelow(Math.max(1, MAX_TICKS_PER_SECOND / perSecond)),
      powerBelow(MAX_CAPACITY / burst),
    )
    this.capacity = burst * this.increment
    this.ticksPerMs = (perSecond * this.increment) / 1_000
    this.horizon = this.capacity + Math.ceil(this.ticksPerMs * 1_000)
  }

  /** Asks for one request at `nowMs`, of a bucket in `state`. */
  decide(state: number, nowMs: number, into: Decision): void {
    const now = this.ticksAt(nowMs)
    const ahead = this.ahead(state, now) + this.increment
    if (ahead > this.capacity) {
      into.result = -Math.max(1, Math.ceil((ahead - this.capacity) / this.ticksPerMs))
      into.fullInMs = (ahead - this.increment) / this.ticksPerMs
      return
    }
    const next = (now + ahead) | 0
    // A tick more is against the one who asks, and the next rounding takes it back.
    into.next = next === FULL || next === LOCKED ? next + 1 : next
    into.result = Math.floor((this.capacity - ahead) / this.increment)
    into.fullInMs = ahead / this.ticksPerMs
  }

  /** How many could come now, without taking one. */
  remaining(state: number, nowMs: number): number {
    const left = this.capacity - this.ahead(state, this.ticksAt(nowMs))
    return Math.max(0, Math.floor(left / this.increment))
  }

  /** Whether a state says no more than that the bucket is full. */
  isFull(state: number, nowMs: number): boolean {
    return state === FULL || this.ahead(state, this.ticksAt(nowMs)) === 0
  }

  private ticksAt(ms: number): number {
    // Rounded down, modulo 2^32: as exact as a double, which is far below a tick for centuries.
    return Math.floor(ms * this.ticksPerMs) | 0
  }

  /** How far the bucket is from being full, in ticks. */
  private ahead(state: number, now: number): number {
    if (state === FULL) return 0
    const ahead = (state - now) | 0
    return ahead < 0 || ahead > this.horizon ? 0 : ahead
  }
}

function powerBelow(value: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(value)))
}
