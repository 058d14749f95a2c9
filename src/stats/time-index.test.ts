import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BUCKETS } from '../lib/log-histogram.ts'
import { TOTAL_TIME } from '../model/traffic.ts'
import { Tally } from './tally.ts'
import { eachTotalTime, encodeBlock } from './tally-codec.ts'
import { SlowestSeries, TimeIndexWriter } from './time-index.ts'

/** Times of one series in one bucket: cells and their counts. */
const times = fc.array(
  fc.record({
    cell: fc.oneof(fc.integer({ min: 0, max: BUCKETS - 1 }), fc.integer({ min: 500, max: 540 })),
    count: fc.constantFrom(1, 2, 99, 5_000),
  }),
  { minLength: 1, maxLength: 6 },
)
/** Buckets by place; those that are not indexed are added one by one. */
const buckets = fc.array(
  fc.record({ isIndexed: fc.boolean(), series: fc.array(fc.option(times, { freq: 2 }), { maxLength: 8 }) }),
  { maxLength: 5 },
)

function tallyOf(all: readonly { cell: number; count: number }[]): Tally {
  const tally = new Tally()
  for (const { cell, count } of all) tally.add(TOTAL_TIME + cell, count)
  return tally
}

/** The cell of a percentile, by nearest rank, counted out. */
function cellOf(tally: Tally, share: number): number {
  const total = tally.sum(TOTAL_TIME, TOTAL_TIME + BUCKETS)
  const rank = Math.max(1, Math.ceil(share * total))
  let [below, found] = [0, -1]
  tally.each(TOTAL_TIME, TOTAL_TIME + BUCKETS, (cell, count) => {
    if (below < rank) found = cell
    below += count
  })
  return found
}

test('the slowest are found in the order of their percentiles, whether their times are in rows or by themselves', () => {
  fc.assert(
    fc.property(buckets, fc.constantFrom(0.95, 0.99), fc.integer({ min: 1, max: 8 }), (all, share, least) => {
      const sums = Array.from({ length: 8 }, () => new Tally())
      const rows = new Map<number, Uint8Array[]>()
      const loose: [number, Tally][] = []
      for (const { isIndexed, series } of all) {
        const writer = new TimeIndexWriter()
        for (const [place, of] of series.entries()) {
          if (of === null) continue
          const tally = tallyOf(of)
          sums[place]?.merge(tally)
          if (isIndexed) writer.add(place, tally)
          else loose.push([place, tally])
        }
        for (const { row, data } of writer.take()) rows.set(row, [...(rows.get(row) ?? []), data])
      }
      const slowest = new SlowestSeries(8, share, (place) => sums[place]?.sum(TOTAL_TIME, TOTAL_TIME + BUCKETS) ?? 0)
      for (const [place, tally] of loose)
        eachTotalTime(place, encodeBlock(new Map([[0, tally]])), (at, cell, count) => slowest.add(at, cell, count))
      for (const row of [...new Set([...rows.keys(), ...slowest.looseRows])].sort((a, b) => b - a)) {
        if (slowest.found.size >= least) break
        slowest.takeRow(row, rows.get(row) ?? [])
      }
      const wanted = sums.flatMap((sum, place) =>
        sum.cells.length === 0 ? [] : [[place, cellOf(sum, share)] as const],
      )
      for (const [place, cell] of slowest.found) assert.equal(cell, new Map(wanted).get(place))
      assert.ok(slowest.found.size >= Math.min(least, wanted.length))
      const lowest = Math.min(...slowest.found.values())
      for (const [place, cell] of wanted)
        if (!slowest.found.has(place)) assert.ok(cell < lowest, `${place} was left out`)
    }),
    { numRuns: 500 },
  )
})

test('series that are of no interest are not looked for', () => {
  const writer = new TimeIndexWriter()
  for (const place of [0, 7, 40]) writer.add(place, tallyOf([{ cell: 100 + place, count: 1 }]))
  const slowest = new SlowestSeries(41, 0.99, (place) => (place === 40 ? 0 : 1))
  for (const { row, data } of writer.take().reverse()) slowest.takeRow(row, [data])
  assert.deepEqual([...slowest.found].sort(), [
    [0, 100],
    [7, 107],
  ])
})
