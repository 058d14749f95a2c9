import { Conflict, NotFound } from '../model/errors.ts'
import type { Unit } from '../store/unit.ts'
import { findService } from './find.ts'
import { assertVersion, type ExpectedVersion, touchService } from './versions.ts'

/** Deletes a path with all below it. The root cannot be deleted. */
export async function deleteResource(
  unit: Unit,
  serviceIdOrName: string,
  resourceId: string,
  expected: ExpectedVersion,
): Promise<void> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const before = await unit.resources.find(service.id, resourceId)
  if (before === null) throw new NotFound('resource', resourceId)
  if (before.path === '/')
    throw new Conflict('The root of a service cannot be deleted: delete its methods, or the service.')
  const all = await unit.resources.ofService(service.id)
  const below = all.filter(({ path }) => path === before.path || path.startsWith(`${before.path}/`))
  await unit.resources.delete(below.map(({ id }) => id))
  await touchService(unit, service)
  await unit.audit.record({
    action: 'delete',
    kind: 'resource',
    serviceId: service.id,
    id: before.id,
    before: { ...before, deletedPaths: below.map(({ path }) => path) },
    after: null,
  })
}
