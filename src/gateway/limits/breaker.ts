import type { KeyedHash } from '../../lib/keyed-hash.ts'
import type { Breaker, BreakerRule, BreakerState, BreakerTurn } from '../../plugins/plugin.ts'
import { BUCKETS, type WindowTable } from './window-table.ts'

/*
 * A circuit breaker that all workers of a process share.
 *
 *     CLOSED ──► OPEN ──► HALF_OPEN ──► CLOSED      (all trial calls went well)
 *                  ▲           │
 *                  └───────────┘                    (one did not)
 *
 * Its slot of the table has, beside what was counted:
 *
 *     state    what it is, and a number that goes up with each change: what a call that began before the change says is not
 *              heard any more
 *     until    when an open one lets calls try, and when a half-open one that has heard nothing of its trial calls (their worker
 *              died) begins anew; in coarse units
 *     trials   of this half-open time: how many were let through, and how many went well
 *
 * `until` is written before the state that it is for. Of several threads that change a state at once one does it, and the
 * others have written nearly the same time.
 */
const CLOSED = 0
const OPEN = 1
const HALF_OPEN = 2

const STATE = 0
const UNTIL = 1
const TRIALS = 2

const CALLS = 0
const FAILURES = 1
const SLOW = 2

const KIND_BITS = 2
const KIND_MASK = 3
const GENERATION_MASK = 2 ** 29 - 1
/** `trials` is eight bits of those that went well, eight of those let through, and the generation above them. */
const TRIAL_BITS = 8
const TRIAL_MASK = 0xff
const TRIAL_GENERATION_MASK = 0xffff
/** So many changes of state at most go by while a thread is held up. */
const MOST_AHEAD = 1_024
const COARSE_MS = 16

/** Where a breaker is kept: its table, its key, and the clock. */
export interface BreakerPlace {
  readonly table: WindowTable
  /** Has digested the name. */
  readonly hash: Pick<KeyedHash, 'low' | 'high'>
  readonly now: () => number
}

export class SharedBreaker implements Breaker {
  private readonly rule: BreakerRule
  private readonly bucketMs: number
  private readonly table: WindowTable
  private readonly words: Int32Array<SharedArrayBuffer>
  private readonly place: number
  private readonly tag: number
  private readonly now: () => number
  private hint = -1

  constructor(rule: BreakerRule, { table, hash, now }: BreakerPlace) {
    this.rule = rule
    this.bucketMs = rule.windowMs / BUCKETS
    this.table = table
    this.words = table.words
    this.place = hash.low
    this.tag = hash.high
    this.now = now
  }

  admit(): number {
    const now = this.now()
    for (;;) {
      const slot = this.slot(now)
      const state = this.load(slot, STATE)
      if (kindOf(state) === CLOSED) return state
      const waitMs = this.waitMs(slot, now)
      if (kindOf(state) === OPEN) {
        if (waitMs > 0) return -waitMs
      } else {
        if (this.takeTrial(slot, state)) return state
        if (waitMs > 0) return -waitMs
      }
      this.change(slot, state, HALF_OPEN, now)
    }
  }

  settle(ticket: number, hasFailed: boolean, wasSlow: boolean): BreakerTurn {
    const now = this.now()
    const slot = this.slot(now)
    if (this.load(slot, STATE) !== ticket) return null
    const isBad = hasFailed || (wasSlow && this.rule.slowPercent !== null)
    if (kindOf(ticket) === HALF_OPEN) return isBad ? this.open(slot, ticket, now) : this.goodTrial(slot, ticket, now)
    const { table, bucketMs } = this
    if (!table.add(slot, CALLS, now, bucketMs)) return null
    if (hasFailed) table.add(slot, FAILURES, now, bucketMs)
    if (wasSlow) table.add(slot, SLOW, now, bucketMs)
    return isBad && this.isTooMuch(slot, now) ? this.open(slot, ticket, now) : null
  }

  failLate(ticket: number): BreakerTurn {
    const now = this.now()
    const slot = this.slot(now)
    if (this.load(slot, STATE) !== ticket || kindOf(ticket) !== CLOSED) return null
    this.table.add(slot, FAILURES, now, this.bucketMs)
    return this.isTooMuch(slot, now) ? this.open(slot, ticket, now) : null
  }

  release(ticket: number): void {
    if (kindOf(ticket) !== HALF_OPEN) return
    const slot = this.slot(this.now())
    const at = this.table.own(slot, TRIALS)
    for (;;) {
      const word = Atomics.load(this.words, at)
      if (word >>> (2 * TRIAL_BITS) !== trialGeneration(ticket) || admittedOf(word) === 0) return
      if (Atomics.compareExchange(this.words, at, word, word - (1 << TRIAL_BITS)) === word) return
    }
  }

  state(): BreakerState {
    const { table, bucketMs } = this
    const now = this.now()
    const slot = this.slot(now)
    const kind = kindOf(this.load(slot, STATE))
    const waitMs = kind === CLOSED ? 0 : Math.max(0, this.waitMs(slot, now))
    return {
      // An open one whose time is over lets the next call try.
      kind: kind === CLOSED ? 'closed' : kind === OPEN && waitMs > 0 ? 'open' : 'half-open',
      calls: table.sum(slot, CALLS, now, bucketMs),
      failures: table.sum(slot, FAILURES, now, bucketMs),
      slow: table.sum(slot, SLOW, now, bucketMs),
      waitMs,
    }
  }

  private slot(now: number): number {
    this.hint = this.table.slotOf(this.hint, this.place, this.tag, now)
    return this.hint
  }

  private load(slot: number, word: 0 | 1 | 2): number {
    return Atomics.load(this.words, this.table.own(slot, word))
  }

  private waitMs(slot: number, now: number): number {
    const waitMs = ((this.load(slot, UNTIL) - coarseTime(now)) | 0) * COARSE_MS
    return Math.min(waitMs, this.rule.openMs)
  }

  /** Goes over to another state, unless somebody else has changed it. */
  private change(slot: number, from: number, kind: number, now: number): boolean {
    const { table, words } = this
    if (kind !== CLOSED) Atomics.store(words, table.own(slot, UNTIL), coarseTime(now + this.rule.openMs))
    const next = ((((from >>> KIND_BITS) + 1) & GENERATION_MASK) << KIND_BITS) | kind
    return Atomics.compareExchange(words, table.own(slot, STATE), from, next) === from
  }

  private open(slot: number, from: number, now: number): BreakerTurn {
    if (!this.change(slot, from, OPEN, now)) return null
    this.table.clear(slot)
    return 'opened'
  }

  private isTooMuch(slot: number, now: number): boolean {
    const { table, bucketMs, rule } = this
    const calls = table.sum(slot, CALLS, now, bucketMs)
    if (calls < rule.minimumCalls) return false
    const isOver = (column: number, percent: number | null) =>
      percent !== null && table.sum(slot, column, now, bucketMs) * 100 >= percent * calls
    return isOver(FAILURES, rule.failurePercent) || isOver(SLOW, rule.slowPercent)
  }

  /** Takes one of the trial calls of a half-open breaker. */
  private takeTrial(slot: number, state: number): boolean {
    const at = this.table.own(slot, TRIALS)
    for (;;) {
      const word = Atomics.load(this.words, at)
      const own = ownTrials(word, state)
      if (own === null || admittedOf(own) >= this.rule.trialCalls) return false
      if (Atomics.compareExchange(this.words, at, word, own + (1 << TRIAL_BITS)) === word) return true
    }
  }

  private goodTrial(slot: number, ticket: number, now: number): BreakerTurn {
    const at = this.table.own(slot, TRIALS)
    for (;;) {
      const word = Atomics.load(this.words, at)
      const own = ownTrials(word, ticket)
      if (own === null) return null
      if (Atomics.compareExchange(this.words, at, word, own + 1) !== word) continue
      if ((own & TRIAL_MASK) + 1 < this.rule.trialCalls) return null
      return this.change(slot, ticket, CLOSED, now) ? 'closed' : null
    }
  }
}

function kindOf(state: number): number {
  return state & KIND_MASK
}

function trialGeneration(state: number): number {
  return (state >>> KIND_BITS) & TRIAL_GENERATION_MASK
}

/**
 * The trials of this very half-open time; those of an earlier one are none. Null where they are of a later one: this thread was held
 * up after it had read the state, and must not count anew what others have counted since.
 */
export function ownTrials(word: number, state: number): number | null {
  const generation = trialGeneration(state)
  const ahead = ((word >>> (2 * TRIAL_BITS)) - generation) & TRIAL_GENERATION_MASK
  if (ahead === 0) return word
  return ahead < MOST_AHEAD ? null : generation << (2 * TRIAL_BITS)
}

function admittedOf(trials: number): number {
  return (trials >>> TRIAL_BITS) & TRIAL_MASK
}

/** Goes round after two years. */
function coarseTime(ms: number): number {
  return Math.ceil(ms / COARSE_MS) | 0
}
