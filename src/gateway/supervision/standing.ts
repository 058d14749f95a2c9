import type { LogService } from '../access-log/log-service.ts'
import type { BackendStates } from '../backend/backend-states.ts'
import type { KeyRegistry } from '../keys/key-registry.ts'
import type { SharedLimits } from '../limits/shared-limits.ts'
import type { PluginCounters } from '../plugin-counters.ts'
import type { TotalsOfRoutes } from '../route-totals.ts'
import type { LiveStages } from './live-stages.ts'
import type { WorkerThreads } from './worker-threads.ts'

/** How the data plane does, put together when somebody asks. */

/** What it is put together from. */
export interface StandingParts {
  readonly threads: WorkerThreads
  readonly stages: LiveStages
  readonly keys: KeyRegistry
  readonly targets: BackendStates
  readonly logs: LogService
  readonly limits: SharedLimits
  readonly routeTotals: TotalsOfRoutes
  readonly pluginCounts: PluginCounters
}

/** Workers, what is live, and the counts since the process started. */
export function statusOf({ threads, stages, logs, routeTotals, pluginCounts }: Omit<StandingParts, 'limits'>) {
  const workers = threads.all
  const routes = Object.fromEntries(
    [...routeTotals.entries()].map(([id, totals]) => [id, { ...totals, plugins: pluginCounts.of(id) }]),
  )
  return {
    memory: memory(),
    workers: workers.map(({ underWay: _, activeMs: __, startedAt, ...worker }) => ({
      ...worker,
      pid: process.pid,
      startedAt: startedAt.toISOString(),
    })),
    snapshots: stages.all.map(({ hash, snapshot: { stage, routes: all } }) => ({
      stageId: stage.id,
      service: stage.service,
      stage: stage.name,
      hash,
      routes: all.length,
      hosts: [...stage.hosts],
      prefix: stage.prefix?.path ?? null,
      backends: stages.backends(stage.id),
      canary: stages.canaryOf(stage.id),
    })),
    requests: workers.reduce((sum, { requests }) => sum + requests, 0),
    routes,
    accessLogs: logs.status(),
  }
}

/** What there is to measure at this moment, beside traffic. */
export function vitalsOf({ threads, stages, keys, targets, logs, limits, pluginCounts }: StandingParts) {
  const live = stages.all
  return {
    workers: threads.all.map(({ startedAt: _, ...worker }) => worker),
    deployments: stages.deployments,
    keys: { size: keys.size, capacity: keys.capacity, plans: keys.planValues.length },
    limits: limits.fill,
    live: live.map(({ hash, snapshot: { stage, routes } }) => ({
      service: stage.service,
      stage: stage.name,
      hash,
      routes: routes.length,
    })),
    plugins: pluginCounts.byPlugin(),
    accessLogs: logs.status(),
    targets: live.flatMap(({ snapshot: { stage, backends } }) =>
      targets
        .of(backends)
        .flatMap(({ name: backend, targets: all }) =>
          all.map((state) => ({ service: stage.service, stage: stage.name, backend, ...state })),
        ),
    ),
  }
}

/** Memory of the process: all of it, and the part of the main thread's JavaScript heap that is in use. */
function memory() {
  const { rss: residentBytes, heapUsed: heapUsedBytes } = process.memoryUsage()
  return { residentBytes, heapUsedBytes }
}
