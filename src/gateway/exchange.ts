import { HeaderList } from '../lib/header-list.ts'
import type {
  Consumer,
  Exchange,
  ExchangeRequest,
  ExchangeResponse,
  Timeouts,
  VerifiedCertificate,
} from '../plugins/plugin.ts'
import type { ReplyCode } from '../plugins/replies.ts'
import type { AttachmentMemory } from './attachment.ts'
import { CHUNKED, type Framing, NO_BODY, type ResponseHead } from './http1/head.ts'
import type { PeerTls } from './peer.ts'
import { randomHex } from './random-id.ts'
import type { Route, StageTable } from './table.ts'
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
}

/** The backend's side of an exchange: what `serve.ts` and the client's side tell it. */
export interface Upstream {
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
  /** The whole body where it came along with the head and is small, as Latin-1 text; else null. */
  inlineBody: string | null = null
  maxBodyBytes = Number.MAX_SAFE_INTEGER
  /** Names and values of the path variables that the route found. */
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

/** One request and its answer: the mutable thing on the hot path, owned by one connection and used again for its next request. */
export class GatewayExchange implements Exchange {
  readonly request = new GatewayRequest()
  readonly response = new GatewayResponse()
  readonly client: Client
  receivedAt = 0
  clientIp = ''
  consumer: Consumer | null = null
  certificate: VerifiedCertificate | null = null
  claims: Readonly<Record<string, unknown>> | null = null
  timeouts: Timeouts | null = null
  origin: string | null = null
  error: ExchangeError | null = null
  /** Takes the body of the answer, where a plugin wants it whole; null where it streams to the client. */
  responseBody: WholeResponse | null = null
  stageTable: StageTable | null = null
  matched: Route | null = null
  /** Where the request has gone; null before and after. */
  backend: Upstream | null = null
  /** Counts the exchanges of this object, so that a promise of an earlier one can see that it is too late. */
  serial = 0
  isUnderWay = false
  /** True once the head of the answer is on its way to the client: from then on only `abort` is left. */
  isAnswered = false
  /** How often the request has been sent to a backend. */
  attempts = 0
  /** What conditions and shadows remember of an exchange; null until there are any. It is told apart by `serial`. */
  attachments: AttachmentMemory | null = null
  /** Places that concurrency limits have given this exchange, until its end (`limits/place-table.ts`). */
  readonly places: number[] = []
  private heldId: string | null = null

  constructor(client: Client) {
    this.client = client
  }

  /** Begins the next exchange. The codec has filled `request` but for what is reset here. */
  begin(now: number): void {
    this.receivedAt = now
    this.serial++
    this.isUnderWay = true
    this.isAnswered = false
    this.attempts = 0
    this.heldId = null
    this.consumer = null
    this.certificate = null
    this.claims = null
    this.timeouts = null
    this.origin = null
    this.error = null
    this.responseBody = null
    this.stageTable = null
    this.matched = null
    this.request.variableNames = noNames
    this.response.status = 0
  }

  get id(): string {
    this.heldId ??= randomHex(16)
    return this.heldId
  }

  set id(value: string) {
    this.heldId = value
  }

  get tls(): PeerTls | null {
    return this.client.tls
  }

  get route(): Route {
    return this.matched ?? noRoute
  }

  get stage(): Exchange['stage'] {
    return this.stageTable?.stage ?? noStage
  }
}

const EMPTY = Buffer.alloc(0)
const noNames: readonly string[] = []
const noStage = { id: '', name: '', variables: {} }
const noRoute: Route = {
  index: 0,
  id: '',
  pattern: '',
  method: '',
  variableNames: noNames,
  requestHandlers: null,
  responseHandlers: null,
  finishHandlers: null,
  responseBodyHandlers: null,
  isImplied: false,
  unmatched: null,
  backend: null,
}
