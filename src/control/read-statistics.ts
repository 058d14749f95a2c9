import { Invalid, NotFound } from '../model/errors.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import type { Statistics, TopEntry, TopKind, TopList, TopOrder } from '../model/statistics.ts'
import { routeSide, sideOf } from '../model/traffic.ts'
import type { Problem } from '../plugins/plugin.ts'
import { figuresOf, latencyOf, totalsOf } from '../stats/figures.ts'
import { ALL, type KeptKey, type KeptKind, OTHER, stageTotal } from '../stats/gathered.ts'
import { type Granularity, granularityFor, isKept, MAX_POINTS, MINUTES, type Retention } from '../stats/granularity.ts'
import { areDaysWholeHours, isTimeZone, pointsOf, type Span, wholeSpan } from '../stats/points.ts'
import { sumOf, Tally } from '../stats/tally.ts'
import type { Summary, SummaryColumn } from '../stats/tally-codec.ts'
import type { Unit } from '../store/unit.ts'
import { type Actor, mayEverywhere, visibleServices } from './access.ts'
import { findService, findStage } from './find.ts'
import { type GroupSummary, StatisticsReader } from './statistics-reader.ts'
import type { TrafficCollector } from './traffic-collector.ts'

/** What statistics are read with. */
export interface StatisticsSource {
  readonly collector: Pick<TrafficCollector, 'pending' | 'watch'>
  readonly retention: Retention
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number
}

/** Whose statistics: of a service, or a stage of it, or of everything that the caller may read. */
export interface StatisticsScope {
  readonly service?: string | undefined
  readonly stage?: string | undefined
}

/** A part of the traffic of a scope; at most one of them, but for a side of a route. */
export interface StatisticsPart {
  /** Id of the method; `-` for requests that matched none. */
  readonly route?: string | undefined
  /** Id or name. */
  readonly key?: string | undefined
  readonly plan?: string | undefined
  /** Number of the deployment. */
  readonly deployment?: number | undefined
  /** Name of a side of a `traffic-split`; beside a route, of that of the route. */
  readonly side?: string | undefined
}

export interface StatisticsQuery extends StatisticsPart {
  /** ISO 8601, or before now: `15m`, `24h`, `7d`. */
  readonly from: string
  readonly to?: string | undefined
  readonly granularity?: Granularity | undefined
  readonly timeZone: string
  readonly compare: boolean
}

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
const MINUTE_MS = 60_000
const UNITS = { m: 1, h: 60, d: 1_440, w: 10_080 } as const

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

interface FoundStage {
  readonly service: Service
  readonly stage: Stage
}

interface FoundScope {
  /** Those that the scope has, by their ids. */
  readonly stages: ReadonlyMap<string, FoundStage>
  /** Whether it is everything, with what came for no stage and for stages that are gone. */
  readonly isAll: boolean
  readonly isStage: boolean
}

interface Ranked {
  readonly stageId: string
  readonly kind: KeptKind
  readonly group: GroupSummary
  readonly place: number
  readonly weight: number
}

async function findScope(unit: Unit, actor: Actor, { service, stage }: StatisticsScope): Promise<FoundScope> {
  if (service === undefined) return everythingFor(unit, actor)
  const found = await findService(unit, service)
  const stages = stage === undefined ? await unit.stages.ofService(found.id) : [await findStage(unit, found, stage)]
  return {
    stages: new Map(stages.map((one) => [one.id, { service: found, stage: one }])),
    isAll: false,
    isStage: stage !== undefined,
  }
}

async function everythingFor(unit: Unit, actor: Actor): Promise<FoundScope> {
  const visible = visibleServices(actor)
  const stages = new Map<string, FoundStage>()
  const services = await unit.services.all(visible)
  const all = await unit.stages.ofServices(services.map(({ id }) => id))
  const byId = new Map(services.map((service) => [service.id, service]))
  for (const stage of all) {
    const service = byId.get(stage.serviceId)
    if (service !== undefined) stages.set(stage.id, { service, stage })
  }
  return { stages, isAll: visible === null, isStage: false }
}

/** The series that a part of a scope is the sum of. */
async function keysOf(unit: Unit, found: FoundScope, part: StatisticsPart): Promise<KeptKey[]> {
  const given = (['route', 'key', 'plan', 'deployment', 'side'] as const).filter((name) => part[name] !== undefined)
  const stageIds = [...found.stages.keys()]
  const { route, side } = part
  if (given.length === 2 && route !== undefined && side !== undefined)
    return stageIds.map((stageId) => ({ stageId, kind: 'route-side', id: routeSide(route, side) }))
  if (given.length > 1)
    throw new Invalid('Only one part of the traffic can be asked for at a time.', [
      { path: `/${given[1]}`, message: `Leave out all but one of ${given.join(', ')}.` },
    ])
  const [kind] = given
  if (kind === undefined) return found.isAll ? [ALL] : stageIds.map(stageTotal)
  const id = await idOf(unit, found, part)
  return stageIds.map((stageId) => ({ stageId, kind, id }))
}

async function idOf(
  unit: Unit,
  found: FoundScope,
  { route, key, plan, deployment, side }: StatisticsPart,
): Promise<string> {
  if (side !== undefined) return side
  if (route !== undefined) return route === '-' ? '' : route
  // What is deleted may still be asked for by its id.
  if (key !== undefined) return (await unit.keys.findByName(key))?.id ?? key
  if (plan !== undefined) return (await unit.plans.findByName(plan))?.id ?? plan
  const [stageId] = found.stages.keys()
  const number = deployment ?? 0
  if (!found.isStage || stageId === undefined)
    throw new Invalid('A deployment is one of a stage.', [
      { path: '/deployment', message: 'Ask for the statistics of the stage that it is a deployment of.' },
    ])
  const one = await unit.deployments.findByNumber(stageId, number)
  if (one === null) throw new NotFound('deployment', String(number))
  return one.hash
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

interface ReadSpan {
  readonly span: Span
  /** The span of the same length before; null where nobody asks for it. */
  readonly before: Span | null
  readonly granularity: Granularity
}

/** The span that is asked for by whole points, and their width. Throws `Invalid` with all that is wrong. */
function readSpan(
  query: Pick<StatisticsQuery, 'from' | 'to' | 'granularity' | 'timeZone' | 'compare'>,
  { now, retention }: StatisticsSource,
): ReadSpan {
  const { timeZone, compare } = query
  const nowMs = now()
  const ends = readEnds(query, nowMs)
  const minutes = { from: Math.floor(ends.from), to: Math.ceil(ends.to) }
  const length = minutes.to - minutes.from
  const earliest = minutes.from - (compare ? length : 0)
  const kept = { now: nowMs / MINUTE_MS, retention }
  const wanted = granularityFor(ends.from, ends.to, kept.now, retention)
  const granularity =
    query.granularity ??
    (isKept(wanted, earliest, kept.now, retention) ? wanted : granularityFor(earliest, minutes.to, kept.now, retention))
  const trouble = troubleOf(minutes, earliest, granularity, timeZone, kept)
  if (trouble !== null) throw new Invalid('There are no such statistics.', [trouble])
  const span = wholeSpan(minutes, granularity, timeZone)
  const before = wholeSpan({ from: span.from - (span.to - span.from), to: span.from }, granularity, timeZone)
  return { span, before: compare ? before : null, granularity }
}

/** The ends of a span in minutes, with what is less than one. */
function readEnds({ from, to, timeZone }: Pick<StatisticsQuery, 'from' | 'to' | 'timeZone'>, now: number): Span {
  const start = readTime(from, now)
  const end = to === undefined ? now : readTime(to, now)
  const problems: Problem[] = []
  for (const [path, time, given] of [
    ['/from', start, from],
    ['/to', end, to],
  ] as const)
    if (time === null)
      problems.push({
        path,
        message: `"${given}" is no time: write 2030-01-31T12:00:00Z, or 15m, 24h, 7d for so long before now.`,
      })
  if (!isTimeZone(timeZone))
    problems.push({
      path: '/timeZone',
      message: `"${timeZone}" is not known: write UTC, or a name such as Europe/Berlin.`,
    })
  if (start !== null && end !== null && end <= start)
    problems.push({ path: '/to', message: 'It must be later than "from".' })
  if (problems.length > 0 || start === null || end === null)
    throw new Invalid('There are no such statistics.', problems)
  return { from: start / MINUTE_MS, to: end / MINUTE_MS }
}

function troubleOf(
  span: Span,
  earliest: number,
  granularity: Granularity,
  timeZone: string,
  { now, retention }: { readonly now: number; readonly retention: Retention },
): Problem | null {
  const points = (span.to - span.from) / MINUTES[granularity]
  if (points > MAX_POINTS)
    return {
      path: '/granularity',
      message: `That would be ${Math.ceil(points)} points, and ${MAX_POINTS} is the most: take a shorter span or wider points.`,
    }
  if (granularity !== '1d' && !isKept(granularity, earliest, now, retention))
    return {
      path: '/granularity',
      message: `Buckets of ${granularity} are kept for ${retention[granularity] / MINUTES['1d']} days: take wider points.`,
    }
  if (granularity !== '1d' || timeZone === 'UTC') return null
  if (!areDaysWholeHours(wholeSpan({ from: earliest, to: span.to }, '1d', timeZone), timeZone))
    return {
      path: '/timeZone',
      message: `Days in ${timeZone} do not begin at a whole hour of UTC, and cannot be told by buckets of an hour: take UTC.`,
    }
  if (isKept('1h', earliest, now, retention)) return null
  return {
    path: '/timeZone',
    message: `Buckets of an hour, which such days are told by, are kept for ${retention['1h'] / MINUTES['1d']} days: take UTC.`,
  }
}

/** Milliseconds since the Unix epoch; null for what is no time. */
function readTime(given: string, now: number): number | null {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(given) ?? []
  if (count !== undefined) return now - Number(count) * UNITS[unit as keyof typeof UNITS] * MINUTE_MS
  const time = /^\d{4}-\d\d/.test(given) ? Date.parse(given) : Number.NaN
  return Number.isNaN(time) ? null : time
}

function isoOf(minute: number): string {
  return new Date(minute * MINUTE_MS).toISOString()
}
