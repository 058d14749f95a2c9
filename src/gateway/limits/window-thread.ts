import { parentPort, workerData } from 'node:worker_threads'
import { monotonicMs } from '../../lib/monotonic-clock.ts'
import type { BreakerRule, RetryBudgetRule } from '../../plugins/plugin.ts'
import { SharedBreaker } from './breaker.ts'
import { SharedRetryBudget } from './retry-budget.ts'
import { WindowTable } from './window-table.ts'

/** For tests: one of several threads that ask the same breaker and the same budget as fast as they can. */

/** What a thread is to do. */
export interface WindowTask {
  readonly windows: SharedArrayBuffer
  readonly breaker: BreakerRule
  readonly budget: RetryBudgetRule
  /** So many requests of the budget, each of which asks for a retry. */
  readonly requests: number
  readonly ms: number
  /** By ticket of a trial call, how many were let through by it. */
  readonly trials: SharedArrayBuffer
}

/** What became of it. */
export interface WindowResult {
  readonly retries: number
  readonly opened: number
  readonly closed: number
}

if (parentPort !== null) {
  const { windows, breaker: rule, budget: budgetRule, requests, ms, trials } = workerData as WindowTask
  const table = new WindowTable(windows)
  const budget = new SharedRetryBudget(budgetRule, { table, hash: { low: 1, high: 2 }, now: () => 1e9 })
  const breaker = new SharedBreaker(rule, { table, hash: { low: 5, high: 6 }, now: monotonicMs })
  const seen = new Int32Array(trials)
  const result = { retries: 0, opened: 0, closed: 0 }
  for (let i = 0; i < requests; i++) {
    budget.request()
    if (budget.take()) result.retries++
  }
  const end = monotonicMs() + ms
  for (let i = 0; monotonicMs() < end; i++) {
    const ticket = breaker.admit()
    if (ticket < 0) continue
    const isTrial = (ticket & 3) === 2
    if (isTrial) Atomics.add(seen, (ticket >>> 2) % seen.length, 1)
    // Closed it fails more often than not; half-open it goes well about as often as not.
    const turn = breaker.settle(ticket, isTrial ? i % 4 === 0 : i % 3 !== 0, false)
    if (turn !== null) result[turn]++
  }
  parentPort.postMessage(result satisfies WindowResult)
}
