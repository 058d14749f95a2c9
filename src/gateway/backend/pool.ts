import type { HeaderList } from '../../lib/headers/header-list.ts'
import { Stack } from '../../lib/stack.ts'
import type { TimeWheel } from '../../lib/time-wheel.ts'
import type { Vault } from '../../lib/vault.ts'
import { type BackendConnections, BackendTls } from '../../model/backend.ts'
import type { ReplyCode } from '../../plugins/replies.ts'
import { reveal } from '../../plugins/secret.ts'
import type { GatewayExchange } from '../exchange.ts'
import { AnswerBefore } from '../http1/response-head.ts'
import { NO_PLACE } from '../limits/place-table.ts'
import type { Places } from '../limits/shared-limits.ts'
import type { BackendLink } from './backend-link.ts'
import { BackendConnection, type BackendEvents } from './connection.ts'
import { type BackendPermissions, Dialler } from './dial.ts'
import type { TargetSlots } from './health-board.ts'
import { Http2Session } from './http2-session.ts'
import { Http2Sessions } from './http2-sessions.ts'
import type { Resolver } from './resolver.ts'
import { parseTarget, type Target, type TargetSettings, targetKey } from './target.ts'
import { TargetHealth } from './target-health.ts'
import { troubleOf } from './trouble.ts'
import { type Start, WaitQueue } from './waiting.ts'

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
  /** Requests that found the target at its limit and the queue full, or waited too long. */
  refused: number
}

/** The connections of one worker to one target. */
export class Pool {
  readonly key: string
  readonly settings: TargetSettings
  readonly target: Target
  /** Makes its sockets. */
  readonly dialler: Dialler
  /** Null where nothing is known of its health. */
  readonly health: TargetHealth | null
  readonly counts: TargetCounts = { requests: 0, failures: 0, refused: 0 }
  /** What its connections have read last, which is often what they read next. */
  readonly answerBefore = new AnswerBefore()
  /** Requests that links of this pool have begun and not left. */
  underWay = 0
  private readonly limits: BackendLimits
  private readonly pools: Pools
  private readonly places: Places | null
  private readonly queue: WaitQueue | null
  /** Places that it holds, one for each request under way. */
  private readonly held: number[] = []
  /** Null for a target that speaks HTTP/1 for certain. */
  private readonly http2: Http2Sessions | null
  /** All connections that are open. */
  private readonly connections = new Set<BackendConnection | Http2Session>()
  /** Last in, first out: the warmest connection is used, and those beyond the need grow old and go. */
  private readonly idle = new Stack<BackendConnection>()
  private isRetired = false

  constructor(key: string, settings: TargetSettings, pools: Pools, { health, places }: PoolStanding) {
    this.key = key
    this.settings = settings
    this.target = parseTarget(settings.url)
    this.pools = pools
    this.health = health
    this.places = places
    this.limits = limitsFor(pools.limits, settings.connections)
    this.queue = this.newQueue()
    this.dialler = pools.diallerOf(this.target, settings, (addresses) => this.keepOnly(addresses))
    this.http2 = this.newHttp2()
  }

  /** An unused connection, or a new one; a new one for certain if `isFresh`. Null: the target has as many requests as it may. */
  take(isFresh: boolean): BackendLink | null {
    // Those who wait come first.
    if (this.queue !== null && this.queue.length > 0) return null
    return this.takeNow(isFresh)
  }

  /** Lets a request wait for which there was no link. Returns false if it may not. */
  wait(x: GatewayExchange, path: string, isFresh: boolean, start: Start): boolean {
    if (this.queue?.add(x, path, isFresh, start) === true) return true
    this.counts.refused++
    return false
  }

  /** Whether it would take a request at once. */
  get hasRoom(): boolean {
    return this.places === null || (this.waiting === 0 && !this.places.isFull())
  }

  /** Told by a link once for each request that it has begun: when that has left it, whatever came of it. */
  onLeft(): void {
    this.underWay--
    if (this.places === null) return
    const place = this.held.pop()
    if (place !== undefined) this.places.release(place)
    this.queue?.advance()
  }

  /** An answer has come. Told by `serve.ts` alone, for every version of HTTP. */
  onAnswer(status: number, headers: HeaderList): void {
    if (this.health === null) return
    if (this.http2 === null) this.health.onAnswer(status)
    else this.health.onGrpcHead(status, headers)
  }

  /** What `onAnswer` was told of has come to its end. */
  onEnd(status: number, headers: HeaderList, trailers: HeaderList | null): void {
    if (this.health !== null && this.http2 !== null) this.health.onGrpcEnd(status, headers, trailers)
  }

  /** A request has failed. Told by `serve.ts` alone. */
  onFailure(code: ReplyCode): void {
    if (code === 'backend-unavailable') this.counts.refused++
    else this.counts.failures++
    this.health?.onFailure(troubleOf(code))
  }

  /** Takes in a connection that is open. */
  add(connection: BackendConnection | Http2Session): void {
    this.connections.add(connection)
  }

  /** Takes back a connection whose exchange is complete. */
  give(connection: BackendConnection): void {
    if (this.isRetired || this.idle.length >= this.limits.maxIdle) connection.destroy()
    else this.idle.push(connection)
  }

  /** Forgets a connection that was closed. */
  forget(connection: BackendConnection): void {
    this.connections.delete(connection)
    this.idle.remove(connection)
  }

  get connectionCount(): number {
    return this.connections.size
  }

  get idleCount(): number {
    return this.idle.length + (this.http2?.idleCount ?? 0)
  }

  get waiting(): number {
    return this.queue?.length ?? 0
  }

  /** Closes all unused connections. */
  close(): void {
    for (const connection of this.idle.takeAll()) connection.destroy()
  }

  /** No snapshot names it any more: what is under way finishes. */
  retire(): void {
    this.isRetired = true
    this.close()
    this.http2?.retire()
    this.dialler.close()
  }

  /** The name of the target leads to other addresses now: connections to the old ones are used to the end of their exchange. */
  private keepOnly(addresses: ReadonlySet<string>): void {
    for (const connection of [...this.connections]) {
      if (addresses.has(connection.address)) continue
      if (connection instanceof Http2Session) connection.retire()
      else connection.retire(!this.idle.includes(connection))
    }
  }

  private takeNow(isFresh: boolean): BackendLink | null {
    if (this.places !== null) {
      const place = this.places.take()
      if (place === NO_PLACE) return null
      this.held.push(place)
    }
    this.underWay++
    this.counts.requests++
    const idle = isFresh ? null : this.idle.pop()
    if (idle === null) return this.open()
    idle.isReused = true
    return idle
  }

  private open(): BackendLink {
    return this.http2 === null ? this.openHttp1() : this.http2.take()
  }

  private openHttp1(): BackendLink {
    return new BackendConnection(this, this.pools.wheel, this.limits, this.pools.events)
  }

  private newHttp2(): Http2Sessions | null {
    const { target, dialler, limits, pools, settings } = this
    const isAuto = settings.protocol === undefined
    if (settings.protocol === 'http1' || (isAuto && !target.isTls)) return null
    return new Http2Sessions({
      wheel: pools.wheel,
      events: pools.events,
      limits,
      target,
      dialler,
      isAuto,
      onLeft: () => this.onLeft(),
      onOpened: (session) => this.add(session),
      onClosed: (session) => this.connections.delete(session),
      openHttp1: () => this.openHttp1(),
    })
  }

  private newQueue(): WaitQueue | null {
    const { connections } = this.settings
    if (this.places === null || connections === undefined || connections.queue === 0) return null
    return new WaitQueue({
      wheel: this.pools.wheel,
      events: this.pools.events,
      most: connections.queue,
      timeoutMs: connections.queueTimeout * 1000,
      take: (isFresh) => this.takeNow(isFresh),
    })
  }
}

/** What a pool shares with those of the other workers; null where it shares nothing. */
interface PoolStanding {
  readonly health: TargetHealth | null
  readonly places: Places | null
}

/** The limits of the process with what a backend says of its own. */
function limitsFor(limits: BackendLimits, own: BackendConnections | undefined): BackendLimits {
  return own === undefined ? limits : { ...limits, maxIdle: own.idle, idleTimeoutMs: own.idleTimeout * 1000 }
}

/** What all pools of a worker need. */
export interface PoolParts {
  readonly wheel: TimeWheel
  readonly limits: BackendLimits
  readonly events: BackendEvents
  /** Opens the keys of client certificates. */
  readonly vault: Pick<Vault, 'open'>
  /** What may be connected to beside what anybody may. */
  readonly permissions: BackendPermissions
  /** Finds addresses; null for the system's own way. */
  readonly resolver: Resolver | null
  /** What all workers know of the health of targets; null for one who only looks, to whom all are healthy. */
  readonly healthMemory: SharedArrayBuffer | null
  /** Places that all workers share; null for no limits. */
  readonly limitsOf: ((name: string, most: number) => Places) | null
  /** Milliseconds on the clock that all threads share. */
  readonly now: () => number
}

/** All pools of a worker, by what decides how one connects. They outlive deployments: a new snapshot finds its connections warm. */
export class Pools {
  readonly wheel: TimeWheel
  readonly limits: BackendLimits
  readonly events: BackendEvents
  readonly now: () => number
  private readonly parts: PoolParts
  private readonly slots = new Map<string, number>()
  private readonly byKey = new Map<string, Pool>()

  constructor(parts: PoolParts) {
    this.parts = parts
    this.wheel = parts.wheel
    this.limits = parts.limits
    this.events = parts.events
    this.now = parts.now
  }

  /** The pool of a target. Throws if its TLS settings cannot be used. */
  of(settings: TargetSettings): Pool {
    const key = targetKey(settings)
    let pool = this.byKey.get(key)
    if (pool === undefined) {
      pool = new Pool(key, settings, this, {
        health: this.healthOf(key, settings),
        places: this.placesOf(key, settings),
      })
      this.byKey.set(key, pool)
    }
    return pool
  }

  /** Says where in the shared memory the health of targets is; before their pools are asked for. */
  learn(slots: TargetSlots): void {
    for (const [key, slot] of slots) this.slots.set(key, slot)
  }

  /** All pools. */
  all(): Iterable<Pool> {
    return this.byKey.values()
  }

  diallerOf(target: Target, { tls }: TargetSettings, onAddresses: (addresses: ReadonlySet<string>) => void): Dialler {
    const { vault, resolver, permissions } = this.parts
    return new Dialler({
      target,
      tls: tls === undefined ? null : reveal(tls, BackendTls, vault),
      name: resolver === null ? null : resolver.watch(target, onAddresses),
      permissions,
    })
  }

  /** Drops the pools that no snapshot names any more. */
  retain(keys: ReadonlySet<string>): void {
    for (const [key, pool] of this.byKey) {
      if (keys.has(key)) continue
      pool.retire()
      this.byKey.delete(key)
      this.slots.delete(key)
    }
  }

  /** Closes all unused connections. */
  close(): void {
    for (const pool of this.byKey.values()) pool.close()
  }

  private healthOf(key: string, { health }: TargetSettings): TargetHealth | null {
    const { healthMemory } = this.parts
    const slot = this.slots.get(key)
    return health === undefined || healthMemory === null || slot === undefined
      ? null
      : new TargetHealth(healthMemory, slot, health, this.now)
  }

  private placesOf(key: string, { connections }: TargetSettings): Places | null {
    const { limitsOf } = this.parts
    return connections === undefined || connections.limit === 0 || limitsOf === null
      ? null
      : limitsOf(`backend ${key}`, connections.limit)
  }
}
