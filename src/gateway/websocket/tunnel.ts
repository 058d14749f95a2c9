import type { Socket } from 'node:net'
import { Timed, type TimeWheel } from '../../lib/time-wheel.ts'
import type { WebSocketTerms } from '../../plugins/plugin.ts'
import { writePart } from '../body-parts.ts'
import { closeFrame, FrameTracker } from './frames.ts'

/**
 * A WebSocket under way: two connections that have left HTTP, and the bytes of each go to the other as they are. The frames
 * are only counted off, so that a Close of our own can be put between two of them when the tunnel is to end.
 */

/** A connection that has left HTTP. It tells its tunnel of everything that happens to its socket. */
export interface TunnelEnd {
  readonly socket: Socket
  /** Hands over: from now on the tunnel is told. Gives back what has been read already and was not used. */
  enterTunnel(tunnel: Tunnel): Buffer | null
}

/** The end of the client, which is also whose exchange it is. */
export interface ClientEnd extends TunnelEnd {
  /** Both connections are closed: the exchange is over. `isAborted` where nobody has said goodbye. */
  onTunnelOver(tunnel: Tunnel, isAborted: boolean): void
}

/** For how long the two sides may take to answer a Close of ours, or be silent before they end when the other one has. */
const GOODBYE_MS = 5_000

/** One side of a tunnel. */
class Side {
  readonly end: TunnelEnd
  readonly isServer: boolean
  /** The frames that come from it. */
  readonly frames = new FrameTracker()
  /** Bytes that have come from it. */
  received = 0
  /** It has ended its direction. */
  hasEnded = false
  isClosed = false
  isPaused = false
  /** It has been sent a Close by us: nothing may follow that. */
  isDismissed = false

  constructor(end: TunnelEnd, isServer: boolean) {
    this.end = end
    this.isServer = isServer
  }
}

export class Tunnel extends Timed {
  private readonly client: Side
  private readonly backend: Side
  private readonly owner: ClientEnd
  private readonly wheel: TimeWheel
  private readonly idleMs: number
  /** On the clock of the wheel. */
  private readonly endOfLife: number
  /** Why we end it, once we do. */
  private goodbye: string | null = null
  private isOver = false

  constructor(client: ClientEnd, backend: TunnelEnd, { idleMs, lifeMs }: WebSocketTerms, wheel: TimeWheel) {
    super()
    this.owner = client
    this.client = new Side(client, false)
    this.backend = new Side(backend, true)
    this.wheel = wheel
    this.idleMs = idleMs
    this.endOfLife = wheel.now + lifeMs
  }

  /** Bytes from the client, and from the backend, so far. */
  get bytesFromClient(): number {
    return this.client.received
  }

  get bytesFromBackend(): number {
    return this.backend.received
  }

  /** Begins: takes over both connections, and what each has sent too early. */
  start(): void {
    this.touch()
    for (const side of [this.client, this.backend]) {
      const early = side.end.enterTunnel(this)
      // Each side may go on sending when the other has ended.
      side.end.socket.allowHalfOpen = true
      if (early !== null) this.take(side.end, early, early.length)
    }
    for (const side of [this.client, this.backend]) if (!side.isPaused) side.end.socket.resume()
  }

  /** Takes the first `size` bytes of `chunk`, which have come from one end; they are only valid during the call. */
  take(end: TunnelEnd, chunk: Buffer, size: number): void {
    const from = this.sideOf(end)
    const to = this.otherOf(from)
    from.received += size
    if (this.goodbye !== null) return this.takeLast(from, to, chunk, size)
    this.touch()
    from.frames.followAll(chunk, 0, size)
    this.pass(from, to, chunk, size)
  }

  onDrain(end: TunnelEnd): void {
    const from = this.otherOf(this.sideOf(end))
    if (!from.isPaused) return
    from.isPaused = false
    from.end.socket.resume()
  }

  /** One side has ended: the other is told, and may end in its turn. */
  onEnd(end: TunnelEnd): void {
    const side = this.sideOf(end)
    side.hasEnded = true
    this.otherOf(side).end.socket.end()
    if (this.goodbye === null) this.touch()
  }

  /** The socket of one end is closed. Where not both sides have ended before, something has been lost. */
  onClosed(end: TunnelEnd): void {
    this.sideOf(end).isClosed = true
    const { client, backend } = this
    const isBroken = !client.hasEnded || !backend.hasEnded
    if (isBroken || (client.isClosed && backend.isClosed)) this.finish()
  }

  /** Ends it: each side is sent a Close with this reason as soon as no frame is under way to it, and may answer. */
  goAway(reason: string): void {
    if (this.goodbye !== null || this.isOver) return
    this.goodbye = reason
    this.wheel.remove(this)
    this.wheel.schedule(this, GOODBYE_MS)
    for (const from of [this.client, this.backend]) {
      if (from.frames.isLost) return this.finish()
      if (from.frames.isBetweenFrames) this.dismiss(from, this.otherOf(from))
      // What holds a side up may never be taken: the Close goes behind it, and what the side still sends is read.
      this.onDrain(this.otherOf(from).end)
    }
  }

  override onDeadline(): void {
    if (this.goodbye !== null || this.isHalfClosed) this.finish()
    else if (this.wheel.now >= this.endOfLife) this.goAway('This WebSocket has been open for as long as it may.')
    else this.goAway('This WebSocket has been idle for too long.')
  }

  private pass(from: Side, to: Side, chunk: Buffer, size: number): void {
    const { socket } = to.end
    // It does not want any more, but has not closed: what comes is read and dropped.
    if (!socket.writable) return
    if (writePart(socket, chunk, 0, size)) return
    from.isPaused = true
    from.end.socket.pause()
  }

  /** Takes what comes after we have said goodbye: the rest of a frame that was under way, and the answer to our Close. */
  private takeLast(from: Side, to: Side, chunk: Buffer, size: number): void {
    let at = 0
    if (!to.isDismissed) {
      at = from.frames.follow(chunk, 0, size)
      this.pass(from, to, chunk, at)
      if (from.frames.isBetweenFrames) this.dismiss(from, to)
    }
    from.frames.followAll(chunk, at, size)
    if (from.isDismissed && from.frames.hasClosed) from.end.socket.end()
  }

  /** Puts our Close behind the last frame that came from `from`, unless that was a Close itself. */
  private dismiss(from: Side, to: Side): void {
    to.isDismissed = true
    const { socket } = to.end
    if (!from.frames.hasClosed && socket.writable) socket.write(closeFrame(this.goodbye ?? '', to.isServer))
    if (to.frames.hasClosed) socket.end()
  }

  /** The idle time begins anew, within the whole time. */
  private touch(): void {
    const idleMs = this.isHalfClosed ? Math.min(this.idleMs, GOODBYE_MS) : this.idleMs
    this.wheel.schedule(this, Math.min(idleMs, this.endOfLife - this.wheel.now))
  }

  private finish(): void {
    if (this.isOver) return
    this.isOver = true
    this.wheel.remove(this)
    this.client.end.socket.destroy()
    this.backend.end.socket.destroy()
    this.owner.onTunnelOver(
      this,
      this.goodbye === null && !this.client.frames.hasClosed && !this.backend.frames.hasClosed,
    )
  }

  private get isHalfClosed(): boolean {
    return this.client.hasEnded || this.backend.hasEnded
  }

  private sideOf(end: TunnelEnd): Side {
    return end === this.client.end ? this.client : this.backend
  }

  private otherOf(side: Side): Side {
    return side === this.client ? this.backend : this.client
  }
}
