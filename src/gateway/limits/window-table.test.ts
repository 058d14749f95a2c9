import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SharedRetryBudget } from './retry-budget.ts'
import { BUCKETS, WindowTable, windowTableMemory } from './window-table.ts'

const START = 5_000_000_000

test('columns count what has come within the window, by key and however long a pause is', () => {
  const step = fc.record({
    key: fc.integer({ min: 1, max: 3 }),
    column: fc.nat(2),
    pauseMs: fc.oneof(fc.nat(50), fc.nat(3_000), fc.nat(10_000_000)),
  })
  fc.assert(
    fc.property(
      fc.constantFrom(100, 1_000, 6_000),
      fc.array(step, { maxLength: 200, size: 'max' }),
      (bucketMs, steps) => {
        const table = new WindowTable(windowTableMemory(16))
        const counted: { key: number; column: number; bucket: number }[] = []
        let now = START
        for (const { key, column, pauseMs } of steps) {
          now += pauseMs
          const slot = table.slotOf(-1, key * 5, key, now)
          table.add(slot, column, now, bucketMs)
          const bucket = Math.floor(now / bucketMs)
          counted.push({ key, column, bucket })
          const expected = counted.filter(
            (one) => one.key === key && one.column === column && one.bucket > bucket - BUCKETS,
          )
          assert.equal(table.sum(slot, column, now, bucketMs), expected.length)
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('more keys than slots: the one that was used longest ago goes, and that is counted', () => {
  const table = new WindowTable(windowTableMemory(1))
  for (let key = 1; key <= 17; key++) table.add(table.slotOf(-1, 0, key, START + key * 1_000), 0, START, 1_000)
  assert.equal(table.evictions, 1)
  const kept = table.slotOf(-1, 0, 17, START + 20_000)
  assert.equal(table.sum(kept, 0, START, 1_000), 1)
  const evicted = table.slotOf(-1, 0, 1, START + 20_000)
  assert.equal(table.sum(evicted, 0, START, 1_000), 0)
})

test('a hint that belongs to another key by now is not used', () => {
  const table = new WindowTable(windowTableMemory(1))
  const slot = table.slotOf(-1, 0, 1, START)
  assert.notEqual(table.slotOf(slot, 0, 2, START), slot)
  assert.equal(table.slotOf(slot, 0, 1, START), slot)
})

test('retries are never more than every second allows and the share of the requests', () => {
  const step = fc.record({ isRetry: fc.boolean(), worker: fc.nat(1), pauseMs: fc.oneof(fc.constant(0), fc.nat(2_500)) })
  const rules = fc.record({ minimumPerSecond: fc.nat(2), percent: fc.nat(100) })
  fc.assert(
    fc.property(rules, fc.array(step, { maxLength: 300, size: 'max' }), (rule, steps) => {
      const memory = windowTableMemory(16)
      let now = START
      const budgets = [0, 1].map(
        () =>
          new SharedRetryBudget(rule, { table: new WindowTable(memory), hash: { low: 1, high: 9 }, now: () => now }),
      )
      const seen: { isRetry: boolean; second: number }[] = []
      for (const { isRetry, worker, pauseMs } of steps) {
        now += pauseMs
        const second = Math.floor(now / 1_000)
        const within = seen.filter((one) => one.second > second - BUCKETS)
        const retries = within.filter((one) => one.isRetry).length
        const allowed = rule.minimumPerSecond * 10 + ((within.length - retries) * rule.percent) / 100
        const budget = budgets[worker] as SharedRetryBudget
        if (isRetry) {
          const isAllowed = retries + 1 <= allowed
          assert.equal(budget.left() >= 1, isAllowed)
          assert.equal(budget.take(), isAllowed)
          if (isAllowed) seen.push({ isRetry, second })
        } else {
          budget.request()
          seen.push({ isRetry, second })
        }
      }
    }),
    { numRuns: 300 },
  )
})
