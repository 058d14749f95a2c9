import { NotFound } from '../model/errors.ts'
import type { Unit } from '../store/unit.ts'
import { findService } from './find.ts'
import { assertVersion, type ExpectedVersion, touchService } from './versions.ts'

/** Deletes a method. */
export async function deleteMethod(
  unit: Unit,
  serviceIdOrName: string,
  methodId: string,
  expected: ExpectedVersion,
): Promise<void> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const before = await unit.methods.find(service.id, methodId)
  if (before === null) throw new NotFound('method', methodId)
  await unit.methods.delete([methodId])
  await touchService(unit, service)
  await unit.audit.record({ action: 'delete', kind: 'method', id: methodId, before, after: null })
}
