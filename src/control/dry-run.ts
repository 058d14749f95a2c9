import type { Unit } from '../store/unit.ts'
import type { UnitRunner } from './context.ts'

/** Undoes a transaction and brings its result out. */
class RolledBack<T> extends Error {
  readonly result: T

  constructor(result: T) {
    super('dry run')
    this.result = result
  }
}

/** Runs a use case in a transaction; with `isDry` everything is done but kept, so that the answer is what it would be. */
export async function inTransaction<T>(
  runner: UnitRunner,
  actor: string,
  isDry: boolean,
  work: (unit: Unit) => Promise<T>,
): Promise<T> {
  if (!isDry) return runner.inTransaction(actor, work)
  try {
    return await runner.inTransaction(actor, async (unit): Promise<T> => {
      throw new RolledBack(await work(unit))
    })
  } catch (error) {
    // Thrown just above, with the result of this very work.
    if (error instanceof RolledBack) return error.result as T
    throw error
  }
}
