import { randomBytes } from 'node:crypto'

/**
 * Frames of WebSocket (RFC 6455, section 5.2), as far as a tunnel must know them: where one ends. Only there may a frame of
 * ours stand between those of the two sides.
 */

const CLOSE_OPCODE = 0x8
const FIN_AND_CLOSE = 0x88
const MASKED = 0x80
const MASK_BYTES = 4
/** The header before a length of its own and the mask. */
const SHORT_HEADER_BYTES = 2

/** Follows the frames that come from one side, through any cut of their bytes. */
export class FrameTracker {
  /** True once a Close frame has gone by: no other may follow it. */
  hasClosed = false
  /** True once the bytes are not frames: then nobody knows where one would end. */
  isLost = false
  /** Bytes of the header so far, and in all as far as it is known. */
  private headerRead = 0
  private headerSize = SHORT_HEADER_BYTES
  private opcode = 0
  private isMasked = false
  /** Of the payload: as the header says it, then what is still to come. */
  private remaining = 0

  /** Whether a frame may stand here. */
  get isBetweenFrames(): boolean {
    return this.headerRead === 0 && !this.isLost
  }

  /** Follows the bytes up to the end of the frame that is under way. Returns the position behind it, or `end`. */
  follow(chunk: Uint8Array, start: number, end: number): number {
    let at = start
    while (at < end && !this.isLost) {
      if (this.headerRead < this.headerSize) this.readHeader(chunk[at++] as number)
      if (this.headerRead < this.headerSize) continue
      const taken = Math.min(this.remaining, end - at)
      this.remaining -= taken
      at += taken
      if (this.remaining > 0) break
      this.finishFrame()
      return at
    }
    return end
  }

  /** Follows all of the bytes. */
  followAll(chunk: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) at = this.follow(chunk, at, end)
  }

  private readHeader(byte: number): void {
    const place = this.headerRead++
    if (place === 0) this.opcode = byte & 0x0f
    else if (place === 1) this.readLength(byte)
    else if (place < this.headerSize - (this.isMasked ? MASK_BYTES : 0)) this.remaining = this.remaining * 256 + byte
    if (!Number.isSafeInteger(this.remaining)) this.isLost = true
  }

  private readLength(byte: number): void {
    const length = byte & 0x7f
    this.isMasked = (byte & MASKED) !== 0
    // 126 and 127 say that the length follows, in 2 or 8 bytes.
    this.remaining = length < 126 ? length : 0
    this.headerSize =
      SHORT_HEADER_BYTES + (length < 126 ? 0 : length === 126 ? 2 : 8) + (this.isMasked ? MASK_BYTES : 0)
  }

  private finishFrame(): void {
    if (this.opcode === CLOSE_OPCODE) this.hasClosed = true
    this.headerRead = 0
    this.headerSize = SHORT_HEADER_BYTES
  }
}

/** "Going away": a server is being stopped, or has had enough of a connection (RFC 6455, section 7.4.1). */
const GOING_AWAY = 1001

/** A Close frame. What goes to a server must be masked (section 5.3). `reason` is at most 123 bytes. */
export function closeFrame(reason: string, isMasked: boolean): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
  payload.writeUInt16BE(GOING_AWAY)
  payload.write(reason, 2)
  if (!isMasked) return Buffer.concat([Buffer.from([FIN_AND_CLOSE, payload.length]), payload])
  const mask = randomBytes(MASK_BYTES)
  const masked = payload.map((byte, i) => byte ^ (mask[i % MASK_BYTES] as number))
  return Buffer.concat([Buffer.from([FIN_AND_CLOSE, MASKED | payload.length]), mask, masked])
}
