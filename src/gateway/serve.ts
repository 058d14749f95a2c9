import { canonicalPath } from '../lib/canonical-path.ts'
import type { HeaderList } from '../lib/header-list.ts'
import type { Outcome, Reply } from '../plugins/plugin.ts'
import type { ReplyCode } from '../plugins/replies.ts'
import { fillPluginReply, fillReply } from './answer.ts'
import type { BackendEvents } from './backend/connection.ts'
import { send } from './backend/send.ts'
import type { GatewayExchange, GatewayRequest, RequestServer } from './exchange.ts'
import type { Challenges } from './front/challenges.ts'
import { NO_BODY, type ResponseHead } from './http1/head.ts'
import { runRequestHandlers, runResponseHandlers } from './pipeline.ts'
import type { HostTable, Route, StageTable } from './table.ts'
import { WholeResponse } from './whole-body.ts'

/** What serving needs of the worker. */
export interface ServeContext {
  /** The stages of this moment; replaced whole at each deployment. */
  hosts: HostTable
  /** What authorities are answered that look whether a host is ours; null where none is expected. */
  readonly challenges: Challenges | null
  /** The port that HTTPS is served on; null for none. */
  readonly httpsPort: number | null
  /** Told of faults of our own, for the program's log. */
  onFault(x: GatewayExchange, error: unknown): void
}

/** Methods that may be sent twice (RFC 9110, section 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
const MAX_ATTEMPTS = 2
/** `OPTIONS *` asks about the server, not about a resource (RFC 9110, section 9.3.7). */
const SERVER_OPTIONS: Outcome = {
  status: 204,
  headers: [['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']],
  body: '',
}

/** The life of a request. The steps have the names of docs/architecture.md. */
export class Server implements RequestServer, BackendEvents {
  private readonly context: ServeContext

  constructor(context: ServeContext) {
    this.context = context
  }

  /** Takes a request whose head has been read, and sees to it that it is answered. */
  serve(x: GatewayExchange): void {
    if (this.context.challenges !== null && this.answerAuthority(x, this.context.challenges)) return

    // 1. Stage: the host picks it.
    const stage = this.context.hosts.find(x.request.hostName) ?? this.findByPrefix(x)
    if (stage === undefined) return this.refuse(x, 'unknown-host')
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
    const backend = (x.matched as Route).backend
    if (x.request.contentLength > x.request.maxBodyBytes) return this.refuse(x, 'payload-too-large')
    if (backend === null) return this.answerNothing(x)
    if (x.timeouts !== null) x.client.limitTotal(x.timeouts.totalMs)
    if (!send(x, backend, false))
      this.refuse(x, 'invalid-context-variable', 'The backend path that the request gives is not a path.')
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
    const { response } = x
    response.status = head.status
    response.reason = head.reason
    response.hasDate = head.hasDate
    const spare = response.headers
    response.headers = head.headers
    head.headers = spare
    response.framing = head.framing
    response.contentLength = head.contentLength
    // A whole answer leaves the backend connection behind; it may serve the next exchange before our plugins are through.
    if (body !== null) x.backend = null
    if ((x.matched as Route).responseHandlers === null) return this.takeBody(x, body)
    runResponseHandlers(x, 0, (done) => this.takeBody(done, body), this.fault)
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
      if (typeof changed === 'string') x.client.writeWhole(changed, changed.length)
      else this.answerPlugin(x, changed)
    } catch (error) {
      this.fault(x, error)
    }
  }

  /** Sends the answer of the backend to the client. */
  private deliver(x: GatewayExchange, body: string | null): void {
    const { framing, contentLength } = x.response
    if (body !== null) return x.client.writeWhole(body, framing === NO_BODY ? contentLength : body.length)
    x.client.writeHead(framing, contentLength)
    x.backend?.flow()
  }

  body(x: GatewayExchange, chunk: Buffer, start: number, end: number): void {
    if (x.responseBody === null) x.client.writeBody(chunk, start, end)
    else if (!x.responseBody.add(chunk, start, end)) this.refuseBody(x)
  }

  end(x: GatewayExchange, trailers: HeaderList | null): void {
    x.backend = null
    if (x.responseBody !== null) return this.deliverChanged(x, x.responseBody.text())
    x.client.end(trailers)
  }

  failed(x: GatewayExchange, code: ReplyCode, canRetry: boolean): void {
    x.backend = null
    x.responseBody = null
    if (x.isAnswered) return x.client.abort()
    const backend = x.matched?.backend ?? null
    if (backend !== null && canRetry && isRepeatable(x) && send(x, backend, true)) return
    this.refuse(x, code)
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
    const maxBytes = isChangeable && body !== '' ? wantedBytes(x) : null
    if (maxBytes === null) return x.client.writeWhole(body, body.length)
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
    x.matched = stage.router.find(path, 'OPTIONS', x.request.variableValues)?.unmatched ?? null
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

/** Only what has no body, or one that is still at hand, can be sent again. */
function isRepeatable(x: GatewayExchange): boolean {
  const { request } = x
  const hasBodyAtHand = request.inlineBody !== null || request.framing === NO_BODY
  return x.attempts < MAX_ATTEMPTS && hasBodyAtHand && IDEMPOTENT.has(request.method)
}
