import { type Family, listed, single } from './metric.ts'

/** What the data plane says of itself at this moment. */
export interface GatewayVitals {
  readonly workers: readonly {
    readonly id: number
    readonly state: string
    readonly restarts: number
    readonly connections: number
    readonly underWay: number
    readonly requests: number
    readonly heapUsedBytes: number
    /** How long its event loop has not been idle. */
    readonly activeMs: number
  }[]
  readonly deployments: { readonly complete: number; readonly failed: number }
  readonly keys: { readonly size: number; readonly capacity: number; readonly plans: number }
  readonly limits: {
    /** From 0 to 1: how full the table is that rates are counted in. */
    readonly fill: number
    readonly evictions: number
  }
  readonly live: readonly {
    readonly service: string
    readonly stage: string
    readonly hash: string
    readonly routes: number
  }[]
  readonly pluginEvents: readonly {
    readonly plugin: string
    readonly shadowRefusals: number
    readonly conditionFailures: number
  }[]
}

const WORKER_STATES = ['starting', 'ready', 'draining', 'dead']

/** Workers, what is live, keys and limits. */
export function gatewayFamilies(vitals: GatewayVitals): Family[] {
  return [...workerFamilies(vitals), ...liveFamilies(vitals), ...tableFamilies(vitals), ...pluginFamilies(vitals)]
}

function workerFamilies({ workers }: GatewayVitals): Family[] {
  const worker = ({ id }: { id: number }) => ({ worker: String(id) })
  return [
    listed({ name: 'turnpike_workers', help: 'Gateway workers, by state.', type: 'gauge' }, WORKER_STATES, (state) => [
      { state },
      workers.filter((one) => one.state === state).length,
    ]),
    listed(
      {
        name: 'turnpike_worker_restarts',
        help: 'How often a worker that had ended was started again.',
        type: 'counter',
      },
      workers,
      (one) => [worker(one), one.restarts],
    ),
    listed(
      { name: 'turnpike_worker_requests', help: 'Requests that a worker has begun with.', type: 'counter' },
      workers,
      (one) => [worker(one), one.requests],
    ),
    listed(
      { name: 'turnpike_worker_requests_under_way', help: 'Requests that are not over yet.', type: 'gauge' },
      workers,
      (one) => [worker(one), one.underWay],
    ),
    listed(
      { name: 'turnpike_worker_connections', help: 'Open connections of clients.', type: 'gauge' },
      workers,
      (one) => [worker(one), one.connections],
    ),
    listed(
      {
        name: 'turnpike_worker_heap_used_bytes',
        help: "JavaScript heap of a worker's thread that is in use.",
        type: 'gauge',
        unit: 'bytes',
      },
      workers,
      (one) => [worker(one), one.heapUsedBytes],
    ),
    listed(
      {
        name: 'turnpike_worker_active_seconds',
        help: "How long a worker's event loop has not been idle: its rate is the share of a core that the worker is busy.",
        type: 'counter',
        unit: 'seconds',
      },
      workers,
      (one) => [worker(one), one.activeMs / 1_000],
    ),
  ]
}

function liveFamilies({ live, deployments }: GatewayVitals): Family[] {
  return [
    listed(
      {
        name: 'turnpike_live_deployment_info',
        help: 'What each stage runs: the hash names the deployment. Always 1.',
        type: 'gauge',
      },
      live,
      ({ service, stage, hash }) => [{ service, stage, hash }, 1],
    ),
    listed(
      { name: 'turnpike_live_routes', help: 'Routes of what a stage runs.', type: 'gauge' },
      live,
      ({ service, stage, routes }) => [{ service, stage }, routes],
    ),
    listed(
      {
        name: 'turnpike_deployments',
        help: 'Deployments and roll-backs since the program started, by what became of them.',
        type: 'counter',
      },
      Object.entries(deployments),
      ([outcome, count]) => [{ outcome }, count],
    ),
  ]
}

function tableFamilies({ keys, limits }: GatewayVitals): Family[] {
  return [
    single({ name: 'turnpike_api_keys', help: 'API keys that the gateway knows.', type: 'gauge' }, keys.size),
    single({ name: 'turnpike_api_keys_max', help: 'API keys that there is room for.', type: 'gauge' }, keys.capacity),
    single({ name: 'turnpike_usage_plans', help: 'Usage plans that the gateway knows.', type: 'gauge' }, keys.plans),
    single(
      {
        name: 'turnpike_limit_table_fill_ratio',
        help: 'How full the table is that rates are counted in, from 0 to 1; estimated of a sample.',
        type: 'gauge',
      },
      limits.fill,
    ),
    single(
      {
        name: 'turnpike_limit_table_evictions',
        help: 'How often a key lost what it had used of its rate, because there were more keys at once than places.',
        type: 'counter',
      },
      limits.evictions,
    ),
  ]
}

function pluginFamilies({ pluginEvents }: GatewayVitals): Family[] {
  return [
    listed(
      {
        name: 'turnpike_plugin_shadow_refusals',
        help: 'Requests that a plugin would have refused, were it not in shadow.',
        type: 'counter',
      },
      pluginEvents,
      ({ plugin, shadowRefusals }) => [{ plugin }, shadowRefusals],
    ),
    listed(
      {
        name: 'turnpike_plugin_condition_failures',
        help: 'Requests for which the condition of a plugin failed, so that it ran.',
        type: 'counter',
      },
      pluginEvents,
      ({ plugin, conditionFailures }) => [{ plugin }, conditionFailures],
    ),
  ]
}
