import type { Socket } from 'node:net'
import { forwardingLines } from '../forwarding.ts'
import type { ClientLimits, ConnectionContext, FrontConnection } from '../http1/connection.ts'
import type { Peer, PeerTls } from '../peer.ts'
import type { StageTable } from '../table.ts'
import {
  ConnectionError,
  DEFAULT_WINDOW,
  ENHANCE_YOUR_CALM,
  INITIAL_WINDOW_SIZE,
  MAX_CONCURRENT_STREAMS,
  MAX_HEADER_LIST_SIZE,
  MAX_STREAM_ID,
  NO_ERROR,
  PREFACE,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
  STREAM_CLOSED,
} from './protocol.ts'
import { nobody, RequestFields, TrailerFields } from './request-fields.ts'
import { ServerStream } from './server-stream.ts'
import { Session, type Windows } from './session.ts'
import { TokenBucket } from './token-bucket.ts'

/** Streams that are kept for the next requests of a connection; those beyond are made anew. */
const MAX_SPARE = 16
/**
 * A stream gets a round trip's worth on a fast line; all together what is the most memory that a client can take up by sending
 * to backends that are slow.
 */
const WINDOWS: Windows = { streamBytes: 262_144, connectionBytes: 1_048_576 }
const PING_BYTES = Buffer.from('draining', 'latin1')

/** One connection of a client, speaking HTTP/2: each request is an exchange of its own, all at once. */
export class Http2Connection extends Session<ServerStream> implements FrontConnection {
  readonly address: string
  readonly isTrusted: boolean
  readonly scheme: string
  readonly tls: PeerTls | null
  readonly context: ConnectionContext
  readonly limits: ClientLimits
  private readonly fields = new RequestFields()
  private readonly trailers = new TrailerFields()
  private readonly spare: ServerStream[] = []
  /** Requests whose head has come, and perhaps more of them in what is being read. */
  private readonly opening: ServerStream[] = []
  private readonly resets: TokenBucket
  private lastId = 0
  /** Requests above it are not taken any more; `MAX_STREAM_ID` while all are. */
  private finalId = MAX_STREAM_ID
  private isDraining = false
  private hasClientEnded = false
  private prefaceAt = 0
  private forwardedHost: string | null = null
  private forwarded = ''

  constructor(socket: Socket, context: ConnectionContext, peer: Peer) {
    super(socket, context.wheel, context.limits, WINDOWS)
    this.context = context
    this.limits = context.limits
    this.address = peer.address
    this.isTrusted = context.isTrusted(peer.address)
    this.scheme = peer.scheme
    this.tls = peer.tls
    this.resets = new TokenBucket(context.wheel, context.limits.maxResetsPerSecond, context.limits.maxResetsPerSecond)
    this.writer.settings([
      [MAX_CONCURRENT_STREAMS, context.limits.maxStreams],
      [INITIAL_WINDOW_SIZE, WINDOWS.streamBytes],
      [MAX_HEADER_LIST_SIZE, context.limits.maxHeadBytes],
    ])
    this.writer.windowUpdate(0, WINDOWS.connectionBytes - DEFAULT_WINDOW)
    this.settleDeadline()
    if (context.isDraining) this.drain()
  }

  serves(table: StageTable): boolean {
    for (const stream of this.streams.values()) if (stream.serves(table)) return true
    return false
  }

  /**
   * Ends the connection gracefully (RFC 9113, section 6.8): first says that it will end, then, when the client must have seen
   * that, which requests are the last; and closes when these have their answers.
   */
  drain(): void {
    if (this.isDraining || this.isClosed) return
    this.isDraining = true
    this.writer.goAway(MAX_STREAM_ID, NO_ERROR)
    this.writer.ping(false, PING_BYTES, 0)
    if (this.streams.size === 0) this.wheel.schedule(this, DRAIN_MS)
  }

  // ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

  override read(chunk: Buffer, size: number): void {
    if (this.prefaceAt === PREFACE.length) return super.read(chunk, size)
    const end = Math.min(size, PREFACE.length - this.prefaceAt)
    const isRight = PREFACE.compare(chunk, 0, end, this.prefaceAt, this.prefaceAt + end) === 0
    this.prefaceAt += end
    if (!isRight) return this.fail(PROTOCOL_ERROR)
    if (end < size) super.read(chunk.subarray(end, size), size - end)
  }

  protected override onHeaders(id: number, isEnd: boolean, bytes: Buffer, start: number, end: number): void {
    if (id <= this.lastId) return this.onSecondHeaders(id, isEnd, bytes, start, end)
    if (id % 2 === 0) throw new ConnectionError(PROTOCOL_ERROR, 'a client opens streams with odd numbers')
    this.lastId = id
    if (id > this.finalId || this.streams.size >= this.limits.maxStreams) {
      if (!isEnd) this.remember(id)
      this.decode(bytes, start, end, nobody)
      return this.refuseStream(id)
    }
    const stream = this.spare.pop() ?? new ServerStream(this)
    const { fields } = this
    fields.begin(stream.x.request.headers)
    this.decode(bytes, start, end, fields)
    const fault = fields.settle(!isEnd, this.limits)
    this.context.onRequest()
    stream.begin(id, fields, isEnd, end - start)
    this.addStream(stream)
    if (fault !== null) stream.refuse(fault)
    else if (isEnd) stream.start()
    else this.opening.push(stream)
  }

  /** Does not take a request that came after the last, or is one too many. */
  private refuseStream(id: number): void {
    // Of those after the last the client knows that they were not taken.
    if (id > this.finalId) return
    this.writer.resetStream(id, REFUSED_STREAM)
    this.countReset()
  }

  /** Trailers; or a request on a stream that has been used. */
  private onSecondHeaders(id: number, isEnd: boolean, bytes: Buffer, start: number, end: number): void {
    const stream = this.streams.get(id)
    if (stream === undefined || stream.isRemoteClosed) {
      this.decode(bytes, start, end, nobody)
      if (this.isRemembered(id)) return
      throw new ConnectionError(STREAM_CLOSED, 'a header block for a stream that is closed')
    }
    const { trailers } = this
    trailers.begin()
    this.decode(bytes, start, end, trailers)
    if (!isEnd || trailers.isMalformed) return stream.breakOff(PROTOCOL_ERROR)
    stream.onTrailers(trailers.fields)
  }

  protected override onReadEnd(): void {
    const { opening } = this
    if (opening.length === 0) return
    for (const stream of opening.splice(0)) if (stream.isOpening) stream.start()
  }

  protected override onReset(stream: ServerStream): void {
    stream.onReset()
    this.countReset()
  }

  /** A request was broken off, by the client or because of it: work for nothing, of which there may be only so much. */
  countReset(): void {
    if (this.resets.take() || this.isClosed) return
    this.fail(ENHANCE_YOUR_CALM)
  }

  protected override onPingAck(): void {
    if (!this.isDraining || this.finalId !== MAX_STREAM_ID) return
    this.finalId = this.lastId
    this.writer.goAway(this.lastId, NO_ERROR)
    this.endIfDone()
  }

  protected override onGoAway(): void {
    // The client opens no more requests; it closes when it has its answers.
  }

  protected override onMaxStreams(): void {
    // We open none.
  }

  protected override isIdleStream(id: number): boolean {
    return id % 2 === 0 || id > this.lastId
  }

  protected override get lastStreamId(): number {
    return Math.min(this.lastId, this.finalId)
  }

  protected override get idleTimeoutMs(): number {
    return this.isDraining ? DRAIN_MS : this.limits.idleTimeoutMs
  }

  // ── streams and the end ──────────────────────────────────────────────────────────────────────────────────────────

  /** The fields that tell the backend where requests for `host` come from; the same for all of them on a connection. */
  forwardingFor(host: string): string {
    if (host !== this.forwardedHost) {
      this.forwardedHost = host
      this.forwarded = forwardingLines(this.address, this.scheme, host, '2')
    }
    return this.forwarded
  }

  /** A stream is over, and may be used again. */
  onStreamOver(stream: ServerStream, mayBeSent: boolean): void {
    this.dropStream(stream, mayBeSent)
    if (this.isClosed) return
    if (this.spare.length < MAX_SPARE) this.spare.push(stream)
    this.endIfDone()
  }

  private endIfDone(): void {
    const isLast = this.finalId !== MAX_STREAM_ID || this.hasClientEnded
    if (isLast && this.streams.size === 0) this.shutDown()
  }

  /** Half-closed: requests that are complete still get their answers. */
  protected override onEnd(): void {
    if (this.isClosed) return
    this.hasClientEnded = true
    for (const stream of [...this.streams.values()]) if (!stream.isRemoteClosed) stream.onReset()
    this.endIfDone()
  }

  protected override onClosed(): void {
    for (const stream of [...this.streams.values()]) stream.onReset()
    this.spare.length = 0
    this.opening.length = 0
  }

  protected override onSocketGone(): void {
    this.context.onClosed(this)
  }
}

/** How long a client has to answer when it was told that the connection will end. */
const DRAIN_MS = 1_000
