import type { Units } from '../../i18n/units.ts'
import type { ChartData, ChartSeries } from './series.ts'

/** A chart's data as what ECharts takes. */

/** What a chart is drawn with: the colours of the page, as it is now. */
export interface ChartTheme {
  readonly scheme: 'light' | 'dark'
  /** The value of a CSS variable. */
  colorOf(variable: string): string
  readonly fontFamily: string
}

const DAY_MS = 86_400_000
const LIVE_MS = 600_000
const STACK = 'all'

export function chartOption(data: ChartData, format: (value: number) => string, units: Units, theme: ChartTheme) {
  const text = theme.colorOf('--mantine-color-dimmed')
  const line = theme.colorOf('--mantine-color-default-border')
  const label = { color: text, fontFamily: theme.fontFamily, fontSize: 11 }
  return {
    // It is read, not watched: and to draw it twenty times keeps a phone busy.
    animation: false,
    grid: { left: 8, right: 16, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: 'time',
      min: data.from,
      max: data.to,
      axisLabel: { ...label, hideOverlap: true, formatter: (ms: number) => tickOf(ms, data, units) },
      axisLine: { lineStyle: { color: line } },
      axisTick: { lineStyle: { color: line } },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      splitNumber: 4,
      axisLabel: { ...label, formatter: format },
      splitLine: { lineStyle: { color: line } },
    },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      axisPointer: { type: 'line', lineStyle: { color: text } },
      backgroundColor: theme.colorOf('--mantine-color-body'),
      borderColor: line,
      textStyle: { color: theme.colorOf('--mantine-color-text'), fontFamily: theme.fontFamily, fontSize: 12 },
    },
    series: data.series.map((series) => seriesOption(series, data, theme)),
  }
}

function seriesOption(series: ChartSeries, { times, stepMs }: ChartData, theme: ChartTheme) {
  const color = theme.colorOf(`--mantine-color-${series.color[theme.scheme]}`)
  // A point is in the middle of the time that it tells of.
  const data = times.map((start, i) => [start + stepMs / 2, series.values[i] ?? null])
  const common = { id: `${series.name} ${series.isDashed === true}`, name: series.name, data, color }
  if (series.kind === 'bar')
    return {
      ...common,
      type: 'bar' as const,
      ...(series.isStacked === true && { stack: STACK }),
      barCategoryGap: '15%',
      emphasis: { disabled: true },
    }
  return {
    ...common,
    type: 'line' as const,
    // A single point between two gaps is seen all the same.
    showSymbol: hasLonelyPoint(series.values),
    symbolSize: 4,
    connectNulls: false,
    lineStyle: {
      width: series.isDashed === true ? 1.5 : 2,
      type: series.isDashed === true ? 'dashed' : 'solid',
      color,
    },
    emphasis: { disabled: true },
  }
}

function hasLonelyPoint(values: readonly (number | null)[]): boolean {
  return values.some(
    (value, i) => value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null,
  )
}

/** The time at a tick: a day where one begins, or where there is nothing but days. */
function tickOf(ms: number, { from, to, timeZone }: ChartData, units: Units): string {
  const span = to - from
  if (span <= LIVE_MS) return units.second(ms)
  if (span > 8 * DAY_MS) return units.day(ms, timeZone)
  const clock = units.clock(ms)
  return clock === '00:00' ? units.day(ms) : clock
}

/** The time that a point tells of, in words. */
export function pointLabel(start: number, { stepMs, timeZone }: ChartData, units: Units): string {
  if (stepMs >= DAY_MS) return units.day(start, timeZone)
  if (stepMs < 60_000) return units.second(start)
  return `${units.dayAndClock(start)} – ${units.clock(start + stepMs)}`
}
