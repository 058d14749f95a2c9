import { Invalid, NotFound } from '../model/errors.ts'
import type { Method } from '../model/method.ts'
import type { Service } from '../model/service.ts'
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
  await unit.audit.record({
    action: 'delete',
    kind: 'method',
    serviceId: service.id,
    id: methodId,
    before,
    after: null,
  })
}

/** Deletes methods, all or none. */
export async function deleteMethods(
  unit: Unit,
  serviceIdOrName: string,
  methodIds: readonly string[],
  expected: ExpectedVersion,
): Promise<{ deleted: Method[]; service: Service }> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const all = new Map((await unit.methods.ofService(service.id)).map((method) => [method.id, method]))
  const problems = methodIds.flatMap((id, i) =>
    all.has(id) ? [] : [{ path: `/methodIds/${i}`, message: `There is no method "${id}".` }],
  )
  if (problems.length > 0) throw new Invalid('The methods cannot be deleted; none of them has been.', problems)
  const deleted = [...new Set(methodIds)].flatMap((id) => all.get(id) ?? [])
  await unit.methods.delete(deleted.map(({ id }) => id))
  const touched = await touchService(unit, service)
  await unit.audit.record({
    action: 'delete',
    kind: 'methods',
    serviceId: service.id,
    id: service.id,
    before: deleted,
    after: null,
  })
  return { deleted, service: touched }
}
