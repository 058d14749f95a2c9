import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bucketOf } from '../lib/log-histogram.ts'
import { BACKEND_MICROS, BACKEND_TIME, BY_GATEWAY, STATUS, TOTAL_MICROS, TOTAL_TIME } from '../model/traffic.ts'
import { figuresOf, totalsOf } from './figures.ts'
import { Tally } from './tally.ts'

function tallyOf(times: readonly number[]): Tally {
  const tally = new Tally()
  for (const micros of times) {
    tally.add(STATUS + 200, 1)
    tally.add(TOTAL_TIME + bucketOf(micros), 1)
    tally.add(TOTAL_MICROS, micros)
  }
  return tally
}

test('percentiles are within 1.6 % of the exact ones, and the average is exact', () => {
  // What latencies look like: most small, a long tail.
  const time = fc.double({ min: 3, max: 18, noNaN: true }).map((power) => Math.round(Math.exp(power)))
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 300 }), (times) => {
      const sorted = times.toSorted((a, b) => a - b)
      const { latency } = figuresOf(tallyOf(times))
      for (const [share, given] of [
        [0.5, latency.p50Ms],
        [0.9, latency.p90Ms],
        [0.95, latency.p95Ms],
        [0.99, latency.p99Ms],
      ] as const) {
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0
        // Half a microsecond of rounding comes to it.
        assert.ok(Math.abs((given ?? 0) * 1_000 - exact) <= exact / 64 + 1, `${share}: ${given} ms for ${exact} µs`)
      }
      const mean = times.reduce((sum, one) => sum + one, 0) / times.length
      assert.ok(Math.abs((latency.meanMs ?? 0) * 1_000 - mean) <= 0.51)
    }),
  )
})

test('statuses, classes and reasons are told', () => {
  const tally = new Tally()
  for (const [status, count] of [
    [0, 1],
    [101, 2],
    [200, 3],
    [304, 4],
    [404, 5],
    [429, 6],
    [502, 7],
    [799, 8],
  ] as const)
    tally.add(STATUS + status, count)
  tally.add(BY_GATEWAY, 11)
  tally.addReason('\nnot-found', 5)
  tally.addReason('rate-limit\nrate-limited', 6)
  tally.add(BACKEND_TIME + bucketOf(2_000), 4)
  tally.add(BACKEND_MICROS, 8_000)
  const totals = totalsOf(tally)
  assert.equal(totals.calls, 36)
  assert.deepEqual(totals.statusClasses, { '1xx': 2, '2xx': 3, '3xx': 4, '4xx': 11, '5xx': 7, none: 9 })
  assert.deepEqual([totals.successes, totals.failures, totals.byGateway], [7, 18, 11])
  assert.deepEqual(totals.statuses, { 101: 2, 200: 3, 304: 4, 404: 5, 429: 6, 502: 7, 799: 8 })
  assert.deepEqual(totals.reasons, [
    { plugin: 'rate-limit', code: 'rate-limited', calls: 6 },
    { plugin: '', code: 'not-found', calls: 5 },
  ])
  assert.equal(totals.backendLatency.meanMs, 2)
})

test('nothing has no latency', () => {
  const { calls, latency } = figuresOf(new Tally())
  assert.equal(calls, 0)
  assert.deepEqual(Object.values(latency), [null, null, null, null, null])
})
