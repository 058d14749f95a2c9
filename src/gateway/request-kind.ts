import type { SnapshotStage } from '../snapshot/snapshot.ts'
import type { GatewayExchange } from './exchange.ts'

/**
 * What a request has in common with others of its route: it is made once, and used for as long as requests on a connection are alike.
 * All in it is of the snapshot or of the program, and small: it outlives the request.
 */
export interface RequestKind {
  readonly stage: SnapshotStage | null
  readonly hash: string | null
  readonly routeId: string
  readonly pattern: string
  readonly method: string
  readonly protocol: string
  readonly scheme: string
  /** Why the gateway answered by itself; null where it did not. */
  readonly error: string | null
  readonly plugin: string | null
  readonly upstream: string | null
  /** Cut to what is kept; empty where nobody is known. */
  readonly consumerId: string
  readonly consumer: string
}

/** Names of methods are short; longer ones would be parts of the heads of their requests. */
const MOST_METHOD = 12

/** Characters of what a consumer is known by: it can come with the request, as the claims of a token do. */
const MOST_ID = 40
const MOST_NAME = 64

/** The kind of a request that is over. */
export function kindOf(x: GatewayExchange): RequestKind {
  const { kind } = x
  if (kind !== null && isOf(kind, x)) return kind
  const { request, route, stageTable, consumer } = x
  const made: RequestKind = {
    stage: stageTable === null ? null : stageTable.stage,
    hash: stageTable === null ? null : stageTable.hash,
    routeId: route.id,
    pattern: route.pattern,
    method: shownMethod(request.method),
    protocol: x.protocol,
    scheme: request.scheme,
    error: x.error === null ? null : x.error.code,
    plugin: x.answeredByPlugin,
    upstream: x.upstream,
    consumerId: consumer === null ? '' : ownText(cut(consumer.id, MOST_ID)),
    consumer: consumer === null ? '' : ownText(cut(consumer.name, MOST_NAME)),
  }
  x.kind = made
  return made
}

function isOf(kind: RequestKind, x: GatewayExchange): boolean {
  const { request, route, stageTable, error, consumer } = x
  return (
    kind.routeId === route.id &&
    kind.method === shownMethod(request.method) &&
    kind.upstream === x.upstream &&
    kind.stage === (stageTable === null ? null : stageTable.stage) &&
    kind.hash === (stageTable === null ? null : stageTable.hash) &&
    kind.pattern === route.pattern &&
    kind.scheme === request.scheme &&
    kind.protocol === x.protocol &&
    kind.error === (error === null ? null : error.code) &&
    kind.plugin === x.answeredByPlugin &&
    kind.consumerId === (consumer === null ? '' : cut(consumer.id, MOST_ID)) &&
    kind.consumer === (consumer === null ? '' : cut(consumer.name, MOST_NAME))
  )
}

function cut(text: string, most: number): string {
  return text.length > most ? text.slice(0, most) : text
}

/** A copy: what came with a request can be a part of its head, all of which it would hold on to. */
function ownText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}

function shownMethod(method: string): string {
  return method.length <= MOST_METHOD ? method : 'OTHER'
}
