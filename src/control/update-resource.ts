import { checkAttachments } from '../design/check-plugins.ts'
import { pathVariables } from '../design/paths.ts'
import { Invalid, NotFound } from '../model/errors.ts'
import type { Resource } from '../model/resource.ts'
import type { Unit } from '../store/unit.ts'
import { findService } from './find.ts'
import { assertVersion, type ExpectedVersion, touchService } from './versions.ts'

/** Changes description or plugins of a path. The path itself cannot be changed: delete and create. */
export async function updateResource(
  unit: Unit,
  serviceIdOrName: string,
  resourceId: string,
  changes: { description?: string; plugins?: readonly unknown[] },
  expected: ExpectedVersion,
): Promise<Resource> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const before = await unit.resources.find(service.id, resourceId)
  if (before === null) throw new NotFound('resource', resourceId)
  const { attachments, problems } = checkAttachments(changes.plugins ?? before.plugins, {
    place: 'path',
    pathVariables: pathVariables(before.path),
    pointer: '/plugins',
    vault: unit.vault,
    policies: await unit.policies.keysOf(service.id),
  })
  if (problems.length > 0) throw new Invalid(`The path "${before.path}" cannot be changed so.`, problems)
  const after: Resource = { ...before, description: changes.description ?? before.description, plugins: attachments }
  await unit.resources.update(after)
  await touchService(unit, service)
  await unit.audit.record({
    action: 'update',
    kind: 'resource',
    serviceId: before.serviceId,
    id: before.id,
    before,
    after,
  })
  return after
}
