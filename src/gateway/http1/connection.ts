import type { Socket } from 'node:net'
import type { HeaderList } from '../../lib/headers/header-list.ts'
import { Timed, type TimeWheel } from '../../lib/time-wheel.ts'
import type { WebSocketTerms } from '../../plugins/plugin.ts'
import type { ReplyCode } from '../../plugins/replies.ts'
import { writeChunk, writePart } from '../body-parts.ts'
import { type Client, GatewayExchange, type RequestServer } from '../exchange.ts'
import { claimedOrigin, forwardingLines } from '../forwarding.ts'
import type { Peer, PeerTls } from '../peer.ts'
import type { StageTable } from '../table.ts'
import { leaveLate, TotalTime } from '../total-time.ts'
import { type ClientEnd, Tunnel, type TunnelEnd } from '../websocket/tunnel.ts'
import { CR, LF } from './characters.ts'
import { type BodySink, ChunkedReader } from './chunked.ts'
import { CHUNKED, type Framing, type HeadLimits, INCOMPLETE, MALFORMED, NO_BODY, SIZED, UNTIL_CLOSE } from './head.ts'
import { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'
import { clientFraming, responseHead, statusLine } from './write.ts'

/** Limits on what clients may do, in milliseconds and bytes. */
export interface ClientLimits extends HeadLimits {
  /** From the first byte of a head to its last. */
  readonly headTimeoutMs: number
  /** Between two parts of a body, and for a client to take what it is sent. */
  readonly bodyIdleTimeoutMs: number
  /** Between two requests. */
  readonly idleTimeoutMs: number
  /** Of a request body, unless a plugin of the route says otherwise. */
  readonly maxBodyBytes: number
  /** Requests at once on a connection of HTTP/2. */
  readonly maxStreams: number
  /** Requests of a connection of HTTP/2 that its client may break off, or make us break off, in a second. */
  readonly maxResetsPerSecond: number
}

export const defaultClientLimits = {
  headTimeoutMs: 10_000,
  bodyIdleTimeoutMs: 60_000,
  idleTimeoutMs: 75_000,
  maxBodyBytes: 10_485_760,
  maxStreams: 128,
  maxResetsPerSecond: 100,
}

/** A connection of a client, whatever it speaks. */
export interface FrontConnection {
  /** Takes what has come from the client: the first `size` bytes of `chunk`, which are only valid during the call. */
  read(chunk: Buffer, size: number): void
  /** Whether it has become a WebSocket; left out where it never can. */
  readonly isTunnel?: boolean
  /** Whether a request is under way that began on this stage table. */
  serves(table: StageTable): boolean
  /** Ends the connection as soon as nothing is under way on it. */
  drain(): void
}

/** What a connection needs of its worker. */
export interface ConnectionContext {
  readonly server: RequestServer
  readonly wheel: TimeWheel
  readonly limits: ClientLimits
  /** True from the moment when the worker is to stop: no connection is kept for another request. */
  isDraining: boolean
  /** Which peers may speak for others. */
  isTrusted(address: string): boolean
  onClosed(connection: FrontConnection): void
  onRequest(): void
  /** Told of each exchange once, when it is over: `isAborted` where the client went before its answer was complete. */
  onFinished(x: GatewayExchange, isAborted: boolean): void
}

/*
 * What the connection is reading:
 *
 *   HEAD ──► WAIT ──► BODY ──► DONE ──► HEAD …      (WAIT: nobody has asked for the body yet)
 *     │        │        │        │
 *     │        └────────┴────────┴──► LINGER        (the answer is out, the connection is not kept)
 *     └─────────────────────────────► CLOSED
 *
 * DISCARD is BODY whose content nobody wants any more: the answer came first and the rest is short.
 * TUNNEL follows WAIT or DONE where the answer was that the connection leaves HTTP.
 */
const HEAD = 0
const WAIT = 1
const BODY = 2
const DISCARD = 3
const DONE = 4
const LINGER = 5
const CLOSED = 6
const TUNNEL = 7

/** A request body up to this size that came along with its head is sent on in one piece with it. */
const INLINE_BODY_BYTES = 16_384
/** An unread body up to this size is read and dropped to keep the connection; more is not worth it. */
const DISCARD_BYTES = 65_536
/** How long and how much of a rest we read before the socket is closed, so that the client can read our answer first (RFC 9112, section 9.6). */
const LINGER_MS = 2_000
const LINGER_BYTES = 1_048_576

/** What both sides of a WebSocket are told when the program stops. */
const STOPPING = 'The server is being stopped.'
/** The last of HTTP on a connection (RFC 9110, section 7.8). */
const SWITCHING_LINES = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'

/** One connection of a client, speaking HTTP/1.x: cuts its bytes into requests and writes the answers, in order. */
export class ClientConnection extends Timed implements FrontConnection, Client, BodySink, ClientEnd {
  readonly address: string
  readonly isTrusted: boolean
  readonly scheme: string
  readonly tls: PeerTls | null
  forwardingLines = ''
  /** The host that `forwardingLines` were made for. */
  private forwardedHost: string | null = null
  readonly socket: Socket
  private readonly context: ConnectionContext
  private readonly head = new RequestHead()
  private readonly chunks = new ChunkedReader()
  private readonly x: GatewayExchange
  private state = HEAD
  /** Read but not used yet: the beginning of a head, or what comes behind the request under way. */
  private pending: Buffer | null = null
  private isConsuming = false
  private hasClientEnded = false
  private isReadingPaused = false
  private isBodyPaused = false
  private isWriteBlocked = false
  /** Bytes of a sized body still to come, or that may still be dropped. */
  private remaining = 0
  /** Bytes of a chunked body so far. */
  private received = 0
  private isContinueOwed = false
  /** True once the first bytes of a head have come: its time-out runs from there. */
  private isHeadAwaited = false
  private keepAlive = true
  private responseFraming: Framing = NO_BODY
  /** Made when a route limits the whole time of its requests. */
  private total: TotalTime | null = null
  private tunnel: Tunnel | null = null

  constructor(socket: Socket, context: ConnectionContext, peer: Peer) {
    super()
    this.socket = socket
    this.context = context
    this.address = peer.address
    this.isTrusted = context.isTrusted(this.address)
    this.scheme = peer.scheme
    this.tls = peer.tls
    this.x = new GatewayExchange(this)
    context.wheel.schedule(this, context.limits.idleTimeoutMs)
    socket.on('drain', () => this.onDrain())
    socket.on('end', () => this.onEnd())
    // What matters of an error is that the connection is gone, which `close` tells.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.onClose())
  }

  /** Whether a request is under way. */
  get isBusy(): boolean {
    return this.x.isUnderWay
  }

  /** Whether the request under way began on this stage table. */
  serves(table: StageTable): boolean {
    return this.x.isUnderWay && this.x.stageTable === table
  }

  /** Whether it carries a WebSocket. */
  get isTunnel(): boolean {
    return this.tunnel !== null
  }

  /** Ends the connection as soon as nothing is under way on it. */
  drain(): void {
    this.tunnel?.goAway(STOPPING)
    if (!this.x.isUnderWay && this.state === HEAD && this.pending === null) this.shutDown()
  }

  // ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes what has come from the client: the first `size` bytes of `chunk`, which are only valid during the call. */
  read(chunk: Buffer, size: number): void {
    if (this.state >= LINGER) return this.readBeyond(chunk, size)
    const { pending } = this
    if (pending === null) return this.consume(chunk, size)
    this.pending = null
    this.consume(Buffer.concat([pending, chunk.subarray(0, size)]), pending.length + size)
  }

  /** Takes what is not for an exchange any more. */
  private readBeyond(chunk: Buffer, size: number): void {
    if (this.state === LINGER) this.linger(size)
    else if (this.state === TUNNEL) this.tunnel?.take(this, chunk, size)
  }

  /** Works through `chunk`: as many requests as it holds and as can be answered at once. */
  private consume(chunk: Buffer, end: number): void {
    this.isConsuming = true
    let at = 0
    while (at < end) {
      const next = this.step(chunk, at, end)
      if (next === -1) break
      at = next
    }
    this.isConsuming = false
    if (this.state >= LINGER) return
    if (at < end) this.keep(chunk, at, end)
    else this.settleReading()
  }

  /** With nothing pending: reads on, or ends where the client has ended and all is answered. */
  private settleReading(): void {
    if (this.state === HEAD && (this.hasClientEnded || this.context.isDraining) && !this.isHeadAwaited)
      return this.shutDown()
    if (this.isReadingPaused && !this.isBodyPaused && !this.isWriteBlocked) this.resumeReading()
  }

  /** Does one step from `at`. Returns the position behind it, or -1 where it cannot go on now. */
  private step(chunk: Buffer, at: number, end: number): number {
    switch (this.state) {
      case HEAD:
        // Answers that the client does not take are not added to.
        return this.isWriteBlocked ? -1 : this.readHead(chunk, at, end)
      case BODY:
        return this.isBodyPaused ? -1 : this.takeBody(chunk, at, end)
      case DISCARD:
        return this.takeBody(chunk, at, end)
      default:
        return -1
    }
  }

  /** Keeps what cannot be used yet. Nothing more is read while a whole request waits: pipelining is bounded by this. */
  private keep(chunk: Buffer, at: number, end: number): void {
    this.pending = Buffer.from(chunk.subarray(at, end))
    if (this.state !== HEAD || this.isWriteBlocked) this.pauseReading()
  }

  private readHead(chunk: Buffer, start: number, end: number): number {
    // One empty line before a request is forgiven (RFC 9112, section 2.2).
    const hasEmptyLine = chunk[start] === CR && start + 1 < end && chunk[start + 1] === LF
    const at = hasEmptyLine ? start + 2 : start
    if (end - at < 2 && (at === end || chunk[at] === CR)) return -1
    const behind = this.head.read(chunk, at, end, this.context.limits)
    if (behind === INCOMPLETE) return this.waitForHead()
    this.begin()
    this.x.bytesIn = (behind === MALFORMED ? end : behind) - at
    if (behind === MALFORMED) return this.refuseHead(this.head.fault)
    this.takeBodyLength(chunk, behind, end)
    const { inlineBody } = this.x.request
    this.context.server.serve(this.x)
    return inlineBody === null ? behind : behind + inlineBody.length
  }

  private waitForHead(): number {
    if (this.isHeadAwaited) return -1
    this.isHeadAwaited = true
    this.context.wheel.schedule(this, this.context.limits.headTimeoutMs)
    return -1
  }

  /** Begins an exchange with what the head says. */
  private begin(): void {
    const { head, x } = this
    const { request } = x
    this.isHeadAwaited = false
    this.context.onRequest()
    request.method = head.method
    request.scheme = this.scheme
    request.host = head.host
    request.hostName = head.hostName
    request.rawTarget = head.target
    request.path = head.path
    request.query = head.query
    request.headers = head.headers
    request.framing = head.framing
    request.contentLength = head.contentLength
    request.upgrade = head.upgrade
    request.inlineBody = null
    request.maxBodyBytes = this.context.limits.maxBodyBytes
    x.beginNow()
    x.clientIp = this.address
    x.protocol = head.minorVersion === 0 ? 'HTTP/1.0' : 'HTTP/1.1'
    if (head.host !== this.forwardedHost) this.forwardFor(head.host)
    if (this.isTrusted) this.adoptClaims()
    this.keepAlive = head.keepAlive
    this.state = WAIT
    this.context.wheel.cancel(this)
  }

  /** Takes what a trusted proxy says of the client. */
  private adoptClaims(): void {
    const { claims, host } = this.head
    const isTrusted = (address: string) => this.context.isTrusted(address)
    const { clientIp, scheme, lines } = claimedOrigin(claims, this.address, host, '1.1', isTrusted)
    this.x.clientIp = clientIp
    this.x.request.scheme = scheme
    this.forwardingLines = lines
  }

  /** Tells the backend where requests for `host` come from; the same for all of them on a connection. */
  private forwardFor(host: string): void {
    this.forwardedHost = host
    this.forwardingLines = forwardingLines(this.address, this.scheme, host, '1.1')
  }

  private takeBodyLength(chunk: Buffer, behind: number, end: number): void {
    const { head, x } = this
    this.isContinueOwed = head.expectsContinue && behind === end
    this.remaining = 0
    if (head.framing === NO_BODY) {
      this.state = DONE
    } else if (head.framing === CHUNKED) {
      this.chunks.reset()
      this.received = 0
    } else if (head.contentLength <= INLINE_BODY_BYTES && behind + head.contentLength <= end) {
      x.request.inlineBody = chunk.toString('latin1', behind, behind + head.contentLength)
      x.bytesIn += head.contentLength
      this.state = DONE
    } else {
      this.remaining = head.contentLength
    }
  }

  /** Answers a malformed request. Its bytes cannot be trusted to end anywhere, so the connection ends. */
  private refuseHead(fault: ReplyCode): number {
    this.keepAlive = false
    this.x.request.framing = NO_BODY
    this.context.server.refuse(this.x, fault)
    return -1
  }

  private takeBody(chunk: Buffer, at: number, end: number): number {
    this.context.wheel.schedule(this, this.context.limits.bodyIdleTimeoutMs)
    if (this.x.request.framing === CHUNKED) return this.readChunks(chunk, at, end)
    const behind = Math.min(end, at + this.remaining)
    this.remaining -= behind - at
    this.onBody(chunk, at, behind)
    if (this.remaining === 0) this.onBodyEnd(null)
    return behind
  }

  private readChunks(chunk: Buffer, at: number, end: number): number {
    const behind = this.chunks.read(chunk, at, end, this)
    if (behind === -1) {
      this.failBody('malformed-chunk')
      return -1
    }
    // The rest of a body that was refused on the way.
    if (this.state === LINGER || this.state === CLOSED) return -1
    if (this.chunks.isDone) this.onBodyEnd(this.chunks.trailers)
    return behind
  }

  onBody(chunk: Buffer, start: number, end: number): void {
    if (this.state === BODY) this.passBody(chunk, start, end)
    else if (this.state === DISCARD && this.x.request.framing === CHUNKED) {
      this.remaining -= end - start
      if (this.remaining < 0) this.close()
    }
  }

  private passBody(chunk: Buffer, start: number, end: number): void {
    const { request, backend } = this.x
    this.x.bytesIn += end - start
    // The length of a sized body was known before it was asked for.
    if (request.framing === CHUNKED) {
      this.received += end - start
      if (this.received > request.maxBodyBytes) {
        this.state = DISCARD
        this.remaining = DISCARD_BYTES
        return this.failBody('payload-too-large')
      }
    }
    backend?.writeBody(chunk, start, end)
  }

  private onBodyEnd(trailers: HeaderList | null): void {
    const wasWanted = this.state === BODY
    if (this.state === CLOSED) return
    this.state = DONE
    this.context.wheel.cancel(this)
    if (wasWanted) this.x.backend?.endBody(trailers)
    if (!this.x.isUnderWay) this.awaitNext()
  }

  /** The body cannot be read to its end: what the backend has of it must not look complete. */
  private failBody(code: ReplyCode): void {
    const { x } = this
    this.keepAlive = false
    x.backend?.abandon()
    x.backend = null
    if (!x.isUnderWay || x.isAnswered) return this.abort()
    this.context.server.refuse(x, code)
  }

  private pauseReading(): void {
    if (this.isReadingPaused) return
    this.isReadingPaused = true
    this.socket.pause()
  }

  private resumeReading(): void {
    this.isReadingPaused = false
    this.socket.resume()
  }

  // ── Client: what serving asks of us ──────────────────────────────────────────────────────────────────────────────

  readBody(): void {
    if (this.state !== WAIT) return
    this.state = BODY
    if (this.isContinueOwed) this.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1')
    this.isContinueOwed = false
    this.context.wheel.schedule(this, this.context.limits.bodyIdleTimeoutMs)
    this.proceed()
  }

  pauseBody(): void {
    if (this.state !== BODY) return
    this.isBodyPaused = true
    this.context.wheel.cancel(this)
    this.pauseReading()
  }

  resumeBody(): void {
    if (!this.isBodyPaused) return
    this.isBodyPaused = false
    if (this.state === BODY) this.context.wheel.schedule(this, this.context.limits.bodyIdleTimeoutMs)
    this.proceed()
  }

  limitTotal(ms: number): void {
    this.total ??= new TotalTime(this)
    this.context.wheel.schedule(this.total, ms)
  }

  /** The exchange has had its time. */
  onTotalTime(): void {
    const { x } = this
    if (!x.isUnderWay) return
    this.keepAlive = false
    leaveLate(x, this.state === BODY && !this.isBodyPaused)
    if (x.isAnswered) this.abort()
    else this.context.server.refuse(x, 'backend-timeout')
  }

  writeInformational(head: ResponseHead): void {
    if (this.head.minorVersion === 0 || !this.x.isUnderWay) return
    this.socket.write(`${statusLine(head.status, head.reason)}${head.headers.toLines()}\r\n`, 'latin1')
  }

  writeWhole(body: string, contentLength: number): void {
    const { x } = this
    if (!x.isUnderWay || x.isAnswered) return
    x.isAnswered = true
    const isBodiless = hasNoBody(x)
    const length = x.response.status === 204 ? -1 : contentLength
    this.settleKeepAlive()
    const text = responseHead(x, isBodiless || body === '' ? NO_BODY : SIZED, length, this.connectionLine())
    const whole = isBodiless ? text : text + body
    x.bytesOut = whole.length
    this.write(whole)
    this.finish()
  }

  writeHead(framing: Framing, contentLength: number): void {
    const { x } = this
    x.isAnswered = true
    if (this.hasClientEnded && isEndless(x)) return this.close()
    this.responseFraming = clientFraming(framing, this.head.minorVersion)
    this.settleKeepAlive()
    if (this.responseFraming === UNTIL_CLOSE) this.keepAlive = false
    const text = responseHead(x, this.responseFraming, contentLength, this.connectionLine())
    x.bytesOut = text.length
    this.socket.cork()
    this.write(text)
    process.nextTick(uncork, this.socket)
  }

  writeBody(chunk: Buffer, start: number, end: number): void {
    if (this.state === CLOSED) return
    const { socket } = this
    this.x.bytesOut += end - start
    const hasRoom =
      this.responseFraming === CHUNKED ? writeChunk(socket, chunk, start, end) : writePart(socket, chunk, start, end)
    if (!hasRoom) this.onFull()
  }

  end(trailers: HeaderList | null): void {
    if (this.state === CLOSED) return
    if (this.responseFraming === CHUNKED) this.write(`0\r\n${trailers === null ? '' : trailers.toLines()}\r\n`)
    this.finish()
  }

  abort(): void {
    this.close()
  }

  startTunnel(backend: TunnelEnd, terms: WebSocketTerms): void {
    const { x, context } = this
    x.isAnswered = true
    this.state = TUNNEL
    context.wheel.remove(this)
    if (this.total !== null) context.wheel.remove(this.total)
    const head = responseHead(x, NO_BODY, -1, SWITCHING_LINES)
    x.bytesOut = head.length
    this.write(head)
    const tunnel = new Tunnel(this, backend, terms, context.wheel)
    tunnel.start()
    if (this.hasClientEnded) tunnel.onEnd(this)
    if (context.isDraining) tunnel.goAway(STOPPING)
  }

  enterTunnel(tunnel: Tunnel): Buffer | null {
    const { pending } = this
    this.tunnel = tunnel
    this.pending = null
    return pending
  }

  onTunnelOver({ bytesFromClient, bytesFromBackend }: Tunnel, isAborted: boolean): void {
    this.x.bytesIn += bytesFromClient
    this.x.bytesOut += bytesFromBackend
    this.settleExchange(isAborted)
    this.onClose()
  }

  // ── writing and ending ───────────────────────────────────────────────────────────────────────────────────────────

  private write(text: string): void {
    if (!this.socket.write(text, 'latin1')) this.onFull()
  }

  /** The client takes its answer more slowly than we have it. */
  private onFull(): void {
    if (this.isWriteBlocked) return
    this.isWriteBlocked = true
    this.x.backend?.pause()
    // A client that takes nothing holds its backend connection no longer than this.
    this.context.wheel.schedule(this, this.context.limits.bodyIdleTimeoutMs)
  }

  private onDrain(): void {
    if (this.tunnel !== null) return this.tunnel.onDrain(this)
    if (!this.isWriteBlocked) return
    this.isWriteBlocked = false
    if (this.state === DONE && this.x.isUnderWay) this.context.wheel.cancel(this)
    if (this.x.backend !== null) this.x.backend.resume()
    else if (this.state === HEAD) this.proceed()
  }

  /** Decides, as the head of the answer goes out, whether the connection can be kept (RFC 9112, section 9.3). */
  private settleKeepAlive(): void {
    if (this.context.isDraining || this.isContinueOwed) this.keepAlive = false
    // It is said of the connection: another one may be right.
    if (this.x.response.status === 421) this.keepAlive = false
    if (!this.keepAlive || this.state === DONE || this.state === BODY) return
    // The body has not been asked for: a short rest is read and dropped, a long one ends the connection.
    const rest = this.x.request.framing === CHUNKED ? 0 : this.remaining
    if (rest > DISCARD_BYTES) this.keepAlive = false
  }

  private connectionLine(): string {
    if (!this.keepAlive) return 'Connection: close\r\n'
    return this.head.minorVersion === 0 ? 'Connection: keep-alive\r\n' : ''
  }

  /** The answer is out. */
  private finish(): void {
    const { x } = this
    this.settleExchange(false)
    if (!this.keepAlive || (this.state === BODY && this.remaining > DISCARD_BYTES)) return this.shutDown()
    if (this.state === DONE) return this.awaitNext()
    if (x.request.framing === CHUNKED) this.remaining = DISCARD_BYTES
    this.state = DISCARD
    this.isBodyPaused = false
    this.context.wheel.schedule(this, this.context.limits.headTimeoutMs)
    this.proceed()
  }

  /** Tells that the exchange is over; once per exchange. */
  private settleExchange(isAborted: boolean): void {
    const { x } = this
    if (!x.isUnderWay) return
    x.isUnderWay = false
    if (this.total !== null) this.context.wheel.cancel(this.total)
    // A backend that is still sent to, when its answer is complete, cannot be used again.
    x.backend?.abandon()
    x.backend = null
    this.context.onFinished(x, isAborted)
  }

  /** Waits for the next request; what has come of it already is taken up at once. */
  private awaitNext(): void {
    this.state = HEAD
    this.context.wheel.schedule(this, this.context.limits.idleTimeoutMs)
    this.proceed()
  }

  /** Takes up what is pending, unless we are in the middle of doing so. */
  private proceed(): void {
    if (this.isConsuming) return
    const { pending } = this
    this.pending = null
    if (pending !== null) this.consume(pending, pending.length)
    else this.settleReading()
  }

  /** Ends our side and reads the rest of the client's for a while, so that our answer is not lost to a reset. */
  private shutDown(): void {
    const { wheel, limits } = this.context
    this.state = LINGER
    this.pending = null
    this.remaining = LINGER_BYTES
    // Until all is written the client may take its time; only then the short wait for its end begins.
    wheel.schedule(this, limits.bodyIdleTimeoutMs)
    this.socket.end(() => {
      if (this.state === LINGER) wheel.schedule(this, LINGER_MS)
    })
    if (this.isReadingPaused && !this.hasClientEnded) this.resumeReading()
  }

  private linger(size: number): void {
    this.remaining -= size
    if (this.remaining < 0) this.close()
  }

  private onEnd(): void {
    this.hasClientEnded = true
    if (this.tunnel !== null) return this.tunnel.onEnd(this)
    if (this.state === LINGER || this.state === CLOSED) return
    // Half-closed: a request that is complete still gets its answer (RFC 9112, section 9.6).
    if (this.state === DONE && !isEndless(this.x)) return
    if (this.state === HEAD && !this.x.isUnderWay && !this.isHeadAwaited) return this.shutDown()
    this.close()
  }

  override onDeadline(): void {
    if (this.x.isUnderWay && !this.x.isAnswered && this.state === BODY) return this.failBody('request-timeout')
    if (this.state === HEAD && this.isHeadAwaited) {
      this.head.forget()
      this.begin()
      this.refuseHead('request-timeout')
      return
    }
    this.close()
  }

  private close(): void {
    this.socket.destroy()
    this.onClose()
  }

  private onClose(): void {
    if (this.state === CLOSED) return
    // A tunnel says itself when it is over: the other side may still have something to take.
    if (this.tunnel !== null && this.x.isUnderWay) return this.tunnel.onClosed(this)
    this.state = CLOSED
    this.pending = null
    this.context.wheel.remove(this)
    this.settleExchange(true)
    if (this.total !== null) this.context.wheel.remove(this.total)
    this.context.onClosed(this)
  }
}

function uncork(socket: Socket): void {
  socket.uncork()
}

/** Whether the answer under way is a stream of events: nobody who has ended still waits for the end of that. */
function isEndless({ isAnswered, response }: GatewayExchange): boolean {
  return isAnswered && response.headers.get('content-type')?.startsWith('text/event-stream') === true
}

/** Whether an answer has no body, whatever its head says (RFC 9110, section 6.4.1). */
export function hasNoBody({ request, response }: GatewayExchange): boolean {
  const { status } = response
  return request.method === 'HEAD' || status < 200 || status === 204 || status === 304
}
