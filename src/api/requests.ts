import type { FastifyRequest } from 'fastify'
import { type TProperties, Type } from '#bundles/typebox'
import { findRequest, listRequests, stagesInScope } from '../control/read-requests.ts'
import { EXPECTED } from '../lib/expected.ts'
import { isNetwork } from '../lib/network-set.ts'
import { Invalid } from '../model/errors.ts'
import { RecentRequest, type RequestFilter, type RequestPlace } from '../model/recent-request.ts'
import { type Api, type ApiContext, actorOf, callerOf, mayOnSome, StageParams } from './context.ts'
import { Feeds } from './live-feed.ts'

const tags = ['Requests']
const text = (description: string, maxLength = 256) =>
  Type.Optional(Type.String({ description, minLength: 1, maxLength }))

const filters = {
  route: text('Path of the route, or id of its method.'),
  status: Type.Optional(
    Type.String({
      description: 'Statuses and classes, with commas: `404`, `5xx`, `429,5xx`; `0` for none.',
      pattern: '^(?:0|[1-5](?:[0-9]{2}|xx))(?:,(?:0|[1-5](?:[0-9]{2}|xx)))*$',
      [EXPECTED]: 'statuses and classes with commas between them',
      maxLength: 200,
      examples: ['5xx'],
    }),
  ),
  method: text('Method, in upper case.', 12),
  pathPrefix: text('What the path begins with.'),
  pathContains: text('What the path contains.'),
  consumer: text('Id or name of the API key or user.'),
  clientIp: text('Addresses and CIDR ranges of clients, with commas.', 1000),
  minMs: Type.Optional(Type.Number({ description: 'At least so many milliseconds in all.', minimum: 0 })),
  error: text('Code of an answer of the gateway’s own: `key-missing`.', 64),
}
const FilterQuery = Type.Object(filters)
type FilterQuery = { readonly [Name in keyof typeof filters]?: string | number | undefined }
const ListQuery = Type.Object({
  ...filters,
  limit: Type.Integer({ description: 'How many at most.', minimum: 1, maximum: 1000, default: 100 }),
  before: Type.Optional(
    Type.String({
      description: '`next` of the page before.',
      pattern: '^[0-9]{1,16}(?:\\.[0-9]{1,17})?-[0-9]{1,5}-[0-9]{1,16}$',
      [EXPECTED]: '`next` of the page before, as it is',
      maxLength: 100,
    }),
  ),
})
const List = Type.Object({
  items: Type.Array(RecentRequest, { description: 'The newest first, by when they were over.' }),
  next: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'Where the next page begins; null where there is none.',
  }),
})
const IdParams = Type.Object({
  requestId: Type.String({ description: 'Id of the request.', minLength: 1, maxLength: 128 }),
})
const Events = Type.Unsafe<string>({
  type: 'string',
  description:
    'Server-sent events named `request`, whose data is a request, as soon as it is over; and `missed`, with how many came too fast to be told: `{"requests": 12}`.',
})

/** The places that requests are asked for at: what each is called, and its parameters. */
const PLACES: readonly { path: string; of: string; params: TProperties }[] = [
  { path: '/requests', of: 'everything', params: {} },
  { path: '/services/:serviceId/stages/:stageId/requests', of: 'a stage', params: StageParams.properties },
]

export function requestRoutes(api: Api, { runner, requests }: ApiContext): void {
  const feeds = new Feeds()
  api.addHook('preClose', async () => feeds.close())

  /** The filter of a question, within what the caller may see. */
  const filterOf = async (request: FastifyRequest): Promise<RequestFilter> => {
    const { serviceId: service, stageId: stage } = request.params as { serviceId?: string; stageId?: string }
    const stageIds = await runner.inTransaction(actorOf(request), (unit) =>
      stagesInScope(unit, callerOf(request), { service, stage }),
    )
    return readFilter(request.query as FilterQuery, stageIds)
  }

  for (const { path, of, params } of PLACES) {
    const isEverything = path === '/requests'
    const permission = { config: { permission: 'read', onSome: isEverything } } as const
    const common = { tags, ...(!isEverything && { params: Type.Object(params) }) }
    const everything = isEverything
      ? ' Those who may read everything also see requests that no stage was found for; others those of their services.'
      : ''

    api.get(
      path,
      {
        ...permission,
        schema: {
          ...common,
          summary: `List the last requests of ${of}`,
          description: `Each worker of the node that is asked remembers its last requests (\`--recent-requests\`), in memory alone. Nothing of a query, a body or a header but the user agent is among what it remembers.${everything}`,
          querystring: ListQuery,
          response: { 200: List },
        },
      },
      async (request) => {
        const { limit, before } = request.query as { limit: number; before?: string }
        const filter = await filterOf(request)
        const { items, next } = await listRequests(
          requests,
          filter,
          before === undefined ? null : readPlace(before),
          limit,
        )
        return { items, next: next === null ? null : `${next.endedAt}-${next.worker}-${next.serial}` }
      },
    )

    api.get(
      `${path}/live`,
      {
        ...permission,
        schema: {
          ...common,
          summary: `Watch the requests of ${of}`,
          description: `Requests from now on, as server-sent events, of the node that is asked: up to 1,000 a second of each worker. The feed ends when the caller logs out or may not read this any more, and when the program stops; whoever reads too slowly is cut off.${everything}`,
          querystring: FilterQuery,
          produces: ['text/event-stream'],
          response: { 200: Events },
        },
      },
      async (request, reply) => {
        const filter = await filterOf(request)
        feeds.start(request, reply, (feed) =>
          requests.follow(filter, (items, missed) => {
            for (const { request: one } of items) feed.send('request', one)
            if (missed > 0) feed.send('missed', { requests: missed })
          }),
        )
        return reply
      },
    )
  }

  api.get(
    '/requests/:requestId',
    {
      ...mayOnSome('read'),
      schema: {
        summary: 'Find a request by its id',
        description: 'The newest of this id that a worker remembers.',
        tags,
        params: IdParams,
        response: { 200: RecentRequest },
      },
    },
    async (request) => {
      const visible = await runner.inTransaction(actorOf(request), (unit) => stagesInScope(unit, callerOf(request), {}))
      return findRequest(requests, visible, request.params.requestId)
    },
  )
}

function readFilter(query: FilterQuery, stageIds: readonly string[] | null): RequestFilter {
  const { route, status, method, pathPrefix, pathContains, consumer, clientIp, minMs, error } = query as {
    [Name in keyof FilterQuery]: string
  } & { minMs?: number }
  const clients = clientIp?.split(',').map((one) => one.trim())
  const wrong = clients?.find((one) => !isNetwork(one))
  if (wrong !== undefined)
    throw new Invalid('The filter cannot be used.', [
      { path: '/query/clientIp', message: `"${wrong}" is not an address or a CIDR range.` },
    ])
  return {
    stageIds,
    route,
    statuses: status?.split(','),
    method,
    pathPrefix,
    pathContains,
    consumer,
    clients,
    minMs,
    error,
  }
}

function readPlace(text: string): RequestPlace {
  const [endedAt = '', worker = '', serial = ''] = text.split('-')
  return { endedAt: Number(endedAt), worker: Number(worker), serial: Number(serial) }
}
