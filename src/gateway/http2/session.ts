import type { Socket } from 'node:net'
import { Timed, type TimeWheel } from '../../lib/time-wheel.ts'
import { type BlockLimits, type FieldSink, HeaderDecoder } from './decoder.ts'
import { HeaderEncoder } from './encoder.ts'
import { FrameReader, type FrameSink, uint31, uint32 } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'
import {
  ACK,
  CONTINUATION,
  ConnectionError,
  DATA,
  DEFAULT_WINDOW,
  ENABLE_PUSH,
  END_HEADERS,
  END_STREAM,
  ENHANCE_YOUR_CALM,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  GOAWAY,
  HAS_PRIORITY,
  HEADER_TABLE_SIZE,
  HEADERS,
  INITIAL_WINDOW_SIZE,
  MAX_CONCURRENT_STREAMS,
  MAX_FRAME_SIZE,
  MAX_PAYLOAD_BYTES,
  MAX_WINDOW,
  NO_ERROR,
  PADDED,
  PING,
  PRIORITY,
  PROTOCOL_ERROR,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  STREAM_CLOSED,
  WINDOW_UPDATE,
} from './protocol.ts'
import type { Http2Stream } from './stream.ts'
import { TokenBucket } from './token-bucket.ts'

/**
 * Frames that carry nothing (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA, unknown ones) cost a token each. Whoever moves
 * requests and content earns tokens by that, so that a client which answers each DATA frame with updates of two windows, or
 * measures its round trip with a PING for each, never runs out; whoever sends nothing else does.
 */
const CONTROL_TOKENS = 2_000
const CONTROL_TOKENS_PER_SECOND = 200
const TOKENS_OF_HEADERS = 4
const TOKENS_OF_DATA = 3
/** From here on a DATA frame is worth an answer of both windows; smaller ones are worth one frame. */
const WORTHY_BYTES = 256

/** A block may be spread over so many CONTINUATION frames more than its bytes need. */
const SPARE_CONTINUATIONS = 8
/** What the other side does not take of our answers to its control frames; more is a flood. */
const MAX_PENDING_BYTES = 1_048_576
/** How long we wait for the other side to close, when we have said that we do, so that it can read why. */
const LINGER_MS = 2_000
/** Streams that we have reset and of which frames may still be on their way. */
const MAX_REMEMBERED = 512

/** Limits of a session, the same for both roles. */
export interface SessionLimits extends BlockLimits {
  readonly headTimeoutMs: number
  readonly bodyIdleTimeoutMs: number
}

/** What the other side may send before it has been passed on: on a stream, and on all of them together. */
export interface Windows {
  readonly streamBytes: number
  readonly connectionBytes: number
}

/** One end of a connection that speaks HTTP/2 (RFC 9113): frames, header blocks, windows. What they mean is for the two roles. */
export abstract class Session<Stream extends Http2Stream> extends Timed implements FrameSink {
  readonly wheel: TimeWheel
  readonly writer: FrameWriter
  readonly encoder = new HeaderEncoder()
  readonly streams = new Map<number, Stream>()
  readonly sessionLimits: SessionLimits
  readonly windows: Windows
  /** What we may still send on the connection. */
  sendWindow = DEFAULT_WINDOW
  /** What we may send on a new stream. */
  initialSendWindow = DEFAULT_WINDOW
  isClosed = false
  protected readonly socket: Socket
  protected hasSettings = false
  private readonly decoder = new HeaderDecoder()
  private readonly reader: FrameReader
  private readonly control: TokenBucket
  /** What the other side may still send on the connection, and what we owe it. */
  private receiveWindow: number
  private owed = 0
  /** Streams that have something to send, and wait for the connection's window or the socket. */
  private readonly blocked = new Set<Stream>()
  private readonly remembered = new Set<number>()
  /** The stream whose header block is not complete, 0 for none; the block so far. */
  private blockStream = 0
  private blockIsEnd = false
  private blockParts: Buffer[] = []
  private blockBytes = 0
  private isPartAwaited = false
  private frames = 0
  private framesBefore = 0
  private isIdleAwaited = false
  private isLingering = false

  constructor(socket: Socket, wheel: TimeWheel, limits: SessionLimits, windows: Windows) {
    super()
    this.windows = windows
    this.receiveWindow = windows.connectionBytes
    this.socket = socket
    this.wheel = wheel
    this.sessionLimits = limits
    this.writer = new FrameWriter(socket)
    this.reader = new FrameReader(this)
    this.control = new TokenBucket(wheel, CONTROL_TOKENS, CONTROL_TOKENS_PER_SECOND)
    socket.on('drain', () => this.onDrain())
    socket.on('end', () => this.onEnd())
    // What matters of an error is that the connection is gone, which `close` tells.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.onGone())
  }

  // ── what the roles do ────────────────────────────────────────────────────────────────────────────────────────────

  /** A header block is complete. It must be given to `decode`, whatever becomes of it. */
  protected abstract onHeaders(streamId: number, isEnd: boolean, bytes: Buffer, start: number, end: number): void
  /** The other side has broken a stream off. */
  protected abstract onReset(stream: Stream, code: number): void
  protected abstract onGoAway(lastStreamId: number, code: number): void
  protected abstract onPingAck(): void
  /** How many streams we may open at once. */
  protected abstract onMaxStreams(count: number): void
  protected abstract onEnd(): void
  /** The connection is over: all that is under way on it has failed. */
  protected abstract onClosed(): void
  /** Whether nobody has ever used a stream of this number. */
  protected abstract isIdleStream(streamId: number): boolean
  /** The highest stream of the other side that we have worked on. */
  protected abstract get lastStreamId(): number
  /** What the connection is given without a stream; Infinity for no end. */
  protected abstract get idleTimeoutMs(): number
  /** What has been read is worked through. */
  protected onReadEnd(): void {}

  // ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes what has come: the first `size` bytes of `chunk`, which are only valid during the call. */
  read(chunk: Buffer, size: number): void {
    if (this.isClosed) return
    try {
      this.reader.read(chunk, size)
      if (!this.isClosed) this.onReadEnd()
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      this.fail(error.code)
    }
    if (!this.isClosed) this.settleDeadline()
  }

  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): boolean {
    this.frames++
    if (this.blockStream !== 0 && (type !== CONTINUATION || streamId !== this.blockStream))
      throw new ConnectionError(PROTOCOL_ERROR, 'a header block is interrupted')
    if (!this.hasSettings && (type !== SETTINGS || (flags & ACK) !== 0))
      throw new ConnectionError(PROTOCOL_ERROR, 'the first frame is not SETTINGS')
    switch (type) {
      case DATA:
        this.takeData(flags, streamId, bytes, start, end)
        break
      case HEADERS:
        this.takeHeaders(flags, streamId, bytes, start, end)
        break
      case CONTINUATION:
        this.takeContinuation(flags, bytes, start, end)
        break
      case RST_STREAM:
        this.takeReset(streamId, bytes, start, end)
        break
      case WINDOW_UPDATE:
        this.takeWindowUpdate(streamId, bytes, start, end)
        break
      case SETTINGS:
        this.takeSettings(flags, streamId, bytes, start, end)
        break
      case PING:
        this.takePing(flags, streamId, bytes, start, end)
        break
      case GOAWAY:
        assertFrame(streamId === 0, PROTOCOL_ERROR)
        assertFrame(end - start >= 8, FRAME_SIZE_ERROR)
        this.spend()
        this.onGoAway(uint31(bytes, start), uint32(bytes, start + 4))
        break
      case PUSH_PROMISE:
        throw new ConnectionError(PROTOCOL_ERROR, 'nobody pushes to us')
      case PRIORITY:
        assertFrame(streamId !== 0, PROTOCOL_ERROR)
        assertFrame(end - start === 5, FRAME_SIZE_ERROR)
        this.spend()
        break
      default:
        this.spend()
    }
    return !this.isClosed
  }

  private takeData(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const size = end - start
    const behind = end - padding(flags, bytes, start, end)
    const from = (flags & PADDED) === 0 ? start : start + 1
    assertFrame(streamId !== 0 && behind >= from, PROTOCOL_ERROR)
    this.receiveWindow -= size
    assertFrame(this.receiveWindow >= 0, FLOW_CONTROL_ERROR)
    if (behind > from) this.earn(behind - from)
    else if ((flags & END_STREAM) === 0) this.spend()
    const stream = this.streams.get(streamId)
    if (stream === undefined || stream.isRemoteClosed) {
      this.consumed(size)
      return this.takeStray(streamId)
    }
    if (!stream.receive(size)) {
      this.consumed(size)
      return stream.breakOff(FLOW_CONTROL_ERROR)
    }
    if (behind - from < size) stream.consume(size - (behind - from))
    stream.onData(bytes, from, behind, (flags & END_STREAM) !== 0)
  }

  /** A frame of a stream that is closed. Where we have closed it, the other side may not have known. */
  private takeStray(streamId: number): void {
    assertFrame(!this.isIdleStream(streamId), PROTOCOL_ERROR)
    assertFrame(this.remembered.has(streamId), STREAM_CLOSED)
    this.spend()
  }

  private takeHeaders(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const behind = end - padding(flags, bytes, start, end)
    let from = (flags & PADDED) === 0 ? start : start + 1
    if ((flags & HAS_PRIORITY) !== 0) from += 5
    assertFrame(streamId !== 0 && behind >= from, PROTOCOL_ERROR)
    const isEnd = (flags & END_STREAM) !== 0
    this.control.give(TOKENS_OF_HEADERS)
    if ((flags & END_HEADERS) !== 0) return this.onHeaders(streamId, isEnd, bytes, from, behind)
    this.blockStream = streamId
    this.blockIsEnd = isEnd
    this.blockParts = []
    this.blockBytes = 0
    this.keepBlock(bytes, from, behind)
  }

  private takeContinuation(flags: number, bytes: Buffer, start: number, end: number): void {
    assertFrame(this.blockStream !== 0, PROTOCOL_ERROR)
    this.keepBlock(bytes, start, end)
    if ((flags & END_HEADERS) === 0) return
    const streamId = this.blockStream
    const block = Buffer.concat(this.blockParts, this.blockBytes)
    this.blockStream = 0
    this.blockParts = []
    this.onHeaders(streamId, this.blockIsEnd, block, 0, block.length)
  }

  /** Keeps a part of a block. More than a head may have cannot be skipped, as the table of the connection depends on it. */
  private keepBlock(bytes: Buffer, start: number, end: number): void {
    const { maxHeadBytes } = this.sessionLimits
    this.blockBytes += end - start
    const most = SPARE_CONTINUATIONS + Math.ceil(maxHeadBytes / MAX_PAYLOAD_BYTES)
    if (this.blockBytes > maxHeadBytes + MAX_PAYLOAD_BYTES || this.blockParts.length >= most)
      throw new ConnectionError(ENHANCE_YOUR_CALM, 'a header block is too large, or in too many parts')
    this.blockParts.push(Buffer.from(bytes.subarray(start, end)))
  }

  /** Decodes a header block. */
  protected decode(bytes: Buffer, start: number, end: number, sink: FieldSink): void {
    this.decoder.decode(bytes, start, end, this.sessionLimits, sink)
  }

  private takeReset(streamId: number, bytes: Buffer, start: number, end: number): void {
    assertFrame(streamId !== 0, PROTOCOL_ERROR)
    assertFrame(end - start === 4, FRAME_SIZE_ERROR)
    const stream = this.streams.get(streamId)
    if (stream !== undefined) return this.onReset(stream, uint32(bytes, start))
    assertFrame(!this.isIdleStream(streamId), PROTOCOL_ERROR)
    this.spend()
  }

  private takeWindowUpdate(streamId: number, bytes: Buffer, start: number, end: number): void {
    assertFrame(end - start === 4, FRAME_SIZE_ERROR)
    this.spend()
    const increment = uint31(bytes, start)
    if (streamId === 0) {
      assertFrame(increment > 0, PROTOCOL_ERROR)
      this.sendWindow += increment
      assertFrame(this.sendWindow <= MAX_WINDOW, FLOW_CONTROL_ERROR)
      return this.unblock()
    }
    const stream = this.streams.get(streamId)
    if (stream === undefined) return assertFrame(!this.isIdleStream(streamId), PROTOCOL_ERROR)
    if (increment === 0) return stream.breakOff(PROTOCOL_ERROR)
    stream.sendWindow += increment
    if (stream.sendWindow > MAX_WINDOW) stream.breakOff(FLOW_CONTROL_ERROR)
    else stream.sendHeld()
  }

  private takeSettings(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const length = end - start
    assertFrame(streamId === 0, PROTOCOL_ERROR)
    assertFrame(length % 6 === 0 && ((flags & ACK) === 0 || length === 0), FRAME_SIZE_ERROR)
    this.spend()
    if ((flags & ACK) !== 0) return
    this.hasSettings = true
    let window = this.initialSendWindow
    for (let at = start; at < end; at += 6) {
      const value = uint32(bytes, at + 2)
      switch (((bytes[at] as number) << 8) | (bytes[at + 1] as number)) {
        case HEADER_TABLE_SIZE:
          this.encoder.limitTable(value)
          break
        case ENABLE_PUSH:
          assertFrame(value <= 1, PROTOCOL_ERROR)
          break
        case MAX_CONCURRENT_STREAMS:
          this.onMaxStreams(value)
          break
        case INITIAL_WINDOW_SIZE:
          assertFrame(value <= MAX_WINDOW, FLOW_CONTROL_ERROR)
          window = value
          break
        case MAX_FRAME_SIZE:
          assertFrame(value >= MAX_PAYLOAD_BYTES && value < 1 << 24, PROTOCOL_ERROR)
          break
      }
    }
    this.writer.settingsAck()
    this.setInitialWindow(window)
  }

  /** Changes the windows of all streams by as much as the initial one has changed (RFC 9113, section 6.9.2). */
  private setInitialWindow(window: number): void {
    const difference = window - this.initialSendWindow
    if (difference === 0) return
    this.initialSendWindow = window
    for (const stream of this.streams.values()) {
      stream.sendWindow += difference
      assertFrame(stream.sendWindow <= MAX_WINDOW, FLOW_CONTROL_ERROR)
    }
    if (difference > 0) for (const stream of [...this.streams.values()]) stream.sendHeld()
  }

  private takePing(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    assertFrame(streamId === 0, PROTOCOL_ERROR)
    assertFrame(end - start === 8, FRAME_SIZE_ERROR)
    this.spend()
    if ((flags & ACK) !== 0) return this.onPingAck()
    this.writer.ping(true, bytes, start)
  }

  /** Takes a token for a frame that carries nothing. */
  private spend(): void {
    if (!this.control.take() || this.writer.pendingBytes > MAX_PENDING_BYTES)
      throw new ConnectionError(ENHANCE_YOUR_CALM, 'a flood of control frames')
  }

  // ── windows ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** `bytes` that have come on the connection are passed on, or dropped: the other side may send as many more. */
  consumed(bytes: number): void {
    this.owed += bytes
    if (this.owed < this.windows.connectionBytes / 2 || this.isClosed) return
    this.receiveWindow += this.owed
    this.writer.windowUpdate(0, this.owed)
    this.owed = 0
  }

  /** `bytes` of content have gone out on a stream. */
  sent(bytes: number): void {
    this.sendWindow -= bytes
    this.earn(bytes)
  }

  private earn(bytes: number): void {
    this.control.give(bytes >= WORTHY_BYTES ? TOKENS_OF_DATA : 1)
  }

  /** Calls `stream.sendHeld` when the connection can take more. */
  block(stream: Stream): void {
    this.blocked.add(stream)
  }

  private onDrain(): void {
    this.writer.hasRoom = true
    this.unblock()
  }

  /** Lets those who wait send, in turn: each leaves the queue, and joins it again at its end where it is not done. */
  private unblock(): void {
    if (this.blocked.size === 0 || this.sendWindow <= 0) return
    for (const stream of [...this.blocked]) {
      if (this.isClosed) return
      if (this.blocked.delete(stream)) stream.sendHeld()
    }
  }

  // ── streams and the end ──────────────────────────────────────────────────────────────────────────────────────────

  /** Makes room for a stream, from here to `dropStream`. */
  protected addStream(stream: Stream): void {
    this.streams.set(stream.id, stream)
  }

  /** Forgets a stream that is over. Where the other side has not ended it, frames of it may still come. */
  dropStream(stream: Stream, mayBeSent: boolean): void {
    this.streams.delete(stream.id)
    this.blocked.delete(stream)
    if (mayBeSent) this.remember(stream.id)
    if (this.streams.size === 0 && !this.isClosed) this.settleDeadline()
  }

  /** Remembers a stream that we have ended before the other side has. */
  protected remember(streamId: number): void {
    this.remembered.add(streamId)
    if (this.remembered.size <= MAX_REMEMBERED) return
    for (const oldest of this.remembered) {
      this.remembered.delete(oldest)
      break
    }
  }

  /** Whether frames of a stream that is over may still come. */
  protected isRemembered(streamId: number): boolean {
    return this.remembered.has(streamId)
  }

  /** Sets the one deadline of the connection: for the rest of a frame or block, else for the next request where there is none. */
  protected settleDeadline(): void {
    const { sessionLimits, wheel } = this
    if (this.blockStream !== 0 || this.reader.isWithinFrame || !this.hasSettings) {
      if (this.isPartAwaited && this.frames === this.framesBefore) return
      this.framesBefore = this.frames
      this.isPartAwaited = true
      this.isIdleAwaited = false
      // Content may come slowly; a head may not.
      const isBlock = this.blockStream !== 0 || this.streams.size === 0
      return wheel.schedule(this, isBlock ? sessionLimits.headTimeoutMs : sessionLimits.bodyIdleTimeoutMs)
    }
    const wasPartAwaited = this.isPartAwaited
    this.isPartAwaited = false
    if (this.streams.size > 0) {
      if (wasPartAwaited || this.isIdleAwaited) wheel.cancel(this)
      this.isIdleAwaited = false
    } else if (!this.isIdleAwaited) {
      this.isIdleAwaited = true
      wheel.schedule(this, this.idleTimeoutMs)
    }
  }

  override onDeadline(): void {
    if (this.isLingering) return this.destroy()
    this.fail(this.isPartAwaited ? ENHANCE_YOUR_CALM : NO_ERROR)
  }

  /** Ends the connection, and says why. */
  fail(code: number): void {
    if (this.isClosed) return
    this.writer.goAway(this.lastStreamId, code)
    this.shutDown()
  }

  /** Ends the connection when all that is written has gone out, and reads what comes for a while, so that it is not lost to a reset. */
  protected shutDown(): void {
    if (this.isClosed) return
    this.close()
    this.writer.flush()
    this.isLingering = true
    this.wheel.schedule(this, this.sessionLimits.bodyIdleTimeoutMs)
    this.socket.end(() => {
      if (this.isLingering) this.wheel.schedule(this, LINGER_MS)
    })
    this.socket.resume()
  }

  /** Closes the connection at once. */
  destroy(): void {
    this.socket.destroy()
    this.onGone()
  }

  private close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.blocked.clear()
    this.blockParts = []
    this.onClosed()
  }

  private onGone(): void {
    this.close()
    this.isLingering = false
    this.wheel.remove(this)
    this.onSocketGone()
  }

  /** The socket is closed. */
  protected onSocketGone(): void {}
}

/** Bytes of padding behind the payload (RFC 9113, section 6.1). */
function padding(flags: number, bytes: Buffer, start: number, end: number): number {
  if ((flags & PADDED) === 0) return 0
  assertFrame(start < end, FRAME_SIZE_ERROR)
  return bytes[start] as number
}

function assertFrame(isRight: boolean, code: number): void {
  if (!isRight) throw new ConnectionError(code, 'a frame breaks the rules')
}
