import { Timed, type TimeWheel } from '../../lib/time-wheel.ts'
import type { GatewayExchange, Upstream } from '../exchange.ts'
import type { BackendLink } from './backend-link.ts'
import type { BackendEvents } from './connection.ts'

/** How often those who wait look for a place that another worker has given back. */
const LOOK_MS = 100

/** What a queue needs of the pool that it stands before. */
export interface QueueParts {
  readonly wheel: TimeWheel
  readonly events: BackendEvents
  /** Most requests that wait. */
  readonly most: number
  readonly timeoutMs: number
  /** A link where there is a place; else null. */
  take(isFresh: boolean): BackendLink | null
}

/** Begins an exchange on a link. */
export type Start = (x: GatewayExchange, link: BackendLink, path: string) => void

/** Requests that wait for a target which has reached its limit: first come, first served. */
export class WaitQueue extends Timed {
  private readonly parts: QueueParts
  private readonly waiting: Waiting[] = []

  constructor(parts: QueueParts) {
    super()
    this.parts = parts
  }

  get length(): number {
    return this.waiting.length
  }

  /** Lets a request wait. Returns false if too many do already. */
  add(x: GatewayExchange, path: string, isFresh: boolean, start: Start): boolean {
    const { wheel, most, timeoutMs } = this.parts
    if (this.waiting.length >= most) return false
    const waiting = new Waiting(this, x, path, isFresh, start)
    this.waiting.push(waiting)
    x.backend = waiting
    wheel.schedule(waiting, timeoutMs)
    wheel.schedule(this, LOOK_MS)
    return true
  }

  /** A place may have become free. */
  advance(): void {
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      const link = this.parts.take(first.isFresh)
      if (link === null) return
      this.remove(first)
      first.begin(link)
    }
  }

  remove(waiting: Waiting): void {
    this.parts.wheel.remove(waiting)
    const at = this.waiting.indexOf(waiting)
    if (at !== -1) this.waiting.splice(at, 1)
  }

  giveUp(waiting: Waiting): void {
    this.remove(waiting)
    this.parts.events.failed(waiting.x, 'backend-unavailable', false)
  }

  override onDeadline(): void {
    this.advance()
    if (this.waiting.length > 0) this.parts.wheel.schedule(this, LOOK_MS)
  }
}

/** One request that waits. Its body is not read until it has begun. */
class Waiting extends Timed implements Upstream {
  readonly isWaiting = true
  readonly x: GatewayExchange
  readonly isFresh: boolean
  private readonly queue: WaitQueue
  private readonly path: string
  private readonly start: Start

  constructor(queue: WaitQueue, x: GatewayExchange, path: string, isFresh: boolean, start: Start) {
    super()
    this.queue = queue
    this.x = x
    this.path = path
    this.isFresh = isFresh
    this.start = start
  }

  begin(link: BackendLink): void {
    this.start(this.x, link, this.path)
  }

  override onDeadline(): void {
    this.queue.giveUp(this)
  }

  abandon(): void {
    this.queue.remove(this)
  }

  writeBody(): void {
    throw new Error('the body of a request that waits is not read')
  }

  endBody(): void {
    throw new Error('the body of a request that waits is not read')
  }

  flow(): void {
    throw new Error('a request that waits has no answer')
  }

  pause(): void {
    // There is no answer yet whose reading could be stopped.
  }

  resume(): void {
    // As above.
  }
}
