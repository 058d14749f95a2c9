import type { Stage } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'
import { dropUnused } from './delete-deployment.ts'
import { findService, findStage } from './find.ts'
import { assertNoPlans } from './plans.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** Deletes a stage with its history. Returns it: it is to be taken off the gateway. */
export async function deleteStage(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  expected: ExpectedVersion,
): Promise<Stage> {
  const service = await findService(unit, serviceIdOrName)
  const before = await findStage(unit, service, stageIdOrName)
  assertVersion(before, expected)
  await assertNoPlans(unit, `The stage "${service.name}/${before.name}"`, [before])
  await unit.stages.delete(before.id)
  await dropUnused(unit)
  await unit.audit.record({
    action: 'delete',
    kind: 'stage',
    serviceId: before.serviceId,
    id: before.id,
    before,
    after: null,
  })
  return before
}
