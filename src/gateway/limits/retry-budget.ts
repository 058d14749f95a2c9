import type { RetryBudget, RetryBudgetRule } from '../../plugins/plugin.ts'
import type { BreakerPlace } from './breaker.ts'
import { BUCKETS, type WindowTable } from './window-table.ts'

const REQUESTS = 0
const RETRIES = 1
const WINDOW_MS = 10_000
const BUCKET_MS = WINDOW_MS / BUCKETS

/** How many retries there may be beside how many requests, in the last ten seconds and over all workers of a process. */
export class SharedRetryBudget implements RetryBudget {
  private readonly rule: RetryBudgetRule
  private readonly table: WindowTable
  private readonly place: number
  private readonly tag: number
  private readonly now: () => number
  private hint = -1

  constructor(rule: RetryBudgetRule, { table, hash, now }: BreakerPlace) {
    this.rule = rule
    this.table = table
    this.place = hash.low
    this.tag = hash.high
    this.now = now
  }

  request(): void {
    const now = this.now()
    this.table.add(this.slot(now), REQUESTS, now, BUCKET_MS)
  }

  /** Counts first and looks then: of several at once too few may be let through, never too many. */
  take(): boolean {
    const { table } = this
    const now = this.now()
    const slot = this.slot(now)
    if (!table.add(slot, RETRIES, now, BUCKET_MS)) return false
    if (this.leftAt(slot, now) >= 0) return true
    table.takeBack(slot, RETRIES, now, BUCKET_MS)
    return false
  }

  left(): number {
    const now = this.now()
    return Math.max(0, Math.floor(this.leftAt(this.slot(now), now)))
  }

  private leftAt(slot: number, now: number): number {
    const { table, rule } = this
    const requests = table.sum(slot, REQUESTS, now, BUCKET_MS)
    const allowed = (rule.minimumPerSecond * WINDOW_MS) / 1_000 + (requests * rule.percent) / 100
    return allowed - table.sum(slot, RETRIES, now, BUCKET_MS)
  }

  private slot(now: number): number {
    this.hint = this.table.slotOf(this.hint, this.place, this.tag, now)
    return this.hint
  }
}
