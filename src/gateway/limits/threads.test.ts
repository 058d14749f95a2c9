import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import type { HammerResult, HammerTask } from './hammer-thread.ts'
import { PlaceTable, placeTableMemory } from './place-table.ts'
import { rateTableMemory } from './rate-table.ts'
import { windowTableMemory } from './window-table.ts'
import type { WindowResult, WindowTask } from './window-thread.ts'

/** Several threads on the same limits, as fast as they can. */

const THREADS = 4
const KEYS = 3
const PLACE_SLOTS = 64
const MS = 1_500

/** The most that pass in any stretch of `ms`, of times in order. */
function mostWithin(times: readonly number[], ms: number): number {
  let most = 0
  let first = 0
  for (let last = 0; last < times.length; last++) {
    while ((times[last] ?? 0) - (times[first] ?? 0) > ms) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

const rules = [
  { requests: 1_000, periodMs: 1_000, burst: 10 },
  { requests: 100_000, periodMs: 1_000, burst: 500 },
  { requests: 60, periodMs: 60_000, burst: 5 },
]
for (const rule of rules)
  test(`${THREADS} threads let no more pass than ${rule.requests} per ${rule.periodMs} ms and ${rule.burst}, in any stretch of time`, async () => {
    const shared = {
      rates: rateTableMemory(16),
      places: placeTableMemory(PLACE_SLOTS, THREADS),
      gauge: new SharedArrayBuffer(8),
    }
    const most = 2
    const results = await Promise.all(
      Array.from({ length: THREADS }, async (_, worker) => {
        const task: HammerTask = { ...shared, placeSlots: PLACE_SLOTS, worker, rule, most, keys: KEYS, ms: MS }
        const thread = new Worker(new URL('./hammer-thread.ts', import.meta.url), { workerData: task })
        const [[result]] = await Promise.all([once(thread, 'message'), once(thread, 'exit')])
        return result as HammerResult
      }),
    )
    const perMs = rule.requests / rule.periodMs
    for (let key = 0; key < KEYS; key++) {
      const times = results.flatMap(({ passed }) => passed[key] ?? []).sort((a, b) => a - b)
      // By the clock as each thread read it, however late it came to ask. A tick more is what rounding may give.
      for (const ms of [1, 10, 100, 1_000, MS])
        assert.ok(
          mostWithin(times, ms) <= ms * perMs + rule.burst + 1,
          `${mostWithin(times, ms)} in ${ms} ms, at most ${ms * perMs + rule.burst}`,
        )
      assert.ok(times.length >= rule.burst)
    }
    const gauge = new Int32Array(shared.gauge)
    assert.equal(gauge[0], 0)
    assert.ok((gauge[1] ?? 0) <= most, `${gauge[1]} at once`)
    assert.equal(new PlaceTable(shared.places, PLACE_SLOTS, 0).count(5, 5), 0)
  })

test(`${THREADS} threads let no more trial calls through than the rule says, and no more retries than the budget has`, async () => {
  const trialCalls = 3
  const REQUESTS = 2_000
  const windows = windowTableMemory(16)
  const trials = new SharedArrayBuffer(4 * 2 ** 20)
  const task: WindowTask = {
    windows,
    trials,
    breaker: { windowMs: 1_000, minimumCalls: 20, failurePercent: 50, slowPercent: null, openMs: 16, trialCalls },
    budget: { minimumPerSecond: 1, percent: 20 },
    requests: REQUESTS,
    ms: MS,
  }
  const results = await Promise.all(
    Array.from({ length: THREADS }, async () => {
      const thread = new Worker(new URL('./window-thread.ts', import.meta.url), { workerData: task })
      const [[result]] = await Promise.all([once(thread, 'message'), once(thread, 'exit')])
      return result as WindowResult
    }),
  )
  const sum = (what: keyof WindowResult) => results.reduce((total, result) => total + result[what], 0)
  assert.ok(sum('retries') <= 10 + (THREADS * REQUESTS * 20) / 100, `${sum('retries')} retries`)
  assert.ok(sum('retries') > (THREADS * REQUESTS * 15) / 100, `${sum('retries')} retries`)
  assert.ok(sum('opened') > 5 && sum('closed') > 1, JSON.stringify(results))
  const most = new Int32Array(trials).reduce((a, b) => Math.max(a, b))
  assert.ok(most <= trialCalls, `${most} trial calls at once`)
})
