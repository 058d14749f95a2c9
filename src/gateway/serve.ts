import { performance } from 'node:perf_hooks'
import { canonicalPath } from '../lib/canonical-path.ts'
import type { HeaderList } from '../lib/headers/header-list.ts'
import type { TimeWheel } from '../lib/time-wheel.ts'
import type {
  BreakerPlan,
  CreateBodyCoder,
  MirrorPlan,
  Outcome,
  Reply,
  ResponseCodingHandler,
  RetryPolicy,
} from '../plugins/plugin.ts'
import type { ReplyCode } from '../plugins/replies.ts'
import { fillPluginReply, fillReply } from './answer.ts'
import type { BackendEvents } from './backend/connection.ts'
import { send } from './backend/send.ts'
import { BreakerCall } from './breaking.ts'
import { CodedBody } from './coded-body.ts'
import { ANSWERED, ENDED, type GatewayExchange, type GatewayRequest, type RequestServer } from './exchange.ts'
import type { Challenges } from './front/challenges.ts'
import { healthAnswer, type WorkerHealth } from './health.ts'
import { CHUNKED, NO_BODY } from './http1/head.ts'
import type { ResponseHead } from './http1/response-head.ts'
import { type Copy, Mirrors } from './mirroring.ts'
import { runRequestHandlers, runResponseHandlers } from './pipeline.ts'
import { type Retrier, Tries } from './retrying.ts'
import type { HostTable, Route, RouteBackend, StageTable } from './table.ts'
import type { Tracing } from './tracing.ts'
import { faultOfSwitch } from './websocket/handshake.ts'
import type { TunnelEnd } from './websocket/tunnel.ts'
import { WholeResponse } from './whole-body.ts'

/** What serving needs of the worker. */
export interface ServeContext {
  /** The stages of this moment; replaced whole at each deployment. */
  hosts: HostTable
  /** What authorities are answered that look whether a host is ours; null where none is expected. */
  readonly challenges: Challenges | null
  /** The port that HTTPS is served on; null for none. */
  readonly httpsPort: number | null
  readonly wheel: TimeWheel
  /** What is answered to who asks after it; null where nobody is answered. */
  health: WorkerHealth | null
  /** Records traces; null where none are. */
  readonly tracing: Tracing | null
  /** Told of faults of our own, for the program's log. */
  onFault(x: GatewayExchange, error: unknown): void
}

/** Methods that may be sent twice (RFC 9110, section 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
const MAX_ATTEMPTS = 2
/** So many targets are tried, one after the other, where none of them begins to answer. */
const MAX_TARGETS = 5
/** Up to here a body is coded at once, in a fraction of a millisecond; a longer one in other threads, as a stream. */
const CODED_AT_ONCE_BYTES = 16_384
/** `OPTIONS *` asks about the server, not about a resource (RFC 9110, section 9.3.7). */
const SERVER_OPTIONS: Outcome = {
  status: 204,
  headers: [['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']],
  body: '',
}

/** The life of a request. The steps have the names of docs/architecture.md. */
export class Server implements RequestServer, BackendEvents, Retrier {
  private readonly context: ServeContext
  private heldMirrors: Mirrors | null = null

  constructor(context: ServeContext) {
    this.context = context
  }

  get wheel(): TimeWheel {
    return this.context.wheel
  }

  private get mirrors(): Mirrors {
    this.heldMirrors ??= new Mirrors(this.wheel)
    return this.heldMirrors
  }

  /** Takes a request whose head has been read, and sees to it that it is answered. */
  serve(x: GatewayExchange): void {
    if (this.context.tracing !== null) x.trace = this.context.tracing.begin(x)
    if (this.context.challenges !== null && this.answerAuthority(x, this.context.challenges)) return

    // 1. Stage: the host picks it.
    const live = this.context.hosts.find(x.request.hostName) ?? this.findByPrefix(x)
    if (live === undefined) return this.answerNoStage(x)
    const stage = live.canary?.takes(x) === true ? live.canary.table : live
    x.stageTable = stage
    if (stage.stage.https !== undefined && x.request.scheme === 'http') return this.insistOnHttps(x, stage.stage.https)

    // 2. Route: canonical path and method pick it.
    if (x.request.path === '*') return this.answerPlugin(x, SERVER_OPTIONS)
    let path = canonicalPath(x.request.path)
    if (path === null) return this.refuseUnmatched(x, 'invalid-uri')
    if (stage.stage.ignoresTrailingSlash && path.length > 1 && path.endsWith('/')) path = path.slice(0, -1)
    x.request.path = path
    const route = stage.router.find(path, x.request.method, x.request.variableValues)
    if (route === null) return this.refuseRoute(x, stage, path)
    x.matched = route
    x.request.variableNames = route.variableNames

    // 3. Request plugins: any of them may answer.
    if (route.requestHandlers === null) return this.forward(x, undefined)
    runRequestHandlers(x, 0, this.forward, this.fault)
  }

  /** No stage has the host: a question after our health, or a request for nobody. */
  private answerNoStage(x: GatewayExchange): void {
    const { health } = this.context
    const answer = health === null ? null : healthAnswer(x.request, health)
    if (answer === null) this.refuse(x, 'unknown-host')
    else this.answerPlugin(x, answer)
  }

  /** The stage that is served under a path of this host. Its routes, plugins and backend see the path behind that one. */
  private findByPrefix(x: GatewayExchange): StageTable | undefined {
    const { request } = x
    const path = canonicalPath(request.path)
    const stage = path === null ? undefined : this.context.hosts.findByPrefix(request.hostName, path)
    const prefix = stage?.stage.prefix?.path
    if (path === null || prefix === undefined) return undefined
    request.path = path.length === prefix.length ? '/' : path.slice(prefix.length)
    request.headers.set('X-Forwarded-Prefix', prefix)
    return stage
  }

  /** Answers an authority that looks whether a host is ours. Returns whether it was one. */
  private answerAuthority(x: GatewayExchange, challenges: Challenges): boolean {
    const body = challenges.answerTo(x.request.hostName, x.request.path)
    if (body === null) return false
    this.answerPlugin(x, { status: 200, headers: [['Content-Type', 'application/octet-stream']], body })
    return true
  }

  /** Sends a request that came by plain HTTP to HTTPS, or refuses it, as its stage says. */
  private insistOnHttps(x: GatewayExchange, how: 'redirect' | 'required'): void {
    if (how === 'required') return this.refuse(x, 'https-required')
    const headers = [['Location', httpsUrl(x.request, this.context.httpsPort)]] as const
    this.answerPlugin(x, { status: 308, headers, body: '' })
  }

  /** Refuses a request: what the codec finds wrong with it, or we do. */
  readonly refuse = (x: GatewayExchange, code: ReplyCode, detail?: string): void => {
    this.answer(x, fillReply(x, code, detail))
  }

  // 4. Backend, unless a plugin has answered.
  private readonly forward = (x: GatewayExchange, reply: Outcome): void => {
    if (reply !== undefined) return this.answerPlugin(x, reply)
    const backend = x.sendTo ?? (x.matched as Route).backend
    if (x.request.contentLength > x.request.maxBodyBytes) return this.refuse(x, 'payload-too-large')
    if (backend === null) return this.answerNothing(x)
    if (x.timeouts !== null) x.client.limitTotal(x.timeouts.totalMs)
    if (x.retry !== null) this.prepareTries(x, x.retry, x.retry.maxBodyBytes)
    if (x.breaker !== null && !this.enterBreaker(x, x.breaker)) return
    const copy = x.mirror === null ? null : this.prepareCopy(x, x.mirror)
    const trouble = send(x, backend, false)
    // The request itself comes first, and does not wait for its copy.
    if (trouble === null) return copy?.start()
    copy?.drop()
    this.refuse(x, trouble, unsentDetail(trouble))
  }

  private prepareTries(x: GatewayExchange, policy: RetryPolicy | null, keptBytes: number): Tries {
    x.keptTries ??= new Tries(x, this)
    x.tries = x.keptTries
    x.tries.begin(policy, keptBytes)
    return x.tries
  }

  /** Takes down a copy of the request. Null where it cannot go at once: there is none, or its body has not come yet. */
  private prepareCopy(x: GatewayExchange, plan: MirrorPlan): Copy | null {
    const copy = this.mirrors.prepare(x, plan)
    if (copy === null || copy.isWhole) return copy
    const tries = x.tries ?? this.prepareTries(x, null, 0)
    tries.keepAtLeast(plan.maxBodyBytes)
    tries.onBodyEnd = (body) => {
      if (body === null || body.length > plan.maxBodyBytes) copy.drop()
      else copy.startWith(body)
    }
    return null
  }

  /** Asks the circuit breaker. Where it lets no call through, the request is refused. */
  private enterBreaker(x: GatewayExchange, plan: BreakerPlan): boolean {
    x.breakerCall ??= new BreakerCall(this.wheel)
    const waitMs = x.breakerCall.enter(plan)
    if (waitMs === 0) return true
    const body = fillReply(
      x,
      'backend-unavailable',
      'The backend has failed too often: it is left in peace for a while.',
    )
    x.response.headers.set('Retry-After', String(Math.ceil(waitMs / 1_000)))
    this.answer(x, body)
    return false
  }

  /** Sends a request once more. */
  resend(x: GatewayExchange): void {
    x.backend = null
    const backend = x.sendTo ?? x.matched?.backend ?? null
    if (backend === null || (x.breaker !== null && !this.enterBreaker(x, x.breaker))) return
    const trouble = send(x, backend, x.tries?.isFreshNeeded === true)
    if (trouble !== null) this.refuse(x, trouble, unsentDetail(trouble))
  }

  /** No plugin has answered, and there is no backend. */
  private answerNothing(x: GatewayExchange): void {
    const { stageTable, route } = x
    if (route.isImplied && stageTable !== null) this.refuseRoute(x, stageTable, x.request.path)
    else this.fault(x, new Error(`route ${route.id} has neither a backend nor a plugin that answers`))
  }

  informational(x: GatewayExchange, head: ResponseHead): void {
    x.client.writeInformational(head)
  }

  // 5. Response plugins, in reverse order, on the head of the answer.
  head(x: GatewayExchange, head: ResponseHead, body: string | null): void {
    x.pool?.onAnswer(head.status, head.headers)
    if (x.trace !== null) x.trace.answered(head.status, body !== null)
    if (x.breaker !== null) x.breakerCall?.answered(head.status, head.headers)
    if (x.tries !== null && this.isRetried(x, x.tries, head, body)) return
    takeHead(x, head)
    // A whole answer leaves the backend connection behind; it may serve the next exchange before our plugins are through.
    if (body !== null) this.leaveBackend(x)
    const route = x.matched as Route
    if (body !== null && isPassedOn(route)) x.times[ENDED] = x.times[ANSWERED] as number
    if (route.responseHandlers === null) return this.takeBody(x, body)
    runResponseHandlers(x, 0, (done) => this.takeBody(done, body), this.fault)
  }

  /** Whether an answer is not taken for one, and another try follows. */
  private isRetried(x: GatewayExchange, tries: Tries, head: ResponseHead, body: string | null): boolean {
    tries.observe(x.backend)
    return tries.afterAnswer(head, body)
  }

  /** The backend has switched to WebSocket: from here on the two connections are a tunnel. */
  switched(x: GatewayExchange, head: ResponseHead, backend: TunnelEnd): void {
    const fault = faultOfSwitch(x.request.headers, head)
    x.times[ANSWERED] = performance.now()
    if (fault !== null) {
      if (x.trace !== null) x.trace.endAttempt('backend-handshake')
      x.backend?.abandon()
      x.backend = null
      x.pool?.onFailure('backend-handshake')
      if (x.breaker !== null) x.breakerCall?.failed()
      return this.refuse(x, 'backend-handshake', fault)
    }
    x.pool?.onAnswer(head.status, head.headers)
    if (x.breaker !== null) x.breakerCall?.answered(head.status, head.headers)
    // The time of a try ends here; that of the tunnel is its own.
    if (x.tries !== null) x.tries.accept()
    takeHead(x, head)
    if (x.trace !== null) x.trace.answered(head.status, true)
    if ((x.matched as Route).responseHandlers === null) return openTunnel(x, backend)
    runResponseHandlers(x, 0, (done) => openTunnel(done, backend), this.fault)
  }

  /** Collects the body of the answer of the backend where a plugin wants it whole; else delivers it as it comes. */
  private takeBody(x: GatewayExchange, body: string | null): void {
    const maxBytes = wantedBytes(x)
    if (maxBytes === null || x.response.framing === NO_BODY) return this.deliver(x, body)
    if ((body?.length ?? x.response.contentLength) > maxBytes) return this.refuseBody(x)
    if (body !== null) return this.deliverChanged(x, body)
    x.responseBody = new WholeResponse(maxBytes)
    x.backend?.flow()
  }

  /** The answer has a body that is larger than its plugin takes: it is not passed on unseen. */
  private refuseBody(x: GatewayExchange): void {
    x.responseBody = null
    x.backend?.abandon()
    x.backend = null
    this.refuse(x, 'response-too-large')
  }

  private deliverChanged(x: GatewayExchange, body: string): void {
    x.responseBody = null
    try {
      const changed = changeBody(x, body)
      if (typeof changed === 'string') this.writeChanged(x, changed)
      else this.answerPlugin(x, changed)
    } catch (error) {
      this.fault(x, error)
    }
  }

  /** Sends the answer of the backend to the client. */
  private deliver(x: GatewayExchange, body: string | null): void {
    const { responseCoding } = x.route
    if (responseCoding === null) return this.deliverPlain(x, body)
    if (body === null || x.response.framing === NO_BODY) this.deliverCoded(x, body, responseCoding)
    else this.writeCoded(x, body, responseCoding)
  }

  private deliverPlain(x: GatewayExchange, body: string | null): void {
    const { framing, contentLength } = x.response
    if (body !== null) return x.client.writeWhole(body, framing === NO_BODY ? contentLength : body.length)
    x.client.writeHead(framing, contentLength)
    x.backend?.flow()
  }

  /** Sends the answer of the backend in another form, where its coding takes it; `body` is null where it is still to come. */
  private deliverCoded(x: GatewayExchange, body: string | null, coding: ResponseCodingHandler): void {
    const create = this.askCoding(x, () => coding.stream(x, x.response.contentLength))
    if (create === undefined) return
    if (create === null) return this.deliverPlain(x, body)
    // Of a body that does not come nobody knows how long it would be.
    if (body !== null) return x.client.writeWhole(body, -1)
    this.startCoded(x, create)
    x.backend?.flow()
  }

  /** Sends a whole body that is not the backend's own any more, or never was. */
  private writeChanged(x: GatewayExchange, body: string): void {
    const { responseCoding } = x.route
    if (responseCoding === null) x.client.writeWhole(body, body.length)
    else this.writeCoded(x, body, responseCoding)
  }

  private writeCoded(x: GatewayExchange, body: string, coding: ResponseCodingHandler): void {
    const bytes = Buffer.from(body, 'latin1')
    if (bytes.length > CODED_AT_ONCE_BYTES) return this.writeLargeCoded(x, bytes, coding)
    const coded = this.askCoding(x, () => coding.whole(x, bytes))
    if (coded === undefined) return
    const text = coded === null ? body : coded.toString('latin1')
    x.client.writeWhole(text, text.length)
  }

  private writeLargeCoded(x: GatewayExchange, bytes: Buffer, coding: ResponseCodingHandler): void {
    const create = this.askCoding(x, () => coding.stream(x, bytes.length))
    if (create === undefined) return
    if (create === null) return x.client.writeWhole(bytes.toString('latin1'), bytes.length)
    if (x.request.method === 'HEAD') return x.client.writeWhole('', -1)
    const coded = this.startCoded(x, create)
    coded.add(bytes, 0, bytes.length)
    coded.complete(null)
  }

  /** Asks a plugin for its coding; undefined where it has failed, and the exchange with it. */
  private askCoding<T>(x: GatewayExchange, ask: () => T): T | undefined {
    try {
      return ask()
    } catch (error) {
      this.fault(x, error)
      return undefined
    }
  }

  /** Begins an answer whose body is coded as it comes. */
  private startCoded(x: GatewayExchange, create: CreateBodyCoder): CodedBody {
    const coded = new CodedBody(x, create, this.fault)
    x.codedBody = coded
    x.backend = coded
    x.client.writeHead(CHUNKED, -1)
    return coded
  }

  body(x: GatewayExchange, chunk: Buffer, start: number, end: number): void {
    if (x.codedBody !== null) x.codedBody.add(chunk, start, end)
    else if (x.responseBody === null) x.client.writeBody(chunk, start, end)
    else if (x.tries?.isDiscarding === true) x.tries.dropBody(end - start)
    else if (!x.responseBody.add(chunk, start, end)) this.refuseBody(x)
  }

  end(x: GatewayExchange, trailers: HeaderList | null): void {
    this.leaveBackend(x)
    if (x.breaker !== null) x.breakerCall?.ended(trailers)
    if (x.tries?.isDiscarding === true) return x.tries.dropped()
    x.pool?.onEnd(x.response.status, x.response.headers, trailers)
    if (x.codedBody !== null) return x.codedBody.complete(trailers)
    if (x.responseBody !== null) return this.deliverChanged(x, x.responseBody.text())
    x.client.end(trailers)
  }

  failed(x: GatewayExchange, code: ReplyCode, canRetry: boolean): void {
    x.tries?.observe(x.backend)
    this.leaveBackend(x, code)
    x.responseBody = null
    x.codedBody?.close()
    // Of an answer that was not wanted anyway.
    if (x.tries?.isDiscarding === true) return x.tries.dropped()
    x.pool?.onFailure(code)
    if (x.breaker !== null) x.breakerCall?.ended(null)
    if (x.isAnswered) return x.client.abort()
    const to = x.sendTo ?? x.matched?.backend ?? null
    if (to !== null && mayRepeat(x, to, code, canRetry) && send(x, to, true) === null) return
    if (x.breaker !== null) x.breakerCall?.failed()
    if (x.tries?.afterFailure(code) === true) return
    this.refuse(x, code)
  }

  /** The answer of the backend has come to its end, or will not, for the reason of `code`. */
  private leaveBackend(x: GatewayExchange, code: ReplyCode | null = null): void {
    // What is being coded is still on its way.
    x.backend = x.codedBody
    if (x.trace !== null) x.trace.endAttempt(code)
    x.times[ANSWERED] = performance.now()
  }

  private answerPlugin(x: GatewayExchange, reply: Outcome): void {
    if (reply === undefined) return
    let body: string
    try {
      body = fillPluginReply(x, reply)
    } catch (error) {
      return this.fault(x, error)
    }
    // A response of the plugin's making takes the place of a backend's; an answer of our own is nobody's to change.
    this.answer(x, body, !('reply' in reply))
  }

  private answer(x: GatewayExchange, body: string, isChangeable = false): void {
    if (x.route.responseHandlers === null) return this.write(x, body, isChangeable)
    runResponseHandlers(x, 0, (done) => this.write(done, body, isChangeable), this.fault)
  }

  private write(x: GatewayExchange, body: string, isChangeable: boolean): void {
    if (!isChangeable || body === '') return x.client.writeWhole(body, body.length)
    const maxBytes = wantedBytes(x)
    if (maxBytes === null) return this.writeChanged(x, body)
    if (body.length > maxBytes) return this.refuse(x, 'response-too-large')
    this.deliverChanged(x, body)
  }

  private refuseUnmatched(x: GatewayExchange, code: ReplyCode): void {
    x.matched = x.stageTable?.unmatched ?? null
    this.refuse(x, code)
  }

  private refuseRoute(x: GatewayExchange, stage: StageTable, path: string): void {
    const allowed = stage.router.allowedMethods(path)
    if (allowed.length === 0) return this.refuseUnmatched(x, 'not-found')
    x.matched = stage.router.find(path, 'OPTIONS', x.request.variableValues)?.unmatched ?? stage.otherMethods
    const body = fillReply(x, 'method-not-allowed')
    x.response.headers.set('Allow', allowed.join(', '))
    this.answer(x, body)
  }

  /** A plugin or we have failed: the request is refused, never let through. */
  private readonly fault = (x: GatewayExchange, error: unknown): void => {
    this.context.onFault(x, error)
    x.backend?.abandon()
    x.backend = null
    if (x.isAnswered) return x.client.abort()
    const body = fillReply(x, 'internal-error')
    x.client.writeWhole(body, body.length)
  }
}

/** More about why a request could not be sent, where its reply does not say it. */
function unsentDetail(code: ReplyCode): string | undefined {
  return code === 'invalid-context-variable' ? 'The backend path that the request gives is not a path.' : undefined
}

/** Whether nobody touches an answer on its way: a whole one is through as soon as it comes, and the clock need not be read once more for that. */
function isPassedOn({ responseHandlers, responseBodyHandlers, responseCoding }: Route): boolean {
  return responseHandlers === null && responseBodyHandlers === null && responseCoding === null
}

/** Puts the head of the backend's answer into the exchange, and leaves its header list for the next one. */
function takeHead({ response }: GatewayExchange, head: ResponseHead): void {
  const spare = response.headers
  response.status = head.status
  response.reason = head.reason
  response.hasDate = head.hasDate
  response.headers = head.headers
  head.headers = spare
  response.framing = head.framing
  response.contentLength = head.contentLength
}

function openTunnel(x: GatewayExchange, backend: TunnelEnd): void {
  // Both are there: only a request that may become a WebSocket is sent as one, and only by a client that can.
  if (x.webSocket !== null) x.client.startTunnel?.(backend, x.webSocket)
}

/** The most bytes that the plugins which want the body of this answer take; null where none does. */
function wantedBytes(x: GatewayExchange): number | null {
  const { responseBodyHandlers } = x.route
  if (responseBodyHandlers === null) return null
  let least: number | null = null
  for (const handler of responseBodyHandlers)
    if (handler.wants(x)) least = Math.min(least ?? handler.maxBytes, handler.maxBytes)
  return least
}

/** Runs the body through the plugins that want it. One may answer by itself instead. */
function changeBody(x: GatewayExchange, body: string): string | Reply {
  let changed: Buffer = Buffer.from(body, 'latin1')
  for (const handler of x.route.responseBodyHandlers ?? []) {
    if (!handler.wants(x)) continue
    const result = handler.transform(x, changed)
    if ('length' in result) changed = result
    else return result
  }
  return changed.toString('latin1')
}

const HTTPS_PORT = 443

/**
 * Where a request is to be sent instead. Whoever named a port knows the ports of this machine; whoever did not comes through
 * something that hides them, and finds HTTPS at its usual one.
 */
function httpsUrl({ host, hostName, rawTarget }: GatewayRequest, port: number | null): string {
  const isPlain = host.length === hostName.length || port === null || port === HTTPS_PORT
  // The target may be a whole URL.
  const target = rawTarget.startsWith('/') ? rawTarget : rawTarget.replace(/^[a-z]+:\/\/[^/?]*/i, '')
  return `https://${hostName}${isPlain ? '' : `:${port}`}${target === '*' ? '/' : target}`
}

/**
 * Whether a request that has failed may be sent again: its body must still be at hand, and a backend that may have seen it gets it
 * again only if that changes nothing. `canRetry`: the same target can have it once more, for it has most likely closed a connection
 * that was unused. Another target can have what nobody has begun to answer.
 */
function mayRepeat(x: GatewayExchange, { backend }: RouteBackend, code: ReplyCode, canRetry: boolean): boolean {
  const { request } = x
  if (request.inlineBody === null && request.framing !== NO_BODY) return false
  const isUnsent = code === 'backend-unreachable' || code === 'backend-connect-timeout'
  if (!isUnsent && !IDEMPOTENT.has(request.method)) return false
  if (canRetry && x.attempts < MAX_ATTEMPTS) return true
  const isUnanswered = isUnsent || (code === 'backend-closed' && x.response.status === 0)
  return isUnanswered && x.attempts < MAX_TARGETS && backend.hasUntried(x)
}
