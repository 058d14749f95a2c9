import { stringify } from 'csv-stringify/sync'
import type { Figures, Statistics, TopList } from '../../model/statistics.ts'

/** Statistics as tables for spreadsheets. */

const FIGURES = [
  'calls',
  'successes',
  'failures',
  '1xx',
  '2xx',
  '3xx',
  '4xx',
  '5xx',
  'none',
  'byGateway',
  'aborted',
  'bytesIn',
  'bytesOut',
  'meanMs',
  'p50Ms',
  'p90Ms',
  'p95Ms',
  'p99Ms',
  'backendMeanMs',
  'backendP50Ms',
  'backendP90Ms',
  'backendP95Ms',
  'backendP99Ms',
]
const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'none']
const LATENCIES = ['meanMs', 'p50Ms', 'p90Ms', 'p95Ms', 'p99Ms'] as const
const BACKEND_LATENCIES = FIGURES.slice(-LATENCIES.length)

/** The points, one a line. */
export function pointsAsCsv({ points }: Statistics): string {
  return asCsv(
    ['start', ...FIGURES],
    points.map(({ start, ...figures }) => [start, ...cellsOf(figures)]),
  )
}

/** The entries of a top list, one a line. */
export function topAsCsv({ items }: TopList): string {
  const columns = ['id', 'name', 'service', 'stage', 'calls', 'failures', 'clientErrors', 'serverErrors'] as const
  const sums = ['byGateway', 'bytesIn', 'bytesOut'] as const
  return asCsv(
    [...columns, ...sums, ...LATENCIES, ...BACKEND_LATENCIES],
    items.map((entry) => [
      ...columns.map((name) => entry[name]),
      ...sums.map((name) => entry[name]),
      ...LATENCIES.map((name) => entry.latency[name]),
      ...LATENCIES.map((name) => entry.backendLatency[name]),
    ]),
  )
}

function cellsOf(figures: Figures): (number | null)[] {
  const { calls, successes, failures, statusClasses, byGateway, aborted, bytesIn, bytesOut } = figures
  return [
    ...[calls, successes, failures],
    ...CLASSES.map((name) => statusClasses[name] ?? 0),
    ...[byGateway, aborted, bytesIn, bytesOut],
    ...LATENCIES.map((name) => figures.latency[name]),
    ...LATENCIES.map((name) => figures.backendLatency[name]),
  ]
}

/** `escape_formulas`: names come from users, and a spreadsheet would run what begins like a formula. */
function asCsv(columns: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return stringify([[...columns], ...rows.map((row) => [...row])], { escape_formulas: true })
}
