import { lint } from '../design/lint.ts'
import { Invalid } from '../model/errors.ts'
import type { Finding } from '../model/lint.ts'
import type { Design } from '../model/revision.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import type { PolicyKeys } from '../plugins/policies.ts'
import type { Unit } from '../store/unit.ts'
import { readDraft } from './apply-draft.ts'
import { findService, findStage } from './find.ts'
import { designOf, withDraft } from './read-changes.ts'

/**
 * What there is to say about the draft of a service, or about a stage and the design that it runs (the draft, before any was
 * applied). `apply`: about the stage with the draft applied.
 */
export async function readLint(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string | null,
  { apply = false } = {},
): Promise<Finding[]> {
  const service = await findService(unit, serviceIdOrName)
  const policies = await unit.policies.keysOf(service.id)
  if (stageIdOrName === null) return lint(await readDraft(unit, service), null, policies)
  const stage = await findStage(unit, service, stageIdOrName)
  if (!apply && stage.revisionId !== null) return lint(await designOf(unit, stage), stage, policies)
  const next = withDraft(stage, await readDraft(unit, service))
  return lint(next.design, next.stage, policies)
}

const MOST_TOLD = 50

/** Throws `Invalid` if a stage cannot be deployed with its design as they are. */
export function assertDeployable(
  service: Pick<Service, 'name'>,
  stage: Stage,
  design: Design,
  policies: PolicyKeys,
): void {
  const errors = lint(design, stage, policies).filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  const told = errors
    .slice(0, MOST_TOLD)
    .map(({ node, field, message }) => ({ path: field, message: `${node}: ${message}` }))
  const rest = errors.length - told.length
  // The same mistake on a thousand methods is one mistake.
  if (rest > 0) told.push({ path: '', message: `… and ${rest} more problems.` })
  throw new Invalid(`The stage "${stage.name}" of "${service.name}" cannot be deployed.`, told)
}
