import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type QuotaUnit, quotaPeriodAt } from './quota-period.ts'

const cases: [unit: QuotaUnit, at: string, startsAt: string, endsAt: string][] = [
  ['day', '2026-11-23T00:00:00.000Z', '2026-11-23', '2026-11-24'],
  ['day', '2026-11-23T23:59:59.999Z', '2026-11-23', '2026-11-24'],
  ['day', '2026-12-31T23:59:59.999Z', '2026-12-31', '2027-01-01'],
  ['day', '2028-02-28T12:00:00.000Z', '2028-02-28', '2028-02-29'],
  ['day', '2027-02-28T12:00:00.000Z', '2027-02-28', '2027-03-01'],
  ['month', '2026-01-31T23:59:59.999Z', '2026-01-01', '2026-02-01'],
  ['month', '2026-02-01T00:00:00.000Z', '2026-02-01', '2026-03-01'],
  ['month', '2028-02-29T23:59:59.999Z', '2028-02-01', '2028-03-01'],
  ['month', '2100-02-28T23:59:59.999Z', '2100-02-01', '2100-03-01'],
  ['month', '2026-04-30T23:59:59.999Z', '2026-04-01', '2026-05-01'],
  ['month', '2026-12-31T23:59:59.999Z', '2026-12-01', '2027-01-01'],
]
for (const [unit, at, startsAt, endsAt] of cases)
  test(`the ${unit} of ${at} goes from ${startsAt} to ${endsAt}`, () => {
    const period = quotaPeriodAt(unit, Date.parse(at))
    assert.equal(period.startsAt, Date.parse(startsAt))
    assert.equal(period.endsAt, Date.parse(endsAt))
  })

test('periods follow one another without a gap, and their numbers too', () => {
  fc.assert(
    fc.property(fc.constantFrom<QuotaUnit>('day', 'month'), fc.integer({ min: 0, max: 4e12 }), (unit, ms) => {
      const period = quotaPeriodAt(unit, ms)
      assert.ok(period.startsAt <= ms && ms < period.endsAt)
      assert.deepEqual(quotaPeriodAt(unit, period.startsAt), period)
      const next = quotaPeriodAt(unit, period.endsAt)
      assert.equal(next.number, period.number + 1)
      assert.equal(next.startsAt, period.endsAt)
    }),
  )
})
