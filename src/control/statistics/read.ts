import type { Statistics } from '../../model/statistics.ts'
import { figuresOf, totalsOf } from '../../stats/figures.ts'
import type { Retention } from '../../stats/granularity.ts'
import { pointsOf } from '../../stats/points.ts'
import { sumOf } from '../../stats/tally.ts'
import type { Unit } from '../../store/unit.ts'
import type { Actor } from '../access.ts'
import type { TrafficCollector } from './collector.ts'
import { StatisticsReader } from './reader.ts'
import { findScope, keysOf, type StatisticsPart, type StatisticsScope } from './scope.ts'
import { isoOf, readSpan, type SpanQuery } from './span.ts'

/** What statistics are read with. */
export interface StatisticsSource {
  readonly collector: Pick<TrafficCollector, 'pending' | 'watch'>
  readonly retention: Retention
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number
}

export interface StatisticsQuery extends StatisticsPart, SpanQuery {}

/** Totals and points of a span. Throws `Invalid`. */
export async function readStatistics(
  unit: Unit,
  actor: Actor,
  source: StatisticsSource,
  scope: StatisticsScope,
  query: StatisticsQuery,
): Promise<Statistics> {
  const found = await findScope(unit, actor, scope)
  const keys = await keysOf(unit, found, query)
  const { span, before, granularity } = readSpan(query, source)
  const points = pointsOf(span, granularity, query.timeZone)
  const reader = await StatisticsReader.open(unit, source.collector)
  const tallies = await reader.sums(keys, points)
  const [previous] = before === null ? [] : await reader.sums(keys, [before])
  return {
    from: isoOf(span.from),
    to: isoOf(span.to),
    granularity,
    timeZone: query.timeZone,
    totals: totalsOf(sumOf(tallies)),
    previous: previous === undefined ? null : totalsOf(previous),
    points: tallies.map((tally, i) => ({ start: isoOf(points[i]?.from ?? 0), ...figuresOf(tally) })),
  }
}

/** Whose series a live feed is of: whether a series is among them. Throws `NotFound`. */
export async function readWatched(
  unit: Unit,
  actor: Actor,
  scope: StatisticsScope,
  part: StatisticsPart,
): Promise<(key: { readonly stageId: string; readonly kind: string; readonly id: string }) => boolean> {
  const found = await findScope(unit, actor, scope)
  const keys = await keysOf(unit, found, part)
  if (keys.some(({ kind }) => kind === 'all')) return ({ kind }) => kind === 'route'
  const stages = new Set(keys.flatMap(({ kind, id }) => (kind === 'stage' ? [id] : [])))
  if (stages.size > 0) return ({ kind, stageId }) => kind === 'route' && stages.has(stageId)
  return (key) => keys.some(({ stageId, kind, id }) => key.id === id && key.stageId === stageId && key.kind === kind)
}
