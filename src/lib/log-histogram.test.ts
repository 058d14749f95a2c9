import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { BUCKETS, bucketMiddle, bucketOf, bucketStart, type HistogramPart, percentiles } from './log-histogram.ts'

const cases: readonly [value: number, bucket: number][] = [
  [-1, 0],
  [0, 0],
  [0.9, 0],
  [1, 1],
  [31, 31],
  [32, 32],
  [63, 63],
  [64, 64],
  [65, 64],
  [66, 65],
  [127, 95],
  [128, 96],
  [2 ** 31 - 1, BUCKETS - 1],
  [2 ** 31, BUCKETS - 1],
  [2 ** 40, BUCKETS - 1],
  [Number.POSITIVE_INFINITY, BUCKETS - 1],
]
for (const [value, bucket] of cases)
  test(`${value} is in bucket ${bucket}`, () => assert.equal(bucketOf(value), bucket))

test('buckets follow one another without a gap', () => {
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    assert.equal(bucketOf(bucketStart(bucket)), bucket)
    if (bucket > 0) assert.equal(bucketOf(bucketStart(bucket) - 1), bucket - 1)
  }
})

test('the middle of its bucket tells a value to 1/64', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (value) => {
      assert.ok(Math.abs(bucketMiddle(bucketOf(value)) - value) <= value / 64)
    }),
  )
})

/** Values as response times are: from a microsecond to a minute, most of them small. */
const times = fc.array(
  fc.double({ min: 0, max: 26, noNaN: true }).map((power) => Math.floor(2 ** power)),
  { minLength: 1, maxLength: 500 },
)
const SHARES = [0, 0.01, 0.5, 0.9, 0.95, 0.99, 1]

const histogramOf = (values: readonly number[]) => {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1)
  return counts
}

/** In the middle of other numbers, as it stands in a tally. */
const partOf = (histogram: ReadonlyMap<number, number>): HistogramPart => {
  const sorted = [...histogram].sort(([a], [b]) => a - b)
  const buckets = [7, ...sorted.map(([bucket]) => bucket + 1_000), 5_000]
  return {
    buckets,
    counts: [99, ...sorted.map(([, count]) => count), 99],
    from: 1,
    to: buckets.length - 1,
    base: 1_000,
  }
}

describe('percentiles', () => {
  test('are those of the values themselves, to 1/64', () => {
    fc.assert(
      fc.property(times, (values) => {
        const sorted = values.toSorted((a, b) => a - b)
        const found = percentiles(partOf(histogramOf(values)), SHARES)
        for (const [i, share] of SHARES.entries()) {
          const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0
          assert.ok(Math.abs((found[i] ?? -1) - exact) <= exact / 64, `${share}: ${found[i]} for ${exact}`)
        }
      }),
    )
  })

  test('of merged histograms are those of all values', () => {
    fc.assert(
      fc.property(times, times, (some, others) => {
        const merged = histogramOf(some)
        for (const [bucket, count] of histogramOf(others)) merged.set(bucket, (merged.get(bucket) ?? 0) + count)
        assert.deepEqual(
          percentiles(partOf(merged), SHARES),
          percentiles(partOf(histogramOf([...some, ...others])), SHARES),
        )
      }),
    )
  })

  test('of nothing are none', () => assert.deepEqual(percentiles(partOf(new Map()), [0.5, 0.99]), [null, null]))
})
