import { Invalid } from '../../model/errors.ts'
import type { TopEntry, TopKind, TopList, TopOrder } from '../../model/statistics.ts'
import { routeSide, sideOf } from '../../model/traffic.ts'
import { figuresOf, latencyOf } from '../../stats/figures.ts'
import { type KeptKey, type KeptKind, OTHER } from '../../stats/gathered.ts'
import type { Span } from '../../stats/points.ts'
import { Tally } from '../../stats/tally.ts'
import type { Summary, SummaryColumn } from '../../stats/tally-codec.ts'
import type { Unit } from '../../store/unit.ts'
import { type Actor, mayEverywhere } from '../access.ts'
import type { StatisticsSource } from './read.ts'
import { type GroupSummary, StatisticsReader } from './reader.ts'
import { type FoundScope, findScope, type StatisticsScope } from './scope.ts'
import { isoOf, readSpan } from './span.ts'

/** Which of many were called most, failed most or were slowest. */

export interface TopQuery {
  readonly from: string
  readonly to?: string | undefined
  readonly by: TopKind
  /** Id of the method whose sides are listed; without it those of all. */
  readonly route?: string | undefined
  readonly sort: TopOrder
  readonly limit: number
}

/** So many series are put in the order of percentiles by reading the times of each; of more the slowest are looked for. */
const MOST_READ = 100

/** The first of all routes, keys, plans, deployments or stages of a scope. Throws `Invalid`. */
export async function readTop(
  unit: Unit,
  actor: Actor,
  source: StatisticsSource,
  scope: StatisticsScope,
  query: TopQuery,
): Promise<TopList> {
  const found = await findScope(unit, actor, scope)
  const { by, route } = query
  if (route !== undefined && by !== 'side')
    throw new Invalid('Only the sides of splits are listed by the route.', [
      { path: '/route', message: 'Leave it out, or list by side.' },
    ])
  const { span } = readSpan({ ...query, timeZone: 'UTC', compare: false }, source)
  const reader = await StatisticsReader.open(unit, source.collector)
  const ranked: Ranked[] = []
  for (const { stageId, kind } of groupsFor(found, route === undefined ? by : 'route-side')) {
    const group = await reader.summary(stageId, kind, span, WEIGHED_BY[query.sort])
    ranked.push(...placesIn(group, query.sort).map((one) => ({ ...one, stageId, kind, group })))
  }
  const isWanted = await filterFor(found, query, ranked)
  const wanted = ranked.filter(isWanted)
  const heaviest = wanted.sort((a, b) => b.weight - a.weight)
  const first = await firstOf(reader, heaviest, span, query)
  const names = await namesOf(
    unit,
    actor,
    found,
    by,
    first.map(({ key }) => key),
  )
  const items = first.map(({ key, tally }): TopEntry => {
    const { calls, failures, statusClasses, byGateway, bytesIn, bytesOut, latency, backendLatency } = figuresOf(tally)
    const stage = found.stages.get(by === 'stage' ? key.id : key.stageId)
    return {
      id: by === 'side' ? sideOf(key.id) : key.id,
      name: names(key),
      service: stage?.service.name ?? null,
      stage: stage?.stage.name ?? null,
      isOther: key.id === OTHER,
      calls,
      failures,
      clientErrors: statusClasses['4xx'] ?? 0,
      serverErrors: statusClasses['5xx'] ?? 0,
      byGateway,
      bytesIn,
      bytesOut,
      latency,
      backendLatency,
    }
  })
  return { from: isoOf(span.from), to: isoOf(span.to), count: wanted.length, items }
}

interface Ranked {
  readonly stageId: string
  readonly kind: KeptKind
  readonly group: GroupSummary
  readonly place: number
  readonly weight: number
}

function groupsFor(found: FoundScope, by: TopKind | 'route-side'): { stageId: string; kind: KeptKind }[] {
  if (by === 'stage') return [{ stageId: '', kind: 'stage' }]
  return [...found.stages.keys()].map((stageId) => ({ stageId, kind: by }))
}

function placesIn({ summary }: GroupSummary, sort: TopOrder): { place: number; weight: number }[] {
  const ranked: { place: number; weight: number }[] = []
  for (let place = 0; place < summary.size; place++) {
    const calls = summary.value(place, 'calls')
    if (calls > 0) ranked.push({ place, weight: weightOf(summary, place, calls, sort) })
  }
  return ranked
}

interface Counted {
  readonly key: KeptKey
  readonly tally: Tally
}

/** The first of series that are in the order of their weights, with all that was counted of them. */
async function firstOf(
  reader: StatisticsReader,
  heaviest: readonly Ranked[],
  span: Span,
  { sort, limit }: Pick<TopQuery, 'sort' | 'limit'>,
): Promise<Counted[]> {
  if (sort !== 'p95' && sort !== 'p99') return countedOf(reader, heaviest.slice(0, limit), span)
  // Percentiles are not sums, so the times of each must be read.
  const candidates = await countedOf(reader, await slowestOf(reader, heaviest, span, { sort, limit }), span)
  const weigh = ({ tally }: Counted) => latencyOf(tally)[`${sort}Ms`] ?? 0
  const weighed = candidates.map((one) => ({ ...one, weight: weigh(one) }))
  return weighed.sort((a, b) => b.weight - a.weight).slice(0, limit)
}

/** Those among which the first by a percentile are for certain. */
async function slowestOf(
  reader: StatisticsReader,
  series: readonly Ranked[],
  span: Span,
  { sort, limit }: { readonly sort: 'p95' | 'p99'; readonly limit: number },
): Promise<readonly Ranked[]> {
  if (series.length <= MOST_READ) return series
  const found: { one: Ranked; cell: number }[] = []
  for (const [group, ofGroup] of Map.groupBy(series, (one) => one.group)) {
    const byPlace = new Map(ofGroup.map((one) => [one.place, one]))
    const terms = { isWanted: (place: number) => byPlace.has(place), least: limit }
    for (const [place, cell] of await reader.slowest(group, span, SHARES[sort], terms)) {
      const one = byPlace.get(place)
      if (one !== undefined) found.push({ one, cell })
    }
  }
  // Of those that are in one cell, which is all that is known of a time, the ones that are called more come first.
  const inOrder = found.sort((a, b) => b.cell - a.cell || b.one.weight - a.one.weight)
  return inOrder.slice(0, limit).map(({ one }) => one)
}

const SHARES = { p95: 0.95, p99: 0.99 } as const

async function countedOf(reader: StatisticsReader, series: readonly Ranked[], span: Span): Promise<Counted[]> {
  const ids = new Map<Ranked, string>()
  for (const [group, ofGroup] of Map.groupBy(series, (one) => one.group)) {
    const found = await group.idsAt(ofGroup.map(({ place }) => place))
    for (const [i, one] of ofGroup.entries()) ids.set(one, found[i] ?? '')
  }
  const keys = series.map((one): KeptKey => ({ stageId: one.stageId, kind: one.kind, id: ids.get(one) ?? '' }))
  const tallies = await reader.each(keys, span)
  return keys.map((key, i) => ({ key, tally: tallies[i] ?? new Tally() }))
}

/** What is needed of each series to put them in an order. */
const WEIGHED_BY: Readonly<Record<TopOrder, readonly SummaryColumn[]>> = {
  calls: ['calls'],
  failures: ['calls', 'clientErrors', 'serverErrors'],
  latency: ['calls', 'totalMicros'],
  // Where nothing else tells them apart.
  p95: ['calls'],
  p99: ['calls'],
  bytes: ['calls', 'bytesIn', 'bytesOut'],
}

function weightOf(summary: Summary, place: number, calls: number, sort: TopOrder): number {
  switch (sort) {
    case 'calls':
    case 'p95':
    case 'p99':
      return calls
    case 'failures':
      return summary.value(place, 'clientErrors') + summary.value(place, 'serverErrors')
    case 'latency':
      return summary.value(place, 'totalMicros') / calls
    case 'bytes':
      return summary.value(place, 'bytesIn') + summary.value(place, 'bytesOut')
  }
}

/** Which of the series of the groups are listed: stages that may be seen, sides of the route that is asked for. */
async function filterFor(
  { isAll, stages }: FoundScope,
  { by, route }: Pick<TopQuery, 'by' | 'route'>,
  ranked: readonly Ranked[],
): Promise<(one: Ranked) => boolean> {
  if (by === 'stage' && !isAll) return idFilter(ranked, (id) => stages.has(id))
  if (route !== undefined) return idFilter(ranked, (id) => id.startsWith(routeSide(route, '')))
  return () => true
}

async function idFilter(
  ranked: readonly Ranked[],
  isWanted: (id: string) => boolean,
): Promise<(one: Ranked) => boolean> {
  const wanted = new Set<Ranked>()
  for (const [group, ofGroup] of Map.groupBy(ranked, (one) => one.group)) {
    const ids = await group.idsAt(ofGroup.map(({ place }) => place))
    for (const [i, one] of ofGroup.entries()) if (isWanted(ids[i] ?? '')) wanted.add(one)
  }
  return (one) => wanted.has(one)
}

/** What people know series by. */
async function namesOf(
  unit: Unit,
  actor: Actor,
  found: FoundScope,
  by: TopKind,
  keys: readonly KeptKey[],
): Promise<(key: KeptKey) => string | null> {
  const ids = keys.map(({ id }) => id)
  if (by === 'stage') {
    return ({ id }) => {
      const stage = found.stages.get(id)
      return stage === undefined ? null : `${stage.service.name}/${stage.stage.name}`
    }
  }
  if (by === 'route') {
    const labels = await unit.methods.labels(ids)
    return ({ id }) => labels.get(id) ?? null
  }
  if (by === 'deployment') {
    const numbers = new Map<string, number>()
    for (const stageId of found.stages.keys())
      for (const [hash, number] of await unit.deployments.numbersOf(stageId, ids))
        numbers.set(`${stageId}/${hash}`, number)
    return ({ stageId, id }) => {
      const number = numbers.get(`${stageId}/${id}`)
      return number === undefined ? null : `#${number}`
    }
  }
  if (by === 'side') return ({ id }) => sideOf(id)
  // Keys and plans are not of a service: who may only read some services does not see them elsewhere either.
  if (!mayEverywhere(actor, 'read')) return () => null
  const names =
    by === 'key'
      ? await unit.keys.namesOf(ids)
      : new Map((await unit.plans.list()).map(({ id, name }): [string, string] => [id, name]))
  return ({ id }) => names.get(id) ?? null
}
