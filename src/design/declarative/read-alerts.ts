import { pointerTo } from '../../lib/json-pointer.ts'
import { postTrouble } from '../../lib/post-json.ts'
import { isOurs, isSealed, type Vault } from '../../lib/vault.ts'
import { alertSecretLength, MOST_ALERT_RULES, type StageAlert } from '../../model/alert.ts'
import type { AlertFields } from '../../model/declarative.ts'
import type { Problem } from '../../plugins/plugin.ts'
import { NOT_OURS } from '../../plugins/secret.ts'

/** What reading the alert rules of a stage needs beside them. */
export interface AlertContext {
  readonly stageId: string
  /** Whether rules that the document does not name go. */
  readonly prune: boolean
  /** JSON Pointer of the rules in the document. */
  readonly pointer: string
  readonly vault: Vault
}

/**
 * The alert rules that a stage is to have by a document, and everything that is wrong with them. Those that the document does
 * not name stay, unless it prunes.
 */
export function readAlerts(
  fields: Readonly<Record<string, AlertFields>> | undefined,
  before: readonly StageAlert[],
  { stageId, prune, pointer, vault }: AlertContext,
): { alerts: StageAlert[]; problems: Problem[] } {
  if (fields === undefined) return { alerts: [...before], problems: [] }
  const problems: Problem[] = []
  const described = Object.entries(fields).map(([name, { secret, ...rule }]): StageAlert => {
    const at = pointer + pointerTo(name)
    const trouble = rule.webhook === null ? null : postTrouble(rule.webhook)
    if (trouble !== null) problems.push({ path: `${at}/webhook`, message: trouble })
    const read = readSecret(secret, vault)
    if (read.wrong !== null) problems.push({ path: `${at}/secret`, message: read.wrong })
    return { stageId, name, rule, secret: read.sealed }
  })
  const others = prune ? [] : before.filter(({ name }) => !Object.hasOwn(fields, name))
  const alerts = [...described, ...others]
  if (alerts.length > MOST_ALERT_RULES)
    problems.push({
      path: pointer,
      message: `There would be ${alerts.length} alert rules on this stage; ${MOST_ALERT_RULES} is the most: leave some out.`,
    })
  return { alerts, problems }
}

/** A secret as it is kept, and what is wrong with it. */
function readSecret(secret: string | null, vault: Vault): { sealed: string | null; wrong: string | null } {
  if (secret === null) return { sealed: null, wrong: null }
  if (isSealed(secret)) return { sealed: secret, wrong: isOurs(secret, vault) ? null : NOT_OURS }
  const { maxLength } = alertSecretLength
  if (secret.length > maxLength)
    return { sealed: null, wrong: `It has ${secret.length} characters; ${maxLength} is the most.` }
  return { sealed: vault.seal(secret), wrong: null }
}
