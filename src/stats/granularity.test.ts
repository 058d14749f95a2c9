import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Bucket, childrenOf, cover, granularityFor, MINUTES, parentsOf } from './granularity.ts'

const DAY = 1_440
const NOW = 20_000 * DAY + 617
const retention = { '1m': 7 * DAY, '10m': 30 * DAY, '1h': 90 * DAY, '1d': 90 * DAY }

for (const [title, from, to, wanted] of [
  ['an hour is shown in minutes', NOW - 60, NOW, '1m'],
  ['a day is shown in tens of minutes', NOW - DAY, NOW, '10m'],
  ['a week is shown in hours', NOW - 7 * DAY, NOW, '1h'],
  ['more is shown in days', NOW - 7 * DAY - 1, NOW, '1d'],
  ['an hour of which minutes are gone is shown in tens', NOW - 8 * DAY, NOW - 8 * DAY + 60, '10m'],
  ['an hour of which the tens are gone is shown in hours', NOW - 40 * DAY, NOW - 40 * DAY + 60, '1h'],
  ['an hour of which nothing is left is shown in days', NOW - 100 * DAY, NOW - 100 * DAY + 60, '1d'],
] as const) {
  test(title, () => assert.equal(granularityFor(from, to, NOW, retention), wanted))
}

test('a cover is exactly the span, without gaps and overlaps, of buckets that are ready', () => {
  const span = fc.tuple(fc.nat({ max: 10_000 }), fc.nat({ max: 10_000 }))
  fc.assert(
    fc.property(span, fc.func(fc.boolean()), ([from, length], isReady) => {
      const ready = ({ granularity, start }: Bucket) => isReady(granularity, start)
      let at = from
      for (const bucket of cover(from, from + length, ready)) {
        assert.equal(bucket.start, at)
        assert.equal(at % MINUTES[bucket.granularity], 0)
        assert.ok(bucket.granularity === '1m' || ready(bucket))
        at += MINUTES[bucket.granularity]
      }
      assert.equal(at, from + length)
    }),
  )
})

test('90 days up to now are few buckets', () => {
  const from = Math.floor(NOW / DAY) * DAY - 89 * DAY
  // 89 days, and of today ten hours, one ten and seven minutes.
  assert.equal(
    cover(from, NOW, ({ granularity, start }) => granularity !== '1d' || start + DAY <= NOW).length,
    89 + 10 + 1 + 7,
  )
})

test('every minute is among the children of its parents, level by level', () => {
  fc.assert(
    fc.property(fc.nat({ max: 30_000_000 }), (minute) => {
      let finer: Bucket = { granularity: '1m', start: minute }
      for (const parent of parentsOf(minute)) {
        const children = childrenOf(parent)
        assert.equal(children.granularity, finer.granularity)
        assert.ok(children.starts.includes(finer.start))
        assert.equal(children.starts.length * MINUTES[children.granularity], MINUTES[parent.granularity])
        finer = parent
      }
    }),
  )
})
