import { isCredentialName, maskQuery } from '../lib/credential-names.ts'
import { formatTraceparent, isTracestate, parseTraceparent, RANDOM_ID, SAMPLED } from '../lib/trace-context.ts'
import { withoutUserInfo } from '../lib/url.ts'
import type { Sampling, Span, SpanBatch } from '../model/span.ts'
import type { Target } from './backend/target.ts'
import { type GatewayExchange, STARTED } from './exchange.ts'
import { randomHex } from './random-id.ts'

/**
 * Traces of requests (W3C Trace Context, OpenTelemetry). Whether a request is recorded is decided when it comes; one that is
 * not costs no more than that. What is recorded are plain objects, handed over a batch at a time; what they become, another
 * thread knows.
 */

const TRACE_BYTES = 16
const SPAN_BYTES = 8
/** Spans that are handed over at once. */
const BATCH = 256
/** Spans that may be on their way and not taken yet: beyond that they are dropped, and counted. */
const MOST_ON_THEIR_WAY = 4_096
/** Of what a client may make as long as it likes. */
const MOST_CHARACTERS = 1_024
/** Digits of a trace's id that decide; 52 bits are what a number holds, and the last seven bytes are the random ones. */
const DECIDING = [18, 31] as const

/** Methods that a span may be named by (OpenTelemetry, HTTP): clients may send any other. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'])
const NO_NAMES: ReadonlySet<string> = new Set()

/** Where batches go. */
export interface SpanPort {
  postMessage(batch: SpanBatch): void
  /** Told how many spans of a batch have been taken. */
  on(event: 'message', listener: (taken: number) => void): unknown
}

/** What is recorded of one request. */
export class Trace {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string
  readonly flags: number
  readonly tracestate: string
  /** Milliseconds of the Unix epoch at 0 of `performance.now()`, as of this request. */
  private readonly epoch: number
  readonly spans: Span[] = []
  /** As it came: plugins may put something else there for the backend alone. */
  private readonly userAgent: string | undefined
  /** The attempt that is under way. */
  private attempt: Span | null = null

  constructor(x: GatewayExchange, traceId: string, parentId: string, flags: number, tracestate: string) {
    this.traceId = traceId
    this.spanId = randomHex(SPAN_BYTES)
    this.parentId = parentId
    this.flags = flags
    this.tracestate = tracestate
    this.userAgent = x.request.headers.get('user-agent')?.slice(0, MOST_CHARACTERS)
    this.epoch = x.receivedAt - (x.times[STARTED] ?? 0)
  }

  /** The request is sent to a backend, which is told the span that this is. */
  beginAttempt(x: GatewayExchange, { url, hostname, port, socketPath }: Target): void {
    // One whose answer was not wanted, and dropped.
    this.endAttempt(null)
    const { method, attributes } = spanMethod(x.request)
    // Of the URL no more than the target: what a template has put into the path is for the backend alone.
    const attempt = this.begin('client', method, {
      ...attributes,
      ...(socketPath === null
        ? { 'server.address': hostname, 'server.port': port, 'url.full': withoutUserInfo(url) }
        : { 'server.address': socketPath }),
    })
    if (x.attempts > 0) attempt.attributes['http.request.resend_count'] = x.attempts
    this.attempt = attempt
    x.request.headers.set('traceparent', formatTraceparent({ ...attempt, flags: this.flags }))
    if (this.tracestate === '') x.request.headers.remove('tracestate')
  }

  /** The head of the backend's answer has come, or all of it. */
  answered(status: number, isWhole: boolean): void {
    if (this.attempt === null) return
    this.attempt.attributes['http.response.status_code'] = status
    if (status >= 400) this.fail(this.attempt, String(status))
    if (isWhole) this.endAttempt(null)
  }

  /** The attempt is over; `code` says why it failed. */
  endAttempt(code: string | null): void {
    if (this.attempt === null) return
    if (code !== null) this.fail(this.attempt, code)
    this.attempt.end = this.now()
    this.attempt = null
  }

  /** A plugin waits. Whoever has the span says when it does no longer. */
  beginWait(plugin: string, event: 'request' | 'response'): Span {
    return this.begin('internal', plugin, { 'turnpike.plugin': plugin, 'turnpike.plugin.event': event })
  }

  endWait(span: Span, isFailed: boolean): void {
    span.end = this.now()
    if (isFailed) this.fail(span, 'internal-error')
  }

  /** All spans of a request that is over, its own the last. */
  finish(x: GatewayExchange, isAborted: boolean): Span[] {
    const end = this.now()
    this.endAttempt(isAborted ? 'aborted' : (x.error?.code ?? 'abandoned'))
    for (const span of this.spans) if (span.end === 0) span.end = end
    const { method, attributes } = spanMethod(x.request)
    const { route, response, error } = x
    const span: Span = {
      traceId: this.traceId,
      spanId: this.spanId,
      parentId: this.parentId,
      isParentRemote: true,
      tracestate: this.tracestate,
      kind: 'server',
      name: route.pattern === '' ? method : `${method} ${route.pattern}`,
      start: this.epoch + (x.times[STARTED] ?? 0),
      end,
      isError: response.status >= 500,
      attributes: { ...attributes, ...requestAttributes(x) },
    }
    if (response.status > 0) span.attributes['http.response.status_code'] = response.status
    if (span.isError) span.attributes['error.type'] = error?.code ?? String(response.status)
    if (this.userAgent !== undefined) span.attributes['user_agent.original'] = this.userAgent
    if (isAborted) span.attributes['turnpike.aborted'] = true
    return [...this.spans, span]
  }

  private begin(kind: Span['kind'], name: string, attributes: Span['attributes']): Span {
    const span: Span = {
      traceId: this.traceId,
      spanId: randomHex(SPAN_BYTES),
      parentId: this.spanId,
      isParentRemote: false,
      tracestate: this.tracestate,
      kind,
      name,
      start: this.now(),
      end: 0,
      isError: false,
      attributes,
    }
    this.spans.push(span)
    return span
  }

  private fail(span: Span, type: string): void {
    span.isError = true
    span.attributes['error.type'] = type
  }

  private now(): number {
    return this.epoch + performance.now()
  }
}

/** The method by which a span is named, and what is said of it. */
function spanMethod({ method }: { readonly method: string }): { method: string; attributes: Span['attributes'] } {
  if (METHODS.has(method)) return { method, attributes: { 'http.request.method': method } }
  return {
    method: 'HTTP',
    attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': method.slice(0, 64) },
  }
}

/** What is said of a request. Never of its fields, but for who the client says to be; and of its query only what can be told. */
function requestAttributes(x: GatewayExchange): Span['attributes'] {
  const { request, route, stageTable, error, answeredBy } = x
  // Both as they came, for the same reason as above.
  const [path = '', query] = cut(request.rawTarget)
  return {
    'url.scheme': request.scheme,
    'url.path': (path.startsWith('/') ? path : request.path).slice(0, MOST_CHARACTERS),
    ...(query !== undefined && {
      'url.query': toldQuery(query, stageTable?.credentialNames ?? NO_NAMES).slice(0, MOST_CHARACTERS),
    }),
    'server.address': request.hostName,
    'client.address': x.clientIp,
    'network.peer.address': x.client.address,
    'network.protocol.name': 'http',
    ...(route.pattern !== '' && { 'http.route': route.pattern }),
    ...(stageTable !== null && {
      'turnpike.service': stageTable.stage.service,
      'turnpike.stage': stageTable.stage.name,
      'turnpike.deployment': stageTable.hash,
    }),
    'turnpike.request_id': x.id,
    ...(answeredBy !== -1 && { 'turnpike.answered_by': route.requestPlugins[answeredBy] ?? '' }),
    ...(error !== null && { 'turnpike.reply': error.code }),
  }
}

/** A target before and behind its question mark. */
function cut(target: string): [path: string, query?: string] {
  const mark = target.indexOf('?')
  return mark === -1 ? [target] : [target.slice(0, mark), target.slice(mark + 1)]
}

/** Decides which requests are recorded, and hands over what was. */
export class Tracing {
  private readonly sampling: Sampling
  /** Recorded is what is at least this, by the deciding digits of its id. */
  private readonly threshold: number
  private readonly port: SpanPort
  private batch: Span[] = []
  private onTheirWay = 0
  private dropped = 0

  constructor(sampling: Sampling, port: SpanPort) {
    this.sampling = sampling
    this.threshold = (1 - sampling.ratio) * 2 ** 52
    this.port = port
    port.on('message', (taken) => {
      this.onTheirWay -= taken
    })
  }

  /**
   * Begins with a request: a trace where it is to be recorded, else null. A context that cannot be read, or that is of nobody whose
   * traces are continued, goes no further: the trace begins here.
   */
  begin(x: GatewayExchange): Trace | null {
    const { headers } = x.request
    const given = headers.get('traceparent')
    if (given === undefined) {
      // Without a parent nobody knows what its state is of.
      if (headers.has('tracestate')) headers.remove('tracestate')
      return this.beginNew(x)
    }
    const parent = this.sampling.parents === 'all' || x.client.isTrusted ? parseTraceparent(given) : null
    if (parent === null) {
      headers.remove('traceparent')
      headers.remove('tracestate')
      return this.beginNew(x)
    }
    const wasSampled = (parent.flags & SAMPLED) !== 0
    const isSampled = this.sampling.isParentBased ? wasSampled : this.isSampled(parent.traceId)
    const flags = (parent.flags & RANDOM_ID) | (isSampled ? SAMPLED : 0)
    if (!isSampled) {
      // Nobody here records, so the backend is as close to the caller as we are; but it must not think that we do.
      if (wasSampled) headers.set('traceparent', formatTraceparent({ ...parent, flags }))
      return null
    }
    const state = headers.getAll('tracestate').join(',')
    return new Trace(x, parent.traceId, parent.spanId, flags, isTracestate(state) ? state : '')
  }

  /** Hands over what was recorded of a request that is over. */
  finish(x: GatewayExchange, trace: Trace, isAborted: boolean): void {
    const spans = trace.finish(x, isAborted)
    if (this.onTheirWay + this.batch.length + spans.length > MOST_ON_THEIR_WAY) this.dropped += spans.length
    else this.batch.push(...spans)
    if (this.batch.length >= BATCH) this.flush()
  }

  /** Hands over what has come together. */
  flush(): void {
    if (this.batch.length === 0 && this.dropped === 0) return
    this.port.postMessage({ spans: this.batch, dropped: this.dropped })
    this.onTheirWay += this.batch.length
    this.batch = []
    this.dropped = 0
  }

  private beginNew(x: GatewayExchange): Trace | null {
    if (this.sampling.ratio === 0) return null
    const traceId = randomHex(TRACE_BYTES)
    return this.isSampled(traceId) ? new Trace(x, traceId, '', SAMPLED, '') : null
  }

  private isSampled(traceId: string): boolean {
    return Number.parseInt(traceId.slice(...DECIDING), 16) >= this.threshold
  }
}

/** The query as a trace tells it: what OpenTelemetry puts in the place of credentials is another mask than that of logs. */
function toldQuery(query: string, names: ReadonlySet<string>): string {
  return maskQuery(query, (name) => names.has(name) || isCredentialName(name), 'REDACTED')
}
