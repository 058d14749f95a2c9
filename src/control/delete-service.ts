import type { Stage } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'
import { dropUnused } from './delete-deployment.ts'
import { findService } from './find.ts'
import { assertNoPlans } from './plans.ts'
import { dropServiceRoles } from './service-roles.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** Deletes a service with its design, its stages, and the roles on it. Returns the stages, which are to be taken off the gateway. */
export async function deleteService(unit: Unit, idOrName: string, expected: ExpectedVersion): Promise<Stage[]> {
  const before = await findService(unit, idOrName)
  assertVersion(before, expected)
  const stages = await unit.stages.ofService(before.id)
  await assertNoPlans(unit, `The service "${before.name}"`, stages)
  await unit.services.delete(before.id)
  await dropServiceRoles(unit, before.id)
  await dropUnused(unit)
  await unit.audit.record({
    action: 'delete',
    kind: 'service',
    serviceId: before.id,
    id: before.id,
    before,
    after: null,
  })
  return stages
}
