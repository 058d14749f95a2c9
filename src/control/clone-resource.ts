import { checkMethodBackend } from '../design/check-backend.ts'
import { checkInterface } from '../design/check-interface.ts'
import { checkAttachments } from '../design/check-plugins.ts'
import { ancestors, checkPath, PathTree, pathVariables } from '../design/paths.ts'
import { Invalid, NotFound } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Method } from '../model/method.ts'
import type { Resource } from '../model/resource.ts'
import type { Service } from '../model/service.ts'
import type { Problem } from '../plugins/plugin.ts'
import type { PolicyKeys } from '../plugins/policies.ts'
import type { Unit } from '../store/unit.ts'
import { findService } from './find.ts'
import { modelNames } from './models.ts'
import { assertVersion, type ExpectedVersion, touchService } from './versions.ts'

/** What a clone has made. */
export interface ClonedResource {
  readonly resources: Resource[]
  readonly methods: number
  readonly service: Service
}

/** Copies a path with its plugins, its methods and everything below it to another path, which must not be there yet. */
export async function cloneResource(
  unit: Unit,
  serviceIdOrName: string,
  resourceId: string,
  to: string,
  expected: ExpectedVersion,
): Promise<ClonedResource> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const all = await unit.resources.ofService(service.id)
  const source = all.find(({ id }) => id === resourceId)
  if (source === undefined) throw new NotFound('resource', resourceId)
  const tree = new PathTree(all.map(({ path }) => path))
  if (tree.has(to))
    throw new Invalid('The path cannot be cloned there.', [
      { path: '/path', message: `"${to}" is there already: choose another path.` },
    ])

  const below = all.filter(({ path }) => isWithin(path, source.path))
  const copies = below.map((resource) => ({
    from: resource.id,
    resource: {
      ...resource,
      id: newId(),
      path: `${to}${source.path === '/' ? resource.path : resource.path.slice(source.path.length)}`.replace(
        /(?<=.)\/$/,
        '',
      ),
    },
  }))
  const newIds = new Map(copies.map(({ from, resource }) => [from, resource]))
  const methods = (await unit.methods.ofResources(below.map(({ id }) => id))).flatMap(
    (method): { method: Method; path: string }[] => {
      const target = newIds.get(method.resourceId)
      // Two operations cannot have one id.
      return target === undefined
        ? []
        : [{ method: { ...method, id: newId(), resourceId: target.id, operationId: '' }, path: target.path }]
    },
  )
  const missing = ancestors(to)
    .filter((path) => !tree.has(path))
    .map((path): Resource => ({ id: newId(), serviceId: service.id, path, description: '', plugins: [] }))
  const resources = [...missing, ...copies.map(({ resource }) => resource)]
  const models = await modelNames(unit, service)
  const policies = await unit.policies.keysOf(service.id)
  const problems = [
    ...checkPaths(resources, tree, policies),
    ...methods.flatMap(({ method, path }) => checkMethod(method, path, models, policies)),
  ]
  if (problems.length > 0) throw new Invalid(`"${source.path}" cannot be cloned to "${to}".`, problems)

  await unit.resources.insert(resources)
  await unit.methods.insert(
    service.id,
    methods.map(({ method }) => method),
  )
  const touched = await touchService(unit, service)
  const after = { from: source.path, to, resources: resources.length, methods: methods.length }
  await unit.audit.record({
    action: 'clone',
    kind: 'resource',
    serviceId: source.serviceId,
    id: source.id,
    before: null,
    after,
  })
  return { resources, methods: methods.length, service: touched }
}

function isWithin(path: string, above: string): boolean {
  return path === above || above === '/' || path.startsWith(`${above}/`)
}

function checkPaths(resources: readonly Resource[], tree: PathTree, policies: PolicyKeys): Problem[] {
  return resources.flatMap(({ path, plugins }) => {
    const problems = [
      ...checkPath(path, tree),
      ...checkAttachments(plugins, {
        place: 'path',
        pathVariables: pathVariables(path),
        pointer: '',
        vault: null,
        policies,
      }).problems,
    ]
    if (problems.length === 0) tree.add(path)
    return problems.map(({ message }) => ({ path: '/path', message: `${path}: ${message}` }))
  })
}

function checkMethod(method: Method, path: string, models: ReadonlySet<string>, policies: PolicyKeys): Problem[] {
  const variables = pathVariables(path)
  const site = { place: 'method', pathVariables: variables, pointer: '', vault: null, policies } as const
  return [
    ...checkMethodBackend(method.backend, variables, ''),
    ...checkInterface(method, path, models),
    ...checkAttachments(method.plugins, site).problems,
  ].map(({ message }) => ({ path: '/path', message: `${method.verb} ${path}: ${message}` }))
}
