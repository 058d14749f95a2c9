import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bucketOf } from '../lib/log-histogram.ts'
import type { AlertKind, AlertStanding } from '../model/alert.ts'
import { STATUS, TOTAL_TIME } from '../model/traffic.ts'
import { measured, nextStanding } from './alert-state.ts'
import { Tally } from './tally.ts'

const START: AlertStanding = { state: 'ok', since: 0, turnedAt: null, value: null }

/** How a rule stands after each value, one a minute. */
function states(kind: AlertKind, threshold: number, forMinutes: number, values: readonly (number | null)[]): string[] {
  let standing = START
  return values.map((value, minute) => {
    standing = nextStanding({ kind, threshold, forMinutes }, standing, value, (minute + 1) * 60_000)
    return standing.state
  })
}

for (const [title, kind, threshold, forMinutes, values, wanted] of [
  ['below it nothing happens', 'latency', 100, 2, [99, 0, null], ['ok', 'ok', 'ok']],
  ['at it, it is pending, and fires in time', 'latency', 100, 2, [100, 100, 100], ['pending', 'pending', 'firing']],
  ['at once where it need not last', 'latency', 100, 0, [100, 80], ['firing', 'resolved']],
  ['what is short does not fire', 'latency', 100, 2, [100, 100, 50, 100], ['pending', 'pending', 'ok', 'pending']],
  [
    'what swings about it fires once',
    'server-errors',
    10,
    1,
    [10, 10, 9.5, 10, 9.5, 9.5],
    ['pending', 'firing', 'firing', 'firing', 'firing', 'firing'],
  ],
  [
    'it is resolved when it was well for as long, and begins anew',
    'server-errors',
    10,
    2,
    [10, 10, 10, 1, 10, 1, 1, 1, 1, 10],
    ['pending', 'pending', 'firing', 'firing', 'firing', 'firing', 'firing', 'resolved', 'resolved', 'pending'],
  ],
  [
    'nothing to measure changes nothing',
    'latency',
    100,
    1,
    [100, 100, null, null],
    ['pending', 'firing', 'firing', 'firing'],
  ],
  [
    'traffic is gone below it',
    'no-traffic',
    1,
    1,
    [5, 0, 0, 1, 2, 2],
    ['ok', 'pending', 'firing', 'firing', 'firing', 'resolved'],
  ],
] as const) {
  test(title, () => assert.deepEqual(states(kind, threshold, forMinutes, values), wanted))
}

test('it fires only after having been breached for so long, and is resolved only after having been well for so long', () => {
  const values = fc.array(fc.option(fc.integer({ min: 0, max: 20 })), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(values, fc.nat({ max: 5 }), (all, forMinutes) => {
      const seen = states('latency', 10, forMinutes, all)
      for (const [i, state] of seen.entries()) {
        if (state === seen[i - 1]) continue
        const last = all.slice(i - forMinutes, i + 1)
        if (state === 'firing') assert.ok(last.length === forMinutes + 1 && last.every((one) => (one ?? 0) >= 10))
        if (state === 'resolved') assert.ok(last.every((one) => one !== null && one < 9))
      }
    }),
  )
})

test('what is measured', () => {
  const window = new Tally()
  for (const [status, count] of [
    [200, 96],
    [404, 3],
    [503, 1],
  ] as const)
    window.add(STATUS + status, count)
  window.add(TOTAL_TIME + bucketOf(50_000), 98)
  window.add(TOTAL_TIME + bucketOf(900_000), 2)
  const of = (kind: AlertKind, minCalls = 20) => measured({ kind, minCalls }, window)
  assert.deepEqual([of('server-errors'), of('client-errors'), of('no-traffic')], [1, 3, 100])
  assert.ok(Math.abs((of('latency') ?? 0) - 900) < 900 / 64 + 1)
  assert.equal(of('server-errors', 101), null)
  assert.equal(measured({ kind: 'latency', minCalls: 0 }, new Tally()), null)
  assert.equal(measured({ kind: 'no-traffic', minCalls: 20 }, new Tally()), 0)
})
