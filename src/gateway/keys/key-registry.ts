import { monotonicMs } from '../../lib/monotonic-clock.ts'
import type { CountedUsage, LiveKey, SubscriptionState } from '../../model/key.ts'
import type { Plan } from '../../model/plan.ts'
import { quotaPeriodAt } from '../../model/quota-period.ts'
import { type KeyGate, keyRefusals } from '../../plugins/plugin.ts'
import { FULL } from '../limits/rate.ts'
import { Admission } from './admission.ts'
import {
  createKeyMemory,
  ENTRY_WORDS,
  type KeyMemory,
  LAST_USED,
  LINK,
  RATE,
  RECORD_WORDS,
  setBit,
  takeBits,
  USED,
} from './key-memory.ts'
import { type EntryValue, KeyWriter, linkOf } from './key-writer.ts'
import type { LivePlan, PlanValue } from './live-plan.ts'
import { periodOfWord, usedIn, usedWord } from './used.ts'

/**
 * The keys and plans of a process, as its main thread keeps them: it hands out the numbers of stages and plans, puts changes into the
 * shared table, and collects what was counted, so that it can be written down.
 */

/** Entries that are looked at in one go: a few milliseconds. */
const CHUNK = 100_000
/** Every entry is looked at in so many calls of `maintain`, which comes once a second. */
const SWEEP_SECONDS = 60
/** The clock is not expected to go forward so far between two calls. */
const LEAP_MS = 43_200_000
const MAX_NUMBER = 0xffff

/** What workers are told of plans: those that there are now, and one that is gone. */
export type PlanNews = { readonly set: PlanValue } | { readonly drop: number }

export interface RegistryParts {
  readonly maxKeys: number
  digest(value: string): string
  now(): number
  /** Tells all workers, and resolves when each has taken it in. */
  tell(news: PlanNews): Promise<void>
}

export class KeyRegistry {
  readonly memory: KeyMemory
  private readonly parts: RegistryParts
  private readonly writer: KeyWriter
  /** Reads as workers do, and counts nothing. */
  private readonly looking: Admission
  private readonly stages = new Map<string, number>()
  private readonly stageIds = new Map<number, string>()
  private readonly plans = new Map<string, PlanValue>()
  private readonly planIds = new Map<number, string>()
  private lastPlan = 0
  private swept = 1
  private touchedFrom = 0
  private maintainedAt: number

  constructor(parts: RegistryParts) {
    this.parts = parts
    this.maintainedAt = parts.now()
    // A little more: what is gone is not used again at once.
    this.memory = createKeyMemory(Math.ceil(parts.maxKeys * 1.06) + 1_000)
    this.writer = new KeyWriter(this.memory)
    this.looking = new Admission({ ...parts, memory: this.memory, onlyLooks: true })
  }

  /** All plans: what a worker begins with. */
  get planValues(): PlanValue[] {
    return [...this.plans.values()]
  }

  /** How many keys there is room for. */
  get capacity(): number {
    return this.parts.maxKeys
  }

  get size(): number {
    return this.writer.size
  }

  /** The number of a stage: the same for as long as the process lives. */
  stageNumber(stageId: string): number {
    const known = this.stages.get(stageId)
    if (known !== undefined) return known
    const number = this.stages.size + 1
    if (number > MAX_NUMBER) throw new Error(`this process has had more than ${MAX_NUMBER} stages: start it again`)
    this.stages.set(stageId, number)
    this.stageIds.set(number, stageId)
    return number
  }

  /** Says what the gate of a stage would, and counts nothing: for explanations. */
  gate(stageId: string): KeyGate {
    return this.looking.gate(this.stageNumber(stageId))
  }

  /** Puts a plan in, or another value in its place, with all its subscriptions. */
  async putPlan({ id, name, requestsPerSecond, burst, quota }: Plan): Promise<void> {
    const before = this.plans.get(id)
    const value: PlanValue = { number: this.freePlanNumber(), id, name, requestsPerSecond, burst, quota }
    this.plans.set(id, value)
    this.planIds.set(value.number, id)
    this.looking.setPlan(value)
    await this.parts.tell({ set: value })
    if (before === undefined) return
    await this.moveEntries(before.number, value.number)
    await this.drop(before.number)
  }

  /** Takes a plan out that no key is subscribed through any more. */
  async removePlan(id: string): Promise<void> {
    const before = this.plans.get(id)
    this.plans.delete(id)
    if (before !== undefined) await this.drop(before.number)
  }

  /** Puts a key in, or brings it up to date. Throws `KeyTableFull`. */
  putKey(key: LiveKey): void {
    this.writer.put(key, this.entriesOf(key))
  }

  /** Puts in one that is not there yet: so a million are put in when the program starts. */
  addKey(key: LiveKey): void {
    this.writer.add(key, this.entriesOf(key))
  }

  removeKey(id: string): void {
    this.writer.remove(id)
  }

  /** What was counted since it was last asked: at most `most` subscriptions, and whether there is more. */
  takeCounted(most: number): { readonly usage: CountedUsage[]; readonly isAll: boolean } {
    const entries: number[] = []
    const isAll = takeBits(this.writer.view.counted, 0, most, entries) === 0
    return { usage: entries.flatMap((entry) => this.usageOf(entry) ?? []), isAll }
  }

  /** Marks what could not be written down, so that it is given again. */
  giveBackCounted(usage: readonly CountedUsage[]): void {
    const { view } = this.writer
    for (const { keyId, stageId, planId } of usage) {
      const record = view.findById(keyId)
      const link = linkOf({ stage: this.stageNumber(stageId), plan: this.plans.get(planId)?.number ?? 0 })
      for (const entry of this.writer.entriesOf(record))
        if (view.entries[entry * ENTRY_WORDS + LINK] === link) setBit(view.counted, entry)
    }
  }

  /** Keys that were used in another minute than when it was last asked: at most `most`. */
  takeTouched(most: number): { readonly keys: { keyId: string; minute: number }[]; readonly isAll: boolean } {
    const { view } = this.writer
    const records: number[] = []
    // It goes on where it stopped, or the keys at the end would never have their turn.
    const from = this.touchedFrom
    this.touchedFrom = takeBits(view.touched, from, most, records)
    const isAll = from === 0 && this.touchedFrom === 0
    const keys = records.map((record) => ({
      keyId: view.idOf(record),
      minute: Atomics.load(view.records, record * RECORD_WORDS + LAST_USED),
    }))
    return { keys, isAll }
  }

  /** How much of each subscription of a key is used, and when it was last used (minutes since the Unix epoch; 0 for never). */
  stateOf(keyId: string): { readonly lastUsed: number; readonly subscriptions: SubscriptionState[] } {
    const { writer, looking } = this
    const { view } = writer
    const record = view.findById(keyId)
    if (record === 0) return { lastUsed: 0, subscriptions: [] }
    const now = this.parts.now()
    const refusal = view.refusalOf(record)
    const subscriptions = writer.entriesOf(record).flatMap((entry): SubscriptionState[] => {
      const at = entry * ENTRY_WORDS
      const link = Atomics.load(view.entries, at + LINK)
      const [stageId, planId] = [this.stageIds.get(link >>> 16), this.planIds.get(link & 0xffff)]
      const plan = looking.planOf(link & 0xffff)
      if (stageId === undefined || planId === undefined || plan === undefined) return []
      const period = plan.periodAt(now)
      return [
        {
          stageId,
          planId,
          rateRemaining: plan.rate?.remaining(Atomics.load(view.entries, at + RATE), monotonicMs()) ?? 0,
          used: plan.quota === 0 ? 0 : usedIn(Atomics.load(view.entries, at + USED), period.number),
          resetsAt: period.endsAt,
          lastRefusal:
            refusal === null || refusal.stage !== link >>> 16
              ? null
              : { at: refusal.ms, reason: keyRefusals[refusal.reason] ?? 'unknown' },
        },
      ]
    })
    return { lastUsed: Atomics.load(view.records, record * RECORD_WORDS + LAST_USED), subscriptions }
  }

  /**
   * To be called once a second: sees to it that no state of a rate, and no count of a quota, gets so old that it looks like one of
   * the future. Each entry has its turn once a minute: long before the half hour in which the state of a rate goes round.
   */
  maintain(): void {
    const now = this.parts.now()
    // After a leap of the date by days all words are old, and to be read as they were before it.
    const before = this.maintainedAt
    const hasLeapt = now - before > LEAP_MS
    this.maintainedAt = now
    const end = this.writer.ends.entries
    const from = hasLeapt ? 1 : this.swept
    const to = hasLeapt ? end : Math.min(end, from + Math.ceil(end / SWEEP_SECONDS))
    for (let entry = from; entry < to; entry++) this.sweep(entry * ENTRY_WORDS, hasLeapt ? before : now, now)
    this.swept = to >= end ? 1 : to
  }

  private sweep(at: number, before: number, now: number): void {
    const { entries } = this.writer.view
    const plan = this.looking.planOf(Atomics.load(entries, at + LINK) & 0xffff)
    if (plan === undefined) return
    const state = Atomics.load(entries, at + RATE)
    if (state !== FULL && plan.rate?.isFull(state, monotonicMs()) === true)
      Atomics.compareExchange(entries, at + RATE, state, FULL)
    const word = Atomics.load(entries, at + USED)
    if (word !== 0 && periodOfWord(word, plan.periodAt(before).number) < plan.periodAt(now).number)
      Atomics.compareExchange(entries, at + USED, word, 0)
  }

  private entriesOf({ subscriptions }: LiveKey): EntryValue[] {
    const entries: EntryValue[] = []
    for (const { stageId, planId, period, used } of subscriptions) {
      const plan = this.plans.get(planId)
      if (plan === undefined) continue
      const isNow = used > 0 && plan.quota !== null && quotaPeriodAt(plan.quota.per, this.parts.now()).number === period
      const word = isNow ? usedWord(period, Math.min(used, plan.quota?.requests ?? 0)) : 0
      entries.push({ stage: this.stageNumber(stageId), plan: plan.number, used: word })
    }
    return entries
  }

  private usageOf(entry: number): CountedUsage | null {
    const { view } = this.writer
    const at = entry * ENTRY_WORDS
    const link = Atomics.load(view.entries, at + LINK)
    const [stageId, planId] = [this.stageIds.get(link >>> 16), this.planIds.get(link & 0xffff)]
    const plan = this.looking.planOf(link & 0xffff)
    const record = this.writer.ownerOf(entry)
    if (stageId === undefined || planId === undefined || plan === undefined || plan.quota === 0) return null
    const word = Atomics.load(view.entries, at + USED)
    const { number } = plan.periodAt(this.parts.now())
    const period = periodOfWord(word, number)
    return { keyId: view.idOf(record), stageId, planId, period, used: usedIn(word, Math.min(period, number)) }
  }

  /** Moves all entries of a plan to its next value, some at a time. */
  private async moveEntries(from: number, to: number): Promise<void> {
    const [before, after] = [this.looking.planOf(from), this.looking.planOf(to)]
    if (before === undefined || after === undefined) return
    const hasOtherRate =
      before.value.requestsPerSecond !== after.value.requestsPerSecond || before.burst !== after.burst
    const { entries } = this.writer.view
    for (let start = 1; start < this.writer.ends.entries; start += CHUNK) {
      const now = this.parts.now()
      const end = Math.min(this.writer.ends.entries, start + CHUNK)
      for (let entry = start; entry < end; entry++) {
        const at = entry * ENTRY_WORDS
        const link = Atomics.load(entries, at + LINK)
        if ((link & 0xffff) !== from) continue
        carryUsed(entries, at + USED, before, after, now)
        if (hasOtherRate) Atomics.store(entries, at + RATE, FULL)
        Atomics.store(entries, at + LINK, (link & ~0xffff) | to)
      }
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  private async drop(number: number): Promise<void> {
    await this.parts.tell({ drop: number })
    this.looking.dropPlan(number)
    this.planIds.delete(number)
  }

  private freePlanNumber(): number {
    for (let tried = 0; tried < MAX_NUMBER; tried++) {
      this.lastPlan = (this.lastPlan % MAX_NUMBER) + 1
      if (!this.planIds.has(this.lastPlan)) return this.lastPlan
    }
    throw new Error(`there are more than ${MAX_NUMBER} plans`)
  }
}

/** Raising, lowering or another period keeps what was used; no quota forgets it. */
function carryUsed(entries: Int32Array, at: number, before: LivePlan, after: LivePlan, now: number): void {
  const isOtherUnit = before.value.quota?.per !== after.value.quota?.per
  if (!isOtherUnit) return
  for (;;) {
    const word = Atomics.load(entries, at)
    const used = before.quota === 0 || after.quota === 0 ? 0 : usedIn(word, before.periodAt(now).number)
    const next = used === 0 ? 0 : usedWord(after.periodAt(now).number, used)
    if (Atomics.compareExchange(entries, at, word, next) === word) return
  }
}
