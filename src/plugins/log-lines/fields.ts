import type { LineBytes } from '../../lib/line-bytes.ts'
import type { FinishedRequest } from '../finished-request.ts'
import type { Exchange } from '../plugin.ts'

/** What lines of the access log say, and how much of it. */

/** The fields of a JSON line, in their order, with what they say: what each request has of its own, its kind, who sent it, and the rest. */
export const logFields = {
  time: 'when the request came, in UTC',
  level: '`info`, `warn` (4xx, or the client went away) or `error` (5xx)',
  requestId: 'the id of the request',
  path: 'canonical path, without query',
  status: 'status of the answer; 0 where there was none',
  totalMs: 'from the head of the request to the end of the answer, in milliseconds',
  backendMs: 'from sending the request to the end of the answer of the backend; absent where none was asked',
  bytesIn: 'bytes of the request, head and body',
  bytesOut: 'bytes of the answer, head and body',
  aborted: '`true` where the client went away before the answer was complete',
  method: 'method',
  error: 'code of the answer, where it was one of the gateway’s own',
  answeredBy: 'the plugin that answered, where one did',
  upstream: 'URL of the target that the request was sent to last',
  protocol: '`HTTP/1.1` and the like',
  scheme: '`http` or `https`',
  route: 'path of the route; absent where none matched',
  service: 'name of the service',
  stage: 'name of the stage',
  deployment: 'first 12 digits of the hash of the deployment',
  clientIp: 'address of the client, as the trusted proxies resolve it',
  host: 'host that was asked for, with its port if one was given',
  userAgent: '`User-Agent`',
  referer: '`Referer`, with credentials masked',
  consumerId: 'id of the consumer, where one is known',
  consumer: 'name of the consumer',
  query: 'query, with credentials masked',
  traceId: 'id of the trace that the request belongs to: of its `traceparent`, or one that began here',
} as const
export type LogField = keyof typeof logFields
export const logFieldNames = Object.keys(logFields) as LogField[]

/** What is written where nothing else is asked for. */
export const usualFields = logFieldNames.filter((field) => field !== 'query' && field !== 'scheme')

/** The most that is written of a text that clients choose. */
export const MOST = { path: 2048, query: 2048, text: 1024, extra: 256, host: 255 } as const

/** A field of the user's own: a name and a template. */
export interface ExtraField {
  readonly name: string
  readonly value: string
}

/** Severities of syslog (RFC 5424, section 6.2.1), and what JSON lines call them. */
export const ERROR = 3
export const WARNING = 4
export const INFORMATIONAL = 6

/** How bad a request ended. */
export function severityOf({ status, isAborted }: Pick<FinishedRequest, 'status' | 'isAborted'>): number {
  if (status >= 500) return ERROR
  return status >= 400 || status === 0 || isAborted ? WARNING : INFORMATIONAL
}

/** Makes lines of requests, in two steps. */
export interface LogLines {
  /** What a line says that is not remembered of the exchange. `share` is what the line stands for. */
  restOf(x: Exchange, share: number): string
  /** Writes the line of a request, without its end, with that. */
  write(to: LineBytes, request: FinishedRequest, severity: number, rest: string): void
}

/** The beginning of a text. */
export function cut(text: string, most: number): string {
  return text.length > most ? text.slice(0, most) : text
}
