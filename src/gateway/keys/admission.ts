import { monotonicMs } from '../../lib/monotonic-clock.ts'
import { type Consumer, type KeyGate, type KeyRefusal, type KeyVerdict, keyRefusals } from '../../plugins/plugin.ts'
import type { GatewayExchange } from '../exchange.ts'
import { Decision } from '../limits/rate.ts'
import {
  ACTIVE,
  ENTRY_WORDS,
  EXPIRES,
  FLAGS,
  type KeyMemory,
  KeyView,
  LAST_USED,
  type LastFound,
  LINK,
  RATE,
  RECORD_WORDS,
  setBit,
  USED,
} from './key-memory.ts'
import { LastDigest } from './last-digest.ts'
import { LivePlan, type PlanValue } from './live-plan.ts'
import { periodOfWord, usedIn, usedWord } from './used.ts'

/** Whether a request with a key may pass, and the counting of it: what a worker does with the keys. */

/** What admission needs of the program. */
export interface AdmissionParts {
  readonly memory: KeyMemory
  /** The digest that values of keys are known by (`Vault.digest`). */
  digest(value: string): string
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds of a clock that is the same in all threads and never jumps. */
  monotonic?(): number
  /** For explanations: nothing is counted or noted. */
  readonly onlyLooks?: boolean
}

/** The answer to one question: used again for the next. */
class Verdict implements KeyVerdict {
  refusal: KeyRefusal | null = null
  consumer: Consumer | null = null
  plan: string | null = null
  waitMs = 0
  burst = 0
  requestsPerSecond = 0
  remaining = -1
  quota = 0
  quotaRemaining = -1
  quotaResetsInMs = 0
}

/** What a worker knows of the keys: the shared table, and which numbers stages and plans have. */
export class Admission {
  readonly view: KeyView
  private readonly parts: AdmissionParts
  private readonly monotonic: () => number
  private readonly plans: (LivePlan | undefined)[] = []
  private readonly decision = new Decision()
  private readonly verdict = new Verdict()
  private readonly consumers: (KeyConsumer | undefined)[] = new Array<KeyConsumer | undefined>(REMEMBERED).fill(
    undefined,
  )

  constructor(parts: AdmissionParts) {
    this.parts = parts
    this.view = new KeyView(parts.memory)
    this.monotonic = parts.monotonic ?? monotonicMs
  }

  /** Learns of a plan; from now on entries may name its number. */
  setPlan(value: PlanValue): void {
    this.plans[value.number] = new LivePlan(value)
  }

  /** Forgets a plan that no entry names any more. */
  dropPlan(number: number): void {
    delete this.plans[number]
  }

  planOf(number: number): LivePlan | undefined {
    return this.plans[number]
  }

  /** The gate of a stage, by its number. */
  gate(stage: number): KeyGate {
    const { digest } = this.parts
    return {
      admit: (value, x) => {
        const exchange = x as GatewayExchange
        exchange.lastDigest ??= new LastDigest()
        const last = exchange.lastDigest
        return this.admit(last.of(value, digest), stage, last.found)
      },
    }
  }

  /**
   * Asks for one request with the value of this digest on a stage. `last` is what was found last on its connection. The verdict
   * is only good until the next call.
   */
  admit(digest: string, stage: number, last: LastFound | null = null): KeyVerdict {
    const { view, verdict } = this
    verdict.refusal = null
    verdict.consumer = null
    verdict.plan = null
    verdict.remaining = -1
    verdict.quotaRemaining = -1
    const record = view.find(digest, last)
    if (record === 0) return this.refuse(0, stage, 'unknown', 0)
    const now = this.parts.now()
    const at = record * RECORD_WORDS
    const { records } = view
    // Read plainly: what one request sees of a change that is made at the same moment may be before it or after it.
    const flags = records[at + FLAGS] as number
    if ((flags & ACTIVE) === 0) return this.refuse(record, stage, 'inactive', now)
    const expires = (records[at + EXPIRES] as number) >>> 0
    if (expires !== 0 && now >= expires * 1_000) return this.refuse(record, stage, 'expired', now)
    const entry = view.entryFor(record, stage)
    if (entry === 0) return this.refuse(record, stage, 'not-subscribed', now)
    const plan = this.take(entry, now)
    if (plan === null) return this.refuse(record, stage, 'not-subscribed', now)
    verdict.consumer = this.consumerOf(record, plan, now)
    verdict.plan = plan.value.name
    if (verdict.refusal !== null) return this.refuse(record, stage, verdict.refusal, now)
    if (!this.parts.onlyLooks) this.touch(record, now)
    return verdict
  }

  /** Who the key of a record is: mostly somebody who has just been here. */
  private consumerOf(record: number, plan: LivePlan, now: number): KeyConsumer {
    const { consumers } = this
    const place = record & (REMEMBERED - 1)
    const known = consumers[place]
    if (known !== undefined && known.record === record && known.plan === plan.value && known.isRightAt(now))
      return known
    const consumer = new KeyConsumer(this.view, record, plan, now)
    consumers[place] = consumer
    return consumer
  }

  /** Takes one request of an entry's rate and quota into the verdict; null where its plan is not known. */
  private take(entry: number, now: number): LivePlan | null {
    const at = entry * ENTRY_WORDS
    for (;;) {
      const plan = this.plans[Atomics.load(this.view.entries, at + LINK) & 0xffff]
      if (plan === undefined) return null
      if (plan.rate !== null && !this.takeRate(at, plan)) return plan
      if (plan.quota === 0 || this.takeQuota(at, entry, plan, now)) return plan
    }
  }

  private takeRate(at: number, plan: LivePlan): boolean {
    const { decision, verdict } = this
    const { entries } = this.view
    const { rate } = plan
    const ms = this.monotonic()
    for (;;) {
      const state = Atomics.load(entries, at + RATE)
      rate?.decide(state, ms, decision)
      verdict.burst = plan.burst
      verdict.requestsPerSecond = plan.value.requestsPerSecond ?? 0
      if (decision.result < 0) {
        verdict.refusal = 'rate-limited'
        verdict.waitMs = -decision.result
        verdict.remaining = 0
        return false
      }
      verdict.remaining = decision.result
      if (this.parts.onlyLooks || Atomics.compareExchange(entries, at + RATE, state, decision.next) === state)
        return true
    }
  }

  /** False where the plan of the entry has been changed meanwhile, and it is to be asked again. */
  private takeQuota(at: number, entry: number, plan: LivePlan, now: number): boolean {
    const { verdict } = this
    const { entries, counted } = this.view
    const period = plan.periodAt(now)
    const link = Atomics.load(entries, at + LINK)
    for (;;) {
      const word = Atomics.load(entries, at + USED)
      if (this.plans[link & 0xffff] !== plan || Atomics.load(entries, at + LINK) !== link) return false
      const used = usedIn(word, period.number)
      verdict.quota = plan.quota
      verdict.quotaResetsInMs = period.endsAt - now
      if (used >= plan.quota) {
        verdict.refusal = 'quota-exceeded'
        verdict.waitMs = period.endsAt - now
        verdict.quotaRemaining = 0
        return true
      }
      verdict.quotaRemaining = plan.quota - used - 1
      if (this.parts.onlyLooks) return true
      const next = usedWord(Math.max(period.number, periodOfWord(word, period.number)), used + 1)
      if (Atomics.compareExchange(entries, at + USED, word, next) !== word) continue
      setBit(counted, entry)
      return true
    }
  }

  private refuse(record: number, stage: number, reason: KeyRefusal, now: number): KeyVerdict {
    this.verdict.refusal = reason
    if (record !== 0 && !this.parts.onlyLooks) this.view.noteRefusal(record, stage, keyRefusals.indexOf(reason), now)
    return this.verdict
  }

  /** Notes the minute. */
  private touch(record: number, now: number): void {
    const minute = Math.floor(now / 60_000)
    const { records, touched } = this.view
    const at = record * RECORD_WORDS + LAST_USED
    if ((records[at] as number) >= minute) return
    Atomics.store(records, at, minute)
    setBit(touched, record)
  }
}

/** So many keys are remembered as consumers, … */
const REMEMBERED = 256
/** … for so long. What a key no longer needs in the table is used by others after `QUARANTINE_MS`: what is younger is right. */
const FRESH_MS = 2_000

/**
 * A key as a consumer. What it is called is read out of the table at once: a request can last until its record is another key's.
 */
export class KeyConsumer implements Consumer {
  readonly id: string
  readonly name: string
  readonly groups: readonly string[]
  /** The number of the key in the table. */
  readonly record: number
  readonly plan: PlanValue
  private readonly view: KeyView
  private readonly namePlace: number
  private readonly readAt: number

  /** `now` is in milliseconds since the Unix epoch. */
  constructor(view: KeyView, record: number, { value, groups }: LivePlan, now: number) {
    this.view = view
    this.namePlace = view.namePlaceOf(record)
    this.id = view.idOf(record)
    this.name = view.nameOf(record)
    this.record = record
    this.plan = value
    this.groups = groups
    this.readAt = now
  }

  /** Whether it still says what the table says. Not known, and so false, once it is old, or where a clock was set back. */
  isRightAt(now: number): boolean {
    return now >= this.readAt && now - this.readAt < FRESH_MS && this.view.namePlaceOf(this.record) === this.namePlace
  }
}
