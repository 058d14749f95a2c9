import type { StageAlert } from '../../model/alert.ts'
import type { AlertFields } from '../../model/declarative.ts'
import { type Change, diffThing } from '../changes.ts'

/** Alert rules: how a document has them, and what is different between what is there and what is to be. */

/** A rule as a document has it. Its secret is encrypted: only this installation can read it again. */
export function toAlertFields({ rule, secret }: Pick<StageAlert, 'rule' | 'secret'>): AlertFields {
  return { ...rule, secret }
}

/** What is to be done to the rule that `name` calls within its service, field by field; of a secret only that it changes. */
export function alertDifferences(name: string, before: StageAlert | null, after: StageAlert | null): Change[] {
  const node = `alert ${name}`
  if (before === null || after === null)
    return diffThing(node, before && toAlertFields(before), after && toAlertFields(after))
  return [...diffThing(node, { ...before.rule }, { ...after.rule }), ...secretChange(node, before.secret, after.secret)]
}

function secretChange(node: string, before: string | null, after: string | null): Change[] {
  if (before === after) return []
  const kind = before === null ? 'added' : after === null ? 'removed' : 'changed'
  return [{ kind, node, field: '/secret', before, after, text: `${node}: secret is ${kind}` }]
}
