import type { HeaderList } from '../../lib/headers/header-list.ts'
import type { ReplyCode } from '../../plugins/replies.ts'
import type { GatewayExchange } from '../exchange.ts'
import { NO_BODY, SIZED } from '../http1/head.ts'
import { ResponseHead } from '../http1/response-head.ts'
import { CANCEL, NO_ERROR, PROTOCOL_ERROR, REFUSED_STREAM } from '../http2/protocol.ts'
import { Http2Stream } from '../http2/stream.ts'
import type { BackendLink } from './backend-link.ts'
import type { Http2Session } from './http2-session.ts'
import { stand } from './send.ts'

/*
 *   WAITING ──► OPENING ──► BODY        (OPENING: the rest of the answer may stand in what is being read)
 *      │           │          │
 *      └───────────┴──────────┴──► FREE
 */
const FREE = 0
const WAITING = 1
const OPENING = 2
const BODY = 3

/** An answer's body up to this size that came along with its head goes on in one piece with it. */
const SMALL_BODY_BYTES = 16_384
/** More than this many informational responses to one request is not a backend that means well. */
const MAX_INFORMATIONAL = 32
/** How often a request is sent again that a backend has said it has not looked at (RFC 9113, section 8.7). */
const MAX_RESENT = 3

const GET = 2
const POST = 3
const HTTP = 6
const HTTPS = 7

/** One exchange on a connection of HTTP/2 to a backend. */
export class Http2Link extends Http2Stream implements BackendLink {
  readonly head = new ResponseHead()
  protected readonly session: Http2Session
  private state = FREE
  private x: GatewayExchange | null = null
  private path = ''
  private isFlowing = false
  private isPaused = false
  private isBodyPaused = false
  private hasSentBody = false
  private received = 0
  private informationalCount = 0
  private resentCount = 0
  private trailers: HeaderList | null = null

  constructor(session: Http2Session) {
    super()
    this.session = session
  }

  // ── the request ──────────────────────────────────────────────────────────────────────────────────────────────────

  begin(x: GatewayExchange, path: string): void {
    const { session } = this
    const { inlineBody, framing } = x.request
    if (x.webSocket !== null) return session.beginHttp1(this, x, path)
    this.x = x
    this.path = path
    this.state = WAITING
    this.isFlowing = false
    this.isPaused = false
    this.isBodyPaused = false
    this.hasSentBody = false
    this.received = 0
    this.informationalCount = 0
    this.resentCount = 0
    this.trailers = null
    this.reset(session.open(this))
    const isEnd = inlineBody === '' || (inlineBody === null && framing === NO_BODY)
    this.writeFields(x, path, isEnd)
    if (isEnd) this.isLocalClosed = true
    else if (inlineBody !== null) this.sendWhole(inlineBody)
    if (session.isConnected) this.awaitAnswer()
    else if (x.timeouts !== null) session.wheel.schedule(this, x.timeouts.connectMs)
  }

  /** The head of the request (RFC 9113, section 8.3.1), framed by us. */
  private writeFields(x: GatewayExchange, path: string, isEnd: boolean): void {
    const { encoder, target, writer } = this.session
    const { method, headers, contentLength } = x.request
    encoder.begin()
    if (method === 'GET') encoder.indexed(GET)
    else if (method === 'POST') encoder.indexed(POST)
    else encoder.field(':method', method)
    encoder.indexed(target.isTls ? HTTPS : HTTP)
    // A plugin may have set another Host; the client's own stands in X-Forwarded-Host.
    encoder.field(':authority', headers.get('host') ?? target.authority)
    encoder.field(':path', target.basePath + path)
    encoder.fields(headers)
    for (const [name, value] of fieldsOf(x.client.forwardingLines)) encoder.field(name, value)
    if (contentLength >= 0) encoder.field('content-length', String(contentLength))
    // Of gRPC it is asked that all who pass it on can do trailers, which we can.
    if (headers.get('content-type')?.startsWith('application/grpc') === true) encoder.field('te', 'trailers')
    writer.headers(this.id, encoder.bytes, encoder.length, isEnd)
  }

  private sendWhole(body: string): void {
    if (this.canSend(body.length)) {
      this.sendText(body, true)
      this.isLocalClosed = true
      return
    }
    const bytes = Buffer.from(body, 'latin1')
    this.send(bytes, 0, bytes.length)
    this.sendEnd(null)
  }

  writeBody(chunk: Buffer, start: number, end: number): void {
    const { x } = this
    if (x === null || this.isLocalClosed) return
    this.hasSentBody = true
    const hasRoom = this.send(chunk, start, end)
    if (this.state === WAITING && this.session.isConnected) this.awaitAnswer()
    if (hasRoom) return
    this.isBodyPaused = true
    x.client.pauseBody()
  }

  endBody(trailers: HeaderList | null): void {
    if (this.x === null || this.isLocalClosed) return
    this.hasSentBody = true
    this.sendEnd(trailers)
  }

  protected override onSendable(): void {
    if (!this.isBodyPaused) return
    this.isBodyPaused = false
    this.x?.client.resumeBody()
  }

  protected override onHeld(): void {
    // The time to answer goes on: a backend that takes nothing does not answer either.
  }

  protected override onEndSent(): void {
    // The answer ends the exchange.
  }

  /** The connection is there: from now on it is the backend that is waited for. */
  awaitAnswer(): void {
    if (this.state !== WAITING) return
    const { wheel, limits } = this.session
    wheel.schedule(this, this.x?.timeouts?.responseMs ?? limits.responseTimeoutMs)
  }

  // ── the answer ───────────────────────────────────────────────────────────────────────────────────────────────────

  private get idleMs(): number {
    return this.x?.timeouts?.idleMs ?? this.session.limits.bodyIdleTimeoutMs
  }

  /** Whether this is the first head of the answer, or what comes behind its body. */
  get isAwaited(): boolean {
    return this.state === WAITING
  }

  get isHead(): boolean {
    return this.x?.request.method === 'HEAD'
  }

  /** `head` is filled. */
  onHead(isEnd: boolean): void {
    const { head, x, session } = this
    if (x === null) return
    if (head.status < 200) return this.onInformational(x, isEnd)
    if (isEnd) this.isRemoteClosed = true
    if (head.framing === NO_BODY) return this.finishWhole(x, '')
    this.state = OPENING
    session.wheel.cancel(this)
    session.opening.push(this)
  }

  private onInformational(x: GatewayExchange, isEnd: boolean): void {
    if (isEnd || ++this.informationalCount > MAX_INFORMATIONAL) return this.breakOff(PROTOCOL_ERROR)
    // 100 is ours to give, and we have given it.
    if (this.head.status !== 100) this.session.events.informational(x, this.head)
  }

  /** All that came along with the head has been read. */
  onReadEnd(): void {
    const { x } = this
    if (this.state !== OPENING || x === null) return
    this.state = BODY
    this.session.wheel.schedule(this, this.idleMs)
    this.session.events.head(x, this.head, null)
  }

  override onData(chunk: Buffer, start: number, end: number, isEnd: boolean): void {
    const { x } = this
    const size = end - start
    this.received += size
    if (isEnd) this.isRemoteClosed = true
    if (x === null || this.state === WAITING || this.isWrongLength(isEnd)) {
      this.consume(size)
      return this.breakOff(PROTOCOL_ERROR)
    }
    if (this.state === OPENING && isEnd && this.received <= SMALL_BODY_BYTES) {
      const body = this.takeKeptText() + chunk.toString('latin1', start, end)
      this.consume(size)
      return this.finishWhole(x, body)
    }
    if (this.isFlowing && !this.isPaused && this.waitingBytes === 0) {
      this.session.wheel.schedule(this, this.idleMs)
      this.consume(size)
      this.session.events.body(x, chunk, start, end)
    } else this.keep(chunk, start, end)
    if (isEnd) this.settleEnd()
  }

  onTrailers(trailers: HeaderList): void {
    this.isRemoteClosed = true
    if (this.isWrongLength(true)) return this.breakOff(PROTOCOL_ERROR)
    this.trailers = trailers
    this.settleEnd()
  }

  private isWrongLength(isEnd: boolean): boolean {
    const { framing, contentLength } = this.head
    if (framing !== SIZED) return false
    return this.received > contentLength || (isEnd && this.received < contentLength)
  }

  flow(): void {
    this.isFlowing = true
    this.passKept()
  }

  pause(): void {
    this.isPaused = true
    this.session.wheel.cancel(this)
  }

  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    if (this.state === BODY) this.session.wheel.schedule(this, this.idleMs)
    if (this.isFlowing) this.passKept()
  }

  private passKept(): void {
    const { x, session } = this
    while (x !== null && this.x === x && !this.isPaused) {
      const part = this.takeKept()
      if (part === undefined) return this.settleEnd()
      session.events.body(x, part, 0, part.length)
    }
  }

  /** Ends the answer, where all of it has come and is passed on. */
  private settleEnd(): void {
    const { x, trailers } = this
    if (x === null || !this.isRemoteClosed || !this.isFlowing || this.waitingBytes > 0) return
    this.leave()
    this.session.events.end(x, trailers)
  }

  private finishWhole(x: GatewayExchange, body: string): void {
    this.leave()
    this.session.events.head(x, this.head, body)
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────

  abandon(): void {
    if (this.x !== null) this.leave()
  }

  /** The backend does not keep to the rules on this stream. */
  override breakOff(code: number): void {
    this.fail('backend-malformed', false, code)
  }

  /** The backend has broken it off. */
  onReset(code: number): void {
    const wasRefused = code === REFUSED_STREAM && this.state === WAITING
    this.isRemoteClosed = true
    this.isLocalClosed = true
    if (wasRefused) this.onRefused()
    else this.fail('backend-closed', false)
  }

  /** The backend has said that it has not looked at the request: it goes out once more, where all of it is still at hand. */
  onRefused(): void {
    const { x, session, path, resentCount } = this
    if (x === null) return
    if (this.hasSentBody || resentCount >= MAX_RESENT) return this.fail('backend-unreachable', true)
    this.isRemoteClosed = true
    this.isLocalClosed = true
    this.free()
    session.resend(x, path, resentCount + 1)
  }

  /** Begins an exchange that another link could not take. */
  beginAgain(x: GatewayExchange, path: string, resentCount: number): void {
    stand(x, this)
    this.begin(x, path)
    this.resentCount = resentCount
  }

  /** The connection is lost. */
  onLost(code: ReplyCode, canRetry: boolean): void {
    this.isRemoteClosed = true
    this.isLocalClosed = true
    this.fail(code, canRetry && this.state === WAITING)
  }

  override onDeadline(): void {
    if (this.session.isConnected) this.fail('backend-timeout', false)
    else this.fail('backend-connect-timeout', false)
  }

  private fail(code: ReplyCode, canRetry: boolean, resetCode: number = CANCEL): void {
    const { x, session } = this
    this.leave(resetCode)
    if (x !== null) session.events.failed(x, code, canRetry)
  }

  /** Leaves the exchange, whatever came of it. */
  private leave(resetCode: number = CANCEL): void {
    if (this.x === null) return
    this.free(resetCode)
    this.session.onLeft()
  }

  /** Ends the stream on both sides, and makes it ready for the next exchange. */
  private free(resetCode: number = CANCEL): void {
    const { session } = this
    const mayBeSent = !this.isRemoteClosed
    this.x = null
    this.state = FREE
    session.wheel.cancel(this)
    this.dropKept()
    this.dropHeld()
    // A whole answer to a request that was not whole: the rest of that does not matter.
    if (mayBeSent) session.writer.resetStream(this.id, resetCode)
    else if (!this.isLocalClosed) session.writer.resetStream(this.id, NO_ERROR)
    session.onStreamOver(this, mayBeSent)
  }
}

/** Lines of fields as pairs. They are the same for all requests of a client, so they are kept. */
const knownLines = new Map<string, readonly (readonly [name: string, value: string])[]>()
const MAX_KNOWN_LINES = 1_000

function fieldsOf(lines: string): readonly (readonly [name: string, value: string])[] {
  const known = knownLines.get(lines)
  if (known !== undefined) return known
  const fields = lines.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(': ')
    return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 2)] as const]
  })
  if (knownLines.size >= MAX_KNOWN_LINES) knownLines.clear()
  knownLines.set(lines, fields)
  return fields
}
