import { ConnectionError, FRAME_HEADER_BYTES, FRAME_SIZE_ERROR, MAX_PAYLOAD_BYTES } from './protocol.ts'

/** What takes the frames. */
export interface FrameSink {
  /** A whole frame: its payload stands in `bytes` from `start` to `end`, only during the call. Returns false to stop reading. */
  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): boolean
}

/** Cuts bytes into frames (RFC 9113, section 4.1). Of a frame that has not come whole yet it keeps what there is, and nothing else. */
export class FrameReader {
  private readonly sink: FrameSink
  private readonly head = Buffer.alloc(FRAME_HEADER_BYTES)
  /** Bytes of an incomplete frame that are here. */
  private held = 0
  /** The incomplete frame, once its length is known. */
  private partial: Buffer | null = null

  constructor(sink: FrameSink) {
    this.sink = sink
  }

  /** Whether the beginning of a frame waits for its rest. */
  get isWithinFrame(): boolean {
    return this.held > 0
  }

  /** Takes the first `size` bytes of `chunk`. Throws a `ConnectionError` for a frame that is longer than we take. */
  read(chunk: Buffer, size: number): void {
    let at = this.held > 0 ? this.complete(chunk, size) : 0
    while (at !== -1 && size - at >= FRAME_HEADER_BYTES) {
      const end = at + FRAME_HEADER_BYTES + payloadLength(chunk, at)
      if (end > size) break
      at = this.give(chunk, at, end) ? end : -1
    }
    if (at !== -1 && at < size) this.hold(chunk, at, size)
  }

  /** Completes the frame that is held. Returns the position behind it, -1 to stop. */
  private complete(chunk: Buffer, size: number): number {
    const at = this.hold(chunk, 0, size)
    const { partial } = this
    if (partial === null || this.held < partial.length) return size
    this.partial = null
    this.held = 0
    return this.give(partial, 0, partial.length) ? at : -1
  }

  /** Keeps what belongs to the first frame from `at` on. Returns the position behind that. */
  private hold(chunk: Buffer, start: number, size: number): number {
    let at = start
    while (this.held < FRAME_HEADER_BYTES && at < size) this.head[this.held++] = chunk[at++] as number
    if (this.held < FRAME_HEADER_BYTES) return at
    if (this.partial === null) {
      this.partial = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payloadLength(this.head, 0))
      this.head.copy(this.partial)
    }
    const taken = Math.min(size - at, this.partial.length - this.held)
    chunk.copy(this.partial, this.held, at, at + taken)
    this.held += taken
    return at + taken
  }

  private give(bytes: Buffer, at: number, end: number): boolean {
    const type = bytes[at + 3] as number
    const flags = bytes[at + 4] as number
    return this.sink.onFrame(type, flags, uint31(bytes, at + 5), bytes, at + FRAME_HEADER_BYTES, end)
  }
}

function payloadLength(bytes: Uint8Array, at: number): number {
  const length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
  if (length > MAX_PAYLOAD_BYTES) throw new ConnectionError(FRAME_SIZE_ERROR, 'a frame is longer than allowed')
  return length
}

/** Four bytes as a number, but for the reserved bit. */
export function uint31(bytes: Uint8Array, at: number): number {
  return uint32(bytes, at) & 0x7fff_ffff
}

/** Four bytes as a number. */
export function uint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  )
}
