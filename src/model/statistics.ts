import { type Static, Type } from '#bundles/typebox'

/** What statistics are told as. */

const count = (description: string) => Type.Integer({ description, minimum: 0 })
const ms = (description: string) => Type.Union([Type.Number(), Type.Null()], { description })

/** How long something took. */
export const Latency = Type.Object(
  {
    meanMs: ms('Average.'),
    p50Ms: ms('Half of all took at most so long.'),
    p90Ms: ms('90 % took at most so long.'),
    p95Ms: ms('95 % took at most so long.'),
    p99Ms: ms('99 % took at most so long.'),
  },
  { description: 'In milliseconds; percentiles are known to 1.6 %. null where there was nothing to measure.' },
)
export type Latency = Static<typeof Latency>

const figures = {
  calls: count('Requests.'),
  successes: count('Requests that were answered with 2xx or 3xx.'),
  failures: count('Requests that were answered with 4xx or 5xx.'),
  statusClasses: Type.Record(Type.String(), Type.Integer(), {
    description: 'Requests by class of the status, `1xx` to `5xx`; `none` for those that got no answer.',
  }),
  byGateway: count('Requests that the gateway answered by itself.'),
  aborted: count('Requests whose client went away before the answer was complete.'),
  bytesIn: count('Bytes of requests, heads and bodies.'),
  bytesOut: count('Bytes of answers.'),
  latency: Latency,
  backendLatency: Latency,
}

/** What a span of time comes to. */
export const Figures = Type.Object(figures)
export type Figures = Static<typeof Figures>

/** The same with all that is told only once of an answer. */
export const Totals = Type.Object({
  ...figures,
  statuses: Type.Record(Type.String(), Type.Integer(), { description: 'Requests by status.' }),
  reasons: Type.Array(
    Type.Object({
      plugin: Type.String({ description: 'Which plugin answered; empty for the gateway itself.' }),
      code: Type.String({
        description: "Code of the gateway's reply; empty for an answer that the plugin made itself.",
      }),
      calls: count('Requests.'),
    }),
    { description: 'Why the gateway answered by itself, the most frequent first.' },
  ),
})
export type Totals = Static<typeof Totals>

export const GranularityName = Type.Enum(['1m', '10m', '1h', '1d'], {
  title: 'Granularity',
  description: 'Width of a point: 1m, 10m, 1h or 1d.',
})

const time = (description: string) => Type.String({ description: `${description} ISO 8601, UTC.` })

/** Totals and points of a span. */
export const Statistics = Type.Object({
  from: time('Where the span begins, by whole points.'),
  to: time('Where it ends.'),
  granularity: GranularityName,
  timeZone: Type.String({ description: 'Whose days are meant, where points are days.' }),
  totals: Totals,
  previous: Type.Union([Totals, Type.Null()], {
    description: 'The span of the same length before; null unless it was asked for.',
  }),
  points: Type.Array(Type.Object({ start: time('Where the point begins.'), ...figures }), {
    description: 'In order, those without requests too.',
  }),
})
export type Statistics = Static<typeof Statistics>

/** What a second has brought to a stage, in short. */
export interface StageStep {
  readonly calls: number
  readonly failures: number
  readonly serverErrors: number
  readonly p99Ms: number | null
}

export const topKinds = ['route', 'key', 'plan', 'deployment', 'side', 'stage'] as const
export type TopKind = (typeof topKinds)[number]
export const topOrders = ['calls', 'failures', 'latency', 'p95', 'p99', 'bytes'] as const
export type TopOrder = (typeof topOrders)[number]

/** A series among others. */
export const TopEntry = Type.Object({
  id: Type.String({
    description:
      'Of the method, key, plan or stage, the hash of the deployment, or the name of the side; empty for none.',
  }),
  name: Type.Union([Type.String(), Type.Null()], {
    description: 'What people know it by; null where it is gone, or not for the caller to know.',
  }),
  service: Type.Union([Type.String(), Type.Null()], { description: 'Name of the service.' }),
  stage: Type.Union([Type.String(), Type.Null()], { description: 'Name of the stage.' }),
  isOther: Type.Boolean({
    description:
      'Whether this is all that there was no room for by themselves, as there were too many series in a minute.',
  }),
  calls: figures.calls,
  failures: figures.failures,
  clientErrors: count('Requests that were answered with 4xx.'),
  serverErrors: count('Requests that were answered with 5xx.'),
  byGateway: figures.byGateway,
  bytesIn: figures.bytesIn,
  bytesOut: figures.bytesOut,
  latency: Latency,
  backendLatency: Latency,
})
export type TopEntry = Static<typeof TopEntry>

/** A top list. */
export const TopList = Type.Object({
  from: time('Where the span begins.'),
  to: time('Where it ends.'),
  count: count('How many there are in all.'),
  items: Type.Array(TopEntry, { description: 'The first of them, in the order that was asked for.' }),
})
export type TopList = Static<typeof TopList>
