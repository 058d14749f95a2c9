import { ValueType } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import type { Family, HistogramValue, Labels } from './metric.ts'
import { hrTime, type Scope } from './otlp-spans.ts'

/** The families of `/metrics` in the form that OpenTelemetry's own packages encode: cumulative, by the same names. */

/** A family as it goes to another thread: its points as they were at that moment. */
export type SentFamily = Omit<Family, 'points'> & {
  readonly points: readonly (readonly [Labels['values'], number | HistogramValue])[]
  readonly bounds?: readonly number[]
}

/** Takes down what the families say now. */
export function taken(families: readonly Family[]): SentFamily[] {
  return families.map((family) => ({
    ...family,
    points: Array.from<readonly [Labels, number | HistogramValue], SentFamily['points'][number]>(
      family.points,
      ([{ values }, value]) => [
        present(values),
        typeof value === 'number' ? value : { counts: value.counts.slice(), sum: value.sum },
      ],
    ),
  }))
}

/** When what is counted began, and when it was taken down, in milliseconds since the Unix epoch. */
export interface Span {
  readonly since: number
  readonly until: number
}

export function toResourceMetrics(
  families: readonly SentFamily[],
  span: Span,
  resource: Resource,
  scope: Scope,
): ResourceMetrics {
  return { resource, scopeMetrics: [{ scope, metrics: families.map((family) => toMetricData(family, span)) }] }
}

const units = { seconds: 's', bytes: 'By' } as const

function toMetricData({ name, help, unit, type, points, bounds = [] }: SentFamily, { since, until }: Span): MetricData {
  const common = {
    descriptor: { name, description: help, unit: unit === undefined ? '' : units[unit], valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  }
  const times = { startTime: hrTime(since), endTime: hrTime(until) }
  if (type === 'histogram') {
    const dataPoints = points.flatMap(([attributes, value]) =>
      typeof value === 'number' ? [] : { ...times, attributes, value: toHistogram(value, bounds) },
    )
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints }
  }
  const dataPoints = points.flatMap(([attributes, value]) =>
    typeof value === 'number' ? { ...times, attributes, value } : [],
  )
  if (type === 'gauge') return { ...common, dataPointType: DataPointType.GAUGE, dataPoints }
  return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
}

function toHistogram({ counts, sum }: HistogramValue, bounds: readonly number[]) {
  const count = counts.reduce((total, one) => total + one, 0)
  return { buckets: { boundaries: [...bounds], counts: [...counts] }, sum, count }
}

/** An empty label is as none. */
function present(values: Labels['values']): Labels['values'] {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}
