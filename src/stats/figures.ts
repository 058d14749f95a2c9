import { percentiles } from '../lib/log-histogram.ts'
import type { Figures, Latency, Totals } from '../model/statistics.ts'
import {
  ABORTED,
  BACKEND_MICROS,
  BACKEND_TIME,
  BY_GATEWAY,
  BYTES_IN,
  BYTES_OUT,
  STATUS,
  TOTAL_MICROS,
  TOTAL_TIME,
} from '../model/traffic.ts'
import { reasonOf, type Tally } from './tally.ts'

const SHARES = [0.5, 0.9, 0.95, 0.99] as const
const MICROS_PER_MS = 1_000

/** What a tally says, in words of people. */
export function figuresOf(tally: Tally): Figures {
  const statusClasses = classesOf(tally)
  const of = (name: string) => statusClasses[name] ?? 0
  return {
    calls: tally.calls,
    successes: of('2xx') + of('3xx'),
    failures: of('4xx') + of('5xx'),
    statusClasses,
    byGateway: tally.of(BY_GATEWAY),
    aborted: tally.of(ABORTED),
    bytesIn: tally.of(BYTES_IN),
    bytesOut: tally.of(BYTES_OUT),
    latency: latencyOf(tally),
    backendLatency: backendLatencyOf(tally),
  }
}

/** The same with statuses and reasons. */
export function totalsOf(tally: Tally): Totals {
  const statuses: Record<string, number> = {}
  tally.each(STATUS + 1, STATUS + 1_000, (status, calls) => {
    statuses[status + 1] = calls
  })
  const reasons = [...(tally.reasons ?? [])]
    .map(([key, calls]) => ({ ...reasonOf(key), calls }))
    .sort((a, b) => b.calls - a.calls)
  return { ...figuresOf(tally), statuses, reasons }
}

/** How long requests took in all. */
export function latencyOf(tally: Tally): Latency {
  return latencyFrom(tally, TOTAL_TIME, TOTAL_MICROS)
}

/** How long backends took, of the requests that one was sent. */
export function backendLatencyOf(tally: Tally): Latency {
  return latencyFrom(tally, BACKEND_TIME, BACKEND_MICROS)
}

function classesOf(tally: Tally): Record<string, number> {
  const classes: Record<string, number> = { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, none: 0 }
  tally.each(STATUS, STATUS + 1_000, (status, calls) => {
    const statusClass = Math.floor(status / 100)
    const name = statusClass >= 1 && statusClass <= 5 ? `${statusClass}xx` : 'none'
    classes[name] = (classes[name] ?? 0) + calls
  })
  return classes
}

function latencyFrom(tally: Tally, first: number, sumCell: number): Latency {
  const part = tally.part(first, first + 1_024)
  const calls = tally.sum(first, first + 1_024)
  const [p50 = null, p90 = null, p95 = null, p99 = null] = percentiles(part, SHARES)
  return {
    meanMs: calls === 0 ? null : toMs(tally.of(sumCell) / calls),
    p50Ms: toMs(p50),
    p90Ms: toMs(p90),
    p95Ms: toMs(p95),
    p99Ms: toMs(p99),
  }
}

/** Milliseconds with three digits, which is all that microseconds give. */
function toMs(micros: number): number
function toMs(micros: number | null): number | null
function toMs(micros: number | null): number | null {
  return micros === null ? null : Math.round(micros) / MICROS_PER_MS
}
