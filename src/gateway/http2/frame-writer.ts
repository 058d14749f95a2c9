import type { Socket } from 'node:net'
import { type Part, takePart } from '../body-parts.ts'
import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  FRAME_HEADER_BYTES,
  GOAWAY,
  HEADERS,
  MAX_PAYLOAD_BYTES,
  PING,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './protocol.ts'

/** Those that have frames to send, at the end of this turn of the event loop. */
const waiting: FrameWriter[] = []

/**
 * Writes frames. What one turn of the event loop brings, which is answers of many backends and requests of many clients, goes
 * out in one piece: a call of the system costs more than all the rest of a frame.
 */
export class FrameWriter {
  /** False while the socket has more than it wants. */
  hasRoom = true
  private readonly socket: Socket
  private part: Part | null = null
  private size = 0
  private isWaiting = false

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** Bytes that the other side has not taken yet. */
  get pendingBytes(): number {
    return this.size + this.socket.writableLength
  }

  /** Sends what has been written. */
  flush(): void {
    const { part, size } = this
    if (part === null) return
    this.part = null
    this.size = 0
    // Whatever is written behind the end is for nobody.
    if (!this.socket.writable) return
    if (!this.socket.write(part.buffer.subarray(0, size), part.written)) this.hasRoom = false
  }

  /** Writes bytes as they are. */
  bytes(bytes: Buffer): void {
    bytes.copy(this.reserve(bytes.length), this.size)
    this.size += bytes.length
  }

  /** Writes a header block (RFC 9113, sections 6.2 and 6.10). */
  headers(streamId: number, block: Buffer, length: number, isEnd: boolean): void {
    let at = 0
    do {
      const payload = Math.min(length - at, MAX_PAYLOAD_BYTES)
      const isLast = at + payload === length
      const flags = (isLast ? END_HEADERS : 0) | (isEnd && at === 0 ? END_STREAM : 0)
      this.begin(payload, at === 0 ? HEADERS : CONTINUATION, flags, streamId)
      this.copy(block, at, at + payload)
      at += payload
    } while (at < length)
  }

  /** Writes `chunk` from `start` to `end`, `MAX_PAYLOAD_BYTES` at most, as one DATA frame. */
  data(streamId: number, chunk: Buffer, start: number, end: number, isEnd: boolean): void {
    this.begin(end - start, DATA, isEnd ? END_STREAM : 0, streamId)
    this.copy(chunk, start, end)
  }

  /** Writes Latin-1 text, `MAX_PAYLOAD_BYTES` at most, as one DATA frame. */
  text(streamId: number, text: string, isEnd: boolean): void {
    this.begin(text.length, DATA, isEnd ? END_STREAM : 0, streamId)
    this.size += (this.part as Part).buffer.write(text, this.size, 'latin1')
  }

  /** Writes settings, as pairs of identifier and value. */
  settings(pairs: readonly (readonly [id: number, value: number])[]): void {
    const buffer = this.begin(pairs.length * 6, SETTINGS, 0, 0)
    for (const [id, value] of pairs) {
      this.size = buffer.writeUInt16BE(id, this.size)
      this.size = buffer.writeUInt32BE(value, this.size)
    }
  }

  settingsAck(): void {
    this.begin(0, SETTINGS, ACK, 0)
  }

  /** Writes a PING with the eight bytes of `opaque` from `start` on. */
  ping(isAck: boolean, opaque: Buffer, start: number): void {
    this.begin(8, PING, isAck ? ACK : 0, 0)
    this.copy(opaque, start, start + 8)
  }

  resetStream(streamId: number, code: number): void {
    this.number(RST_STREAM, streamId, code)
  }

  windowUpdate(streamId: number, bytes: number): void {
    this.number(WINDOW_UPDATE, streamId, bytes)
  }

  goAway(lastStreamId: number, code: number): void {
    const buffer = this.begin(8, GOAWAY, 0, 0)
    this.size = buffer.writeUInt32BE(lastStreamId, this.size)
    this.size = buffer.writeUInt32BE(code, this.size)
  }

  private number(type: number, streamId: number, value: number): void {
    const buffer = this.begin(4, type, 0, streamId)
    this.size = buffer.writeUInt32BE(value, this.size)
  }

  private copy(bytes: Buffer, start: number, end: number): void {
    bytes.copy((this.part as Part).buffer, this.size, start, end)
    this.size += end - start
  }

  /** Writes the head of a frame (RFC 9113, section 4.1), with room for its payload behind it. */
  private begin(length: number, type: number, flags: number, streamId: number): Buffer {
    const buffer = this.reserve(FRAME_HEADER_BYTES + length)
    let { size } = this
    buffer[size++] = length >> 16
    buffer[size++] = length >> 8
    buffer[size++] = length
    buffer[size++] = type
    buffer[size++] = flags
    buffer[size++] = streamId >> 24
    buffer[size++] = streamId >> 16
    buffer[size++] = streamId >> 8
    buffer[size++] = streamId
    this.size = size
    return buffer
  }

  private reserve(bytes: number): Buffer {
    if (this.part !== null && this.size + bytes > this.part.buffer.length) this.flush()
    if (this.part === null) {
      this.part = takePart()
      if (!this.isWaiting) this.wait()
    }
    return this.part.buffer
  }

  private wait(): void {
    this.isWaiting = true
    if (waiting.push(this) === 1) setImmediate(flushAll)
  }

  /** For `flushAll` alone. */
  onTurnEnd(): void {
    this.isWaiting = false
    this.flush()
  }
}

function flushAll(): void {
  for (const writer of waiting.splice(0)) writer.onTurnEnd()
}
