import type { TimeWheel } from '../../lib/time-wheel.ts'
import { BackendConnection, type BackendEvents } from './connection.ts'
import { parseTarget, type Target } from './target.ts'

/** Time-outs of the backend side, in milliseconds, and limits. */
export interface BackendLimits {
  readonly connectTimeoutMs: number
  /** From the end of the request's head to the head of the answer. */
  readonly responseTimeoutMs: number
  /** Between two parts of an answer's body. */
  readonly bodyIdleTimeoutMs: number
  /** How long an unused connection is kept. */
  readonly idleTimeoutMs: number
  /** Unused connections kept per target and worker. */
  readonly maxIdle: number
  readonly maxHeadBytes: number
  readonly maxHeaders: number
}

export const defaultBackendLimits: BackendLimits = {
  connectTimeoutMs: 10_000,
  responseTimeoutMs: 60_000,
  bodyIdleTimeoutMs: 60_000,
  // Shorter than the idle time of common backends (nginx 75 s), so that we are the ones who close. Node's 5 s is what the retry is for.
  idleTimeoutMs: 60_000,
  maxIdle: 256,
  maxHeadBytes: 65_536,
  maxHeaders: 200,
}

/** The connections of one worker to one target. */
export class Pool {
  readonly target: Target
  private readonly pools: Pools
  /** Last in, first out: the warmest connection is used, and those beyond the need grow old and go. */
  private readonly idle: BackendConnection[] = []

  constructor(target: Target, pools: Pools) {
    this.target = target
    this.pools = pools
  }

  /** An unused connection, or a new one; a new one for certain if `isFresh`. */
  take(isFresh: boolean): BackendConnection {
    const idle = isFresh ? undefined : this.idle.pop()
    if (idle !== undefined) {
      idle.isReused = true
      return idle
    }
    return new BackendConnection(this, this.pools.wheel, this.pools.limits, this.pools.events)
  }

  /** Takes back a connection whose exchange is complete. */
  give(connection: BackendConnection): void {
    if (this.idle.length >= this.pools.limits.maxIdle) connection.destroy()
    else this.idle.push(connection)
  }

  /** Forgets an unused connection that was closed. */
  forget(connection: BackendConnection): void {
    const at = this.idle.lastIndexOf(connection)
    if (at !== -1) this.idle.splice(at, 1)
  }

  /** Closes all unused connections. */
  close(): void {
    for (const connection of this.idle.splice(0)) connection.destroy()
  }
}

/** All pools of a worker, by the URL of the target. They outlive deployments: a new snapshot finds its connections warm. */
export class Pools {
  readonly wheel: TimeWheel
  readonly limits: BackendLimits
  readonly events: BackendEvents
  private readonly byUrl = new Map<string, Pool>()

  constructor(wheel: TimeWheel, limits: BackendLimits, events: BackendEvents) {
    this.wheel = wheel
    this.limits = limits
    this.events = events
  }

  /** The pool of a target. */
  of(url: string): Pool {
    let pool = this.byUrl.get(url)
    if (pool === undefined) {
      pool = new Pool(parseTarget(url), this)
      this.byUrl.set(url, pool)
    }
    return pool
  }

  /** Drops the pools of targets that no snapshot names any more. */
  retain(urls: ReadonlySet<string>): void {
    for (const [url, pool] of this.byUrl) {
      if (urls.has(url)) continue
      pool.close()
      this.byUrl.delete(url)
    }
  }

  /** Closes all unused connections. */
  close(): void {
    for (const pool of this.byUrl.values()) pool.close()
  }
}
