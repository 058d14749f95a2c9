import { ConditionFailure } from './language.ts'

/** What one evaluation of a condition may cost: the steps that are left. */
export interface Budget {
  left: number
}

/**
 * Steps of work in one evaluation: about a nanosecond to ten each, so that no input keeps a condition for more than some
 * milliseconds. A simple condition takes none.
 */
export const BUDGET = 250_000

/** Nothing decides against it: the evaluation is over. */
export class OverBudget extends ConditionFailure {}

/** Takes steps of the budget. Throws `OverBudget`. */
export function spend(budget: Budget, steps: number): void {
  budget.left -= steps
  if (budget.left < 0) throw new OverBudget('the condition needs more work for this request than any may take')
}
