import fc from 'fast-check'
import { BACKEND_TIME, REASON, STATUS, TOTAL_TIME, type TrafficDelta } from '../model/traffic.ts'
import { Tally } from './tally.ts'

/** Traffic for properties. */

const cell = fc.oneof(
  fc.integer({ min: TOTAL_TIME, max: TOTAL_TIME + 863 }),
  fc.integer({ min: BACKEND_TIME, max: BACKEND_TIME + 863 }),
  fc.integer({ min: STATUS, max: STATUS + 599 }),
  fc.integer({ min: 3_072, max: 3_077 }),
)
const count = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 ** 40 }))
const reason = fc.constantFrom('\nnot-found', 'key-auth\nunauthorized', 'mock\n')

/** What a test knows a tally by: each of its counts, in order. */
export function countsOf(tally: Tally): [string | number, number][] {
  return [
    ...tally.cells.map((one, i): [number, number] => [one, tally.counts[i] ?? 0]),
    ...[...(tally.reasons ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)),
  ]
}

export const arbitraryTally = fc
  .record({ cells: fc.array(fc.tuple(cell, count)), reasons: fc.array(fc.tuple(reason, count), { maxLength: 3 }) })
  .map(({ cells, reasons }) => {
    const tally = new Tally()
    for (const [one, times] of cells) tally.add(one, times)
    for (const [one, times] of reasons) tally.addReason(one, times)
    return tally
  })

const stageId = fc.constantFrom('', 'stage-a', 'stage-b')
const seriesKey = fc.oneof(
  fc.record({ stageId, kind: fc.constant('route' as const), id: fc.constantFrom('', 'r1', 'r2', 'r3') }),
  fc.record({
    stageId: fc.constant('stage-a'),
    kind: fc.constantFrom('key' as const, 'plan' as const),
    id: fc.constantFrom('k1', 'k2'),
  }),
)

/** Deltas of a few minutes, as workers post them: in any order. */
export const arbitraryDelta = (minutes: { min: number; max: number }): fc.Arbitrary<TrafficDelta> =>
  fc
    .record({
      minute: fc.integer(minutes),
      series: fc.uniqueArray(seriesKey, { minLength: 1, maxLength: 5, selector: (key) => JSON.stringify(key) }),
      counts: fc.array(fc.tuple(fc.nat(), cell, count), { minLength: 1, maxLength: 30 }),
      reasons: fc.array(fc.tuple(fc.nat(), fc.nat({ max: 1 }), count), { maxLength: 3 }),
    })
    .map(({ minute, series, counts, reasons }) => ({
      minute,
      series,
      cells: new Float64Array([
        ...counts.flatMap(([place, one, times]) => [place % series.length, one, times]),
        ...reasons.flatMap(([place, one, times]) => [place % series.length, REASON + one, times]),
      ]),
      reasons: [
        { plugin: 'key-auth', code: 'unauthorized' },
        { plugin: '', code: 'not-found' },
      ],
    }))
