import type { Template } from '../lib/template.ts'
import type {
  BackendRef,
  Exchange,
  Handlers,
  PluginDefinition,
  ResponseBodyHandler,
  ResponseCodingHandler,
  RouteInterface,
} from '../plugins/plugin.ts'
import { type Attachment, findPlugin } from '../plugins/registry.ts'
import { compilePath } from '../plugins/variables.ts'
import type { Snapshot, SnapshotRoute, SnapshotStage } from '../snapshot/snapshot.ts'
import { type AttachmentWatch, readyPlugin } from './attachment.ts'
import { type Backend, createBackend } from './backend/balancer.ts'
import type { Pools } from './backend/pool.ts'
import { targetKey, targetsOf } from './backend/target.ts'
import type { Canary, SideCounts } from './canary.ts'
import { credentialPlaces } from './credential-places.ts'
import type { Notices } from './notices.ts'
import { PluginCounters } from './plugin-counters.ts'
import type { LoadEnv } from './plugin-env.ts'
import { LoadedPolicies } from './policies.ts'
import type { RecordedKind } from './recent/kinds.ts'
import { type CompiledResponses, compileResponses } from './responses.ts'
import { Router } from './router.ts'
import { SplitSeries } from './split-series.ts'
import { KeySeries, Series } from './traffic-recorder.ts'

/** Snapshots made ready to run: everything that can be decided before a request comes is decided here. */

type RequestHandler = NonNullable<Handlers['onRequest']>
type ResponseHandler = NonNullable<Handlers['onResponse']>
type FinishHandler = NonNullable<Handlers['onFinish']>

/** A route ready to run. `null` stands for "nothing to do", so that the request path asks one question. */
export interface Route {
  /** Its place in the counters; 0 stands for requests that match no route. */
  readonly index: number
  readonly id: string
  readonly pattern: string
  readonly method: string
  readonly variableNames: readonly string[]
  readonly requestHandlers: readonly RequestHandler[] | null
  /** The plugins of `requestHandlers`, by the same places. */
  readonly requestPlugins: readonly string[]
  /** In running order: the reverse of the plugins. */
  readonly responseHandlers: readonly ResponseHandler[] | null
  /** The plugins of `responseHandlers`, by the same places. */
  readonly responsePlugins: readonly string[]
  readonly finishHandlers: readonly FinishHandler[] | null
  /** In running order, as `responseHandlers`. */
  readonly responseBodyHandlers: readonly ResponseBodyHandler[] | null
  readonly responseCoding: ResponseCodingHandler | null
  readonly backend: RouteBackend | null
  readonly isImplied: boolean
  /** The kinds of its requests that have come, for those that come again. */
  readonly kinds: RecordedKind[]
  /** Of an implied route: what runs on answers that its path does not have a method. */
  readonly unmatched: Route | null
}

/** Where a route's requests go. `path` is null for the request's own path. */
export interface RouteBackend extends BackendRef {
  readonly backend: Backend
  readonly path: Template<Exchange> | null
}

/** A stage ready to serve. */
export interface StageTable {
  readonly hash: string
  readonly stage: SnapshotStage
  readonly router: Router<Route>
  /** What runs on answers to requests that match no route; null for nothing. */
  readonly unmatched: Route | null
  /** The same for methods that a path does not have, where its routes say nothing of them. */
  readonly otherMethods: Route | null
  /** What is counted, by the index of the route. */
  readonly series: readonly Series[]
  readonly keySeries: KeySeries
  readonly splitSeries: SplitSeries
  /** Counts all of its requests where the stage runs two deployments, to tell them apart; else null. */
  readonly deploymentSeries: Series | null
  readonly pluginCounters: PluginCounters
  readonly responses: CompiledResponses
  /** Query parameters that plugins of the stage read credentials from. */
  readonly credentialNames: ReadonlySet<string>
  /** The deployment that serves a share of the callers in its place; null for none. */
  readonly canary: Canary | null
  /** Counts for the comparison with the other deployment, while a canary runs. */
  readonly side: SideCounts | null
  /** What its targets are called among the pools. */
  readonly targets: readonly string[]
  /** The authorities, in PEM, by which plugins of the stage know clients. */
  readonly authorities: readonly string[]
  /** The sinks of logs that its plugins write to. */
  readonly sinks: ReadonlySet<string>
}

/** Makes a snapshot ready to run. Throws if a plugin refuses its settings: then what ran before must go on. */
export function buildStage(hash: string, snapshot: Snapshot, pools: Pools, env: LoadEnv, notices: Notices): StageTable {
  const backends = new Map(
    Object.entries(snapshot.backends).map(([name, backend]) => [name, createBackend(backend, pools)]),
  )
  const pluginCounters = new PluginCounters()
  const watch = watchAttachments(snapshot.stage, pluginCounters, notices)
  const { id: stageId, service, name } = snapshot.stage
  const logs = env.logsFor()
  const inStage = {
    ...env,
    scope: { stageId, routeId: '', service, stage: name, deployment: hash, pattern: '' },
    credentials: credentialPlaces(snapshot),
    logs,
    keys: env.keysOf(stageId),
    policies: new LoadedPolicies(snapshot.policies ?? {}),
  }
  // One value for all routes, by which plugins know what they share.
  const { schemas = {} } = snapshot
  const always = hstsHandler(snapshot.stage.hsts)
  const routes = snapshot.routes.map((route, i) =>
    buildRoute(route, i + 1, backends, inStage, watch, { schemas, always }),
  )
  const unmatched = buildUnmatched(snapshot.unmatched ?? [], inStage, watch)
  return {
    hash,
    stage: snapshot.stage,
    router: new Router(routes),
    unmatched,
    otherMethods: onlyFinishing(unmatched),
    series: ['', ...routes.map((route) => route.id)].map((id) => new Series(stageId, 'route', id)),
    keySeries: new KeySeries(stageId),
    splitSeries: new SplitSeries(stageId),
    deploymentSeries: null,
    pluginCounters,
    // Snapshots of before there were any have none.
    responses: compileResponses(snapshot.responses ?? {}),
    credentialNames: new Set(inStage.credentials.query),
    canary: null,
    side: null,
    targets: Object.values(snapshot.backends).flatMap((backend) => targetsOf(backend).map(targetKey)),
    authorities: authoritiesOf(snapshot),
    sinks: logs.keys,
  }
}

/** What the plugins of all routes say of it, each text once. */
function authoritiesOf({ routes }: Snapshot): string[] {
  const all = routes.flatMap(({ plugins }) =>
    plugins.flatMap(({ plugin, config }) => {
      const definition: PluginDefinition | undefined = findPlugin(plugin)
      return definition?.authoritiesOf?.(config) ?? []
    }),
  )
  return [...new Set(all)].sort()
}

function buildRoute(
  route: SnapshotRoute,
  index: number,
  backends: ReadonlyMap<string, Backend>,
  env: LoadEnv,
  watch: AttachmentWatch,
  {
    schemas = {},
    isWanted = () => true,
    always = null,
  }: {
    schemas?: RouteInterface['schemas']
    isWanted?: (attachment: Attachment) => boolean
    always?: ResponseHandler | null
  } = {},
): Route {
  const method = route.interface && { ...route.interface, schemas }
  const inRoute = inRouteOf(route, backends, env)
  // A plugin keeps its place among all of its list: by that a request remembers what was decided about it.
  const ready = route.plugins.flatMap((attachment, place) =>
    isWanted(attachment) ? { ...readyPlugin(attachment, place, inRoute, watch, method), attachment } : [],
  )
  const handlers = ready.map((one) => one.handlers)
  return {
    index,
    id: route.id,
    pattern: route.pattern,
    method: route.method,
    variableNames: [...route.pattern.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? ''),
    requestHandlers: orNull(handlers.flatMap(({ onRequest }) => onRequest ?? [])),
    requestPlugins: ready.flatMap(({ handlers: { onRequest }, attachment: { plugin } }) => (onRequest ? plugin : [])),
    responseHandlers: orNull([
      ...handlers.flatMap(({ onResponse }) => onResponse ?? []).reverse(),
      ...(always === null ? [] : [always]),
    ]),
    responsePlugins: ready
      .flatMap(({ handlers: { onResponse }, attachment: { plugin } }) => (onResponse ? plugin : []))
      .reverse(),
    finishHandlers: orNull(handlers.flatMap(({ onFinish }) => onFinish ?? [])),
    responseBodyHandlers: orNull(handlers.flatMap(({ responseBody }) => responseBody ?? []).reverse()),
    responseCoding: handlers.flatMap(({ responseCoding }) => responseCoding ?? [])[0] ?? null,
    backend: buildRouteBackend(route, backends),
    isImplied: route.isImplied === true,
    kinds: [],
    unmatched: route.isImplied === true ? buildUnmatched(route.plugins, env, watch) : null,
  }
}

/** What plugins of a route are given. */
export function inRouteOf(route: SnapshotRoute, backends: ReadonlyMap<string, Backend>, env: LoadEnv): LoadEnv {
  const { id, backend: own } = route
  return {
    ...env,
    scope: { ...env.scope, routeId: id, pattern: route.pattern },
    routeBackend(given, path = own?.path ?? undefined) {
      const name = given ?? own?.name
      return name === undefined ? null : buildRouteBackend({ id, backend: { name, path: path ?? null } }, backends)
    },
  }
}

/** A route that only ever sees answers, by the plugins that are made for it: the others rely on having seen the request. */
function buildUnmatched(plugins: readonly Attachment[], env: LoadEnv, watch: AttachmentWatch): Route | null {
  const isMade = ({ plugin }: Attachment) => {
    const definition: PluginDefinition | undefined = findPlugin(plugin)
    return definition?.answersOptions === true || definition?.finishesUnmatched === true
  }
  if (!plugins.some(isMade)) return null
  const route = { id: '', pattern: '', method: '', plugins, backend: null }
  return {
    ...buildRoute(route, 0, new Map(), env, watch, { isWanted: isMade }),
    requestHandlers: null,
    requestPlugins: [],
  }
}

/** What tells browsers to use HTTPS in answers of backends, as `answer.ts` does in our own; null where the stage says nothing of it. */
function hstsHandler(value: string | undefined): ResponseHandler | null {
  if (value === undefined) return null
  return (x) => {
    if (x.request.scheme === 'https') x.response.headers.set('Strict-Transport-Security', value)
  }
}

/** The same route for answers that no plugin may change. */
function onlyFinishing(route: Route | null): Route | null {
  if (route === null || route.finishHandlers === null) return null
  return { ...route, responseHandlers: null, responseBodyHandlers: null }
}

/** Counts what plugins did that nobody sees, and has it told. */
function watchAttachments(
  { service, name }: SnapshotStage,
  counters: PluginCounters,
  notices: Notices,
): AttachmentWatch {
  const tell = ({ route }: Exchange, plugin: string, kind: string, message: string) =>
    notices.say(
      `${kind} ${route.id} ${plugin}`,
      `${service}/${name}, ${route.method} ${route.pattern}, plugin ${plugin}: ${message}`,
    )
  return {
    wouldRefuse(x, plugin, reason) {
      counters.add(x.route.id, plugin, { shadowRefusals: 1 })
      tell(x, plugin, 'shadow', `in shadow it would have refused request ${x.id}: ${reason}`)
    },
    conditionFailed(x, plugin, reason) {
      counters.add(x.route.id, plugin, { conditionFailures: 1 })
      tell(x, plugin, 'condition', `its condition failed for request ${x.id}, so it ran: ${reason}`)
    },
    happened: (routeId, plugin, event) => counters.count(routeId, plugin, event),
  }
}

/** Makes a route's backend of those of its snapshot. */
export function buildRouteBackend(
  { id, backend }: Pick<SnapshotRoute, 'id' | 'backend'>,
  backends: ReadonlyMap<string, Backend>,
): RouteBackend | null {
  if (backend === null) return null
  const found = backends.get(backend.name)
  if (found === undefined)
    throw new Error(`route ${id} names the backend "${backend.name}", which the snapshot does not have`)
  return { name: backend.name, backend: found, path: backend.path === null ? null : compilePath(backend.path) }
}

function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list
}

/** All stages of a worker by host name. A new value replaces it whole; requests under way keep the one that they began on. */
export class HostTable {
  private readonly byHost: ReadonlyMap<string, StageTable>
  /** By host, the stages that are served under a path of it; the longest path first. */
  private readonly byPrefix: ReadonlyMap<string, readonly StageTable[]>
  /** By host, the authorities whose certificates its clients are asked for; only of hosts that ask. */
  private readonly authorities: ReadonlyMap<string, readonly string[]>
  readonly stages: readonly StageTable[]

  constructor(stages: readonly StageTable[]) {
    this.stages = stages
    this.authorities = authoritiesByHost(stages)
    const withPrefix = stages.filter(({ stage }) => stage.prefix !== undefined)
    this.byPrefix = Map.groupBy(
      withPrefix.toSorted((a, b) => prefixLength(b) - prefixLength(a)),
      ({ stage }) => stage.prefix?.host ?? '',
    )
    this.byHost = new Map(stages.flatMap((table) => table.stage.hosts.map((host) => [host, table] as const)))
  }

  /** The stage that serves a canonical path of a host which no stage has for itself; undefined for none. */
  findByPrefix(host: string, path: string): StageTable | undefined {
    return this.byPrefix.get(host)?.find(({ stage: { prefix } }) => prefix !== undefined && isWithin(path, prefix.path))
  }

  /** The authorities, in PEM, of which clients of a host are asked for a certificate; none for a host that does not ask. */
  authoritiesOf(host: string): readonly string[] {
    return this.authorities.get(host) ?? NONE
  }

  /** Whether any stage is served under a host. */
  isServed(host: string): boolean {
    return this.byHost.has(host) || this.byPrefix.has(host)
  }

  /** The stage that serves a host (lower case, without port), or undefined. */
  find(host: string): StageTable | undefined {
    return this.byHost.get(host)
  }

  /** This table with one stage replaced or added. */
  with(table: StageTable): HostTable {
    return new HostTable([...this.stages.filter(({ stage }) => stage.id !== table.stage.id), table])
  }

  /** The tables of all stages, those of canaries among them. */
  get tables(): StageTable[] {
    return this.stages.flatMap((table) => (table.canary === null ? table : [table, table.canary.table]))
  }

  /** The live table of a stage. */
  ofStage(stageId: string): StageTable | undefined {
    return this.stages.find(({ stage }) => stage.id === stageId)
  }

  /** This table without one stage. */
  without(stageId: string): HostTable {
    return new HostTable(this.stages.filter(({ stage }) => stage.id !== stageId))
  }
}

const NONE: readonly string[] = []

function authoritiesByHost(stages: readonly StageTable[]): Map<string, readonly string[]> {
  const byHost = new Map<string, readonly string[]>()
  for (const { stage, authorities } of stages) {
    if (authorities.length === 0) continue
    for (const host of [...stage.hosts, ...(stage.prefix === undefined ? [] : [stage.prefix.host])])
      byHost.set(host, [...new Set([...(byHost.get(host) ?? []), ...authorities])].sort())
  }
  return byHost
}

function prefixLength({ stage }: StageTable): number {
  return stage.prefix?.path.length ?? 0
}

function isWithin(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')
}
