import type { Limits } from '../../plugins/plugin.ts'

/**
 * What counts for the limits of plugins. The plugins know `Limits` alone, and ask without waiting: so what is asked in the
 * request path is always answered of this process's own memory. `shared-limits.ts` is that for one process. One that counts
 * for a whole cluster takes leases: it asks the common store ahead of time for a part of a rate (so many tokens of a key, good
 * for a moment), hands them out of the same tables, and gives back what it did not need; `maintain` is its turn to do so.
 */
export interface LimitBackend extends Limits {
  /** Called about once a second, off the request path. */
  maintain?(nowMs: number): void
}
