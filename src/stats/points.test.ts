import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { granularities, MINUTES } from './granularity.ts'
import { areDaysWholeHours, isTimeZone, pointsOf, wholeSpan } from './points.ts'

const minuteOf = (time: string) => Date.parse(time) / 60_000
const days = (from: string, to: string, timeZone: string) => {
  const span = wholeSpan({ from: minuteOf(from), to: minuteOf(to) }, '1d', timeZone)
  return pointsOf(span, '1d', timeZone).map((point) => [
    new Date(point.from * 60_000).toISOString().slice(0, 16),
    (point.to - point.from) / 60,
  ])
}

for (const [title, from, to, timeZone, wanted] of [
  [
    'days of UTC',
    '2026-02-27T13:00Z',
    '2026-03-01T00:00Z',
    'UTC',
    [
      ['2026-02-27T00:00', 24],
      ['2026-02-28T00:00', 24],
    ],
  ],
  ['the 29th of February', '2028-02-29T12:00Z', '2028-02-29T13:00Z', 'UTC', [['2028-02-29T00:00', 24]]],
  [
    'the day of 23 hours in Berlin',
    '2026-03-28T12:00Z',
    '2026-03-30T12:00Z',
    'Europe/Berlin',
    [
      ['2026-03-27T23:00', 24],
      ['2026-03-28T23:00', 23],
      ['2026-03-29T22:00', 24],
    ],
  ],
  [
    'the day of 25 hours in New York',
    '2026-11-01T12:00Z',
    '2026-11-02T12:00Z',
    'America/New_York',
    [
      ['2026-11-01T04:00', 25],
      ['2026-11-02T05:00', 24],
    ],
  ],
  [
    'a day that begins at one, as midnight is left out in Santiago',
    '2026-09-05T12:00Z',
    '2026-09-06T12:00Z',
    'America/Santiago',
    [
      ['2026-09-05T04:00', 24],
      ['2026-09-06T04:00', 23],
    ],
  ],
  ['a day in Seoul', '2026-01-01T00:00Z', '2026-01-01T01:00Z', 'Asia/Seoul', [['2025-12-31T15:00', 24]]],
] as const) {
  test(title, () => assert.deepEqual(days(from, to, timeZone), wanted))
}

for (const [timeZone, wanted] of [
  ['UTC', true],
  ['Europe/Berlin', true],
  ['Asia/Kolkata', false],
  ['Asia/Kathmandu', false],
] as const) {
  test(`days in ${timeZone} are ${wanted ? '' : 'not '}whole hours`, () =>
    assert.equal(areDaysWholeHours(wholeSpan({ from: 29_000_000, to: 29_010_000 }, '1d', timeZone), timeZone), wanted))
}

for (const [name, wanted] of [
  ['UTC', true],
  ['Asia/Seoul', true],
  ['+02:00', false],
  ['Mars/Olympus', false],
  ['', false],
] as const) {
  test(`"${name}" is ${wanted ? 'a' : 'no'} time zone`, () => assert.equal(isTimeZone(name), wanted))
}

test('points are the whole span without gaps, and have what was asked for', () => {
  const zone = fc.constantFrom('UTC', 'Europe/London', 'America/Sao_Paulo', 'Pacific/Auckland')
  const start = fc.integer({ min: minuteOf('1999-01-01T00:00Z'), max: minuteOf('2035-01-01T00:00Z') })
  fc.assert(
    fc.property(
      start,
      fc.nat({ max: 20_000 }),
      fc.constantFrom(...granularities),
      zone,
      (from, length, granularity, timeZone) => {
        const to = from + length + 1
        const span = wholeSpan({ from, to }, granularity, timeZone)
        assert.ok(span.from <= from && to <= span.to)
        let at = span.from
        for (const point of pointsOf(span, granularity, timeZone)) {
          assert.equal(point.from, at)
          assert.ok(Math.abs(point.to - point.from - MINUTES[granularity]) <= 60)
          at = point.to
        }
        assert.equal(at, span.to)
      },
    ),
    { numRuns: 50 },
  )
})
