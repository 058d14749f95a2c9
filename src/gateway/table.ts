import type { Template } from '../lib/template.ts'
import type { Exchange, Handlers, PluginDefinition, PluginEnv, ResponseBodyHandler } from '../plugins/plugin.ts'
import { type Attachment, findPlugin } from '../plugins/registry.ts'
import { reveal } from '../plugins/secret.ts'
import { compilePath } from '../plugins/variables.ts'
import type { Snapshot, SnapshotRoute, SnapshotStage } from '../snapshot/snapshot.ts'
import { type Backend, createBackend } from './backend/balancer.ts'
import type { Pools } from './backend/pool.ts'
import { RouteCounters } from './counters.ts'
import type { LoadEnv } from './plugin-env.ts'
import { type CompiledResponses, compileResponses } from './responses.ts'
import { Router } from './router.ts'
import { withRequestBody } from './whole-body.ts'

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
  /** In running order: the reverse of the plugins. */
  readonly responseHandlers: readonly ResponseHandler[] | null
  readonly finishHandlers: readonly FinishHandler[] | null
  /** In running order, as `responseHandlers`. */
  readonly responseBodyHandlers: readonly ResponseBodyHandler[] | null
  readonly backend: RouteBackend | null
  readonly isImplied: boolean
  /** Of an implied route: what runs on answers that its path does not have a method. */
  readonly unmatched: Route | null
}

/** Where a route's requests go. `path` is null for the request's own path. */
export interface RouteBackend {
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
  readonly counters: RouteCounters
  readonly responses: CompiledResponses
  /** URLs of all targets. */
  readonly targets: readonly string[]
}

/** Makes a snapshot ready to run. Throws if a plugin refuses its settings: then what ran before must go on. */
export function buildStage(hash: string, snapshot: Snapshot, pools: Pools, env: LoadEnv): StageTable {
  const backends = new Map(
    Object.entries(snapshot.backends).map(([name, backend]) => [name, createBackend(backend, pools)]),
  )
  const routes = snapshot.routes.map((route, i) => buildRoute(route, i + 1, backends, env))
  return {
    hash,
    stage: snapshot.stage,
    router: new Router(routes),
    unmatched: buildUnmatched(snapshot.unmatched ?? [], env),
    counters: new RouteCounters(routes.map((route) => route.id)),
    // Snapshots of before there were any have none.
    responses: compileResponses(snapshot.responses ?? {}),
    targets: Object.values(snapshot.backends).flatMap(({ targets }) => targets),
  }
}

function buildRoute(route: SnapshotRoute, index: number, backends: ReadonlyMap<string, Backend>, env: LoadEnv): Route {
  const handlers = route.plugins.map((attachment) => createHandlers(attachment, env))
  return {
    index,
    id: route.id,
    pattern: route.pattern,
    method: route.method,
    variableNames: [...route.pattern.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? ''),
    requestHandlers: orNull(handlers.flatMap(({ onRequest }) => onRequest ?? [])),
    responseHandlers: orNull(handlers.flatMap(({ onResponse }) => onResponse ?? []).reverse()),
    finishHandlers: orNull(handlers.flatMap(({ onFinish }) => onFinish ?? [])),
    responseBodyHandlers: orNull(handlers.flatMap(({ responseBody }) => responseBody ?? []).reverse()),
    backend: buildRouteBackend(route, backends),
    isImplied: route.isImplied === true,
    unmatched: route.isImplied === true ? buildUnmatched(route.plugins, env) : null,
  }
}

/** A route that only ever sees answers, by the plugins that are made for it: the others rely on having seen the request. */
function buildUnmatched(given: readonly Attachment[], env: LoadEnv): Route | null {
  const plugins = given.filter(({ plugin }) => {
    const definition: PluginDefinition | undefined = findPlugin(plugin)
    return definition?.answersOptions === true
  })
  if (plugins.length === 0) return null
  const route = { id: '', pattern: '', method: '', plugins, backend: null }
  return { ...buildRoute(route, 0, new Map(), env), requestHandlers: null, finishHandlers: null }
}

/** Makes the handlers of one plugin of a snapshot. Throws if there is no such plugin, or it refuses its settings. */
export function createHandlers({ plugin: name, config }: Attachment, env: LoadEnv): Handlers {
  const plugin = findPlugin(name)
  if (plugin === undefined) throw new Error(`the snapshot names the plugin "${name}", which this gateway does not have`)
  // The snapshot holds the settings of this very plugin: design/check-plugins.ts has checked them against its schema.
  const handlers = (plugin.create as (config: unknown, env: PluginEnv) => Handlers)(
    reveal<unknown>(config, plugin.config, env.vault),
    env,
  )
  const { onRequest, requestBodyBytes } = handlers
  if (onRequest === undefined || requestBodyBytes === undefined) return handlers
  return { ...handlers, onRequest: withRequestBody(onRequest, requestBodyBytes) }
}

/** Makes a route's backend of those of its snapshot. */
export function buildRouteBackend(
  { id, backend }: SnapshotRoute,
  backends: ReadonlyMap<string, Backend>,
): RouteBackend | null {
  if (backend === null) return null
  const found = backends.get(backend.name)
  if (found === undefined)
    throw new Error(`route ${id} names the backend "${backend.name}", which the snapshot does not have`)
  return { backend: found, path: backend.path === null ? null : compilePath(backend.path) }
}

function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list
}

/** All stages of a worker by host name. A new value replaces it whole; requests under way keep the one that they began on. */
export class HostTable {
  private readonly byHost: ReadonlyMap<string, StageTable>
  readonly stages: readonly StageTable[]

  constructor(stages: readonly StageTable[]) {
    this.stages = stages
    this.byHost = new Map(stages.flatMap((table) => table.stage.hosts.map((host) => [host, table] as const)))
  }

  /** The stage that serves a host (lower case, without port), or undefined. */
  find(host: string): StageTable | undefined {
    return this.byHost.get(host)
  }

  /** This table with one stage replaced or added. */
  with(table: StageTable): HostTable {
    return new HostTable([...this.stages.filter(({ stage }) => stage.id !== table.stage.id), table])
  }

  /** This table without one stage. */
  without(stageId: string): HostTable {
    return new HostTable(this.stages.filter(({ stage }) => stage.id !== stageId))
  }
}
