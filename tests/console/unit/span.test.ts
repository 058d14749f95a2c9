import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  before,
  presetOf,
  refetchMs,
  type SpanSearch,
  spanBetween,
  spanQuery,
  wider,
} from '../../../console/src/features/dashboard/span.ts'

describe('a span of time as the address says it', () => {
  for (const [what, search, query, preset, refetch] of [
    ['nothing is the last hour', {}, { from: '1h' }, '1h', 5_000],
    ['live is the last minutes', { from: 'live' }, { from: '5m' }, 'live', 5_000],
    ['a preset until now', { from: '7d' }, { from: '7d' }, '7d', 60_000],
    ['something of one’s own until now', { from: '3h' }, { from: '3h' }, null, 60_000],
    [
      'what is over is not read again',
      { from: '2030-01-01T00:00:00Z', to: '2030-01-01T01:00:00Z' },
      { from: '2030-01-01T00:00:00Z', to: '2030-01-01T01:00:00Z' },
      null,
      false,
    ],
  ] as [string, SpanSearch, object, string | null, number | false][]) {
    test(what, () => {
      assert.deepEqual(spanQuery(search), query)
      assert.equal(presetOf(search), preset)
      assert.equal(refetchMs(search), refetch)
    })
  }

  test('what is dragged over is within the span by whole minutes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 1e10 }), (from, length) => {
        const span = spanBetween(from, from + length)
        const [start, end] = [Date.parse(span.from), Date.parse(span.to)]
        assert.ok(start <= from && end >= from + length && start % 60_000 === 0 && end % 60_000 === 0)
        assert.ok(end - start < length + 120_000)
      }),
    )
  })

  test('the span before ends where this one begins, and is as long', () => {
    assert.deepEqual(before('2030-01-02T00:00:00.000Z', '2030-01-03T00:00:00.000Z'), {
      from: '2030-01-01T00:00:00.000Z',
      to: '2030-01-02T00:00:00.000Z',
    })
  })

  test('a wider one has the old one in its middle, and does not reach into the future', () => {
    const at = (text: string) => Date.parse(`2030-01-01T${text}:00Z`)
    const iso = (text: string) => new Date(at(text)).toISOString()
    assert.deepEqual(wider(at('10:00'), at('12:00'), at('20:00')), { from: iso('09:00'), to: iso('13:00') })
    assert.deepEqual(wider(at('10:00'), at('12:00'), at('12:00')), { from: iso('09:00'), to: iso('12:00') })
  })
})
