import type { Statistics, StatisticsPoint } from '../../api/model.ts'
import { type ChartData, type ChartSeries, chartColors } from '../../components/chart/series.ts'
import type { en } from './en.ts'
import { LIVE_STEPS } from './span.ts'

/** Statistics as what the charts show. */

/** What a live feed tells each second. */
export type LiveStep = Omit<StatisticsPoint, 'start'> & { readonly at: string }

/** A point; null where nothing is known of its time. */
interface Moment {
  readonly start: number
  readonly figures: Omit<StatisticsPoint, 'start'> | null
}

/** A span by its points, and the span before it by points of the same width. */
export interface Timeline {
  readonly from: number
  readonly to: number
  readonly stepMs: number
  readonly timeZone?: string
  readonly moments: readonly Moment[]
  readonly before: readonly Moment[] | null
}

const STEP_MS: Readonly<Record<Statistics['granularity'], number>> = {
  '1m': 60_000,
  '10m': 600_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
}
const SECOND_MS = 1_000
/** A feed tells of each second, but not to the millisecond. */
const GAP_MS = 2_500

export function timelineOf(now: Statistics, before: Statistics | null): Timeline {
  const moments = (points: readonly StatisticsPoint[]) =>
    points.map(({ start, ...figures }) => ({ start: Date.parse(start), figures }))
  return {
    from: Date.parse(now.from),
    to: Date.parse(now.to),
    stepMs: STEP_MS[now.granularity],
    timeZone: now.timeZone,
    moments: moments(now.points),
    before: before === null ? null : moments(before.points),
  }
}

/** The last minutes by the second. Where the feed was not there, there is a gap. */
export function liveTimeline(steps: readonly LiveStep[], now: number): Timeline {
  const moments: Moment[] = []
  for (const { at, ...figures } of steps) {
    const start = Date.parse(at) - SECOND_MS
    const last = moments.at(-1)
    if (last !== undefined && start - last.start > GAP_MS)
      moments.push({ start: last.start + SECOND_MS, figures: null })
    moments.push({ start, figures })
  }
  const last = moments.at(-1)
  const to = last === undefined ? now : last.start + SECOND_MS
  return { from: to - LIVE_STEPS * SECOND_MS, to, stepMs: SECOND_MS, moments, before: null }
}

type Say = (key: keyof typeof en, values?: Readonly<Record<string, string | number>>) => string
type Read = (figures: Omit<StatisticsPoint, 'start'>) => number | null

const valuesOf = (moments: readonly Moment[], read: Read) =>
  moments.map(({ figures }) => (figures === null ? null : read(figures)))

/** The charts of a timeline, by what they are called. */
export function chartsOf(timeline: Timeline, t: Say) {
  const { from, to, stepMs, timeZone, moments, before } = timeline
  const line = (name: string, color: ChartSeries['color'], read: Read): ChartSeries => ({
    name,
    color,
    kind: 'line',
    values: valuesOf(moments, read),
  })
  const layer = (name: string, color: ChartSeries['color'], read: Read): ChartSeries => ({
    ...line(name, color, read),
    kind: 'bar',
    isStacked: true,
  })
  const earlier = (name: string, read: Read): ChartSeries[] =>
    before === null
      ? []
      : [{ name, color: chartColors.none, kind: 'line', isDashed: true, values: valuesOf(before, read) }]
  const chart = (series: readonly ChartSeries[]): ChartData => ({
    times: moments.map(({ start }) => start),
    stepMs,
    from,
    to,
    series,
    ...(timeZone !== undefined && { timeZone }),
  })
  const percentiles = (of: 'latency' | 'backendLatency') =>
    chart([
      line('p50', chartColors.first, (point) => point[of].p50Ms),
      line('p90', chartColors.second, (point) => point[of].p90Ms),
      line('p95', chartColors.third, (point) => point[of].p95Ms),
      line('p99', chartColors.fourth, (point) => point[of].p99Ms),
      ...earlier(t('p99Before'), (point) => point[of].p99Ms),
    ])
  return {
    status: chart([
      ...statusClasses(moments, t).map(({ name, key, color }) =>
        layer(name, color, ({ statusClasses }) => statusClasses[key] ?? 0),
      ),
      ...earlier(t('callsBefore'), ({ calls }) => calls),
    ]),
    latency: percentiles('latency'),
    backend: percentiles('backendLatency'),
    failure: chart([
      line(t('failures'), chartColors.serverError, failureRatio),
      ...earlier(t('failuresBefore'), failureRatio),
    ]),
    traffic: chart([
      line(t('in'), chartColors.first, ({ bytesIn }) => bytesIn),
      line(t('out'), chartColors.third, ({ bytesOut }) => bytesOut),
    ]),
    gateway: chart([
      layer(t('byGateway'), chartColors.second, ({ byGateway }) => byGateway),
      layer(t('aborted'), chartColors.none, ({ aborted }) => aborted),
    ]),
  }
}

const failureRatio: Read = ({ calls, failures }) => (calls === 0 ? null : failures / calls)

/** The classes that there are; those of answers always. */
function statusClasses(moments: readonly Moment[], t: Say) {
  const isThere = (key: string) => moments.some(({ figures }) => (figures?.statusClasses[key] ?? 0) > 0)
  return [
    { key: '1xx', name: '1xx', color: chartColors.first, isAlways: false },
    { key: '2xx', name: '2xx', color: chartColors.good, isAlways: true },
    { key: '3xx', name: '3xx', color: chartColors.moved, isAlways: true },
    { key: '4xx', name: '4xx', color: chartColors.clientError, isAlways: true },
    { key: '5xx', name: '5xx', color: chartColors.serverError, isAlways: true },
    { key: 'none', name: t('noAnswer'), color: chartColors.none, isAlways: false },
  ].filter(({ key, isAlways }) => isAlways || isThere(key))
}
