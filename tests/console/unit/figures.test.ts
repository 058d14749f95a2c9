import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Statistics, StatisticsPoint } from '../../../console/src/api/model.ts'
import { chartOption, pointLabel } from '../../../console/src/components/chart/option.ts'
import { en } from '../../../console/src/features/dashboard/en.ts'
import { chartsOf, type LiveStep, liveTimeline, timelineOf } from '../../../console/src/features/dashboard/figures.ts'
import { unitsOf } from '../../../console/src/i18n/units.ts'

const say = (key: keyof typeof en) => en[key]
const units = unitsOf('en')
const none = { meanMs: null, p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null }

function figures(calls: number, failures = 0): Omit<StatisticsPoint, 'start'> {
  const latency = calls === 0 ? none : { meanMs: 2, p50Ms: 1, p90Ms: 2, p95Ms: 3, p99Ms: 4 }
  return {
    calls,
    failures,
    successes: calls - failures,
    statusClasses: { '2xx': calls - failures, '5xx': failures },
    byGateway: 0,
    aborted: 0,
    bytesIn: 10 * calls,
    bytesOut: 20 * calls,
    latency,
    backendLatency: latency,
  }
}

function statistics(start: string, calls: readonly number[]): Statistics {
  const from = Date.parse(start)
  return {
    from: start,
    to: new Date(from + calls.length * 60_000).toISOString(),
    granularity: '1m',
    timeZone: 'UTC',
    totals: { ...figures(0), statuses: {}, reasons: [] },
    previous: null,
    points: calls.map((count, i) => ({ start: new Date(from + i * 60_000).toISOString(), ...figures(count, 1) })),
  }
}

describe('statistics as charts', () => {
  const now = statistics('2030-01-01T12:00:00.000Z', [4, 0, 2])
  now.points[1] = { start: now.points[1]?.start ?? '', ...figures(0) }

  test('where nothing was called there is no time and no share of failures, but there are 0 calls', () => {
    const { status, latency, failure } = chartsOf(timelineOf(now, null), say)
    const values = (chart: typeof status, name: string) => chart.series.find((one) => one.name === name)?.values
    assert.deepEqual(values(status, '2xx'), [3, 0, 1])
    assert.deepEqual(values(status, '5xx'), [1, 0, 1])
    assert.deepEqual(values(latency, 'p99'), [4, null, 4])
    assert.deepEqual(values(failure, 'Failures'), [0.25, null, 0.5])
  })

  test('classes that nobody got are not there, but those of answers always are', () => {
    const names = chartsOf(timelineOf(now, null), say).status.series.map(({ name }) => name)
    assert.deepEqual(names, ['2xx', '3xx', '4xx', '5xx'])
  })

  test('the span before lies under this one, dashed, at the same places', () => {
    const earlier = statistics('2030-01-01T11:57:00.000Z', [7, 8, 9])
    const { status } = chartsOf(timelineOf(now, earlier), say)
    const dashed = status.series.filter(({ isDashed }) => isDashed === true)
    assert.deepEqual(
      dashed.map(({ name, values }) => [name, values]),
      [['Calls before', [7, 8, 9]]],
    )
    assert.equal(status.times[0], Date.parse('2030-01-01T12:00:00Z'))
  })

  test('seconds of a feed have a gap where it was not there', () => {
    const step = (second: number): LiveStep => ({
      at: new Date(Date.UTC(2030, 0, 1, 12, 0, second)).toISOString(),
      ...figures(second, 0),
    })
    const timeline = liveTimeline([step(1), step(2), step(9)], 0)
    const { status } = chartsOf(timeline, say)
    assert.deepEqual(status.series[0]?.values, [1, 2, null, 9])
    assert.equal(timeline.to, Date.UTC(2030, 0, 1, 12, 0, 9))
    assert.equal(timeline.to - timeline.from, 300_000)
  })

  test('an empty feed is an empty chart that ends now', () => {
    assert.deepEqual(liveTimeline([], 1_000_000).moments, [])
    assert.equal(liveTimeline([], 1_000_000).to, 1_000_000)
  })

  test('points are drawn in the middle of their time, gaps are not bridged, reduced motion is respected', () => {
    const { latency } = chartsOf(timelineOf(now, null), say)
    const theme = { scheme: 'dark', colorOf: (name: string) => name, fontFamily: 'x' } as const
    const option = chartOption(latency, units.ms, units, theme)
    assert.equal(option.animation, false)
    const [p50] = option.series
    assert.ok(p50?.type === 'line')
    assert.equal(p50.connectNulls, false)
    assert.deepEqual(p50.data[1], [Date.parse('2030-01-01T12:01:30Z'), null])
    assert.equal(p50.color, '--mantine-color-cyan-4')
  })

  test('a point says from when to when it is', () => {
    const { latency } = chartsOf(timelineOf(now, null), say)
    const day = { ...latency, stepMs: 86_400_000, timeZone: 'Asia/Seoul' }
    assert.equal(pointLabel(Date.parse('2030-01-01T15:00:00Z'), day, units), 'Jan 2')
    assert.match(pointLabel(latency.times[0] ?? 0, latency, units), /^Jan 1, \d\d:00 – \d\d:01$/)
  })
})
