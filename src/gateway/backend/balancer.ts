import type { SnapshotBackend } from '../../snapshot/snapshot.ts'
import type { GatewayExchange } from '../exchange.ts'
import { type Chooser, ConsistentHash, keyReader, LeastRequests, SmoothRoundRobin } from './choosing.ts'
import type { Pool, Pools } from './pool.ts'
import { targetsOf } from './target.ts'

/** A backend ready to be sent to: it knows which of its targets a request goes to. */
export interface Backend {
  /**
   * The target that a request goes to: another one than those that it has tried, where another can take it. Null: none can.
   */
  next(x: GatewayExchange): Pool | null
  /** Whether there is a target that a request has not been sent to yet. */
  hasUntried(x: GatewayExchange): boolean
}

/** Makes a backend. Its targets share their connections with all other backends that connect to them in the same way. */
export function createBackend(backend: SnapshotBackend, pools: Pools): Backend {
  const all = targetsOf(backend).map((settings, i) => ({ pool: pools.of(settings), weight: backend.weights?.[i] ?? 1 }))
  const targets = all.filter(({ weight }) => weight > 0)
  const [only] = targets
  if (only === undefined) throw new Error('a backend needs at least one target with a weight')
  const isPlain = backend.health === undefined && (backend.connections?.limit ?? 0) === 0
  if (targets.length === 1 && isPlain) return { next: () => only.pool, hasUntried: () => false }
  if (isPlain && backend.balancing === undefined)
    return new RoundRobin(turns(targets.map(({ weight }) => weight)).flatMap((i) => targets[i]?.pool ?? []))
  return new Balanced(targets, chooserOf(backend, targets), backend.health?.panicPercent ?? 0, pools.now)
}

/** A target with its share of the requests. */
interface WeightedPool {
  readonly pool: Pool
  readonly weight: number
}

function chooserOf({ balancing }: SnapshotBackend, targets: readonly WeightedPool[]): Chooser {
  if (balancing?.method === 'least-requests') return new LeastRequests((i) => targets[i]?.pool.underWay ?? 0)
  if (balancing?.method === 'consistent-hash')
    return new ConsistentHash(
      targets.map(({ pool }) => pool.settings.url),
      keyReader(balancing),
    )
  return new SmoothRoundRobin(targets.length)
}

/** Targets that are chosen by their health, their load, or a key of the request. */
class Balanced implements Backend {
  private readonly targets: readonly WeightedPool[]
  private readonly chooser: Chooser
  private readonly panicPercent: number
  private readonly now: () => number
  /** What each may have of the request that is looked at. */
  private readonly shares: Float64Array

  constructor(targets: readonly WeightedPool[], chooser: Chooser, panicPercent: number, now: () => number) {
    this.targets = targets
    this.chooser = chooser
    this.panicPercent = panicPercent
    this.now = now
    this.shares = new Float64Array(targets.length)
  }

  next(x: GatewayExchange): Pool | null {
    this.shareOut()
    if (x.triedPools.length > 0) this.prefer((pool) => !x.triedPools.includes(pool))
    this.prefer(hasRoom)
    return this.targets[this.chooser.choose(this.shares, x)]?.pool ?? null
  }

  hasUntried({ pool, triedPools }: GatewayExchange): boolean {
    this.shareOut()
    return this.targets.some(
      (target, i) => this.shares[i] !== 0 && target.pool !== pool && !triedPools.includes(target.pool),
    )
  }

  /** Gives every target that is healthy its share; where too few are, all of them. */
  private shareOut(): void {
    const { targets, shares } = this
    const now = this.now()
    let healthy = 0
    for (let i = 0; i < targets.length; i++) {
      const { pool, weight } = targets[i] as WeightedPool
      const share = pool.health === null ? 1 : pool.health.share(now)
      if (share > 0) healthy++
      shares[i] = share * weight
    }
    if (healthy * 100 >= this.panicPercent * targets.length) return
    for (let i = 0; i < targets.length; i++) shares[i] = (targets[i] as WeightedPool).weight
  }

  /** Leaves the others out, where that leaves any. */
  private prefer(isGood: (pool: Pool) => boolean): void {
    const { targets, shares } = this
    if (!targets.some(({ pool }, i) => shares[i] !== 0 && isGood(pool))) return
    for (let i = 0; i < targets.length; i++) if (!isGood((targets[i] as WeightedPool).pool)) shares[i] = 0
  }
}

const hasRoom = (pool: Pool) => pool.hasRoom

/** Targets used in turn. */
class RoundRobin implements Backend {
  private readonly list: readonly Pool[]
  private turn = 0

  constructor(list: readonly Pool[]) {
    this.list = list
  }

  next({ triedPools }: GatewayExchange): Pool | null {
    const pool = this.take()
    if (triedPools.length === 0) return pool
    for (let i = 0; i < this.list.length; i++) {
      const other = this.take()
      if (other !== null && !triedPools.includes(other)) return other
    }
    return pool
  }

  hasUntried({ pool, triedPools }: GatewayExchange): boolean {
    return this.list.some((one) => one !== pool && !triedPools.includes(one))
  }

  private take(): Pool | null {
    this.turn = (this.turn + 1) % this.list.length
    return this.list[this.turn] ?? null
  }
}

/**
 * The order in which targets have their turns: each as often as its weight says, spread as evenly as can be (the smooth
 * weighted round robin of nginx). The sequence is as long as the sum of the weights, divided by what they have in common.
 */
export function turns(weights: readonly number[]): number[] {
  const common = weights.reduce(greatestCommonDivisor, 0)
  if (common === 0) return []
  const shares = weights.map((weight) => weight / common)
  const total = shares.reduce((sum, share) => sum + share, 0)
  const credit = shares.map(() => 0)
  return Array.from({ length: total }, () => {
    let best = 0
    shares.forEach((share, i) => {
      credit[i] = (credit[i] ?? 0) + share
      if ((credit[i] ?? 0) > (credit[best] ?? 0)) best = i
    })
    credit[best] = (credit[best] ?? 0) - total
    return best
  })
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
