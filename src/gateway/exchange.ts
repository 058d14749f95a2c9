import { performance } from 'node:perf_hooks'
import { HeaderList } from '../lib/headers/header-list.ts'
import { parseTraceparent } from '../lib/trace-context.ts'
import { WallClock } from '../lib/wall-clock.ts'
import type {
  BreakerPlan,
  Consumer,
  Exchange,
  ExchangeOutcome,
  ExchangeRequest,
  ExchangeResponse,
  LineMaker,
  MirrorPlan,
  RetryPolicy,
  Timeouts,
  VerifiedCertificate,
  WebSocketTerms,
} from '../plugins/plugin.ts'
import type { ReplyCode } from '../plugins/replies.ts'
import type { AttachmentMemory } from './attachment.ts'
import type { Pool } from './backend/pool.ts'
import type { BreakerCall } from './breaking.ts'
import type { CodedBody } from './coded-body.ts'
import { CHUNKED, type Framing, NO_BODY } from './http1/head.ts'
import type { ResponseHead } from './http1/response-head.ts'
import type { LastDigest } from './keys/last-digest.ts'
import type { PeerTls } from './peer.ts'
import { randomId } from './random-id.ts'
import type { RecordedCaller } from './recent/callers.ts'
import type { RecordedKind } from './recent/kinds.ts'
import type { Tries } from './retrying.ts'
import type { Route, RouteBackend, StageTable } from './table.ts'
import type { Trace } from './tracing.ts'
import type { TunnelEnd } from './websocket/tunnel.ts'
import type { WholeResponse } from './whole-body.ts'

/**
 * The client's side of an exchange, whatever the version of HTTP: what `serve.ts` tells it. All calls are for the
 * exchange that is under way on it.
 */
export interface Client {
  readonly address: string
  readonly isTrusted: boolean
  readonly scheme: string
  /** What TLS says of the connection; null for a plain one. */
  readonly tls: PeerTls | null
  /** The fields that tell the backend where the request comes from, as lines. */
  readonly forwardingLines: string
  /** Lets the request body come; it goes to the exchange's backend connection. */
  readBody(): void
  /** Stops and restarts the reading of the request body, when the backend cannot take more. */
  pauseBody(): void
  resumeBody(): void
  /** Gives the exchange so long to its end; then it is refused, or broken off where the answer has begun. */
  limitTotal(ms: number): void
  /** Sends an informational response (1xx). */
  writeInformational(head: ResponseHead): void
  /**
   * Sends a whole response. `body` is Latin-1 text, each character one byte; `contentLength` is what the head says of it
   * (not the same for an answer to HEAD), -1 for nothing.
   */
  writeWhole(body: string, contentLength: number): void
  /** Sends the head of a response whose body follows. */
  writeHead(framing: Framing, contentLength: number): void
  /** Sends a part of the body; `chunk` is only valid during the call. */
  writeBody(chunk: Buffer, start: number, end: number): void
  /** Ends the response. */
  end(trailers: HeaderList | null): void
  /** Breaks off a response that cannot be completed, so that nobody takes it for a whole one. */
  abort(): void
  /**
   * Sends the head of the answer, with which the connection leaves HTTP: from there on bytes go both ways as they are.
   * Only where the version of HTTP has `Upgrade`: others never see a request that asks for it.
   */
  startTunnel?(backend: TunnelEnd, terms: WebSocketTerms): void
}

/** The backend's side of an exchange: what `serve.ts` and the client's side tell it. */
export interface Upstream {
  /** True while no backend is busy with the request: it waits for a place, or for its next try. */
  readonly isWaiting?: boolean
  /** Sends a part of the request body; `chunk` is only valid during the call. */
  writeBody(chunk: Buffer, start: number, end: number): void
  /** Ends the request body. */
  endBody(trailers: HeaderList | null): void
  /** Lets the body of the answer flow, once its head has gone to the client. */
  flow(): void
  /** Stops and restarts the reading of the answer, when the client cannot take more. */
  pause(): void
  resume(): void
  /** Leaves the exchange and closes: the client is gone, or has been answered otherwise. */
  abandon(): void
}

/** What a connection hands its requests to. */
export interface RequestServer {
  /** Takes a request whose head has been read, and sees to it that it is answered. */
  serve(x: GatewayExchange): void
  /** Refuses a request: what the codec finds wrong with it. */
  refuse(x: GatewayExchange, code: ReplyCode): void
}

/** The request as plugins see it. */
export class GatewayRequest implements ExchangeRequest {
  method = ''
  scheme = 'http'
  host = ''
  /** The host name of `host`, as stages are found by it: in lower case, without port. */
  hostName = ''
  rawTarget = ''
  path = ''
  query = ''
  headers = new HeaderList()
  framing: Framing = NO_BODY
  contentLength = -1
  upgrade: string | null = null
  /** The whole body where it came along with the head and is small, as Latin-1 text; else null. */
  inlineBody: string | null = null
  maxBodyBytes = Number.MAX_SAFE_INTEGER
  /** Names and values of the path variables that the route found; there may be more values than names, which mean nothing. */
  variableNames: readonly string[] = []
  readonly variableValues: string[] = []

  variable(name: string): string | undefined {
    const at = this.variableNames.indexOf(name)
    return at === -1 ? undefined : this.variableValues[at]
  }

  get body(): Buffer | null {
    if (this.framing === NO_BODY) return EMPTY
    return this.inlineBody === null ? null : Buffer.from(this.inlineBody, 'latin1')
  }

  get isChunked(): boolean {
    return this.framing === CHUNKED
  }
}

/** The response as plugins see it. `status` is 0 until there is one. */
export class GatewayResponse implements ExchangeResponse {
  status = 0
  reason = ''
  headers = new HeaderList()
  hasDate = false
  /** How the body comes from the backend. */
  framing: Framing = NO_BODY
  contentLength = -1
}

/** The gateway's own answer to this request, if it gave one. */
export interface ExchangeError {
  readonly type: string
  readonly code: ReplyCode
  readonly message: string
}

/** Places in `GatewayExchange.times`: when the head of the request had come, … */
export const STARTED = 0
/** … when it was first sent to a backend, … */
export const SENT = 1
/** … when the backend's answer had come to its end, or failed, … */
export const ANSWERED = 2
/** … and when all was over. */
export const ENDED = 3

/** One request and its answer: the mutable thing on the hot path, owned by one connection and used again for its next request. */
export class GatewayExchange implements Exchange, ExchangeOutcome {
  readonly request = new GatewayRequest()
  readonly response = new GatewayResponse()
  readonly client: Client
  receivedAt = 0
  clientIp = ''
  consumer: Consumer | null = null
  certificate: VerifiedCertificate | null = null
  claims: Readonly<Record<string, unknown>> | null = null
  timeouts: Timeouts | null = null
  retry: RetryPolicy | null = null
  breaker: BreakerPlan | null = null
  sendTo: RouteBackend | null = null
  split: string | null = null
  mirror: MirrorPlan | null = null
  webSocket: WebSocketTerms | null = null
  acceptEncoding: string | null = null
  origin: string | null = null
  error: ExchangeError | null = null
  /** Takes the body of the answer, where a plugin wants it whole; null where it streams to the client. */
  responseBody: WholeResponse | null = null
  /** Gives the body of the answer another form on its way to the client; null where it goes as it is. */
  codedBody: CodedBody | null = null
  stageTable: StageTable | null = null
  matched: Route | null = null
  /** Where the request has gone; null before and after. */
  backend: Upstream | null = null
  /** The target that the request was sent to last; null before. */
  pool: Pool | null = null
  /** Those that it was sent to before that one, in vain. */
  readonly triedPools: Pool[] = []
  /** Stands where the connection to the backend would, while the request may be sent once more; null where it is sent once. */
  tries: Tries | null = null
  /** Made when they are first needed, and kept for the next exchange. */
  keptTries: Tries | null = null
  breakerCall: BreakerCall | null = null
  /** Counts the exchanges of this object, so that a promise of an earlier one can see that it is too late. */
  serial = 0
  isUnderWay = false
  /** True once the head of the answer is on its way to the client: from then on only `abort` is left. */
  isAnswered = false
  /** How often the request has been sent to a backend. */
  attempts = 0
  /** In milliseconds of `performance.now()`; 0 for what has not been. In an array, so that setting one allocates nothing. */
  readonly times = new Float64Array(4)
  /** Bytes of head and body, without the framing of chunks. */
  bytesIn = 0
  bytesOut = 0
  /** Which of the route's request handlers has answered; -1 for none. */
  answeredBy = -1
  /** What is recorded of the request; null where nothing is. */
  trace: Trace | null = null
  /** As the client speaks it: `HTTP/1.1`. */
  protocol = 'HTTP/1.1'
  /** Whether the client went away before its answer was complete. */
  isAborted = false
  /** What conditions and shadows remember of an exchange; null until there are any. It is told apart by `serial`. */
  attachments: AttachmentMemory | null = null
  /** Who sent the request before, as it is remembered; see `recent/callers.ts`. */
  caller: RecordedCaller | null = null
  /** What the request before had in common with others, as it is remembered; see `recent/kinds.ts`. */
  kind: RecordedKind | null = null
  /** What makes a line of it when it is over, and what that is to say beyond what is remembered; see `access-log/line-queue.ts`. */
  lineMaker: LineMaker | null = null
  lineRest = ''
  /** The digest of the key that the connection showed last; null before it has shown any. */
  lastDigest: LastDigest | null = null
  /** Places that concurrency limits have given this exchange, until its end (`limits/place-table.ts`). */
  readonly places: number[] = []
  private heldId: string | null = null

  constructor(client: Client) {
    this.client = client
  }

  /** Begins the next exchange, with a request that has just come. The codec has filled `request` but for what is reset here. */
  beginNow(): void {
    const now = performance.now()
    this.begin(wallClock.at(now), now)
  }

  /** Begins the next exchange, with a request that came at a time of day. */
  begin(receivedAt: number, started = performance.now()): void {
    this.receivedAt = receivedAt
    this.serial++
    this.isUnderWay = true
    this.isAnswered = false
    this.attempts = 0
    if (this.triedPools.length > 0) this.triedPools.length = 0
    this.times[STARTED] = started
    this.times[SENT] = 0
    this.times[ANSWERED] = 0
    this.times[ENDED] = 0
    this.pool = null
    this.isAborted = false
    this.bytesIn = 0
    this.bytesOut = 0
    this.answeredBy = -1
    this.trace = null
    this.heldId = null
    this.lineMaker = null
    this.consumer = null
    this.certificate = null
    this.claims = null
    this.timeouts = null
    this.retry = null
    this.breaker = null
    this.sendTo = null
    this.split = null
    this.mirror = null
    this.tries = null
    this.webSocket = null
    this.acceptEncoding = null
    this.origin = null
    this.error = null
    this.responseBody = null
    this.codedBody = null
    this.stageTable = null
    this.matched = null
    this.request.variableNames = noNames
    this.response.status = 0
  }

  get id(): string {
    this.heldId ??= randomId()
    return this.heldId
  }

  set id(value: string) {
    this.heldId = value
  }

  /** Has a line made of it when it is remembered; `rest` is what the line says beyond that. */
  wantLine(maker: LineMaker, rest: string): void {
    const { lineMaker: other, lineRest: restOfOther } = this
    this.lineMaker = other === null ? maker : bothOf(other, restOfOther, maker)
    this.lineRest = rest
  }

  get tls(): PeerTls | null {
    return this.client.tls
  }

  /** The id of the trace that the request belongs to: ours where it is recorded, else the caller's; null for none. */
  get traceId(): string | null {
    if (this.trace !== null) return this.trace.traceId
    const given = this.request.headers.get('traceparent')
    return given === undefined ? null : (parseTraceparent(given)?.traceId ?? null)
  }

  /** The id, where anybody has asked for it; else null, and nobody knows it. */
  get knownId(): string | null {
    return this.heldId
  }

  get route(): Route {
    return this.matched ?? noRoute
  }

  get outcome(): ExchangeOutcome {
    return this
  }

  get totalMs(): number {
    return (this.times[ENDED] || performance.now()) - (this.times[STARTED] ?? 0)
  }

  get backendMs(): number {
    const sent = this.times[SENT] ?? 0
    return sent === 0 ? -1 : (this.times[ANSWERED] || this.times[ENDED] || performance.now()) - sent
  }

  get upstream(): string | null {
    return this.pool === null ? null : this.pool.target.url
  }

  get answeredByPlugin(): string | null {
    return this.answeredBy === -1 ? null : (this.route.requestPlugins[this.answeredBy] ?? null)
  }

  get stage(): Exchange['stage'] {
    return this.stageTable?.stage ?? noStage
  }
}

/** For a request that is logged twice. */
function bothOf(first: LineMaker, restOfFirst: string, second: LineMaker): LineMaker {
  return {
    make(request, rest) {
      first.make(request, restOfFirst)
      second.make(request, rest)
    },
  }
}

const wallClock = new WallClock(Date.now)
const EMPTY = Buffer.alloc(0)
const noNames: readonly string[] = []
const noStage = { id: '', name: '', variables: {} }
/** Of requests that match no route, and of those that nobody has sent. */
export const noRoute: Route = {
  index: 0,
  id: '',
  pattern: '',
  method: '',
  variableNames: noNames,
  requestHandlers: null,
  requestPlugins: [],
  responseHandlers: null,
  responsePlugins: [],
  finishHandlers: null,
  responseBodyHandlers: null,
  responseCoding: null,
  isImplied: false,
  unmatched: null,
  backend: null,
  kinds: [],
}
