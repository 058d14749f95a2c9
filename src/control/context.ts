import type { Store } from '../store/open.ts'
import type { Unit } from '../store/unit.ts'

export type { Actor } from './access.ts'

/**
 * Runs use cases, each in a transaction of its own, and again where others were in its way, so that it has no effects but on
 * its unit: what the API knows of the store.
 */
export interface UnitRunner {
  inTransaction<T>(actor: string, work: (unit: Unit) => Promise<T>): Promise<T>
}

export type { Store, Unit }
