import { createHash } from 'node:crypto'
import { fitOverlay } from '../../design/check-overlay.ts'
import type { WholeService } from '../../design/declarative/write-setup.ts'
import { canonicalJson } from '../../lib/canonical-json.ts'
import { pointerTo } from '../../lib/json-pointer.ts'
import { Invalid } from '../../model/errors.ts'
import type { Stage } from '../../model/stage.ts'
import type { Problem } from '../../plugins/plugin.ts'
import { compile } from '../../snapshot/compile.ts'
import { freeze } from '../../snapshot/hash.ts'
import type { Unit } from '../../store/unit.ts'
import { assertDeployable } from '../read-lint.ts'
import type { NamedStage } from './kind.ts'

/**
 * The stages of a service, as it will be, that do not run what they will hold: whether this plan changes them or an earlier
 * one did. What cannot be compiled is a problem of the plan, so that nothing is applied that could not be deployed.
 */
export async function stagesToDeploy(
  unit: Unit,
  { service, design, policies, stages }: WholeService,
  names: readonly string[],
  baseDomain: string,
  pointer: string,
): Promise<{ stages: NamedStage[]; problems: Problem[] }> {
  const draft = createHash('sha256').update(canonicalJson(design)).digest('hex')
  const keys = new Map(policies.map(({ name, key }) => [name, key]))
  const found: NamedStage[] = []
  const problems: Problem[] = []
  for (const stage of stages.filter(({ name }) => names.includes(name))) {
    try {
      const applied = { ...stage, overlay: fitOverlay(stage.overlay, design).kept }
      assertDeployable(service, applied, design, keys)
      const { hash } = freeze(compile({ service, stage: applied, design, policies, baseDomain }))
      if (await runs(unit, stage, draft, hash)) continue
      found.push({ serviceId: service.id, stageId: stage.id, service: service.name, stage: stage.name })
    } catch (error) {
      if (!(error instanceof Invalid)) throw error
      const at = pointer + pointerTo('stages', stage.name)
      problems.push(...error.problems.map(({ message }) => ({ path: at, message })))
    }
  }
  return { stages: found, problems }
}

/** Whether a stage runs a design, and what it makes of it. */
async function runs(
  unit: Unit,
  { revisionId, deploymentId }: Stage,
  design: string,
  snapshot: string,
): Promise<boolean> {
  if (revisionId === null || deploymentId === null) return false
  const revision = await unit.revisions.find(revisionId)
  const live = await unit.deployments.find(deploymentId)
  return revision?.hash === design && live?.hash === snapshot
}
