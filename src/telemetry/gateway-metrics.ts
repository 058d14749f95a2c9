import { withoutUserInfo } from '../lib/url.ts'
import type { TargetState } from '../model/backend-state.ts'
import { type Family, listed, single } from './metric.ts'

/** What the data plane says of itself at this moment. */
export interface GatewayVitals {
  readonly workers: readonly {
    readonly id: number
    readonly state: string
    readonly restarts: number
    readonly connections: number
    readonly webSockets: number
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
  /** Targets of the backends of what is live. One that several backends have is in each of them. */
  readonly targets: readonly ({
    readonly service: string
    readonly stage: string
    readonly backend: string
  } & TargetState)[]
  readonly plugins: readonly {
    readonly plugin: string
    readonly shadowRefusals: number
    readonly conditionFailures: number
    /** What the plugin itself counts, by what it is called. */
    readonly events: Readonly<Record<string, number>>
  }[]
}

const WORKER_STATES = ['starting', 'ready', 'draining', 'dead']

/** Workers, what is live, keys and limits. */
export function gatewayFamilies(vitals: GatewayVitals): Family[] {
  return [
    ...workerFamilies(vitals),
    ...liveFamilies(vitals),
    ...targetFamilies(vitals),
    ...tableFamilies(vitals),
    ...pluginFamilies(vitals),
  ]
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
      { name: 'turnpike_worker_websockets', help: 'Those of them that carry a WebSocket.', type: 'gauge' },
      workers,
      (one) => [worker(one), one.webSockets],
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

type TargetVitals = GatewayVitals['targets'][number]

function targetFamilies({ targets }: GatewayVitals): Family[] {
  const labelled = targets.map((one): readonly [Record<string, string>, TargetVitals] => [
    // An operator may have put user and password there.
    {
      service: one.service,
      stage: one.stage,
      backend: one.backend,
      target: withoutUserInfo(one.url),
    },
    one,
  ])
  const family = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    value: (one: TargetVitals) => number,
  ): Family =>
    listed({ name: `turnpike_backend_target_${name}`, help, type }, labelled, ([labels, one]) => [labels, value(one)])
  return [
    family(
      'gauge',
      'up',
      'Whether a target is sent requests: 0 where checks or failures have taken it out.',
      ({ state }) => (state === 'healthy' || state === 'unchecked' ? 1 : 0),
    ),
    family('gauge', 'connections', 'Open connections to a target.', (one) => one.connections),
    family('gauge', 'requests_under_way', 'Requests that a target is answering.', (one) => one.underWay),
    family(
      'gauge',
      'waiting_requests',
      'Requests that wait for a target with as many as it may have.',
      (one) => one.waiting,
    ),
    family('counter', 'requests', 'Requests that were sent to a target.', (one) => one.requests),
    family(
      'counter',
      'failures',
      'Those of them that were not answered as they should have been.',
      (one) => one.failures,
    ),
    family(
      'counter',
      'refused_requests',
      'Requests that found no place to wait for a target, or waited too long.',
      (one) => one.refused,
    ),
    family('counter', 'ejections', 'How often failures of requests have taken a target out.', (one) => one.ejections),
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

function pluginFamilies({ plugins }: GatewayVitals): Family[] {
  return [
    listed(
      {
        name: 'turnpike_plugin_shadow_refusals',
        help: 'Requests that a plugin would have refused, were it not in shadow.',
        type: 'counter',
      },
      plugins,
      ({ plugin, shadowRefusals }) => [{ plugin }, shadowRefusals],
    ),
    listed(
      {
        name: 'turnpike_plugin_condition_failures',
        help: 'Requests for which the condition of a plugin failed, so that it ran.',
        type: 'counter',
      },
      plugins,
      ({ plugin, conditionFailures }) => [{ plugin }, conditionFailures],
    ),
    listed(
      {
        name: 'turnpike_plugin_events',
        help: 'What plugins themselves count, such as tries of retry or openings of circuit-breaker.',
        type: 'counter',
      },
      plugins.flatMap(({ plugin, events }) =>
        Object.entries(events).map(([event, count]) => ({ plugin, event, count })),
      ),
      ({ plugin, event, count }) => [{ plugin, event }, count],
    ),
  ]
}
