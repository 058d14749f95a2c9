import type { SnapshotBackend } from '../../snapshot/snapshot.ts'
import type { Pool, Pools } from './pool.ts'

/** A backend ready to be sent to: its targets, used in turn. */
export interface Backend {
  /** The pool of the target whose turn it is. */
  next(): Pool
}

/** Makes a backend. Its targets share their connections with all other backends of the same URL. */
export function createBackend({ targets }: SnapshotBackend, pools: Pools): Backend {
  const list = targets.map((url) => pools.of(url))
  const [only] = list
  if (only === undefined) throw new Error('a backend needs at least one target')
  if (list.length === 1) return { next: () => only }
  let turn = 0
  return {
    next() {
      turn = (turn + 1) % list.length
      return list[turn] ?? only
    },
  }
}
