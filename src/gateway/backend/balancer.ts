import type { SnapshotBackend } from '../../snapshot/snapshot.ts'
import type { GatewayExchange } from '../exchange.ts'
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
  const targets = targetsOf(backend).map((settings) => pools.of(settings))
  const list = turns(targets.map((_, i) => backend.weights?.[i] ?? 1)).flatMap((i) => targets[i] ?? [])
  const [only] = list
  if (only === undefined) throw new Error('a backend needs at least one target with a weight')
  if (list.length === 1) return { next: () => only, hasUntried: () => false }
  return new RoundRobin(list)
}

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
