import type { HeaderList } from '../../lib/headers/header-list.ts'
import type { ReplyCode } from '../../plugins/replies.ts'
import { type Client, GatewayExchange } from '../exchange.ts'
import { claimedOrigin } from '../forwarding.ts'
import { grpcTimeoutMs } from '../grpc.ts'
import { hasNoBody } from '../http1/connection.ts'
import { CHUNKED, type Framing, NO_BODY, SIZED } from '../http1/head.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import { dateLine } from '../http1/write.ts'
import type { PeerTls } from '../peer.ts'
import type { StageTable } from '../table.ts'
import { leaveLate, TotalTime } from '../total-time.ts'
import { CANCEL, INTERNAL_ERROR, NO_ERROR, PROTOCOL_ERROR } from './protocol.ts'
import type { RequestFields } from './request-fields.ts'
import type { Http2Connection } from './server.ts'
import { Http2Stream } from './stream.ts'

/*
 * What becomes of the request's body:
 *
 *   OPENING ──► WAIT ──► BODY ──► DONE        (OPENING: the rest may stand in what has been read already)
 *      │          │        │
 *      └──────────┴────────┴──► DISCARD       (nobody wants it any more)
 */
const OPENING = 0
const WAIT = 1
const BODY = 2
const DONE = 3
const DISCARD = 4

/** A request body up to this size that came along with its head is sent on in one piece with it. */
const INLINE_BODY_BYTES = 16_384

/** One request of a client and its answer. */
export class ServerStream extends Http2Stream implements Client {
  readonly address: string
  readonly isTrusted: boolean
  readonly scheme: string
  readonly tls: PeerTls | null
  forwardingLines = ''
  readonly x: GatewayExchange
  protected readonly session: Http2Connection
  /** True until `start`, for a request that may have its body in what is being read. */
  isOpening = false
  private body = DONE
  private received = 0
  private isBodyPaused = false
  private isContinueOwed = false
  private trailers: HeaderList | null = null
  /** Made when the whole time of a request is limited. */
  private total: TotalTime | null = null
  /** Whether the total time is what the client has given. */
  private isClientsDeadline = false

  constructor(session: Http2Connection) {
    super()
    this.session = session
    this.address = session.address
    this.isTrusted = session.isTrusted
    this.scheme = session.scheme
    this.tls = session.tls
    this.x = new GatewayExchange(this)
  }

  /** Whether the request under way began on this stage table. */
  serves(table: StageTable): boolean {
    return this.x.isUnderWay && this.x.stageTable === table
  }

  // ── the request ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Begins an exchange with what the head says, which came in so many bytes. `isEnd`: it has no body. */
  begin(id: number, fields: RequestFields, isEnd: boolean, headBytes: number): void {
    const { session, x } = this
    const { request } = x
    this.reset(id)
    this.isRemoteClosed = isEnd
    this.received = 0
    this.isBodyPaused = false
    this.trailers = null
    this.body = isEnd ? DONE : OPENING
    this.isOpening = !isEnd
    this.isContinueOwed = fields.expectsContinue
    request.method = fields.method
    request.scheme = this.scheme
    request.host = fields.host
    request.hostName = fields.hostName
    request.rawTarget = fields.target
    request.path = fields.path
    request.query = fields.query
    request.contentLength = fields.contentLength
    request.framing = isEnd ? NO_BODY : fields.contentLength === -1 ? CHUNKED : SIZED
    request.inlineBody = null
    request.maxBodyBytes = session.limits.maxBodyBytes
    x.beginNow()
    x.protocol = 'HTTP/2'
    x.bytesIn = headBytes
    x.clientIp = this.address
    if (this.isTrusted) this.adoptClaims(fields)
    else this.forwardingLines = session.forwardingFor(fields.host)
    const timeoutMs = fields.grpcTimeout === null ? null : grpcTimeoutMs(fields.grpcTimeout)
    if (timeoutMs !== null) this.limitTotal(timeoutMs)
    this.isClientsDeadline = timeoutMs !== null
  }

  /** Takes what a trusted proxy says of the client. */
  private adoptClaims({ claims, host }: RequestFields): void {
    const isTrusted = (address: string) => this.session.context.isTrusted(address)
    const { clientIp, scheme, lines } = claimedOrigin(claims, this.address, host, '2', isTrusted)
    this.x.clientIp = clientIp
    this.x.request.scheme = scheme
    this.forwardingLines = lines
  }

  /** Has the request served. To be called when all is worked through that came along with its head. */
  start(): void {
    this.isOpening = false
    if (this.body === OPENING) this.body = WAIT
    this.session.context.server.serve(this.x)
  }

  /** Refuses the request: its head is wrong. */
  refuse(code: ReplyCode): void {
    this.drop()
    this.session.context.server.refuse(this.x, code)
  }

  override onData(chunk: Buffer, start: number, end: number, isEnd: boolean): void {
    const { request } = this.x
    const size = end - start
    this.received += size
    this.x.bytesIn += size
    if (isEnd) this.isRemoteClosed = true
    if (request.framing === SIZED && this.isWrongLength(isEnd)) {
      this.consume(size)
      return this.breakBody()
    }
    if (this.body === OPENING && isEnd && this.received <= INLINE_BODY_BYTES) return this.takeInline(chunk, start, end)
    if (this.body === BODY && !this.isBodyPaused && this.waitingBytes === 0) {
      this.pass(chunk, start, end)
      this.consume(size)
    } else if (this.body === DISCARD) this.consume(size)
    else this.keep(chunk, start, end)
    if (isEnd) this.settleBody()
  }

  private isWrongLength(isEnd: boolean): boolean {
    const { contentLength } = this.x.request
    return this.received > contentLength || (isEnd && this.received < contentLength)
  }

  /** The whole body has come along with its head. */
  private takeInline(chunk: Buffer, start: number, end: number): void {
    const { request } = this.x
    const text = this.takeKeptText() + chunk.toString('latin1', start, end)
    this.consume(end - start)
    this.body = DONE
    request.inlineBody = text
    request.framing = SIZED
    request.contentLength = text.length
  }

  /** The trailers of the request; they end it. */
  onTrailers(trailers: HeaderList): void {
    this.isRemoteClosed = true
    this.trailers = trailers
    if (this.x.request.framing === SIZED && this.isWrongLength(true)) return this.breakBody()
    this.settleBody()
  }

  private pass(chunk: Buffer, start: number, end: number): void {
    const { request, backend } = this.x
    this.session.wheel.schedule(this, this.session.limits.bodyIdleTimeoutMs)
    // The length of a sized body was known before it was asked for.
    if (request.framing === CHUNKED && this.received - this.waitingBytes > request.maxBodyBytes)
      return this.failBody('payload-too-large')
    backend?.writeBody(chunk, start, end)
  }

  /** Passes on what has waited, as far as the backend takes it. */
  private passWaiting(): void {
    const { serial } = this.x
    while (this.body === BODY && !this.isBodyPaused) {
      const part = this.takeKept()
      if (part === undefined) break
      this.pass(part, 0, part.length)
      // What takes the body may have ended all this.
      if (this.x.serial !== serial || !this.x.isUnderWay) return
    }
    this.settleBody()
  }

  /** Ends the body, where all of it has come and is passed on. */
  private settleBody(): void {
    if (!this.isRemoteClosed || this.body !== BODY || this.waitingBytes > 0) return
    this.body = DONE
    this.session.wheel.cancel(this)
    this.x.backend?.endBody(this.trailers)
  }

  /** The client has said something else of the length of its body than what it is. */
  private breakBody(): void {
    if (this.x.isAnswered) this.breakOff(PROTOCOL_ERROR)
    else this.failBody('invalid-framing')
  }

  /** The body cannot be read to its end: what the backend has of it must not look complete. */
  private failBody(code: ReplyCode): void {
    const { x } = this
    this.drop()
    x.backend?.abandon()
    x.backend = null
    if (!x.isUnderWay || x.isAnswered) return this.abort()
    this.session.context.server.refuse(x, code)
  }

  /** Nobody wants the body any more. */
  private drop(): void {
    this.isOpening = false
    this.body = this.isRemoteClosed ? DONE : DISCARD
    this.session.wheel.cancel(this)
    this.dropKept()
  }

  // ── Client: what serving asks of us ──────────────────────────────────────────────────────────────────────────────

  readBody(): void {
    if (this.body !== WAIT) return
    this.body = BODY
    if (this.isContinueOwed && this.received === 0) this.writeContinue()
    this.session.wheel.schedule(this, this.session.limits.bodyIdleTimeoutMs)
    this.passWaiting()
  }

  private writeContinue(): void {
    const { encoder } = this.session
    encoder.begin()
    encoder.status(100)
    this.session.writer.headers(this.id, encoder.bytes, encoder.length, false)
  }

  pauseBody(): void {
    if (this.body !== BODY) return
    this.isBodyPaused = true
    this.session.wheel.cancel(this)
  }

  resumeBody(): void {
    if (!this.isBodyPaused) return
    this.isBodyPaused = false
    if (this.body !== BODY) return
    this.session.wheel.schedule(this, this.session.limits.bodyIdleTimeoutMs)
    this.passWaiting()
  }

  limitTotal(ms: number): void {
    this.total ??= new TotalTime(this)
    // A deadline of the client's own may be sooner than the route's.
    if (this.session.wheel.now + ms >= this.total.deadline) return
    this.isClientsDeadline = false
    this.session.wheel.schedule(this.total, ms)
  }

  /** The exchange has had its time. */
  onTotalTime(): void {
    const { x } = this
    if (!x.isUnderWay) return
    leaveLate(x, this.isClientsDeadline || (this.body === BODY && !this.isBodyPaused))
    if (x.isAnswered) this.abort(CANCEL)
    else this.session.context.server.refuse(x, 'backend-timeout')
  }

  writeInformational(head: ResponseHead): void {
    if (!this.x.isUnderWay || this.x.isAnswered) return
    const { encoder } = this.session
    encoder.begin()
    encoder.status(head.status)
    encoder.fields(head.headers)
    this.session.writer.headers(this.id, encoder.bytes, encoder.length, false)
  }

  writeWhole(body: string, contentLength: number): void {
    const { x } = this
    if (!x.isUnderWay || x.isAnswered) return
    x.isAnswered = true
    const isBodiless = hasNoBody(x) || body === ''
    this.writeFields(x.response.status === 204 ? -1 : contentLength, isBodiless)
    if (!isBodiless) x.bytesOut += body.length
    if (isBodiless) {
      this.isLocalClosed = true
      return this.onEndSent()
    }
    if (this.canSend(body.length)) {
      this.sendText(body, true)
      this.isLocalClosed = true
      return this.onEndSent()
    }
    const bytes = Buffer.from(body, 'latin1')
    this.send(bytes, 0, bytes.length)
    this.sendEnd(null)
  }

  writeHead(framing: Framing, contentLength: number): void {
    this.x.isAnswered = true
    this.writeFields(framing === SIZED ? contentLength : -1, false)
  }

  private writeFields(contentLength: number, isEnd: boolean): void {
    const { session, x } = this
    const { encoder } = session
    const { headers, status, hasDate } = x.response
    encoder.begin()
    encoder.status(status)
    encoder.fields(headers)
    if (!hasDate) encoder.field('date', dateLine.valueAt(x.receivedAt))
    // That an answer is empty is said by its end; of an answer to HEAD it is not.
    if (contentLength > 0 || (contentLength === 0 && !isEnd)) encoder.field('content-length', String(contentLength))
    session.writer.headers(this.id, encoder.bytes, encoder.length, isEnd)
    x.bytesOut = encoder.length
  }

  writeBody(chunk: Buffer, start: number, end: number): void {
    if (!this.x.isUnderWay || this.isLocalClosed) return
    this.x.bytesOut += end - start
    if (!this.send(chunk, start, end)) this.x.backend?.pause()
  }

  end(trailers: HeaderList | null): void {
    if (!this.x.isUnderWay || this.isLocalClosed) return
    this.sendEnd(trailers)
  }

  abort(code: number = INTERNAL_ERROR): void {
    if (!this.x.isUnderWay) return
    this.breakOff(code)
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────

  protected override onHeld(): void {
    // A client that takes nothing holds its backend connection no longer than this.
    this.session.wheel.schedule(this, this.session.limits.bodyIdleTimeoutMs)
  }

  protected override onSendable(): void {
    if (this.body !== BODY || this.isBodyPaused) this.session.wheel.cancel(this)
    this.x.backend?.resume()
  }

  protected override onEndSent(): void {
    // The answer is complete, so the rest of the request does not matter (RFC 9113, section 8.1).
    if (!this.isRemoteClosed) this.session.writer.resetStream(this.id, NO_ERROR)
    this.leave(false)
  }

  override breakOff(code: number): void {
    this.session.writer.resetStream(this.id, code)
    this.leave(true)
    // What a client makes us break off costs as much as what it breaks off itself.
    if (code !== INTERNAL_ERROR) this.session.countReset()
  }

  /** The client has broken it off, or is gone. */
  onReset(): void {
    this.isRemoteClosed = true
    this.leave(true)
  }

  /** Tells that the exchange is over; once per exchange. The stream is used again from here on. */
  private leave(isAborted: boolean): void {
    const { session, x } = this
    const { wheel } = session
    const mayBeSent = !this.isRemoteClosed
    this.drop()
    this.dropHeld()
    wheel.cancel(this)
    if (this.total !== null) wheel.cancel(this.total)
    this.isLocalClosed = true
    if (x.isUnderWay) {
      x.isUnderWay = false
      // A backend that is still sent to, when its answer is complete, cannot be used again.
      x.backend?.abandon()
      x.backend = null
      session.context.onFinished(x, isAborted)
    }
    session.onStreamOver(this, mayBeSent)
  }

  override onDeadline(): void {
    const { x } = this
    if (x.isUnderWay && !x.isAnswered && this.body === BODY) return this.failBody('request-timeout')
    this.abort(CANCEL)
  }
}
