import { type Static, Type } from '#bundles/typebox'
import { GRPC_FAILURES, GRPC_FAILURES_TEXT, GrpcStatuses, grpcCodesOf } from './grpc-statuses.ts'
import {
  type BreakerPlan,
  type BreakerRule,
  type BreakerState,
  definePlugin,
  type Exchange,
  type PluginEnv,
} from './plugin.ts'

const Percent = (title: string, description: string, extra: object) =>
  Type.Integer({ title, description, minimum: 1, maximum: 100, ...extra })

const Settings = Type.Object(
  {
    per: Type.Enum(['route', 'backend'], {
      title: 'Per',
      description:
        '`route`: each method of each path has a breaker of its own. `backend`: all methods of the stage that go to the same backend and have the same settings share one.',
      default: 'route',
      examples: ['backend'],
    }),
    window: Type.Integer({
      title: 'Window',
      description: 'Seconds that it looks back.',
      minimum: 1,
      maximum: 60,
      default: 10,
      examples: [30],
    }),
    minimumCalls: Type.Integer({
      title: 'Least calls',
      description: 'With fewer calls in the window it does not open.',
      minimum: 1,
      maximum: 100_000,
      default: 20,
      examples: [50],
    }),
    failurePercent: Percent('Failures', 'Percent of the calls that must have failed.', {
      default: 50,
      examples: [30],
    }),
    statuses: Type.Array(Type.Integer({ minimum: 400, maximum: 599 }), {
      title: 'Statuses',
      description: 'Answers that are failures.',
      uniqueItems: true,
      maxItems: 50,
      default: [500, 502, 503, 504],
      examples: [[503]],
    }),
    grpcStatuses: Type.Optional(
      GrpcStatuses('Statuses of gRPC', `Those that are failures of a call of gRPC. Left out: ${GRPC_FAILURES_TEXT}.`),
    ),
    slow: Type.Optional(
      Type.Number({
        title: 'Slow',
        description: 'Seconds without an answer from which on a call is slow. Left out: slowness does not matter.',
        minimum: 0.1,
        maximum: 600,
        examples: [2],
      }),
    ),
    slowPercent: Percent('Slow calls', 'Percent of the calls that must be slow.', { default: 50, examples: [80] }),
    open: Type.Integer({
      title: 'Open',
      description: 'Seconds that it stays open.',
      minimum: 1,
      maximum: 3_600,
      default: 10,
      examples: [30],
    }),
    trialCalls: Type.Integer({
      title: 'Trial calls',
      description: 'How many requests try whether it can close, when it is half-open.',
      minimum: 1,
      maximum: 100,
      default: 3,
      examples: [5],
    }),
  },
  { additionalProperties: false },
)
type Settings = Static<typeof Settings>

export const circuitBreaker = definePlugin({
  name: 'circuit-breaker',
  summary: 'Stops requests to a backend that fails or is slow, for a while.',
  docs: `The breaker looks at the calls of the last \`window\` seconds. When so many percent of them have failed, or were slow, it opens: for \`open\` seconds requests are answered at once with 503 \`backend-unavailable\` and \`Retry-After\`, and the backend hears nothing of them. Then it is half-open: \`trialCalls\` requests may try. If all of them go well it closes, and begins to count anew; if one does not, it is open again. See the guide [Backends that fail](../guides/resilience.md).

A call has failed when no connection could be made, it broke off before the answer, the answer came too late or was no HTTP, or has one of \`statuses\`. A call of gRPC has failed when its \`grpc-status\` is one of \`grpcStatuses\`, in the head of the answer or behind it, or when its answer ends without one; where the answer has begun well, a half-open breaker does not wait for its end. It is slow when there is no answer after \`slow\` seconds: it counts from that moment on, so that a backend which hangs opens the breaker before the first request has given up. Clients that go away say nothing about the backend.

With the \`retry\` plugin each try is a call of its own, and an open breaker ends the tries.

The state is one for all workers of a node, and kept through deployments as long as the settings stay the same. The window slides by a tenth of itself. With \`traffic-split\` each side has a state of its own.

What a breaker has done is in \`GET /status\` (\`events\` of the plugin: \`refused\`, \`opened\`, \`closed\`), and how it stands in the explanation of a request.`,
  phase: 'backend',
  attach: ['stage', 'path', 'method'],
  config: Settings,
  example: { window: 10, minimumCalls: 20, failurePercent: 50, slow: 2, open: 10 },

  create(config, env) {
    const planFor = planMaker(config, env)
    const own = env.backend(null)
    const plans = new Map<string, BreakerPlan>()
    const planOf = ({ split, sendTo }: Exchange) => {
      const key = config.per === 'route' ? (split ?? '') : ((sendTo ?? own)?.name ?? '')
      const known = plans.get(key)
      if (known !== undefined) return known
      const plan = planFor(key)
      plans.set(key, plan)
      return plan
    }
    return {
      onRequest(x) {
        x.breaker = planOf(x)
      },
      describe: (x) => [stateText(planOf(x).breaker.state(), config.window)],
    }
  },
})

/** Makes the plan for what has a breaker of its own: a side of a split, or a backend. */
function planMaker(config: Settings, { limits, scope, count }: PluginEnv): (key: string) => BreakerPlan {
  const { per, slow, slowPercent } = config
  // Only those with the same idea of a failure can share what they have seen.
  const { grpcStatuses = GRPC_FAILURES } = config
  const failures = [config.statuses.toSorted((a, b) => a - b), slow ?? null, grpcStatuses.toSorted()]
  const rule: BreakerRule = {
    windowMs: config.window * 1_000,
    minimumCalls: config.minimumCalls,
    failurePercent: config.failurePercent,
    slowPercent: slow === undefined ? null : slowPercent,
    openMs: config.open * 1_000,
    trialCalls: config.trialCalls,
  }
  const where = per === 'route' ? scope.routeId : ''
  return (key) => ({
    breaker: limits.breaker(JSON.stringify(['circuit-breaker', scope.stageId, where, key, failures]), rule),
    failureStatuses: new Set(config.statuses),
    failureGrpcCodes: grpcStatuses.length === 0 ? null : grpcCodesOf(grpcStatuses),
    slowMs: slow === undefined ? null : slow * 1_000,
    count,
  })
}

function stateText({ kind, calls, failures, slow, waitMs }: BreakerState, window: number): string {
  if (kind === 'open') return `open: requests are refused; some may try again in ${waitMs} ms`
  if (kind === 'half-open') return 'half-open: some requests may try'
  return `closed: of ${calls} calls in the last ${window} s ${failures} have failed and ${slow} were slow`
}
