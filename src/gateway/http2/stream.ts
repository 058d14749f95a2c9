import type { HeaderList } from '../../lib/headers/header-list.ts'
import { Timed } from '../../lib/time-wheel.ts'
import { DEFAULT_WINDOW, MAX_PAYLOAD_BYTES } from './protocol.ts'
import type { Session } from './session.ts'

/** What both roles share of a stream: its two windows, and what waits for the other side's. Used again for the next stream. */
export abstract class Http2Stream extends Timed {
  id = 0
  /** What we may still send. */
  sendWindow = DEFAULT_WINDOW
  /** Whether the other side has ended the stream, and whether we have. */
  isRemoteClosed = false
  isLocalClosed = false
  protected abstract readonly session: Session<Http2Stream>
  /** What the other side may still send, and what we owe it. */
  private receiveWindow = 0
  private owed = 0
  /** Content that waits for a window or for the socket; of the first part, what stands before `heldFrom` is out. */
  private readonly held: Buffer[] = []
  private heldFrom = 0
  private isStalled = false
  private isEndHeld = false
  private heldTrailers: HeaderList | null = null
  /** Content that has come, and that nobody can take yet. */
  private readonly waiting: Buffer[] = []
  protected waitingBytes = 0

  /** All that was held has gone: more may come. */
  protected abstract onSendable(): void
  /** Something is held, so that it is for the other side to let it go. */
  protected abstract onHeld(): void
  /** Our end of the stream is out. */
  protected abstract onEndSent(): void
  /** Content; only valid during the call. `isEnd`: nothing follows, not even trailers. */
  abstract onData(chunk: Buffer, start: number, end: number, isEnd: boolean): void
  /** The other side has broken a rule on this stream: ends it, and says so. */
  abstract breakOff(code: number): void

  /** Makes it a new stream. */
  protected reset(id: number): void {
    this.id = id
    this.sendWindow = this.session.initialSendWindow
    this.isRemoteClosed = false
    this.isLocalClosed = false
    this.receiveWindow = this.session.windows.streamBytes
    this.owed = 0
    this.dropHeld()
  }

  /** Counts what has come. Returns false where it is more than was allowed. */
  receive(bytes: number): boolean {
    this.receiveWindow -= bytes
    return this.receiveWindow >= 0
  }

  /** What has come is passed on, or dropped. */
  consume(bytes: number): void {
    this.session.consumed(bytes)
    this.owed += bytes
    if (this.owed < this.session.windows.streamBytes / 2 || this.isRemoteClosed || this.session.isClosed) return
    this.receiveWindow += this.owed
    this.session.writer.windowUpdate(this.id, this.owed)
    this.owed = 0
  }

  /** Keeps content that nobody can take yet. */
  protected keep(chunk: Buffer, start: number, end: number): void {
    if (start === end) return
    this.waiting.push(Buffer.from(chunk.subarray(start, end)))
    this.waitingBytes += end - start
  }

  /** The next part of what was kept, which counts as passed on from here; undefined where there is none. */
  protected takeKept(): Buffer | undefined {
    const part = this.waiting.shift()
    if (part === undefined) return undefined
    this.waitingBytes -= part.length
    this.consume(part.length)
    return part
  }

  /** All that was kept, as Latin-1 text. */
  protected takeKeptText(): string {
    if (this.waitingBytes === 0) return ''
    const text = Buffer.concat(this.waiting, this.waitingBytes).toString('latin1')
    this.dropKept()
    return text
  }

  protected dropKept(): void {
    const { waitingBytes } = this
    this.waiting.length = 0
    this.waitingBytes = 0
    if (waitingBytes > 0) this.consume(waitingBytes)
  }

  /** Sends content. What cannot go yet is copied; then it returns false, and `onSendable` is called when all is out. */
  protected send(chunk: Buffer, start: number, end: number): boolean {
    const at = this.held.length === 0 ? this.sendNow(chunk, start, end) : start
    if (at < end) this.held.push(Buffer.from(chunk.subarray(at, end)))
    else if (this.session.writer.hasRoom) return true
    this.wait()
    return false
  }

  /** Whether Latin-1 text of this length can go out at once, in one frame. */
  protected canSend(length: number): boolean {
    const { session } = this
    return (
      length <= MAX_PAYLOAD_BYTES &&
      length <= this.sendWindow &&
      length <= session.sendWindow &&
      session.writer.hasRoom &&
      this.held.length === 0
    )
  }

  /** Sends Latin-1 text that `canSend`. */
  protected sendText(text: string, isEnd: boolean): void {
    this.session.writer.text(this.id, text, isEnd)
    this.sendWindow -= text.length
    this.session.sent(text.length)
  }

  /** Ends our side, behind what is held. */
  protected sendEnd(trailers: HeaderList | null): void {
    if (this.held.length > 0) {
      this.isEndHeld = true
      this.heldTrailers = trailers
      return
    }
    if (trailers === null || trailers.isEmpty) this.session.writer.data(this.id, EMPTY, 0, 0, true)
    else this.sendTrailers(trailers)
    this.isLocalClosed = true
    this.onEndSent()
  }

  /** Goes on with what is held, as far as windows and socket allow. */
  sendHeld(): void {
    if (!this.isStalled) return
    const { held, session } = this
    while (held.length > 0) {
      const part = held[0] as Buffer
      this.heldFrom = this.sendNow(part, this.heldFrom, part.length)
      if (this.heldFrom < part.length) return this.wait()
      held.shift()
      this.heldFrom = 0
    }
    if (!this.isEndHeld && !session.writer.hasRoom) return this.wait()
    this.isStalled = false
    if (!this.isEndHeld) return this.onSendable()
    this.isEndHeld = false
    this.sendEnd(this.heldTrailers)
  }

  protected dropHeld(): void {
    this.held.length = 0
    this.heldFrom = 0
    this.isStalled = false
    this.isEndHeld = false
    this.heldTrailers = null
  }

  private sendTrailers(trailers: HeaderList): void {
    const { encoder, writer } = this.session
    encoder.begin()
    encoder.fields(trailers)
    writer.headers(this.id, encoder.bytes, encoder.length, true)
  }

  /** Waits for whoever stands in the way: the stream's own window opens by a frame for it alone. */
  private wait(): void {
    this.isStalled = true
    if (this.sendWindow > 0 || this.held.length === 0) this.session.block(this)
    this.onHeld()
  }

  /** Sends from `start` on what can go. Returns the position behind that. */
  private sendNow(chunk: Buffer, start: number, end: number): number {
    const { session } = this
    let at = start
    while (at < end && session.writer.hasRoom) {
      const size = Math.min(end - at, this.sendWindow, session.sendWindow, MAX_PAYLOAD_BYTES)
      if (size <= 0) break
      session.writer.data(this.id, chunk, at, at + size, false)
      this.sendWindow -= size
      session.sent(size)
      at += size
    }
    return at
  }
}

const EMPTY = Buffer.alloc(0)
