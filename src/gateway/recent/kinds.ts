import { MadeTexts, type RequestKind } from '../../plugins/finished-request.ts'
import type { SnapshotStage } from '../../snapshot/snapshot.ts'
import type { GatewayExchange } from '../exchange.ts'

/**
 * What a request has in common with others of its route: it is made once, and used for as long as requests are alike. All in it is of
 * the snapshot or of the program, and small: it outlives the request.
 */
export interface RecordedKind extends RequestKind {
  readonly stage: SnapshotStage | null
  readonly hash: string | null
  readonly routeId: string
  readonly pattern: string
}

/** A route has few: its targets, and what it answers by itself. So many are found again. */
const MOST_KINDS = 16
/** A method is cut to this: one that a client made up can be long. */
const MOST_METHOD = 255

/** The kind of a request that is over. */
export function kindOf(x: GatewayExchange): RecordedKind {
  if (x.kind !== null && isOf(x.kind, x)) return x.kind
  const { kinds } = x.route
  for (const kind of kinds) {
    if (!isOf(kind, x)) continue
    x.kind = kind
    return kind
  }
  const made = newKind(x)
  if (kinds.length === MOST_KINDS) kinds.shift()
  kinds.push(made)
  x.kind = made
  return made
}

function newKind({
  request,
  route,
  stageTable,
  protocol,
  error,
  answeredByPlugin,
  upstream,
}: GatewayExchange): RecordedKind {
  return {
    stage: stageTable === null ? null : stageTable.stage,
    hash: stageTable === null ? null : stageTable.hash,
    routeId: route.id,
    pattern: route.pattern,
    method: ownText(cutMethod(request.method)),
    protocol,
    scheme: request.scheme,
    error: error === null ? null : error.code,
    plugin: answeredByPlugin,
    upstream,
    texts: new MadeTexts(),
  }
}

function isOf(kind: RecordedKind, x: GatewayExchange): boolean {
  const { request, route, stageTable, error } = x
  return (
    kind.upstream === x.upstream &&
    kind.method === cutMethod(request.method) &&
    kind.routeId === route.id &&
    kind.stage === (stageTable === null ? null : stageTable.stage) &&
    kind.hash === (stageTable === null ? null : stageTable.hash) &&
    kind.pattern === route.pattern &&
    kind.scheme === request.scheme &&
    kind.protocol === x.protocol &&
    kind.error === (error === null ? null : error.code) &&
    kind.plugin === x.answeredByPlugin
  )
}

function cutMethod(method: string): string {
  return method.length > MOST_METHOD ? method.slice(0, MOST_METHOD) : method
}

/** A copy: what came with a request can be a part of its head, all of which it would hold on to. */
function ownText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
