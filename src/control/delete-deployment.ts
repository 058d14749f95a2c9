import { Conflict } from '../model/errors.ts'
import type { Stage } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'
import { findService, findStage } from './find.ts'
import { findDeployment } from './read-deployments.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** Deletes a deployment from the history. The live one and the base of the stage cannot be deleted. */
export async function deleteDeployment(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  number: number,
  expected: ExpectedVersion,
): Promise<void> {
  const stage = await findStage(unit, await findService(unit, serviceIdOrName), stageIdOrName)
  assertVersion(stage, expected)
  const before = await findDeployment(unit, serviceIdOrName, stageIdOrName, number)
  if (before.id === stage.deploymentId)
    throw new Conflict(`Deployment ${number} is live: roll back to another one, or deploy, first.`)
  if (before.id === stage.baseDeploymentId)
    throw new Conflict(
      `Deployment ${number} is what the settings of "${stage.name}" are based on: deploy, or restore another one, first.`,
    )
  const canary = await unit.canaries.find(stage.id)
  if (before.id === canary?.deploymentId)
    throw new Conflict(`Deployment ${number} runs as a canary: promote or abort it first.`)
  if (before.status === 'deploying') throw new Conflict(`Deployment ${number} is under way: wait for its end.`)
  await unit.deployments.delete([before.id])
  await dropUnused(unit)
  await unit.audit.record({
    action: 'delete',
    kind: 'deployment',
    serviceId: stage.serviceId,
    id: before.id,
    before,
    after: null,
  })
}

/** Deletes the deployments of a stage that are older than those that it keeps. */
export async function pruneDeployments(unit: Unit, stage: Stage): Promise<void> {
  const old = await unit.deployments.olderThan(stage.id, stage.keepDeployments)
  const canary = await unit.canaries.find(stage.id)
  const kept = new Set([stage.deploymentId, stage.baseDeploymentId, canary?.deploymentId])
  const ids = old.filter((id) => !kept.has(id))
  if (ids.length === 0) return
  await unit.deployments.delete(ids)
  await dropUnused(unit)
}

/** Drops the snapshots and revisions that nothing names any more. */
export async function dropUnused(unit: Unit): Promise<void> {
  await unit.deployments.dropUnusedSnapshots()
  await unit.revisions.dropUnused()
}
