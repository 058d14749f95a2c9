import type { TimeWheel } from '../../lib/time-wheel.ts'
import type { Vault } from '../../lib/vault.ts'
import { BackendTls } from '../../model/backend.ts'
import { reveal } from '../../plugins/secret.ts'
import type { BackendLink } from './backend-link.ts'
import { BackendConnection, type BackendEvents } from './connection.ts'
import { Dialler } from './dial.ts'
import { parseTarget, type Target, type TargetSettings, targetKey } from './target.ts'

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

/** What a target has seen of one worker; the counts go up for ever. */
export interface TargetCounts {
  requests: number
  /** Requests that could not be sent, or were not answered as they should have been. */
  failures: number
}

/** The connections of one worker to one target. */
export class Pool {
  readonly key: string
  readonly settings: TargetSettings
  readonly target: Target
  /** Makes its sockets. */
  readonly dialler: Dialler
  readonly counts: TargetCounts = { requests: 0, failures: 0 }
  /** Requests that links of this pool have begun and not left. */
  underWay = 0
  private readonly pools: Pools
  /** Last in, first out: the warmest connection is used, and those beyond the need grow old and go. */
  private readonly idle: BackendConnection[] = []

  constructor(key: string, settings: TargetSettings, pools: Pools) {
    this.key = key
    this.settings = settings
    this.target = parseTarget(settings.url)
    this.pools = pools
    this.dialler = new Dialler(this.target, settings.tls === undefined ? null : pools.reveal(settings.tls), null)
  }

  /** An unused connection, or a new one; a new one for certain if `isFresh`. Null: the target has as many as it may have. */
  take(isFresh: boolean): BackendLink | null {
    this.underWay++
    this.counts.requests++
    const idle = isFresh ? undefined : this.idle.pop()
    if (idle !== undefined) {
      idle.isReused = true
      return idle
    }
    return this.open()
  }

  /** Told by a link once for each request that it has begun: when that has left it, whatever came of it. */
  onLeft(): void {
    this.underWay--
  }

  /** Told by `serve.ts`, which alone knows what became of a request here: `ok` for an answer that is not a failure of the target. */
  onOutcome(ok: boolean): void {
    if (!ok) this.counts.failures++
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

  private open(): BackendLink {
    return new BackendConnection(this, this.pools.wheel, this.pools.limits, this.pools.events)
  }
}

/** What all pools of a worker need. */
export interface PoolParts {
  readonly wheel: TimeWheel
  readonly limits: BackendLimits
  readonly events: BackendEvents
  /** Opens the keys of client certificates. */
  readonly vault: Pick<Vault, 'open'>
}

/** All pools of a worker, by what decides how one connects. They outlive deployments: a new snapshot finds its connections warm. */
export class Pools {
  readonly wheel: TimeWheel
  readonly limits: BackendLimits
  readonly events: BackendEvents
  private readonly vault: Pick<Vault, 'open'>
  private readonly byKey = new Map<string, Pool>()

  constructor({ wheel, limits, events, vault }: PoolParts) {
    this.wheel = wheel
    this.limits = limits
    this.events = events
    this.vault = vault
  }

  /** TLS settings with the key in clear. */
  reveal(tls: BackendTls): BackendTls {
    return reveal(tls, BackendTls, this.vault)
  }

  /** The pool of a target. */
  of(settings: TargetSettings): Pool {
    const key = targetKey(settings)
    let pool = this.byKey.get(key)
    if (pool === undefined) {
      pool = new Pool(key, settings, this)
      this.byKey.set(key, pool)
    }
    return pool
  }

  /** Drops the pools that no snapshot names any more. */
  retain(keys: ReadonlySet<string>): void {
    for (const [key, pool] of this.byKey) {
      if (keys.has(key)) continue
      pool.close()
      this.byKey.delete(key)
    }
  }

  /** Closes all unused connections. */
  close(): void {
    for (const pool of this.byKey.values()) pool.close()
  }
}
