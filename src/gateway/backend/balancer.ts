import type { SnapshotBackend } from '../../snapshot/snapshot.ts'
import type { Pool, Pools } from './pool.ts'

/** A backend ready to be sent to: its targets, used in turn. */
export interface Backend {
  /** The pool of the target whose turn it is. */
  next(): Pool
}

/** Makes a backend. Its targets share their connections with all other backends of the same URL. */
export function createBackend({ targets, weights }: SnapshotBackend, pools: Pools): Backend {
  const list = turns(targets.map((_, i) => weights?.[i] ?? 1)).map((i) => pools.of(targets[i] ?? ''))
  const [only] = list
  if (only === undefined) throw new Error('a backend needs at least one target with a weight')
  if (list.length === 1) return { next: () => only }
  let turn = 0
  return {
    next() {
      turn = (turn + 1) % list.length
      return list[turn] ?? only
    },
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
