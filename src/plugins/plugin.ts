import type { X509Certificate } from 'node:crypto'
import type { Static, TObject } from '#bundles/typebox'
import type { HeaderList } from '../lib/headers/header-list.ts'
import type { JsonSchema } from '../lib/json-schema.ts'
import type { LineBytes } from '../lib/line-bytes.ts'
import type { Backend } from './backend.ts'
import type { FinishedRequest } from './finished-request.ts'
import type { LogSink } from './log-sinks.ts'
import type { Policies, PolicyKeys } from './policies.ts'
import type { ReplyCode } from './replies.ts'

/**
 * The plugin contract. A plugin is one file: its name, its settings as a schema, its place and its code. Validation,
 * API documentation, the console's form and the reference page all come from the definition.
 */

/** The phases of a request, in the order in which they run; a response passes them in reverse. `registry.ts` keeps to it. */
export const phases = [
  'identify',
  'guard',
  'authenticate',
  'authorize',
  'limit',
  'validate',
  'transform',
  'answer',
  'backend',
] as const
export type Phase = (typeof phases)[number]

/** Phases whose plugins can refuse a request: only they can run in shadow. */
export const refusingPhases: readonly Phase[] = ['guard', 'authenticate', 'authorize', 'limit', 'validate']

/** Where a plugin may be attached. */
export type Place = 'stage' | 'path' | 'method'

/** On which way a plugin does something: from the client to the backend, or back. */
export const sides = ['request', 'response'] as const
export type Side = (typeof sides)[number]

/** Something that is wrong with a value: where (JSON Pointer) and what, with the remedy. */
export interface Problem {
  readonly path: string
  readonly message: string
}

/** What `check` may know of the node that a plugin is attached to. */
export interface CheckContext {
  /** The path variables that exist at the node, `+` included where the variable has it. */
  readonly pathVariables: readonly string[]
  /** The keys of the service's restriction policies; absent where nobody knows the service. */
  readonly policies?: PolicyKeys | undefined
}

/** A message of HTTP as plugins see it: hop-by-hop, framing and `Host` fields are not among the headers. */
export interface ExchangeRequest {
  /** As sent, in upper case as methods are. */
  readonly method: string
  /** `http` or `https`: how the client reached the gateway (or the trusted proxy before it). */
  readonly scheme: string
  /** The authority that the client asked for, with its port if it gave one. */
  readonly host: string
  /** The request target's path and query exactly as the client sent them. */
  readonly rawTarget: string
  /** The canonical path: percent-decoded where safe, no dot segments, no empty segments (`lib/canonical-path.ts`). */
  readonly path: string
  /** The query as sent, without the question mark; empty if there is none. What is here goes to the backend. */
  query: string
  readonly headers: HeaderList
  /** The whole body, for a plugin that asked for it (`Handlers.requestBodyBytes`); without such a plugin it streams, and this is null. */
  readonly body: Buffer | null
  /** The declared length of the body in bytes; -1 where it is not declared. */
  readonly contentLength: number
  /** The most bytes that the body may have; more is refused while it streams. A plugin may set it. */
  maxBodyBytes: number
  /** The protocols that the client would like to go on with on this connection (`Upgrade`), in lower case; null for none. */
  readonly upgrade: string | null
  /** The value of a path variable as it stands in the canonical path (percent-encoded), or undefined. */
  variable(name: string): string | undefined
}

/** The answer on its way back, from `onResponse` on. */
export interface ExchangeResponse {
  status: number
  readonly headers: HeaderList
}

/** Who sends the request, once an authentication plugin knows. */
export interface Consumer {
  readonly id: string
  readonly name: string
  readonly groups: readonly string[]
}

/** What TLS says of the connection that a request came by. */
export interface ExchangeTls {
  /** The name that the connection was opened for (SNI), in lower case; empty for none. */
  readonly serverName: string
  /** `TLSv1.3`. */
  readonly version: string
  /** What came of asking the client for a certificate; null where it was not asked. */
  readonly client: PeerCertificates | null
}

/** What a client has shown of itself. The same object for all requests of a connection. */
export interface PeerCertificates {
  /** The client's own first, then those that it sent along, each the issuer of the one before. Empty where it has shown none. */
  readonly chain: readonly X509Certificate[]
  /** Why TLS does not take the chain (for any of the authorities of this host); null where it does. */
  readonly error: string | null
}

/** The certificate of a client that has been verified: `client.certificate.NAME`. */
export interface VerifiedCertificate {
  /** `CN=alice, O=Example`. */
  readonly subject: string
  readonly commonName: string
  readonly issuer: string
  readonly serialNumber: string
  /** SHA-256, in hexadecimal with colons. */
  readonly fingerprint: string
  /** All names besides the subject, with their kinds: `DNS:a.example, URI:spiffe://example/a`. */
  readonly names: string
  readonly dns: readonly string[]
  readonly uris: readonly string[]
  readonly emails: readonly string[]
  readonly addresses: readonly string[]
}

/** Time-outs of one request, in milliseconds. */
export interface Timeouts {
  /** To connect to the backend. */
  readonly connectMs: number
  /** From the request to the head of the answer. */
  readonly responseMs: number
  /** Between two parts of the answer. */
  readonly idleMs: number
  /** From the request to the end of the answer. */
  readonly totalMs: number
}

/** What can go wrong with a try, so that another may follow. */
export const retryConditions = ['connect-failure', 'closed', 'timeout', 'malformed'] as const
export type RetryCondition = (typeof retryConditions)[number]

/** Whether and when a request is sent once more. */
export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number
  /** From the end of the request to the head of the answer; null for the time-outs of the request. */
  readonly tryTimeoutMs: number | null
  readonly on: ReadonlySet<RetryCondition>
  readonly statuses: ReadonlySet<number>
  /** Codes of gRPC that are failures where the head of an answer has them; null where none is. */
  readonly grpcCodes: ReadonlySet<string> | null
  /** Methods that are sent again on every condition. */
  readonly methods: ReadonlySet<string>
  /** When the others are: only where the backend cannot have seen the request, or on every condition too. */
  readonly others: 'never' | 'unprocessed' | 'always'
  /** How much of a body that streams is kept for it. */
  readonly maxBodyBytes: number
  readonly backoffMs: number
  readonly maxBackoffMs: number
  /** An answer that asks for more patience is passed on. */
  readonly maxRetryAfterMs: number
  readonly budget: RetryBudget
  readonly random: () => number
  readonly count: (event: 'retries' | 'overBudget') => void
}

/** The circuit breaker of a request, and what it calls a failure. */
export interface BreakerPlan {
  readonly breaker: Breaker
  readonly failureStatuses: ReadonlySet<number>
  /** Codes of gRPC that are failures; null where none is. */
  readonly failureGrpcCodes: ReadonlySet<string> | null
  /** From when on a call is slow; null where that does not matter. */
  readonly slowMs: number | null
  readonly count: (event: 'refused' | 'opened' | 'closed') => void
}

/** Where a request can be sent: one of the plugin's own backends, or the route's. What is behind it is the gateway's. */
export interface BackendRef {
  /** As the snapshot calls the backend. */
  readonly name: string
}

/** A copy of a request that goes to another backend as well. */
export interface MirrorPlan {
  readonly to: BackendRef
  /** A request with a longer body is not copied. */
  readonly maxBodyBytes: number
  /** Copies under way, of all routes of the stage that copy to this backend, in one worker. */
  readonly gate: { underWay: number }
  readonly mostUnderWay: number
  readonly timeoutMs: number
  /** The field that marks a copy. */
  readonly mark: string
  /** Whether it keeps the host that the client asked for. */
  readonly keepsHost: boolean
  readonly count: (event: 'copied' | 'dropped' | 'failed') => void
}

/** How long a WebSocket may last, in milliseconds. */
export interface WebSocketTerms {
  /** Without a byte in either direction. */
  readonly idleMs: number
  /** In all. */
  readonly lifeMs: number
}

/** One request and its answer. Owned by the connection and reused: keep nothing of it beyond `onFinish`. */
export interface Exchange {
  /** Identifies the request in headers, logs and answers: 32 hexadecimal digits, or what `request-id` took over. */
  id: string
  /** Milliseconds since the Unix epoch, to the coarse clock of the worker. */
  readonly receivedAt: number
  /** The address of the client, as the trusted proxies resolve it, never a bare header. */
  readonly clientIp: string
  readonly request: ExchangeRequest
  readonly response: ExchangeResponse
  readonly route: { readonly id: string; readonly pattern: string; readonly method: string }
  readonly stage: { readonly id: string; readonly name: string; readonly variables: Readonly<Record<string, string>> }
  consumer: Consumer | null
  /** What TLS says of the connection; null for a plain one. */
  readonly tls: ExchangeTls | null
  /** The certificate of the client, once it has been verified. */
  certificate: VerifiedCertificate | null
  /** The claims of a token that has been verified: `jwt.claims.NAME`. */
  claims: Readonly<Record<string, unknown>> | null
  /** The Origin that the client sent, kept for the answer: request plugins may change the header. Null until it is asked for. */
  origin: string | null
  /** The time-outs of this request, where they are not those of the process. */
  timeouts: Timeouts | null
  /** Whether the request is sent again when a try fails; null for the little that is always done. */
  retry: RetryPolicy | null
  /** What stops requests to a backend that fails. */
  breaker: BreakerPlan | null
  /** Where the request goes instead of the backend of its route. */
  sendTo: BackendRef | null
  /** Which side of a split it takes; null where there is none. */
  split: string | null
  /** The copy of the request that is sent too. */
  mirror: MirrorPlan | null
  /** Set where the request may become a WebSocket; without it the backend is not asked to switch. */
  webSocket: WebSocketTerms | null
  /** The codings that the client accepts, kept for the answer as `origin` is. Null until it is asked for. */
  acceptEncoding: string | null
  /** What went wrong, where the gateway itself answers; for templates and logs. */
  readonly error: { readonly type: string; readonly code: string; readonly message: string } | null
  /** What became of it; complete in `onFinish`. */
  readonly outcome: ExchangeOutcome
}

/** What became of a request. */
export interface ExchangeOutcome {
  /** `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`, as the client speaks it. */
  readonly protocol: string
  /** From the head of the request to the end of the answer. */
  readonly totalMs: number
  /** From the sending of the request to the end of the backend's answer; -1 where no backend was asked. */
  readonly backendMs: number
  /** Bytes of head and body, without the framing of chunks. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** URL of the target that the request was sent to last; null where it was sent to none. */
  readonly upstream: string | null
  /** The plugin that answered; null where none did. */
  readonly answeredByPlugin: string | null
  /** Of the trace that the request belongs to, ours or its caller's; null for none. */
  readonly traceId: string | null
  /** Whether the client went away before the answer was complete. */
  readonly isAborted: boolean
}

/** An answer instead of going on: one of the gateway's own by its code, or a response of the plugin's making. */
export type Reply =
  | {
      readonly reply: ReplyCode
      readonly detail?: string
      readonly headers?: readonly (readonly [string, string])[]
      /** All that is wrong, where it is more than one thing: `errors` of the problem details. */
      readonly errors?: readonly Problem[]
    }
  | {
      readonly status: number
      readonly headers: readonly (readonly [string, string])[]
      readonly body: string | Uint8Array
    }

/** What a handler gives back: nothing to go on, a reply to answer now, or a promise of either. */
export type Outcome = Reply | undefined
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is the common case
export type HandlerResult = Outcome | void | Promise<Outcome | void>

/** What a plugin wants of the body of an answer. */
export interface ResponseBodyHandler {
  /** The most bytes that it takes; a larger body is 502, never passed on as it is. */
  readonly maxBytes: number
  /** Whether it wants the body of this answer, whose head has come. */
  wants(x: Exchange): boolean
  /** The body that goes to the client instead, or an answer of the gateway's own. A throw answers 500. */
  transform(x: Exchange, body: Buffer): Buffer | Reply
}

/** What a plugin makes of the body of an answer while it goes to the client: another form of the same, such as a content coding. */
export interface ResponseCodingHandler {
  /** All of a small body: its new form, with the head changed for it; null where both stay as they are. */
  whole(x: Exchange, body: Buffer): Buffer | null
  /**
   * A body that comes in parts, of `size` bytes in all (-1 where that is not known), or that does not come, after HEAD and with
   * 304. Changes the head and gives what makes the coder; null where both stay as they are.
   */
  stream(x: Exchange, size: number): CreateBodyCoder | null
}

/** Makes what codes one body. */
export type CreateBodyCoder = (events: BodyCoderEvents) => BodyCoder

/** Codes one body. */
export interface BodyCoder {
  /** Takes a part, which belongs to it from then on. False: it wants no more until `onRoom`. */
  write(part: Buffer): boolean
  /** The body is complete. */
  end(): void
  /** Nobody wants it any more. No event comes after that. */
  close(): void
}

/** What a coder tells. It never does while it is being called. */
export interface BodyCoderEvents {
  onPart(part: Buffer): void
  onRoom(): void
  onEnd(): void
  onError(error: unknown): void
}

/** What a plugin does, per route. Only the handlers that it needs: the pipeline calls nothing that is not there. */
export interface Handlers {
  /** Asks for the whole request body before `onRequest`, up to so many bytes; more is refused with 413. */
  readonly requestBodyBytes?: number
  /** Before the backend. A rejected promise or a throw answers 500: a plugin never fails open. */
  onRequest?(x: Exchange): HandlerResult
  /** After the backend or a reply, in reverse order, before the head goes to the client. */
  onResponse?(x: Exchange): void | Promise<void>
  /** Changes the body of the answer of a backend or a mock, after `onResponse`. */
  readonly responseBody?: ResponseBodyHandler
  /** Gives the body of such an answer another form, last of all. One plugin of a route at most. */
  readonly responseCoding?: ResponseCodingHandler
  /** When all has been sent, or the client is gone. */
  onFinish?(x: Exchange): void
  /** For the explanation of a request: what it has decided, or would do, in words. Called after `onRequest`. */
  describe?(x: Exchange): string[]
}

/** What `create` is given beside the settings. */
export interface PluginEnv {
  /** Random bytes for ids, as hexadecimal text; `bytes` of them. */
  randomHex(bytes: number): string
  /** The backend of this key in `backendsOf`; the route's own for null, which may have none. `path` takes the place of the route's path template. */
  backend(key: string | null, path?: string): BackendRef | null
  /** A random number, at least 0 and below 1. */
  random(): number
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Counts something that the plugin did on its route, by what it is called: for `GET /status`. */
  count(event: string): void
  /** Calls a URL on behalf of the plugin, within its limits. Rejects with `OutgoingFailure`, and with nothing else. */
  fetch(request: OutgoingRequest): Promise<OutgoingResponse>
  /** The value of a key, made if there is none: what is costly to get and outlives deployments, such as a fetched key set. */
  shared<T>(key: string, create: () => T): T
  /** What the plugin is made for. */
  readonly scope: PluginScope
  /** Limits whose counts all workers share. */
  readonly limits: Limits
  /** The API keys. */
  readonly keys: KeyGate
  /** The restriction policies that plugins of the stage name. */
  readonly policies: Policies
  /** Where lines of logs go. */
  readonly logs: LogSinks
  /** What requests of the stage carry their credentials in: no log shows a value of these. */
  readonly credentials: CredentialPlaces
}

/** What a plugin is made for: ids, which stay the same over deployments. */
export interface PluginScope {
  readonly stageId: string
  /** Of the method; of the path for a route that nobody has designed; empty for requests that match no route. */
  readonly routeId: string
  /** The names of service and stage, and the hash of the snapshot, which is that of the deployment. */
  readonly service: string
  readonly stage: string
  readonly deployment: string
  /** The path of the route; empty for requests that match no route. */
  readonly pattern: string
}

/** Names of fields (in lower case) and query parameters. */
export interface CredentialPlaces {
  readonly headers: readonly string[]
  readonly query: readonly string[]
}

/** Takes lines of logs, and brings them to where they are to go. */
export interface LogSinks {
  /** The way to a sink; equal ones are one for all routes of a stage, and lines of all workers end up in it. */
  open(sink: LogSink): LogWriter
  /**
   * Has a line made of a request, from `onFinish`: when it is remembered, in a row with others, which costs half of making each at once.
   * `rest` is what the line says beyond what is remembered.
   */
  later(x: Exchange, maker: LineMaker, rest: string): void
}

/** Makes lines of requests that are over. */
export interface LineMaker {
  make(request: FinishedRequest, rest: string): void
}

/** Takes the lines for one sink: at once, or not at all. What a sink cannot take is dropped and counted, so that no request waits for it. */
export interface LogWriter {
  /**
   * Where the next line is to be written, behind those before it: ASCII, and nothing that could break it. Null where it is dropped.
   * `severity` is that of RFC 5424, section 6.2.1.
   */
  begin(severity: number): LineBytes | null
  /** The line is whole. One that was begun and not ended is not written. */
  end(): void
}

/** How many may come in which time. */
export interface RateRule {
  readonly requests: number
  readonly periodMs: number
  /** How many may come at once, when nobody came for a while; at least 1. */
  readonly burst: number
}

/** Limits, made when a route is loaded. What `name` and the key of a request have in common is counted together, in all workers. */
export interface Limits {
  rate(name: string, rule: RateRule): RateLimiter
  concurrency(name: string, most: number): ConcurrencyLimiter
  /** A breaker for what `name` names; with another rule it is another breaker, which begins closed. */
  breaker(name: string, rule: BreakerRule): Breaker
  retryBudget(name: string, rule: RetryBudgetRule): RetryBudget
}

/** Counts requests over time. */
export interface RateLimiter {
  /**
   * Takes one request of `key`. Not below 0: it may pass, and so many more could at this moment. Below 0: it may not, and one
   * could in so many milliseconds.
   */
  take(key: string): number
}

/** Counts requests under way. */
export interface ConcurrencyLimiter {
  /** Takes a place for as long as the exchange lasts; false where there is none. */
  take(x: Exchange, key: string): boolean
}

/** When a circuit breaker opens, and for how long. */
export interface BreakerRule {
  /** How far it looks back. */
  readonly windowMs: number
  /** With fewer calls in the window it does not open. */
  readonly minimumCalls: number
  /** The share of calls that have failed at which it opens; null where they do not matter. */
  readonly failurePercent: number | null
  /** The share of slow calls at which it opens; null where they do not matter. */
  readonly slowPercent: number | null
  readonly openMs: number
  /** How many calls try whether it can close again. */
  readonly trialCalls: number
}

/** What a breaker has become by a call; null for no change. */
export type BreakerTurn = 'opened' | 'closed' | null

/** Stops calls to what fails. */
export interface Breaker {
  /** Asks for one call. Not below 0: a ticket for `settle` or `release`, one of which is owed. Below 0: none, and one could be asked for in so many milliseconds. */
  admit(): number
  /** Says how the call of a ticket went. */
  settle(ticket: number, hasFailed: boolean, wasSlow: boolean): BreakerTurn
  /** Says that a call which was settled as slow has failed in the end. */
  failLate(ticket: number): BreakerTurn
  /** Says that nothing is known of the call of a ticket. */
  release(ticket: number): void
  state(): BreakerState
}

/** How a breaker stands. */
export interface BreakerState {
  readonly kind: 'closed' | 'open' | 'half-open'
  readonly calls: number
  readonly failures: number
  readonly slow: number
  /** Until calls may try again. */
  readonly waitMs: number
}

/** How many retries there may be: what every second allows, and a share of the requests. */
export interface RetryBudgetRule {
  readonly minimumPerSecond: number
  readonly percent: number
}

/** Keeps retries from being more than the backend can bear. */
export interface RetryBudget {
  /** Counts a request. */
  request(): void
  /** Takes one retry; false where there is none. */
  take(): boolean
  /** How many could be taken at this moment. */
  left(): number
}

/** Asks whether requests with an API key may pass on the plugin's stage, and counts them. */
export interface KeyGate {
  /** Takes one request of the key that has this value. What it gives back is only good until the next call. */
  admit(value: string, x: Exchange): KeyVerdict
}

/** What became of a request with an API key. */
export interface KeyVerdict {
  /** Why it may not pass; null where it may. */
  readonly refusal: KeyRefusal | null
  /** Whose key it is, where it is known and may call this stage. */
  readonly consumer: Consumer | null
  /** The name of the plan. */
  readonly plan: string | null
  /** In how many milliseconds one could pass, where the rate or the quota refuses it. */
  readonly waitMs: number
  /** The rate of the plan, and how many more could come at this moment; `remaining` is -1 where the plan has none. */
  readonly requestsPerSecond: number
  readonly burst: number
  readonly remaining: number
  /** The quota of the plan, and what is left of it; `quotaRemaining` is -1 where the plan has none. */
  readonly quota: number
  readonly quotaRemaining: number
  readonly quotaResetsInMs: number
}

/** Why a request with an API key may not pass. */
export const keyRefusals = [
  'unknown',
  'inactive',
  'expired',
  'not-subscribed',
  'rate-limited',
  'quota-exceeded',
] as const
export type KeyRefusal = (typeof keyRefusals)[number]

/** A call that a plugin makes. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'HEAD'
  /** http or https. Link-local and metadata addresses are refused, after the name is resolved. */
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body?: string
  /** From the call to the end of the answer. */
  readonly timeoutMs: number
  /** The longest body of the answer. */
  readonly maxBytes: number
}

/** The answer to a call. Redirects are not followed. */
export interface OutgoingResponse {
  readonly status: number
  /** Names in lower case; several fields of one name joined by a comma. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** Why a call came to nothing. */
export type OutgoingReason = 'address-refused' | 'unreachable' | 'timeout' | 'too-large' | 'malformed'

/** A call of a plugin that came to nothing. */
export class OutgoingFailure extends Error {
  readonly reason: OutgoingReason

  constructor(reason: OutgoingReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/** A parameter of a method, as the design has it. */
export interface RouteParameter {
  readonly in: 'path' | 'query' | 'header' | 'cookie' | 'form'
  readonly name: string
  readonly required: boolean
  readonly schema: JsonSchema
  readonly style?: string
  readonly explode?: boolean
}

/** What the design says of the method that a plugin runs for. References `#/models/NAME` are to `schemas`. */
export interface RouteInterface {
  readonly parameters: readonly RouteParameter[]
  readonly requestBody: {
    readonly required: boolean
    readonly content: readonly { readonly contentType: string; readonly schema?: JsonSchema }[]
  } | null
  readonly schemas: Readonly<Record<string, JsonSchema>>
}

/** A backend of a plugin's own. */
export interface PluginBackend {
  /** By which the plugin asks for it. */
  readonly key: string
  /** Where it stands in the settings (JSON Pointer). */
  readonly path: string
  readonly backend: Backend
}

/** A plugin, declared once. */
export interface PluginDefinition<Name extends string = string, Config extends TObject = TObject> {
  readonly name: Name
  /** One sentence: what it does. */
  readonly summary: string
  /** Markdown for the reference page: what one must know beyond the settings. */
  readonly docs: string
  readonly phase: Phase
  readonly attach: readonly Place[]
  /** On which way it does what it is for, for those who draw it; on the way to the backend where it does not say. */
  readonly sides?: readonly Side[]
  readonly config: Config
  /** Settings for the reference page, where the examples of single settings make none. */
  readonly example?: object
  /**
   * True for a plugin that answers OPTIONS by itself, on paths without such a method too, and whose `onResponse` also runs for
   * requests of the stage that match no route.
   */
  readonly answersOptions?: boolean
  /** True for a plugin whose `onFinish` also runs for requests of the stage that match no route. */
  readonly finishesUnmatched?: boolean
  /** True for a plugin that is told what the design says of the method. */
  readonly needsInterface?: boolean
  /** Where a plugin that authenticates looks for credentials. */
  credentialsOf?(config: Static<Config>): CredentialPlaces
  /** The restriction policy that the settings name, for a plugin that is given one. */
  policyOf?(config: Static<Config>): string
  /** The authorities, in PEM, by which the plugin knows clients: TLS asks clients of its stage for certificates of theirs. */
  authoritiesOf?(config: Static<Config>): readonly string[]
  /** The backends that the settings hold, for a plugin that sends requests to some. */
  backendsOf?(config: Static<Config>): PluginBackend[]
  /** Everything wrong with the settings that the schema cannot say. */
  check?(config: Static<Config>, context: CheckContext): Problem[]
  /** Called once per route when a snapshot is loaded; does all that is expensive. `method` is there for those that need it, on routes that come from a method. */
  create(config: Static<Config>, env: PluginEnv, method?: RouteInterface): Handlers
}

/** Returns its argument; exists only to infer the name and the type of the settings. */
export function definePlugin<const Name extends string, Config extends TObject>(
  definition: PluginDefinition<Name, Config>,
): PluginDefinition<Name, Config> {
  return definition
}
