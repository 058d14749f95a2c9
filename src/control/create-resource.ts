import { checkAttachments } from '../design/check-plugins.ts'
import { ancestors, checkPath, PathTree, pathVariables } from '../design/paths.ts'
import { Conflict, Invalid } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Resource } from '../model/resource.ts'
import type { Unit } from '../store/unit.ts'
import { findService } from './find.ts'
import { assertVersion, type ExpectedVersion, touchService } from './versions.ts'

/** Adds a path to a service's tree, and those above it that are missing. */
export async function createResource(
  unit: Unit,
  serviceIdOrName: string,
  { path, description = '', plugins = [] }: { path: string; description?: string; plugins?: readonly unknown[] },
  expected: ExpectedVersion,
): Promise<Resource> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const tree = new PathTree(await unit.resources.pathsOf(service.id))
  if (tree.has(path)) throw new Conflict(`"${service.name}" already has the path "${path}".`)
  const { attachments, problems } = checkAttachments(plugins, {
    place: 'path',
    pathVariables: pathVariables(path),
    pointer: '/plugins',
    vault: unit.vault,
    policies: await unit.policies.keysOf(service.id),
  })
  const all = [...checkPath(path, tree), ...problems]
  if (all.length > 0) throw new Invalid('The path cannot be created.', all)
  const missing = ancestors(path).filter((ancestor) => !tree.has(ancestor))
  const resource: Resource = { id: newId(), serviceId: service.id, path, description, plugins: attachments }
  await unit.resources.insert([
    ...missing.map((ancestor) => ({
      id: newId(),
      serviceId: service.id,
      path: ancestor,
      description: '',
      plugins: [],
    })),
    resource,
  ])
  await touchService(unit, service)
  await unit.audit.record({
    action: 'create',
    kind: 'resource',
    serviceId: resource.serviceId,
    id: resource.id,
    before: null,
    after: resource,
  })
  return resource
}
