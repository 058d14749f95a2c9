import { checkMethodBackend } from '../design/check-backend.ts'
import { checkInterface } from '../design/check-interface.ts'
import { checkAttachments } from '../design/check-plugins.ts'
import { ancestors, checkPath, PathTree, pathVariables } from '../design/paths.ts'
import { Invalid } from '../model/errors.ts'
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

/** Where a method is to go: to a path that is there, or is made. */
export interface Move {
  readonly methodId: string
  readonly path: string
}

/** What has been moved, and the paths that were made for it. */
export interface MovedMethods {
  readonly methods: Method[]
  readonly createdPaths: string[]
  readonly service: Service
}

/**
 * Moves methods to other paths, all or none. What counts is how they stand in the end: two methods may change places.
 * Throws `Invalid` with every problem at its move.
 */
export async function moveMethods(
  unit: Unit,
  serviceIdOrName: string,
  moves: readonly Move[],
  expected: ExpectedVersion,
): Promise<MovedMethods> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const resources = await unit.resources.ofService(service.id)
  const methods = new Map((await unit.methods.ofService(service.id)).map((method) => [method.id, method]))
  const { created, problems: pathProblems } = missingPaths(service, resources, moves)
  const byPath = new Map([...resources, ...created].map((resource) => [resource.path, resource]))

  const moved = moves.flatMap(({ methodId, path }) => {
    const [method, target] = [methods.get(methodId), byPath.get(path)]
    return method === undefined || target === undefined ? [] : [{ ...method, resourceId: target.id }]
  })
  const after = new Map([...methods, ...moved.map((method): [string, Method] => [method.id, method])])
  const names = { models: await modelNames(unit, service), policies: await unit.policies.keysOf(service.id) }
  const problems = [
    ...pathProblems,
    ...moves.flatMap(({ methodId, path }, i) => checkMove(after.get(methodId), methodId, path, names, `/moves/${i}`)),
    ...collisions(moves, moved, after),
  ]
  if (problems.length > 0) throw new Invalid('The methods cannot be moved so; none of them has been.', problems)

  await unit.resources.insert(created)
  // Taken out first: two that change places would meet on the way.
  await unit.methods.delete(moved.map(({ id }) => id))
  await unit.methods.insert(service.id, moved)
  const touched = await touchService(unit, service)
  const before = moves.map(({ methodId }) => methods.get(methodId))
  await unit.audit.record({
    action: 'move',
    kind: 'methods',
    serviceId: service.id,
    id: service.id,
    before,
    after: moved,
  })
  return { methods: moved, createdPaths: created.map(({ path }) => path), service: touched }
}

function missingPaths(
  service: Service,
  resources: readonly Resource[],
  moves: readonly Move[],
): { created: Resource[]; problems: Problem[] } {
  const tree = new PathTree(resources.map(({ path }) => path))
  const problems: Problem[] = []
  const created: Resource[] = []
  moves.forEach(({ path }, i) => {
    if (tree.has(path)) return
    const found = checkPath(path, tree)
    problems.push(...found.map(({ message }) => ({ path: `/moves/${i}/path`, message })))
    if (found.length > 0) return
    for (const missing of [...ancestors(path), path].filter((at) => !tree.has(at))) {
      created.push({ id: newId(), serviceId: service.id, path: missing, description: '', plugins: [] })
      tree.add(missing)
    }
  })
  return { created, problems }
}

/** Everything wrong with a method at its new path: what refers to variables of the old one, above all. */
function checkMove(
  method: Method | undefined,
  methodId: string,
  path: string,
  { models, policies }: { models: ReadonlySet<string>; policies: PolicyKeys },
  at: string,
): Problem[] {
  if (method === undefined) return [{ path: `${at}/methodId`, message: `There is no method "${methodId}".` }]
  const variables = pathVariables(path)
  const site = { place: 'method', pathVariables: variables, pointer: '/plugins', vault: null, policies } as const
  return [
    ...checkMethodBackend(method.backend, variables, '/backend'),
    ...checkInterface(method, path, models),
    ...checkAttachments(method.plugins, site).problems,
  ].map((problem) => ({ path: at, message: `${method.verb} ${path}${problem.path}: ${problem.message}` }))
}

function collisions(moves: readonly Move[], moved: readonly Method[], after: ReadonlyMap<string, Method>): Problem[] {
  const places = Map.groupBy(after.values(), ({ resourceId, verb }) => `${resourceId} ${verb}`)
  return moved.flatMap((method) => {
    const i = moves.findLastIndex(({ methodId }) => methodId === method.id)
    const rivals = places.get(`${method.resourceId} ${method.verb}`) ?? []
    return rivals.length < 2
      ? []
      : [{ path: `/moves/${i}/path`, message: `"${moves[i]?.path}" would have the method ${method.verb} twice.` }]
  })
}
