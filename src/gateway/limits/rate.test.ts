import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RateRule } from '../../plugins/plugin.ts'
import { Decision, FULL, LOCKED, Rate } from './rate.ts'
import { RateTable, rateTableMemory } from './rate-table.ts'

const rule = fc.record({
  requests: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1_000_000 })),
  periodMs: fc.constantFrom(1_000, 60_000, 3_600_000),
  burst: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 1_000_000 })),
})

/** Pauses between arrivals, in milliseconds: crowds, trickles, and silences of hours and of weeks. */
const pauses = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 6, arbitrary: fc.double({ min: 0, max: 5, noNaN: true }) },
    { weight: 3, arbitrary: fc.double({ min: 0, max: 5_000, noNaN: true }) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1e7, noNaN: true }) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 3e9, noNaN: true }) },
  ),
  { minLength: 1, maxLength: 300, size: 'max' },
)

function timesOf(startMs: number, gaps: readonly number[]): number[] {
  let now = startMs
  return gaps.map((gap) => {
    now += gap
    return now
  })
}

/** A bucket of tokens with exact fractions: `burst` tokens of 1, which come back one by one. Slow, and it never goes round. */
class ExactBucket {
  private readonly perMs: number
  private readonly burst: number
  private tokens: number
  private at = Number.NEGATIVE_INFINITY

  constructor({ requests, periodMs, burst }: RateRule) {
    this.perMs = requests / periodMs
    this.burst = burst
    this.tokens = burst
  }

  /** Tokens that are there at a time. */
  tokensAt(ms: number): number {
    return this.at === Number.NEGATIVE_INFINITY
      ? this.burst
      : Math.min(this.burst, this.tokens + (ms - this.at) * this.perMs)
  }

  take(ms: number): void {
    this.tokens = this.tokensAt(ms) - 1
    this.at = ms
  }
}

/** One key of a table with room: the way in which every limit of the gateway asks. */
function asker(rule: RateRule): (ms: number) => number {
  const table = new RateTable(rateTableMemory(16))
  const rate = new Rate(rule)
  return (ms) => table.take(rate, 3, 77, ms)
}

test('it says what an exact bucket says, but for a tick', () => {
  fc.assert(
    fc.property(rule, fc.double({ min: 0, max: 1e10, noNaN: true }), pauses, (rule, start, gaps) => {
      const take = asker(rule)
      const exact = new ExactBucket(rule)
      // A tick is a part of a token; every request rounds by at most one, and so do doubles.
      const tolerance = 2 / new Rate(rule).increment + 1e-6
      let taken = 0
      for (const ms of timesOf(start, gaps)) {
        const before = exact.tokensAt(ms)
        const result = take(ms)
        if (result >= 0) {
          assert.ok(before >= 1 - tolerance * (taken + 1), `admitted with ${before} tokens`)
          exact.take(ms)
          taken++
          assert.ok(Math.abs(result - Math.floor(exact.tokensAt(ms))) <= 1, `${result} left of ${exact.tokensAt(ms)}`)
        } else {
          assert.ok(before < 1 + tolerance, `refused with ${before} tokens`)
          // After so long one can come, and not much earlier.
          const { requests, periodMs } = rule
          const wait = ((1 - before) * periodMs) / requests
          assert.ok(
            Math.abs(-result - wait) <= 1 + (tolerance * (taken + 1) * periodMs) / requests,
            `${-result}, not ${wait}`,
          )
        }
      }
    }),
    { numRuns: 400 },
  )
})

test('in no window come more than rate × time + burst', () => {
  fc.assert(
    fc.property(rule, fc.double({ min: 0, max: 1e10, noNaN: true }), pauses, (rule, start, gaps) => {
      const take = asker(rule)
      const admitted = timesOf(start, gaps).filter((ms) => take(ms) >= 0)
      for (let first = 0; first < admitted.length; first++) {
        for (let last = first; last < admitted.length; last++) {
          const ms = (admitted[last] ?? 0) - (admitted[first] ?? 0)
          const bound = (rule.requests * ms) / rule.periodMs + rule.burst
          assert.ok(
            last - first + 1 <= bound + 1 / new Rate(rule).increment + 1e-6,
            `${last - first + 1} in ${ms} ms, at most ${bound}`,
          )
        }
      }
    }),
    { numRuns: 100 },
  )
})

test('who waits as long as they were told gets in', () => {
  fc.assert(
    fc.property(rule, fc.integer({ min: 1, max: 2_000 }), (rule, count) => {
      const take = asker(rule)
      let now = 1e6
      for (let i = 0; i < count; i++) {
        const result = take(now)
        if (result >= 0) continue
        now -= result
        assert.ok(take(now) >= 0)
      }
    }),
    { numRuns: 100 },
  )
})

test('no bucket has a state that means something else', () => {
  // A rate whose ticks meet every power of two.
  const rate = new Rate({ requests: 2, periodMs: 1_000, burst: 1 })
  const decision = new Decision()
  for (let ms = 0; ms < 4_096_000; ms += 500) {
    rate.decide(FULL, ms, decision)
    assert.ok(decision.result >= 0 && decision.next !== FULL && decision.next !== LOCKED)
  }
})

test('a number that came round is not taken for one of today', () => {
  const rate = new Rate({ requests: 1_000_000, periodMs: 1_000, burst: 10 })
  const decision = new Decision()
  // Half of 2^32 ticks and more go by.
  for (let ms = 0; ms < 3e6; ms += 7_919) {
    rate.decide(1, ms, decision)
    assert.ok(decision.result >= -1)
  }
})

test('with more keys than slots nobody is refused who has tokens, and it is counted', () => {
  const table = new RateTable(rateTableMemory(16))
  const rule = { requests: 10, periodMs: 1_000, burst: 2 }
  const rate = new Rate(rule)
  const exact = new Map<number, ExactBucket>()
  for (let i = 0; i < 5_000; i++) {
    const key = 1 + ((i * 7_919) % 200)
    const ms = i * 0.5
    const bucket = exact.get(key) ?? new ExactBucket(rule)
    exact.set(key, bucket)
    if (table.take(rate, key, key * 31, ms) >= 0) bucket.take(ms)
    else assert.ok(bucket.tokensAt(ms) < 1.01)
  }
  assert.ok(table.evictions > 0)
})

test('slots of keys that are quiet are used again, and nothing is lost', () => {
  const table = new RateTable(rateTableMemory(16))
  const rate = new Rate({ requests: 100, periodMs: 1_000, burst: 1 })
  for (let i = 0; i < 10_000; i++) {
    const ms = i * 1_000
    assert.equal(table.take(rate, i, i + 1, ms), 0)
    assert.ok(table.take(rate, i, i + 1, ms + 1) < 0)
  }
  assert.equal(table.evictions, 0)
})

test('looking takes nothing', () => {
  const table = new RateTable(rateTableMemory(16))
  const rate = new Rate({ requests: 1, periodMs: 1_000, burst: 3 })
  for (let i = 0; i < 10; i++) assert.equal(table.peek(rate, 1, 1, 5), 2)
  table.take(rate, 1, 1, 5)
  assert.equal(table.peek(rate, 1, 1, 5), 1)
})

test('a table tells how full it is, of a sample where it is large', () => {
  const rate = new Rate({ requests: 1, periodMs: 60_000, burst: 1 })
  for (const slots of [1_024, 65_536]) {
    const table = new RateTable(rateTableMemory(slots))
    assert.equal(table.fill(0), 0)
    // Spread as hashes are.
    for (let i = 0; i < slots / 4; i++) table.take(rate, Math.imul(i, 0x9e37_79b1), i + 1, 0)
    assert.ok(Math.abs(table.fill(0) - 0.25) < 0.05, `${table.fill(0)}`)
    assert.equal(table.fill(120_000), 0)
  }
})
