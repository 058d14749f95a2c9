import type { FastifyRequest } from 'fastify'
import { type TProperties, Type } from '#bundles/typebox'
import { pointsAsCsv, topAsCsv } from '../control/statistics/csv.ts'
import { readStatistics, readWatched } from '../control/statistics/read.ts'
import type { StatisticsPart, StatisticsScope } from '../control/statistics/scope.ts'
import { figuresOfStep, stepsOfStages } from '../control/statistics/service.ts'
import { readTop } from '../control/statistics/top.ts'
import { GranularityName, Statistics, TopList, topKinds, topOrders } from '../model/statistics.ts'
import { type Api, type ApiContext, actorOf, callerOf, ServiceParams, StageParams } from './context.ts'
import { Feeds } from './live-feed.ts'

const tags = ['Statistics']
const id = (description: string) => Type.Optional(Type.String({ description, minLength: 1, maxLength: 64 }))
const span = {
  from: Type.String({
    description: 'ISO 8601, or so long before now: 15m, 24h, 7d. By whole points.',
    default: '1h',
    maxLength: 40,
    examples: ['24h'],
  }),
  to: Type.Optional(Type.String({ description: 'The same; now if it is left out.', maxLength: 40 })),
}
const part = {
  route: id('Only requests of the method of this id; `-` for those that matched none.'),
  key: id('Only requests with the API key of this id or name.'),
  plan: id('Only requests through the usage plan of this id or name.'),
  deployment: Type.Optional(
    Type.Integer({ description: 'Only requests that this deployment of the stage served.', minimum: 1 }),
  ),
  side: id('Only requests that took this side of a `traffic-split`; beside `route`, of that of the route.'),
}
const SeriesQuery = Type.Object({
  ...span,
  granularity: Type.Optional(GranularityName),
  timeZone: Type.String({
    description:
      'Whose days are meant, where points are days: a name of the IANA database. Its days must begin at a whole hour of UTC.',
    default: 'UTC',
    maxLength: 64,
    examples: ['Europe/Berlin'],
  }),
  compare: Type.Boolean({ description: 'Tell the span of the same length before, too.', default: false }),
  ...part,
})
const TopQuery = Type.Object({
  ...span,
  by: Type.Enum(topKinds, { description: 'What is listed.', default: 'route' }),
  sort: Type.Enum(topOrders, {
    description:
      'What counts: calls, failures (4xx and 5xx), latency (the average), p95 or p99 (the time that so many percent stayed below) or bytes (in and out).',
    default: 'calls',
  }),
  route: id('By side: only the sides of the method of this id.'),
  limit: Type.Integer({ description: 'How many at most.', minimum: 1, maximum: 50, default: 10 }),
})
const LiveQuery = Type.Object({
  ...part,
  by: Type.Optional(Type.Enum(['stage'], { description: 'Tell each stage that was called by itself, too.' })),
})
const Csv = Type.Unsafe<string>({ type: 'string' })
const Events = Type.Unsafe<string>({
  type: 'string',
  description: 'Server-sent events named `step`, one a second, whose data is such an object with `at`, the time of it.',
})

/** The three places that statistics are read at: what each is called, and its parameters. */
const PLACES: readonly { path: string; of: string; params: TProperties }[] = [
  { path: '/statistics', of: 'everything', params: {} },
  { path: '/services/:serviceId/statistics', of: 'a service', params: ServiceParams.properties },
  { path: '/services/:serviceId/stages/:stageId/statistics', of: 'a stage', params: StageParams.properties },
]

export function statisticsRoutes(api: Api, { runner, statistics }: ApiContext): void {
  const feeds = new Feeds()
  api.addHook('preClose', async () => feeds.close())

  for (const { path, of, params } of PLACES) {
    const isEverything = path === '/statistics'
    const permission = { config: { permission: 'read', onSome: isEverything } } as const
    const common = { tags, ...(!isEverything && { params: Type.Object(params) }) }
    const everything = isEverything ? ' That is all that the caller may read.' : ''

    api.get(
      path,
      {
        ...permission,
        schema: {
          ...common,
          summary: `Read the statistics of ${of}`,
          description: `Totals and points of a span of time; current within seconds. Up to an hour is told by the minute, up to a day by ten minutes, up to a week by the hour, more by the day.${everything}`,
          querystring: SeriesQuery,
          response: { 200: Statistics },
        },
      },
      (request) =>
        runner.inTransaction(actorOf(request), (unit) =>
          readStatistics(unit, callerOf(request), statistics, scopeOf(request), request.query),
        ),
    )

    api.get(
      `${path}/export`,
      {
        ...permission,
        schema: {
          ...common,
          summary: `Export the statistics of ${of} as CSV`,
          description: `One point a line.${everything}`,
          querystring: SeriesQuery,
          produces: ['text/csv'],
          response: { 200: Csv },
        },
      },
      async (request, reply) => {
        const read = await runner.inTransaction(actorOf(request), (unit) =>
          readStatistics(unit, callerOf(request), statistics, scopeOf(request), request.query),
        )
        return reply.headers(csvHeaders('statistics')).send(pointsAsCsv(read))
      },
    )

    api.get(
      `${path}/top`,
      {
        ...permission,
        schema: {
          ...common,
          summary: `List the routes or keys or stages of ${of} that stand out`,
          description: `By calls, failures, times or bytes in a span of time.${everything}`,
          querystring: TopQuery,
          response: { 200: TopList },
        },
      },
      (request) =>
        runner.inTransaction(actorOf(request), (unit) =>
          readTop(unit, callerOf(request), statistics, scopeOf(request), request.query),
        ),
    )

    api.get(
      `${path}/top/export`,
      {
        ...permission,
        schema: {
          ...common,
          summary: `Export the routes or keys or stages of ${of} that stand out as CSV`,
          description: `One a line.${everything}`,
          querystring: TopQuery,
          produces: ['text/csv'],
          response: { 200: Csv },
        },
      },
      async (request, reply) => {
        const top = await runner.inTransaction(actorOf(request), (unit) =>
          readTop(unit, callerOf(request), statistics, scopeOf(request), request.query),
        )
        return reply.headers(csvHeaders('top')).send(topAsCsv(top))
      },
    )

    api.get(
      `${path}/live`,
      {
        ...permission,
        schema: {
          ...common,
          summary: `Watch the statistics of ${of}`,
          description: `What each second brings, as server-sent events, of the node that is asked. The feed ends when the caller logs out or may not read this any more, and when the program stops; whoever reads too slowly is cut off.${everything}`,
          querystring: LiveQuery,
          produces: ['text/event-stream'],
          response: { 200: Events },
        },
      },
      async (request, reply) => {
        const isOf = await runner.inTransaction(actorOf(request), (unit) =>
          readWatched(unit, callerOf(request), scopeOf(request), request.query as StatisticsPart),
        )
        const isByStage = (request.query as { by?: 'stage' }).by === 'stage'
        feeds.start(request, reply, (feed) =>
          statistics.collector.watch(
            isOf,
            (step, atMs, stages) =>
              feed.send('step', {
                ...figuresOfStep(step, atMs),
                ...(isByStage && { stages: stepsOfStages(stages) }),
              }),
            { isByStage },
          ),
        )
        return reply
      },
    )
  }
}

function scopeOf(request: FastifyRequest): StatisticsScope {
  const { serviceId, stageId } = request.params as { serviceId?: string; stageId?: string }
  return { service: serviceId, stage: stageId }
}

function csvHeaders(name: string) {
  return {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${name}.csv"`,
  }
}
