import { pointerTo } from '../../lib/json-pointer.ts'
import type { Vault } from '../../lib/vault.ts'
import type { DesignFields, MethodFields, PathFields } from '../../model/declarative.ts'
import type { Method, Verb } from '../../model/method.ts'
import type { Model } from '../../model/model.ts'
import type { Resource } from '../../model/resource.ts'
import type { Problem } from '../../plugins/plugin.ts'
import type { PolicyKeys } from '../../plugins/policies.ts'
import { checkMethodBackend } from '../check-backend.ts'
import { checkGatewayResponse } from '../check-gateway-response.ts'
import { checkInterface, withRequired } from '../check-interface.ts'
import { checkModel } from '../check-models.ts'
import { checkAttachments } from '../check-plugins.ts'
import type { Design } from '../design.ts'
import { normalModel } from '../normal-model.ts'
import { ancestors, checkPath, PathTree, pathVariables } from '../paths.ts'

/** What reading the design of a document needs beside it. */
export interface DesignContext {
  readonly serviceId: string
  /** The design that is there: what stays keeps its ids. */
  readonly before: Design
  /** JSON Pointer of the design in the document. */
  readonly pointer: string
  readonly vault: Vault
  /** The keys of the policies that the service is to have. */
  readonly policies: PolicyKeys
  newId(): string
}

/** The design that a document describes, and everything that is wrong with it. Use the design only without problems. */
export function readDesign(fields: DesignFields, context: DesignContext): { design: Design; problems: Problem[] } {
  const { resources, problems: pathProblems } = readPaths(fields.paths, context)
  const { methods, problems: methodProblems } = readMethods(fields.paths, resources, context)
  const design: Design = {
    resources,
    methods,
    models: Object.entries(fields.models).map(([name, model]): Model => normalModel({ name, ...model })),
    gatewayResponses: fields.gatewayResponses,
  }
  return { design, problems: [...pathProblems, ...methodProblems, ...checkWhole(design, context.pointer)] }
}

/** The rules that look at a design as a whole, or at its parts beside one another. To add one, add it here. */
function checkWhole({ resources, methods, models, gatewayResponses }: Design, pointer: string): Problem[] {
  const names = new Set(models.map(({ name }) => name))
  const paths = new Map(resources.map(({ id, path }) => [id, path]))
  return [
    ...models.flatMap((model) => at(checkModel(model, names), pointer, 'models', model.name)),
    ...Object.entries(gatewayResponses).flatMap(([type, response]) =>
      at(checkGatewayResponse(response), pointer, 'gatewayResponses', type),
    ),
    ...methods.flatMap((method) => {
      const path = paths.get(method.resourceId) ?? ''
      return at(checkInterface(method, path, names), pointer, 'paths', path, 'methods', method.verb)
    }),
  ]
}

/** Problems of a part, at its place in the document. */
function at(problems: readonly Problem[], pointer: string, ...keys: readonly string[]): Problem[] {
  return problems.map(({ path, message }) => ({ path: pointer + pointerTo(...keys) + path, message }))
}

/** A path that is only there because others are below it. */
const silentPath: PathFields = { description: '', plugins: [], methods: {} }

/** The paths, and those above them. */
function readPaths(
  paths: DesignFields['paths'],
  context: DesignContext,
): { resources: Resource[]; problems: Problem[] } {
  const known = new Map(context.before.resources.map((resource) => [resource.path, resource.id]))
  const problems = checkPaths(Object.keys(paths).sort(), context)
  const resources = withAncestors(Object.keys(paths)).map((path): Resource => {
    const pointer = context.pointer + pointerTo('paths', path)
    const { methods: _, ...fields } = paths[path] ?? silentPath
    const checked = checkAttachments(fields.plugins, {
      place: 'path',
      pathVariables: pathVariables(path),
      pointer: `${pointer}/plugins`,
      vault: context.vault,
      policies: context.policies,
    })
    problems.push(...checked.problems)
    return {
      ...fields,
      id: known.get(path) ?? context.newId(),
      serviceId: context.serviceId,
      path,
      plugins: checked.attachments,
    }
  })
  return { resources, problems }
}

/** Everything wrong with the paths themselves, each beside those before it. */
function checkPaths(paths: readonly string[], { pointer }: DesignContext): Problem[] {
  const tree = new PathTree()
  return paths.flatMap((path) => {
    const problems = checkPath(path, tree)
    tree.add(path)
    return problems.map(({ message }) => ({ path: pointer + pointerTo('paths', path), message }))
  })
}

function withAncestors(paths: readonly string[]): string[] {
  return [...new Set(['/', ...paths.flatMap((path) => [...ancestors(path), path])])].sort()
}

function readMethods(
  paths: DesignFields['paths'],
  resources: readonly Resource[],
  context: DesignContext,
): { methods: Method[]; problems: Problem[] } {
  const known = new Map(context.before.methods.map(({ resourceId, verb, id }) => [`${verb} ${resourceId}`, id]))
  const problems: Problem[] = []
  const methods = resources.flatMap(({ id: resourceId, path }) =>
    methodsOf(paths[path]).map(([verb, fields]): Method => {
      const pointer = context.pointer + pointerTo('paths', path, 'methods', verb)
      const variables = pathVariables(path)
      const checked = checkAttachments(fields.plugins, {
        place: 'method',
        pathVariables: variables,
        pointer: `${pointer}/plugins`,
        vault: context.vault,
        policies: context.policies,
      })
      problems.push(...checked.problems, ...checkMethodBackend(fields.backend, variables, `${pointer}/backend`))
      const id = known.get(`${verb} ${resourceId}`) ?? context.newId()
      return {
        ...fields,
        id,
        resourceId,
        verb,
        parameters: withRequired(fields.parameters),
        plugins: checked.attachments,
      }
    }),
  )
  return { methods, problems }
}

function methodsOf(path: PathFields | undefined): [Verb, MethodFields][] {
  // The schema lets nothing but verbs in.
  return Object.entries(path?.methods ?? {}) as [Verb, MethodFields][]
}
