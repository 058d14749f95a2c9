import { Conflict } from '../model/errors.ts'
import type { Service } from '../model/service.ts'
import type { Unit } from '../store/unit.ts'
import { assertAddressesFree } from './addresses.ts'
import { findService } from './find.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** Changes name or description. A new name reaches the host names with the next deployment. */
export async function updateService(
  unit: Unit,
  idOrName: string,
  changes: { name?: string; description?: string },
  expected: ExpectedVersion,
): Promise<Service> {
  const before = await findService(unit, idOrName)
  assertVersion(before, expected)
  if (
    changes.name !== undefined &&
    changes.name !== before.name &&
    (await unit.services.findByName(changes.name)) !== null
  ) {
    throw new Conflict(`There is already a service "${changes.name}": choose another name.`)
  }
  const after = { ...before, ...changes, version: before.version + 1, updatedAt: new Date().toISOString() }
  if (after.name !== before.name) await assertAddressesFree(unit, after.name, await unit.stages.ofService(before.id))
  await unit.services.update(after)
  await unit.audit.record({ action: 'update', kind: 'service', serviceId: before.id, id: before.id, before, after })
  return after
}
