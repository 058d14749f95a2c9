import { checkAttachments } from '../design/check-plugins.ts'
import type { Design } from '../design/design.ts'
import { EffectiveBackends, EffectivePlugins } from '../design/effective.ts'
import { pathVariables } from '../design/paths.ts'
import { effectivePolicies } from '../design/policy-references.ts'
import { isMoved } from '../design/running-order.ts'
import { toDraft2020 } from '../lib/json-schema.ts'
import { patternFaults } from '../lib/schema-compiler.ts'
import type { Backend } from '../model/backend.ts'
import { Invalid } from '../model/errors.ts'
import type { Method } from '../model/method.ts'
import type { Policy } from '../model/policy.ts'
import type { Resource } from '../model/resource.ts'
import type { Service } from '../model/service.ts'
import type { Hsts, Stage } from '../model/stage.ts'
import type { PluginDefinition, Problem } from '../plugins/plugin.ts'
import type { PolicyKeys } from '../plugins/policies.ts'
import { type Attachment, backendsOf, findPlugin } from '../plugins/registry.ts'
import { checkTemplate } from '../plugins/variables.ts'
import { backendName, snapshotBackend } from './backend-names.ts'
import type { Snapshot, SnapshotBackend, SnapshotRoute } from './snapshot.ts'

/** What a snapshot is made of. */
export interface CompileInput {
  readonly service: Pick<Service, 'name'>
  readonly stage: Stage
  readonly design: Design
  /** The restriction policies of the service; those that nothing names may be missing. */
  readonly policies?: readonly Policy[]
  /** Domain below which stages get their host names. */
  readonly baseDomain: string
}

/** The stage's own backend, by its name in the snapshot. Those of single nodes have their URLs as name. */
const DEFAULT_BACKEND = 'default'

/**
 * Compiles a stage into its snapshot: everything resolved and in its final order. The same input gives the same snapshot.
 * Throws `Invalid` with all problems of all routes.
 */
export function compile({ service, stage, design, policies = [], baseDomain }: CompileInput): Snapshot {
  const effective = new EffectivePlugins(stage, design.resources)
  const backends = new EffectiveBackends(stage)
  const resources = new Map(design.resources.map((resource) => [resource.id, resource]))
  const keys = new Map(policies.map(({ name, key }) => [name, key]))
  const compiled = design.methods.flatMap((method) => {
    const resource = resources.get(method.resourceId)
    if (resource === undefined) return []
    const plugins = effective.of(resource, method).map(({ attachment }) => attachment)
    return [compileRoute(resource, method, plugins, nameBackend(stage, backends.of(resource, method)), keys)]
  })
  const implied = impliedRoutes(design, effective)
  const unmatched = effective.ofRoot().filter(runsUnmatched)
  const isChecked = compiled.some(({ route }) => route.interface !== undefined)
  const problems = [
    ...compiled.flatMap((route) => route.problems),
    ...(isChecked ? patternProblems(compiled, design) : []),
  ]
  if (problems.length > 0)
    throw new Invalid(`The stage "${stage.name}" of "${service.name}" cannot be deployed.`, summarised(problems))
  const named = effectivePolicies(design, stage)
  const used = policies.filter(({ name }) => named.has(name))
  return {
    format: 1,
    stage: {
      id: stage.id,
      service: service.name,
      name: stage.name,
      hosts: [...hostNames(service, stage, baseDomain), ...stage.domains],
      variables: stage.variables,
      ...(stage.pathPrefix !== null && { prefix: { host: baseDomain, path: stage.pathPrefix } }),
      ...(stage.trailingSlash === 'ignore' && { ignoresTrailingSlash: true }),
      ...(stage.https !== 'optional' && { https: stage.https }),
      ...(stage.hsts !== null && { hsts: hstsValue(stage.hsts) }),
    },
    backends: Object.fromEntries(
      usedBackends(
        stage,
        compiled.map(({ route }) => route),
      ),
    ),
    responses: { ...design.gatewayResponses },
    routes: [...compiled.map(({ route }) => route), ...implied].sort(byPatternAndMethod),
    ...(unmatched.length > 0 && { unmatched }),
    ...(isChecked && { schemas: schemasOf(design) }),
    ...(used.length > 0 && { policies: frozenPolicies(used) }),
  }
}

/** The host names of a stage: SERVICE-STAGE.BASE_DOMAIN, and for the default stage SERVICE.BASE_DOMAIN first. */
export function hostNames(
  service: Pick<Service, 'name'>,
  stage: Pick<Stage, 'name' | 'isDefault'>,
  baseDomain: string,
): string[] {
  const long = `${service.name}-${stage.name}.${baseDomain}`
  return stage.isDefault ? [`${service.name}.${baseDomain}`, long] : [long]
}

/** The field that tells browsers to use HTTPS (RFC 6797, section 6.1). */
function hstsValue({ maxAgeSeconds, includeSubDomains, preload }: Hsts): string {
  return `max-age=${maxAgeSeconds}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`
}

/** OPTIONS on the paths that have no such method, where a plugin answers it. */
function impliedRoutes({ resources, methods }: Design, effective: EffectivePlugins): SnapshotRoute[] {
  const verbs = Map.groupBy(methods, ({ resourceId }) => resourceId)
  return resources.flatMap((resource): SnapshotRoute[] => {
    const own = verbs.get(resource.id) ?? []
    if (own.length === 0 || own.some(({ verb }) => verb === 'OPTIONS' || verb === 'ANY')) return []
    const plugins = effective.of(resource, { verb: 'OPTIONS', plugins: [] }).map(({ attachment }) => attachment)
    if (!plugins.some(answersOptions)) return []
    return [{ id: resource.id, pattern: resource.path, method: 'OPTIONS', plugins, backend: null, isImplied: true }]
  })
}

/** The models in the words of one dialect. */
function schemasOf({ models }: Design): NonNullable<Snapshot['schemas']> {
  return Object.fromEntries(
    models.map(({ name, dialect, schema }) => [name, dialect === '2020-12' ? schema : toDraft2020(schema)]),
  )
}

/** What a method takes, without what is for people. */
function interfaceOf({ parameters, requestBody }: Method): NonNullable<SnapshotRoute['interface']> {
  return {
    parameters: parameters.map(({ description: _, deprecated: __, ...parameter }) => parameter),
    requestBody: requestBody === null ? null : { required: requestBody.required, content: requestBody.content },
  }
}

function needsInterface({ plugin }: Attachment): boolean {
  const definition: PluginDefinition | undefined = findPlugin(plugin)
  return definition?.needsInterface === true
}

function answersOptions({ plugin }: Attachment): boolean {
  const definition: PluginDefinition | undefined = findPlugin(plugin)
  return definition?.answersOptions === true
}

/** Whether a plugin of the stage's root also runs for requests that match no route. */
function runsUnmatched(attachment: Attachment): boolean {
  const definition: PluginDefinition | undefined = findPlugin(attachment.plugin)
  return answersOptions(attachment) || definition?.finishesUnmatched === true
}

/** Policies by name, without what is for people. */
export function frozenPolicies(policies: readonly Policy[]): NonNullable<Snapshot['policies']> {
  return Object.fromEntries(policies.map(({ name, description: _, ...policy }) => [name, policy]))
}

/** The name of a backend in the snapshot; null where there is none. */
function nameBackend(stage: Stage, backend: Backend | null): string | null {
  if (backend === null) return null
  return backend === stage.backend ? DEFAULT_BACKEND : backendName(backend)
}

/** The backends of a stage and of the plugins of its routes, by their names. */
function usedBackends({ backend, overlay }: Stage, routes: readonly SnapshotRoute[]): [string, SnapshotBackend][] {
  const own: [string, Backend][] = backend === null ? [] : [[DEFAULT_BACKEND, backend]]
  const ofNodes = overlay.flatMap((node) => node.backend ?? [])
  // Thousands of routes have the attachment of one node.
  const attachments = new Set(routes.flatMap(({ plugins }) => plugins))
  const ofPlugins = [...attachments].flatMap((attachment) => backendsOf(attachment).map((one) => one.backend))
  const named = new Map([...ofNodes, ...ofPlugins].map((one) => [backendName(one), one]))
  return [...own, ...named].map(([name, one]) => [name, snapshotBackend(one)])
}

function compileRoute(
  resource: Resource,
  method: Method,
  effective: Attachment[],
  backendName: string | null,
  policies: PolicyKeys,
): { route: SnapshotRoute; problems: Problem[] } {
  const { backend } = method
  const variables = pathVariables(resource.path)
  const own: Attachment[] =
    backend.kind === 'mock'
      ? [{ plugin: 'mock', config: { status: backend.status, headers: backend.headers, body: backend.body } }]
      : []
  // A method's own mock takes the place of an inherited one.
  const plugins = [...effective.filter(({ plugin }) => own.length === 0 || plugin !== 'mock'), ...own]
  // Checked again with the variables of this very path: what is right on a stage's root can be wrong on a method.
  const { attachments: checked, problems } = checkAttachments(plugins, {
    place: null,
    pathVariables: variables,
    pointer: '/plugins',
    vault: null,
    policies,
  })
  const attachments = checked.filter((one): one is Attachment => !('off' in one))
  // A mock that answers only sometimes leaves the rest to the backend.
  const isAnswered = plugins.some(({ plugin, when }) => plugin === 'mock' && when === undefined)
  const route: SnapshotRoute = {
    id: method.id,
    pattern: resource.path,
    method: method.verb,
    plugins: attachments.map((one) => (isMoved(one, attachments) ? one : withoutOrder(one))),
    backend:
      isAnswered || backend.kind !== 'http'
        ? null
        : { name: backendName ?? DEFAULT_BACKEND, path: backend.path ?? null },
    ...(attachments.some(needsInterface) && { interface: interfaceOf(method) }),
  }
  const here = [...problems, ...(isAnswered ? [] : backendProblems(backendName, method, variables))]
  return {
    route,
    problems: here.map(({ path, message }) => ({ path, message: `${method.verb} ${resource.path}: ${message}` })),
  }
}

/** An `order` that names a plugin which does not run here says nothing about this route. */
function withoutOrder({ order: _, ...rest }: Attachment): Attachment {
  return rest
}

function backendProblems(name: string | null, { backend }: Method, variables: readonly string[]): Problem[] {
  if (backend.kind !== 'http') return []
  const missing =
    name === null
      ? [{ path: '/backend', message: `the stage has no backend: set one, or give the method a mock backend.` }]
      : []
  return [...missing, ...checkTemplate(backend.path ?? '', '/backend/path', variables)]
}

/** Patterns that the plugin which checks requests could not run. */
function patternProblems(compiled: readonly { readonly route: SnapshotRoute }[], { models }: Design): Problem[] {
  const ofModels = models.flatMap(({ name, schema }) =>
    patternFaults(schema).map(({ path, message }) => ({
      path: `/models/${name}/schema${path}`,
      message: `model ${name}: ${message}`,
    })),
  )
  const ofRoutes = compiled.flatMap(({ route: { method, pattern, interface: own } }) => {
    const schemas = [...(own?.parameters ?? []), ...(own?.requestBody?.content ?? [])].flatMap(({ schema }) =>
      schema === undefined ? [] : [schema],
    )
    return schemas.flatMap((schema) =>
      patternFaults(schema).map(({ path, message }) => ({ path, message: `${method} ${pattern}: ${message}` })),
    )
  })
  return [...ofModels, ...ofRoutes]
}

/** The same mistake on a thousand methods is one mistake: it is told for some of them, with the count of the rest. */
function summarised(problems: readonly Problem[]): Problem[] {
  const MOST = 50
  if (problems.length <= MOST) return [...problems]
  return [...problems.slice(0, MOST), { path: '', message: `… and ${problems.length - MOST} more problems.` }]
}

function byPatternAndMethod(a: SnapshotRoute, b: SnapshotRoute): number {
  if (a.pattern !== b.pattern) return a.pattern < b.pattern ? -1 : 1
  return a.method < b.method ? -1 : 1
}
