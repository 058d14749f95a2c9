import type { Plan } from '../../model/plan.ts'
import { type QuotaPeriod, type QuotaUnit, quotaPeriodAt } from '../../model/quota-period.ts'
import { Rate } from '../limits/rate.ts'

/**
 * A plan as the data plane has it: a value under a number. It never changes; a plan that is changed gets another number, and its
 * subscriptions are moved to that, so that no state of a rate or count of a quota is ever read by rules that it was not made by.
 */
export interface PlanValue {
  readonly number: number
  readonly id: string
  readonly name: string
  readonly requestsPerSecond: number | null
  readonly burst: number | null
  readonly quota: Plan['quota']
}

/** A plan ready to run. */
export class LivePlan {
  readonly value: PlanValue
  readonly rate: Rate | null
  readonly burst: number
  readonly quota: number
  /** What consumers of the plan are known by. */
  readonly groups: readonly string[]
  private readonly unit: QuotaUnit
  private period: QuotaPeriod

  constructor(value: PlanValue) {
    const { requestsPerSecond, burst, quota, name } = value
    this.value = value
    this.burst = burst ?? requestsPerSecond ?? 0
    this.rate =
      requestsPerSecond === null ? null : new Rate({ requests: requestsPerSecond, periodMs: 1_000, burst: this.burst })
    this.quota = quota?.requests ?? 0
    this.unit = quota?.per ?? 'day'
    this.groups = [name]
    this.period = quotaPeriodAt(this.unit, 0)
  }

  /** The period of the quota that a moment (ms since the Unix epoch) is in. */
  periodAt(ms: number): QuotaPeriod {
    if (ms >= this.period.endsAt || ms < this.period.startsAt) this.period = quotaPeriodAt(this.unit, ms)
    return this.period
  }
}
