import type { Socket } from 'node:net'
import type { HeaderList } from '../../lib/headers/header-list.ts'
import { Timed, type TimeWheel } from '../../lib/time-wheel.ts'
import type { ReplyCode } from '../../plugins/replies.ts'
import { writeChunk, writePart } from '../body-parts.ts'
import type { GatewayExchange } from '../exchange.ts'
import { type BodySink, ChunkedReader } from '../http1/chunked.ts'
import { CHUNKED, INCOMPLETE, MALFORMED, NO_BODY, SIZED, UNTIL_CLOSE } from '../http1/head.ts'
import { ResponseHead } from '../http1/response-head.ts'
import { plainAddress } from '../peer.ts'
import { readBuffer } from '../read-buffer.ts'
import type { Tunnel, TunnelEnd } from '../websocket/tunnel.ts'
import type { BackendLink } from './backend-link.ts'
import type { BackendLimits, Pool } from './pool.ts'
import { requestHead } from './request-head.ts'
import { isWhole } from './send.ts'

/** What a backend's answer means to the exchange. `serve.ts` implements it. */
export interface BackendEvents {
  /** An informational response (1xx but 100 and 101). */
  informational(x: GatewayExchange, head: ResponseHead): void
  /** The head of the answer; `body` is the whole body as Latin-1 text where it came along and is small, else null. */
  head(x: GatewayExchange, head: ResponseHead, body: string | null): void
  /** A part of the body; only valid during the call. */
  body(x: GatewayExchange, chunk: Buffer, start: number, end: number): void
  /** The end of a body that came in parts. */
  end(x: GatewayExchange, trailers: HeaderList | null): void
  /** The backend has left HTTP, as it was asked to; `head` is that of its 101. Nothing more is read of it before the tunnel. */
  switched(x: GatewayExchange, head: ResponseHead, backend: TunnelEnd): void
  /** The exchange failed. `canRetry`: the backend has seen nothing of the request, or closed a used connection without a byte of answer. */
  failed(x: GatewayExchange, code: ReplyCode, canRetry: boolean): void
}

/*
 *   CONNECTING ──► WAITING ──► BODY ──► IDLE ──► WAITING …
 *        │            │          │        │
 *        │            │          │        │
 *        └────────────┴──────────┴────────┴──► CLOSED
 *
 * SWITCHED follows WAITING where the connection has become one end of a tunnel.
 */
const CONNECTING = 0
const WAITING = 1
const BODY = 2
const IDLE = 3
const CLOSED = 4
const SWITCHED = 5

/** What is offered to targets with TLS (ALPN). */
const HTTP1 = ['http/1.1']
/** Up to here a body goes out in one piece with its head: it is cheaper to copy than to write twice. */
const SMALL_BODY_BYTES = 16_384
/** More than this many informational responses to one request is not a backend that means well. */
const MAX_INFORMATIONAL = 32

/** One connection to a backend, used for one exchange after another. */
export class BackendConnection extends Timed implements BackendLink, BodySink, TunnelEnd {
  /** True if it has served an exchange before: only then may a closed connection mean that the request was never seen. */
  isReused = false
  /** The other end's; empty until there is a connection, and for Unix sockets. */
  address = ''
  private readonly pool: Pool
  private readonly wheel: TimeWheel
  private readonly limits: BackendLimits
  private readonly events: BackendEvents
  readonly socket: Socket
  private readonly head: ResponseHead
  private readonly chunks = new ChunkedReader()
  private state = CONNECTING
  private x: GatewayExchange | null = null
  private hasAnswerBytes = false
  private isRequestSent = false
  private isBodyPaused = false
  private isReadingPaused = false
  private isRetired = false
  private informationalCount = 0
  private remaining = 0
  /** The beginning of a head that is not complete yet. */
  private partialHead: Buffer | null = null
  /** What came behind the head before the exchange was ready for it. */
  private held: Buffer | null = null
  /** Collects a small chunked body that came along with its head. */
  private collected: string | null = null
  private tunnel: Tunnel | null = null

  constructor(pool: Pool, wheel: TimeWheel, limits: BackendLimits, events: BackendEvents) {
    super()
    this.pool = pool
    this.wheel = wheel
    this.limits = limits
    this.events = events
    this.head = new ResponseHead(pool.answerBefore)
    this.socket = this.open()
    pool.add(this)
    wheel.schedule(this, limits.connectTimeoutMs)
  }

  get target() {
    return this.pool.target
  }

  /** Begins an exchange: sends the head, for this path and query, and the body where it is at hand. */
  begin(x: GatewayExchange, path: string): void {
    const { inlineBody } = x.request
    this.x = x
    this.hasAnswerBytes = false
    this.isRequestSent = isWhole(x)
    this.informationalCount = 0
    this.partialHead = null
    if (this.state === IDLE) {
      this.state = WAITING
      this.wheel.schedule(this, this.responseTimeoutMs)
    } else if (x.timeouts !== null) this.wheel.schedule(this, x.timeouts.connectMs)
    const head = requestHead(x, this.target, path)
    this.socket.write(inlineBody === null ? head : head + inlineBody, 'latin1')
  }

  writeBody(chunk: Buffer, start: number, end: number): void {
    const { x, socket } = this
    if (x === null || this.state === CLOSED) return
    const hasRoom = x.request.isChunked ? writeChunk(socket, chunk, start, end) : writePart(socket, chunk, start, end)
    if (this.state === WAITING) this.wheel.schedule(this, this.responseTimeoutMs)
    if (hasRoom) return
    this.isBodyPaused = true
    x.client.pauseBody()
  }

  endBody(trailers: HeaderList | null): void {
    const { x } = this
    if (x === null || this.state === CLOSED) return
    this.isRequestSent = true
    if (x.request.isChunked) this.socket.write(`0\r\n${trailers?.toLines() ?? ''}\r\n`, 'latin1')
  }

  flow(): void {
    const { held } = this
    this.held = null
    if (held !== null) this.take(held, 0, held.length)
    if (this.held === null) this.resume()
  }

  pause(): void {
    if (this.isReadingPaused || this.state === CLOSED) return
    this.isReadingPaused = true
    this.wheel.cancel(this)
    this.socket.pause()
  }

  resume(): void {
    if (!this.isReadingPaused || this.state === CLOSED) return
    this.isReadingPaused = false
    if (this.state === BODY) this.wheel.schedule(this, this.bodyIdleTimeoutMs)
    this.socket.resume()
  }

  enterTunnel(tunnel: Tunnel): Buffer | null {
    const { held } = this
    this.tunnel = tunnel
    this.held = null
    return held
  }

  abandon(): void {
    const { x } = this
    this.x = null
    this.destroy()
    if (x !== null) this.pool.onLeft()
  }

  /** Its target is gone: it is used no more once it is free. */
  retire(isInUse: boolean): void {
    if (isInUse) this.isRetired = true
    else this.destroy()
  }

  /** Closes the connection. An exchange on it is not told. */
  destroy(): void {
    if (this.state === CLOSED) return
    this.pool.forget(this)
    this.state = CLOSED
    this.held = null
    this.wheel.remove(this)
    this.socket.destroy()
  }

  override onDeadline(): void {
    if (this.state === CONNECTING) return this.fail('backend-connect-timeout', false)
    if (this.state === IDLE) return this.destroy()
    this.fail('backend-timeout', false)
  }

  onBody(chunk: Buffer, start: number, end: number): void {
    if (this.collected !== null) this.collected += chunk.toString('latin1', start, end)
    else if (this.x !== null) this.events.body(this.x, chunk, start, end)
  }

  private open(): Socket {
    const { isTls } = this.pool.target
    const socket = this.pool.dialler.dial(HTTP1, {
      buffer: readBuffer,
      callback: (size) => this.read(readBuffer, size),
    })
    if (isTls) socket.on('data', (chunk: Buffer) => this.read(chunk, chunk.length))
    socket.on(isTls ? 'secureConnect' : 'connect', () => this.onConnect())
    socket.on('drain', () => this.onDrain())
    socket.on('end', () => this.onEnd())
    socket.on('error', () => this.onLost())
    socket.on('close', () => this.onClose())
    return socket
  }

  private onConnect(): void {
    if (this.state !== CONNECTING) return
    this.address = plainAddress(this.socket.remoteAddress ?? '')
    this.state = WAITING
    this.wheel.schedule(this, this.responseTimeoutMs)
  }

  private get responseTimeoutMs(): number {
    return this.x?.timeouts?.responseMs ?? this.limits.responseTimeoutMs
  }

  private get bodyIdleTimeoutMs(): number {
    return this.x?.timeouts?.idleMs ?? this.limits.bodyIdleTimeoutMs
  }

  private onDrain(): void {
    if (this.tunnel !== null) return this.tunnel.onDrain(this)
    if (!this.isBodyPaused) return
    this.isBodyPaused = false
    this.x?.client.resumeBody()
  }

  private onEnd(): void {
    if (this.tunnel !== null) return this.tunnel.onEnd(this)
    if (this.state === BODY && this.head.framing === UNTIL_CLOSE) return this.complete(null)
    this.onLost()
  }

  private onClose(): void {
    if (this.tunnel !== null) this.tunnel.onClosed(this)
    else this.onLost()
  }

  /** The connection has ended where it should not have. A tunnel is told when it is closed. */
  private onLost(): void {
    if (this.state === CLOSED || this.tunnel !== null) return
    if (this.state === CONNECTING) return this.fail('backend-unreachable', false)
    this.fail('backend-closed', this.isReused && !this.hasAnswerBytes)
  }

  private fail(code: ReplyCode, canRetry: boolean): void {
    const { x } = this
    this.abandon()
    if (x !== null) this.events.failed(x, code, canRetry)
  }

  private read(chunk: Buffer, size: number): boolean {
    const { partialHead } = this
    if (this.state === SWITCHED) this.tunnel?.take(this, chunk, size)
    else if (partialHead === null) this.take(chunk, 0, size)
    else {
      this.partialHead = null
      this.take(Buffer.concat([partialHead, chunk.subarray(0, size)]), 0, partialHead.length + size)
    }
    return true
  }

  /** Takes what has been read, from `start` to `end`. */
  private take(chunk: Buffer, start: number, end: number): void {
    let at = start
    this.hasAnswerBytes = true
    // Bytes that nobody asked for: whatever they are, they must not become the answer to the next request.
    if (this.x === null) return this.destroy()
    while (at < end && this.state === WAITING) {
      at = this.readHead(chunk, at, end)
      if (at === -1) return this.fail('backend-malformed', false)
    }
    if (at === end || this.state !== BODY) return this.checkExcess(at, end)
    if (!this.x.isAnswered && this.x.responseBody === null) return this.hold(chunk, at, end)
    this.readBody(chunk, at, end)
  }

  /** Bytes behind a complete answer: the connection is out of step and is not used again. */
  private checkExcess(at: number, end: number): void {
    if (at < end) this.destroy()
  }

  private hold(chunk: Buffer, start: number, end: number): void {
    const part = Buffer.from(chunk.subarray(start, end))
    this.held = this.held === null ? part : Buffer.concat([this.held, part])
    this.pause()
  }

  /** Reads a head from `start`. Returns the position behind what was used, or -1 if the answer is malformed. */
  private readHead(chunk: Buffer, start: number, end: number): number {
    const { head, x } = this
    const behind = head.read(chunk, start, end, x?.request.method === 'HEAD', this.limits)
    if (behind === INCOMPLETE) {
      this.partialHead = Buffer.from(chunk.subarray(start, end))
      return end
    }
    if (x === null || behind === MALFORMED) return -1
    if (head.status === 101 && x.webSocket !== null) return this.takeSwitch(x, chunk, behind, end)
    return head.status < 200 ? this.takeInformational(x, behind) : this.takeFinal(x, chunk, behind, end)
  }

  private takeInformational(x: GatewayExchange, at: number): number {
    // An upgrade that we have not asked for; 100 is ours to give, and we have given it.
    if (this.head.status === 101 || ++this.informationalCount > MAX_INFORMATIONAL) return -1
    if (this.head.status !== 100) this.events.informational(x, this.head)
    return at
  }

  /** What comes behind this head is not HTTP any more: it is for the tunnel. */
  private takeSwitch(x: GatewayExchange, chunk: Buffer, at: number, end: number): number {
    this.state = SWITCHED
    if (at < end) this.held = Buffer.from(chunk.subarray(at, end))
    this.pause()
    this.events.switched(x, this.head, this)
    return end
  }

  private takeFinal(x: GatewayExchange, chunk: Buffer, at: number, end: number): number {
    const { head } = this
    if (head.framing === NO_BODY) return this.finishWhole(x, '', at, end)
    this.state = BODY
    this.wheel.schedule(this, this.bodyIdleTimeoutMs)
    if (head.framing === SIZED) {
      this.remaining = head.contentLength
      if (head.contentLength <= end - at && head.contentLength <= SMALL_BODY_BYTES) {
        const behind = at + head.contentLength
        return this.finishWhole(x, chunk.toString('latin1', at, behind), behind, end)
      }
    } else if (head.framing === CHUNKED) {
      this.chunks.reset()
      if (end - at <= SMALL_BODY_BYTES && endsWithLastChunk(chunk, at, end))
        return this.collectChunks(x, chunk, at, end)
    }
    this.events.head(x, head, null)
    return at
  }

  /**
   * A chunked body that has come whole with its head goes on in one piece. Returns the position behind it, or `at` where it
   * only looked so and is to be read as a stream.
   */
  private collectChunks(x: GatewayExchange, chunk: Buffer, at: number, end: number): number {
    this.collected = ''
    const behind = this.chunks.read(chunk, at, end, this)
    const body = this.collected
    this.collected = null
    if (behind !== -1 && this.chunks.isDone && this.chunks.trailers.isEmpty)
      return this.finishWhole(x, body, behind, end)
    this.chunks.reset()
    this.events.head(x, this.head, null)
    return at
  }

  private finishWhole(x: GatewayExchange, body: string, at: number, end: number): number {
    this.release(at === end)
    this.events.head(x, this.head, body)
    return at
  }

  private readBody(chunk: Buffer, start: number, end: number): void {
    const { x, head } = this
    if (x === null) return
    this.wheel.schedule(this, this.bodyIdleTimeoutMs)
    if (head.framing === UNTIL_CLOSE) return this.events.body(x, chunk, start, end)
    if (head.framing === CHUNKED) return this.readChunks(chunk, start, end)
    const taken = Math.min(this.remaining, end - start)
    this.remaining -= taken
    this.events.body(x, chunk, start, start + taken)
    if (this.remaining === 0 && this.state === BODY) this.complete(null, start + taken === end)
  }

  private readChunks(chunk: Buffer, start: number, end: number): void {
    const behind = this.chunks.read(chunk, start, end, this)
    if (behind === -1) return this.fail('backend-malformed', false)
    if (this.chunks.isDone && this.state === BODY) this.complete(this.chunks.trailers, behind === end)
  }

  /** The answer is complete. */
  private complete(trailers: HeaderList | null, isInStep = true): void {
    const { x } = this
    this.release(isInStep && this.head.framing !== UNTIL_CLOSE)
    if (x !== null) this.events.end(x, trailers)
  }

  /** Leaves the exchange: back to the pool if both sides are in step, else closed. */
  private release(isInStep: boolean): void {
    const canKeep = isInStep && this.isRequestSent && this.head.keepAlive && !this.isBodyPaused && !this.isRetired
    this.x = null
    if (canKeep) this.rest()
    else this.destroy()
    this.pool.onLeft()
  }

  private rest(): void {
    if (this.isReadingPaused) {
      this.isReadingPaused = false
      this.socket.resume()
    }
    this.state = IDLE
    this.wheel.schedule(this, this.limits.idleTimeoutMs)
    this.pool.give(this)
  }
}

/** True if the bytes end as a chunked body without trailers does. */
function endsWithLastChunk(chunk: Buffer, start: number, end: number): boolean {
  return (
    end - start >= 5 &&
    chunk[end - 1] === 0x0a &&
    chunk[end - 5] === 0x30 &&
    chunk.toString('latin1', end - 5, end) === '0\r\n\r\n'
  )
}
