import { type Static, Type } from '#bundles/typebox'
import { Nullable } from './nullable.ts'

const textOrNull = (title: string, description: string) => Nullable(Type.String(), { title, description })

/** A request of the last minutes, as a worker remembers it: nothing of it is ever written down, and nothing that is secret. */
export const RecentRequest = Type.Object({
  id: Type.String({ description: 'Of the request: the one that answers, backends and logs have, where one was sent.' }),
  receivedAt: Type.String({ description: 'When it came; ISO 8601, UTC.' }),
  service: textOrNull('Service', 'Name of the service; null where no stage was found for it.'),
  stage: textOrNull('Stage', 'Name of the stage; null where none was found for it.'),
  deployment: textOrNull('Deployment', 'Hash of the deployment that served it.'),
  route: textOrNull('Route', 'Path of the route; null where none matched.'),
  methodId: textOrNull('Method', 'Id of the method of the design; null where none matched.'),
  clientIp: Type.String({ description: 'As the trusted proxies resolve it.' }),
  protocol: Type.String({ description: '`HTTP/1.1` and the like.' }),
  scheme: Type.String({ description: '`http` or `https`.' }),
  host: Type.String({ description: 'Up to 80 characters.' }),
  method: Type.String({ description: '`OTHER` for one of more than 12 characters.' }),
  path: Type.String({ description: 'Canonical, without query; up to 256 bytes.' }),
  status: Type.Integer({ description: 'Of the answer; 0 where there was none.' }),
  totalMs: Type.Number({ description: 'From the head of the request to the end of the answer.' }),
  backendMs: Nullable(Type.Number(), {
    title: 'Backend time',
    description: 'From sending it to the end of the answer of the backend; null where none was asked.',
  }),
  bytesIn: Type.Integer({ description: 'Of head and body.' }),
  bytesOut: Type.Integer({ description: 'Of head and body.' }),
  consumerId: textOrNull('Consumer id', 'Id of the API key or user, where it is known.'),
  consumer: textOrNull('Consumer', 'Name of the API key or user, where it is known.'),
  error: textOrNull('Error', 'Code of the answer, where it was one of the gateway’s own.'),
  answeredBy: textOrNull('Answered by', 'The plugin that answered; null where none did.'),
  isAborted: Type.Boolean({ description: 'Whether the client went away before the answer was complete.' }),
  upstream: textOrNull('Upstream', 'The target that it was sent to last.'),
  attempts: Type.Integer({ description: 'How often it was sent to a backend.' }),
  userAgent: textOrNull('User agent', 'Up to 150 bytes.'),
  worker: Type.Integer({ description: 'The worker that served it.' }),
})
export type RecentRequest = Static<typeof RecentRequest>

/** Which requests are meant; all of what is given must hold. */
export interface RequestFilter {
  /** Ids of stages; null for all requests, those without a stage too. */
  readonly stageIds: readonly string[] | null
  /** Path of the route, or id of its method. */
  readonly route?: string | undefined
  /** Statuses and classes: `404`, `5xx`. */
  readonly statuses?: readonly string[] | undefined
  readonly method?: string | undefined
  /** What the path begins with, or contains. */
  readonly pathPrefix?: string | undefined
  readonly pathContains?: string | undefined
  /** Id or name of the consumer. */
  readonly consumer?: string | undefined
  /** Addresses and CIDR ranges. */
  readonly clients?: readonly string[] | undefined
  readonly minMs?: number | undefined
  /** Code of an answer of the gateway's own. */
  readonly error?: string | undefined
}

/** A place among requests, newest first: behind a request. */
export interface RequestPlace {
  /** When it was over, in milliseconds since the Unix epoch. */
  readonly endedAt: number
  readonly worker: number
  readonly serial: number
}

/** A request with its place. */
export interface PlacedRequest {
  readonly place: RequestPlace
  readonly stageId: string
  readonly request: RecentRequest
}

/** Sorts the newest first. */
export function newestFirst(a: RequestPlace, b: RequestPlace): number {
  return b.endedAt - a.endedAt || b.worker - a.worker || b.serial - a.serial
}
