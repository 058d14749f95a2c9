import { Conflict, Invalid } from '../../model/errors.ts'
import type { Problem } from '../../plugins/plugin.ts'

/** What a rule of the use cases refuses, as problems. */
export function refusalsOf(rule: () => void): Problem[] {
  try {
    rule()
    return []
  } catch (error) {
    if (error instanceof Invalid) return [...error.problems]
    if (error instanceof Conflict) return [{ path: '', message: error.message }]
    throw error
  }
}
