import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { ApiProblem, answer, api } from '../../api/client.ts'
import type { Statistics, TopList } from '../../api/model.ts'
import { before, hasDays, refetchMs, type SpanSearch, spanQuery } from './span.ts'

/** Whose traffic: of a stage, or of all stages of a service. */
export interface Scope {
  readonly service: string
  readonly stage?: string | undefined
}

/** A part of the traffic; at most one of them, but for a side of a route. */
export interface Part {
  readonly route?: string
  readonly key?: string
  readonly plan?: string
  readonly deployment?: string
  /** The name of a side of a split. */
  readonly side?: string
}

export const partNames = ['route', 'key', 'plan', 'deployment', 'side'] as const
export type PartName = (typeof partNames)[number]

/** What the search parameters say of the part that is looked at. The API takes one, so the first counts; a route may have a side. */
export function partOf(search: Part): Part {
  const name = partNames.find((one) => search[one] !== undefined)
  if (name === undefined) return {}
  const { side } = search
  return { [name]: search[name], ...(name === 'route' && side !== undefined && { side }) }
}

export const sorts = ['calls', 'failures', 'latency', 'p95', 'p99', 'bytes'] as const
export type Sort = (typeof sorts)[number]
export const topKinds = ['route', 'key', 'plan', 'deployment', 'stage'] as const
export type TopKind = (typeof topKinds)[number]

type SeriesQuery = NonNullable<Parameters<typeof read>[1]>

const read = (
  { service: serviceId, stage: stageId }: Scope,
  query: Readonly<Record<string, string | number | boolean>>,
): Promise<Statistics> =>
  stageId === undefined
    ? answer(api.GET('/api/v1/services/{serviceId}/statistics', { params: { path: { serviceId }, query } }))
    : answer(
        api.GET('/api/v1/services/{serviceId}/stages/{stageId}/statistics', {
          params: { path: { serviceId, stageId }, query },
        }),
      )

/** Days are those of the reader, where they can be told: else those of UTC. */
async function readInOwnDays(scope: Scope, query: SeriesQuery): Promise<Statistics> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  try {
    return await read(scope, { ...query, timeZone })
  } catch (error) {
    const isOfZone = error instanceof ApiProblem && error.errors.some(({ path }) => path.endsWith('/timeZone'))
    if (!isOfZone) throw error
    return read(scope, query)
  }
}

const keyOf = ({ service, stage }: Scope) => ['services', service, 'statistics', stage ?? null] as const

/** Statistics of a span, and of the span before it where they are compared. */
export interface Compared {
  readonly now: Statistics
  readonly before: Statistics | null
}

export const statisticsQuery = (scope: Scope, part: Part, search: SpanSearch, isCompared: boolean) =>
  queryOptions({
    queryKey: [...keyOf(scope), part, spanQuery(search), isCompared],
    // The charts stay while those of another span are read.
    placeholderData: keepPreviousData,
    refetchInterval: refetchMs(search),
    async queryFn(): Promise<Compared> {
      const query = { ...spanQuery(search), ...part, compare: isCompared }
      const now = await (hasDays(search) ? readInOwnDays(scope, query) : read(scope, query))
      if (!isCompared) return { now, before: null }
      const { granularity, timeZone } = now
      const earlier = { ...before(now.from, now.to), ...part, granularity, timeZone }
      return { now, before: await read(scope, earlier) }
    },
  })

export const topQuery = (scope: Scope, search: SpanSearch, by: TopKind, sort: Sort, limit: number) =>
  queryOptions({
    queryKey: [...keyOf(scope), 'top', spanQuery(search), by, sort, limit],
    placeholderData: keepPreviousData,
    refetchInterval: refetchMs(search),
    queryFn(): Promise<TopList> {
      const { service: serviceId, stage: stageId } = scope
      const query = { ...spanQuery(search), by, sort, limit }
      return stageId === undefined
        ? answer(api.GET('/api/v1/services/{serviceId}/statistics/top', { params: { path: { serviceId }, query } }))
        : answer(
            api.GET('/api/v1/services/{serviceId}/stages/{stageId}/statistics/top', {
              params: { path: { serviceId, stageId }, query },
            }),
          )
    },
  })

/** The address of what the browser itself reads: a feed, a file. */
export function statisticsUrl(scope: Scope, what: 'live' | 'export' | 'top/export', query: object): string {
  const { service, stage } = scope
  const place = stage === undefined ? service : `${service}/stages/${stage}`
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
  return `/api/v1/services/${place}/statistics/${what}?${search}`
}
