import type { Socket } from 'node:net'
import { Timed, type TimeWheel } from '../../lib/time-wheel.ts'
import type { ReplyCode } from '../../plugins/replies.ts'
import type { GatewayExchange } from '../exchange.ts'
import {
  ConnectionError,
  DEFAULT_WINDOW,
  ENABLE_PUSH,
  INITIAL_WINDOW_SIZE,
  MAX_HEADER_LIST_SIZE,
  MAX_STREAM_ID,
  NO_ERROR,
  PREFACE,
  PROTOCOL_ERROR,
  STREAM_CLOSED,
} from '../http2/protocol.ts'
import { nobody, TrailerFields } from '../http2/request-fields.ts'
import { ResponseFields } from '../http2/response-fields.ts'
import { Session, type Windows } from '../http2/session.ts'
import { plainAddress } from '../peer.ts'
import { readBuffer } from '../read-buffer.ts'
import type { BackendEvents } from './connection.ts'
import type { Dialler } from './dial.ts'
import { Http2Link } from './http2-link.ts'
import type { BackendLimits } from './pool.ts'
import type { Target } from './target.ts'

/** Exchanges at once on one connection, if the backend allows as many; for more there are more connections. */
const MAX_STREAMS = 100
/**
 * Streams of clients that are slow must never stop those of others, so the window of the connection is as large as those of
 * all its streams together.
 */
const WINDOWS: Windows = { streamBytes: 131_072, connectionBytes: 131_072 * MAX_STREAMS }
/** Links that are kept for the next exchanges of a connection. */
const MAX_SPARE = 32
/** A backend that owes answers and says nothing for so long is asked whether it is there; and has so long to say so. */
const SILENCE_MS = 20_000
const PING_TIMEOUT_MS = 10_000
const PING_BYTES = Buffer.from('alive?!?', 'latin1')

/** What a connection needs of those who use it. */
export interface SessionOwner {
  readonly wheel: TimeWheel
  readonly limits: BackendLimits
  readonly events: BackendEvents
  readonly target: Target
  readonly dialler: Dialler
  /** The connection is closed. */
  onSessionClosed(session: Http2Session): void
  /** The target does not speak HTTP/2 (any more). */
  onOtherProtocol(): void
  /** An exchange is over. */
  onLeft(): void
  /** Sends a request once more that the backend has not looked at. */
  resend(x: GatewayExchange, path: string, resentCount: number): void
  /** Begins an exchange that needs HTTP/1.1. */
  beginHttp1(x: GatewayExchange, path: string): void
}

/** What is offered to targets with TLS (ALPN). */
export const HTTP2_FIRST = ['h2', 'http/1.1']

/** Opens a connection to a target that speaks HTTP/2. */
export function openSession(owner: SessionOwner): Http2Session {
  const socket = owner.dialler.dial(HTTP2_FIRST, {
    buffer: readBuffer,
    callback(size) {
      session.read(readBuffer, size)
      return true
    },
  })
  const session = new Http2Session(socket, owner)
  return session
}

/** One connection to a backend, speaking HTTP/2: many exchanges at once. */
export class Http2Session extends Session<Http2Link> {
  readonly limits: BackendLimits
  readonly events: BackendEvents
  readonly target: Target
  /** Links whose answers may stand whole in what is being read. */
  readonly opening: Http2Link[] = []
  isConnected = false
  /** The other end's; empty until there is a connection, and for Unix sockets. */
  address = ''
  private readonly owner: SessionOwner
  private readonly responseFields = new ResponseFields()
  private readonly trailers = new TrailerFields()
  private readonly spare: Http2Link[] = []
  private readonly liveness = new Liveness(this)
  private nextId = 1
  private maxStreams = MAX_STREAMS
  /** True once it takes no more exchanges. */
  private isEnding = false
  private hasAnswered = false
  private reason: ReplyCode | null = null

  /** `isReady` says that the socket is connected, and speaks HTTP/2. */
  constructor(socket: Socket, owner: SessionOwner, isReady = false) {
    const { wheel, limits, target } = owner
    const { maxHeadBytes, maxHeaders, connectTimeoutMs, bodyIdleTimeoutMs } = limits
    super(socket, wheel, { maxHeadBytes, maxHeaders, headTimeoutMs: connectTimeoutMs, bodyIdleTimeoutMs }, WINDOWS)
    this.owner = owner
    this.limits = limits
    this.events = owner.events
    this.target = target
    if (target.isTls) socket.on('data', (chunk: Buffer) => this.read(chunk, chunk.length))
    if (isReady) this.onConnect()
    else socket.on(target.isTls ? 'secureConnect' : 'connect', () => this.onConnect())
    this.writer.bytes(PREFACE)
    this.writer.settings([
      [ENABLE_PUSH, 0],
      [INITIAL_WINDOW_SIZE, WINDOWS.streamBytes],
      [MAX_HEADER_LIST_SIZE, limits.maxHeadBytes],
    ])
    this.writer.windowUpdate(0, WINDOWS.connectionBytes - DEFAULT_WINDOW)
    this.settleDeadline()
  }

  get hasRoom(): boolean {
    return !this.isClosed && !this.isEnding && this.streams.size < this.maxStreams
  }

  /** A link for an exchange that begins at once. */
  link(): Http2Link {
    return this.spare.pop() ?? new Http2Link(this)
  }

  /** Begins a stream. Returns its number. */
  open(link: Http2Link): number {
    const id = this.nextId
    this.nextId += 2
    if (this.nextId > MAX_STREAM_ID) this.isEnding = true
    this.streams.set(id, link)
    this.liveness.begin()
    return id
  }

  /** Takes no more exchanges, and closes when there is none. */
  retire(): void {
    this.isEnding = true
    this.endIfDone()
  }

  private onConnect(): void {
    if (this.target.isTls && 'alpnProtocol' in this.socket && this.socket.alpnProtocol !== 'h2') {
      this.reason = 'backend-unreachable'
      this.owner.onOtherProtocol()
      return this.destroy()
    }
    this.isConnected = true
    this.address = plainAddress(this.socket.remoteAddress ?? '')
    for (const link of this.streams.values()) link.awaitAnswer()
  }

  // ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

  override read(chunk: Buffer, size: number): void {
    this.liveness.onRead()
    super.read(chunk, size)
  }

  protected override onHeaders(id: number, isEnd: boolean, bytes: Buffer, start: number, end: number): void {
    const link = this.streams.get(id)
    if (link === undefined || link.isRemoteClosed) {
      this.decode(bytes, start, end, nobody)
      if (this.isRemembered(id)) return
      throw new ConnectionError(
        this.isIdleStream(id) ? PROTOCOL_ERROR : STREAM_CLOSED,
        'an answer that nobody waits for',
      )
    }
    if (!link.isAwaited) return this.takeTrailers(link, isEnd, bytes, start, end)
    const { responseFields } = this
    responseFields.begin(link.head)
    this.decode(bytes, start, end, responseFields)
    this.hasAnswered = true
    if (responseFields.settle(link.head, link.isHead, isEnd)) link.onHead(isEnd)
    else link.breakOff(PROTOCOL_ERROR)
  }

  private takeTrailers(link: Http2Link, isEnd: boolean, bytes: Buffer, start: number, end: number): void {
    const { trailers } = this
    trailers.begin()
    this.decode(bytes, start, end, trailers)
    if (isEnd && !trailers.isMalformed) link.onTrailers(trailers.fields)
    else link.breakOff(PROTOCOL_ERROR)
  }

  protected override onReadEnd(): void {
    if (this.opening.length === 0) return
    for (const link of this.opening.splice(0)) link.onReadEnd()
  }

  protected override onReset(link: Http2Link, code: number): void {
    link.onReset(code)
  }

  /** The backend takes no more: what it has not looked at goes elsewhere (RFC 9113, section 6.8). */
  protected override onGoAway(lastStreamId: number): void {
    this.isEnding = true
    for (const link of [...this.streams.values()]) if (link.id > lastStreamId) link.onRefused()
    this.endIfDone()
  }

  protected override onMaxStreams(count: number): void {
    this.maxStreams = Math.min(count, MAX_STREAMS)
  }

  protected override onPingAck(): void {
    // That something was read is all that it says.
  }

  protected override isIdleStream(id: number): boolean {
    return id % 2 === 0 || id >= this.nextId
  }

  protected override get lastStreamId(): number {
    return 0
  }

  protected override get idleTimeoutMs(): number {
    return this.limits.idleTimeoutMs
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A stream is over, and may be used again. */
  onStreamOver(link: Http2Link, mayBeSent: boolean): void {
    this.dropStream(link, mayBeSent)
    if (this.isClosed) return
    if (this.spare.length < MAX_SPARE) this.spare.push(link)
    this.endIfDone()
  }

  onLeft(): void {
    this.owner.onLeft()
  }

  resend(x: GatewayExchange, path: string, resentCount: number): void {
    this.owner.resend(x, path, resentCount)
  }

  /** Begins an exchange that needs HTTP/1.1, to become a WebSocket, in the place of a link that has not begun it. */
  beginHttp1(link: Http2Link, x: GatewayExchange, path: string): void {
    this.spare.push(link)
    this.owner.beginHttp1(x, path)
  }

  private endIfDone(): void {
    if (this.isEnding && this.streams.size === 0) this.fail(NO_ERROR)
  }

  override fail(code: number): void {
    if (code !== NO_ERROR) this.reason ??= 'backend-malformed'
    super.fail(code)
  }

  override onDeadline(): void {
    if (!this.hasSettings) this.reason = 'backend-connect-timeout'
    super.onDeadline()
  }

  /** Nothing has come for too long. */
  onSilence(): void {
    this.reason = 'backend-timeout'
    this.destroy()
  }

  /** Asks whether the other side is there. */
  ask(): void {
    this.writer.ping(false, PING_BYTES, 0)
  }

  protected override onEnd(): void {
    if (!this.isClosed) this.destroy()
  }

  protected override onClosed(): void {
    this.isEnding = true
    this.wheel.remove(this.liveness)
    this.owner.onSessionClosed(this)
    const code = this.reason ?? (this.isConnected ? 'backend-closed' : 'backend-unreachable')
    // As with HTTP/1: a connection that has worked before was most likely closed before it saw the request.
    const canRetry = this.hasAnswered && code === 'backend-closed'
    for (const link of [...this.streams.values()]) link.onLost(code, canRetry)
  }
}

/**
 * Notices a backend that is gone without a word. It asks once in each silence, and only while answers are owed: servers of gRPC
 * take more than that for a flood.
 */
class Liveness extends Timed {
  private readonly session: Http2Session
  private isAsked = false
  private isAnswered = false

  constructor(session: Http2Session) {
    super()
    this.session = session
  }

  /** An exchange begins. */
  begin(): void {
    if (this.session.streams.size === 1) this.session.wheel.schedule(this, SILENCE_MS)
  }

  onRead(): void {
    if (this.isAsked) this.isAnswered = true
    else this.session.wheel.schedule(this, SILENCE_MS)
  }

  override onDeadline(): void {
    const { session } = this
    if (this.isAsked && !this.isAnswered) return session.onSilence()
    const wasAsked = this.isAsked
    this.isAsked = !wasAsked && session.streams.size > 0
    this.isAnswered = false
    if (!this.isAsked) return
    session.ask()
    session.wheel.schedule(this, PING_TIMEOUT_MS)
  }
}
