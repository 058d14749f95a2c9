import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type SeriesKey, STATUS, type TrafficDelta } from '../model/traffic.ts'
import { arbitraryDelta, countsOf } from './arbitrary-traffic.ts'
import { DeltaReader, Gathered, keptName, OTHER } from './gathered.ts'

const contents = (gathered: Gathered) =>
  [...gathered.series]
    .map(({ key, tally }) => [keptName(key), countsOf(tally)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))

function gather(deltas: readonly TrafficDelta[], { most = 1_000, maxSeries = 100 } = {}): Gathered {
  const gathered = new Gathered(maxSeries)
  for (const delta of deltas) {
    const reader = new DeltaReader(delta)
    while (!reader.read(most, (key) => [gathered.of(key)]));
  }
  return gathered
}

test('deltas give the same in any order, and in pieces of any size', () => {
  const deltas = fc.array(arbitraryDelta({ min: 7, max: 7 }), { maxLength: 5 })
  fc.assert(
    fc.property(deltas, fc.integer({ min: 1, max: 10 }), (all, most) => {
      const wanted = contents(gather(all))
      assert.deepEqual(contents(gather(all.toReversed(), { most })), wanted)
    }),
  )
})

test('rows of the journal add up to what they were made of', () => {
  const deltas = fc.array(arbitraryDelta({ min: 7, max: 7 }), { maxLength: 5 })
  fc.assert(
    fc.property(deltas, (all) => {
      const read = new Gathered(100)
      for (const delta of all) read.addEncoded(gather([delta]).encode())
      assert.deepEqual(contents(read), contents(gather(all)))
    }),
  )
})

test('beyond the most series of a stage and kind, the rest is one that says so', () => {
  const series = [...'abcde'].map((id): SeriesKey => ({ stageId: 's', kind: 'key', id }))
  const elsewhere: SeriesKey = { stageId: 't', kind: 'key', id: 'a' }
  const all = [...series, elsewhere]
  const cells = new Float64Array(all.flatMap((_, i) => [i, STATUS + 200, 10 ** i]))
  const gathered = gather([{ minute: 1, series: all, cells, reasons: [] }], { maxSeries: 2 })
  assert.deepEqual(contents(gathered), [
    ['key\ns\n*', [[STATUS + 200, 11_100]]],
    ['key\ns\na', [[STATUS + 200, 1]]],
    ['key\ns\nb', [[STATUS + 200, 10]]],
    ['key\nt\na', [[STATUS + 200, 100_000]]],
  ])
  assert.equal(gathered.find({ stageId: 's', kind: 'key', id: OTHER })?.calls, 11_100)
})
