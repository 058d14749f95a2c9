import { Conflict } from '../model/errors.ts'
import type { Stage } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'
import { assertAddressesFree } from './addresses.ts'
import { findService, findStage } from './find.ts'
import { findDeployment } from './read-deployments.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** Puts what a deployment was made of back into its stage, for editing. What is live stays. */
export async function restoreDeployment(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  number: number,
  expected: ExpectedVersion,
): Promise<Stage> {
  const service = await findService(unit, serviceIdOrName)
  const before = await findStage(unit, service, stageIdOrName)
  assertVersion(before, expected)
  const deployment = await findDeployment(unit, serviceIdOrName, stageIdOrName, number)
  const settings = await unit.deployments.settings(deployment.id)
  if (settings === null)
    throw new Conflict(
      `Deployment ${number} was made by an older version, which did not keep what it was made of: it can be rolled back to, but not be restored.`,
    )
  const after: Stage = {
    ...before,
    ...settings,
    revisionId: deployment.revisionId,
    baseDeploymentId: deployment.id,
    version: before.version + 1,
    updatedAt: new Date().toISOString(),
  }
  await assertAddressesFree(unit, service.name, [after])
  await unit.stages.update(after)
  await unit.audit.record({
    action: 'restore',
    kind: 'stage',
    serviceId: before.serviceId,
    id: before.id,
    before,
    after,
  })
  return after
}
