import { Type } from '#bundles/typebox'
import { GrpcStatuses, grpcCodesOf } from './grpc-statuses.ts'
import { definePlugin, type RetryPolicy, retryConditions } from './plugin.ts'

/** Methods that may be sent twice (RFC 9110, section 9.2.2). */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'POST', 'PATCH']

export const retry = definePlugin({
  name: 'retry',
  summary: 'Sends a request once more when its backend fails.',
  docs: `A try that fails in one of the ways of \`on\`, or is answered with one of \`statuses\`, is followed by another: at another target where there is one, after a random wait of at most \`backoff\` seconds, then of at most twice as long, and so on up to \`maxBackoff\`. What the last try comes to is the answer. Waits are kept to a tenth of a second. See the guide [Backends that fail](../guides/resilience.md).

An answer with \`Retry-After\` is waited for as long as it asks, up to \`maxRetryAfter\`; one that asks for more goes to the client. The total time of the \`timeout\` plugin goes on through all tries and waits.

Calls of gRPC are answered with 200 whatever becomes of them; what does is in \`grpc-status\`. One of \`grpcStatuses\` is a failure where it comes in the head of the answer, as servers send it when they have nothing else to say: what the client has seen the beginning of cannot be taken back. \`grpc-retry-pushback-ms\` is to such an answer what \`Retry-After\` is to others, and forbids another try where it is no number of milliseconds. All calls are POST: \`methods\` must have it, or \`others\` be \`always\`.

Only methods that may be sent twice are sent again. For the others \`others\` decides: \`unprocessed\` sends them again where no connection could be made, so that the backend has seen nothing of the request; \`always\` treats them as the rest, for backends that recognise what they have seen.

A body that came along with the head of its request is always at hand. A larger one streams to the backend, and up to \`maxBodyBytes\` of it are kept for another try: a request with a longer body is not sent again once it has got that far.

Retries are a load of their own, just when a backend can bear it least. So in any ten seconds there are at most \`budgetPercent\` retries per hundred requests of the route, and \`budgetPerSecond\` for each second; the count is one for all workers of a node. Beyond it the failure is the answer.

Without this plugin a request that may be sent twice is sent again, at once and only once, when its backend has closed a connection that was kept for it. That is also done with it, and counts as no try.`,
  phase: 'backend',
  attach: ['stage', 'path', 'method'],
  config: Type.Object(
    {
      attempts: Type.Integer({
        title: 'Tries',
        description: 'How often a request is sent at most, the first time included.',
        minimum: 2,
        maximum: 10,
        default: 3,
        examples: [3],
      }),
      tryTimeout: Type.Optional(
        Type.Number({
          title: 'Time for a try',
          description:
            'Seconds from the end of the request to the head of the answer, for each try. The last one is answered with 504 after it. Left out: only the time-outs of the request hold.',
          minimum: 0.1,
          maximum: 3_600,
          examples: [2],
        }),
      ),
      on: Type.Array(Type.Enum([...retryConditions]), {
        title: 'Failures',
        description:
          '`connect-failure`: no connection could be made. `closed`: it was closed or reset before the answer. `timeout`: the answer did not come in time. `malformed`: the answer was no HTTP.',
        uniqueItems: true,
        default: ['connect-failure', 'closed', 'timeout'],
        examples: [['connect-failure', 'closed']],
      }),
      statuses: Type.Array(Type.Integer({ minimum: 400, maximum: 599 }), {
        title: 'Statuses',
        description: 'Answers that are not taken for one while there are tries left.',
        uniqueItems: true,
        maxItems: 50,
        default: [502, 503, 504],
        examples: [[429, 503]],
      }),
      grpcStatuses: Type.Optional(
        GrpcStatuses('Statuses of gRPC', 'Those that are failures of a call of gRPC. Left out: none.'),
      ),
      methods: Type.Array(Type.Enum(METHODS), {
        title: 'Methods',
        description: 'Those that are sent again after every failure.',
        uniqueItems: true,
        default: IDEMPOTENT,
        examples: [['GET', 'HEAD']],
      }),
      others: Type.Enum(['never', 'unprocessed', 'always'], {
        title: 'Other methods',
        description:
          'Whether the other methods are sent again: never, where the backend cannot have seen the request, or after every failure too.',
        default: 'never',
        examples: ['unprocessed'],
      }),
      maxBodyBytes: Type.Integer({
        title: 'Kept body',
        description: 'Most bytes of a streaming body that are kept for another try; 0 for none.',
        minimum: 0,
        maximum: 16_777_216,
        default: 65_536,
        examples: [1_048_576],
      }),
      backoff: Type.Number({
        title: 'Wait',
        description: 'Seconds: the longest wait before the second try; 0 for none.',
        minimum: 0,
        maximum: 60,
        default: 0.1,
        examples: [0.2],
      }),
      maxBackoff: Type.Number({
        title: 'Longest wait',
        description: 'Seconds.',
        minimum: 0,
        maximum: 300,
        default: 2,
        examples: [5],
      }),
      maxRetryAfter: Type.Number({
        title: 'Patience',
        description: 'Seconds: how long a wait that the backend asks for (`Retry-After`) is kept.',
        minimum: 0,
        maximum: 300,
        default: 1,
        examples: [5],
      }),
      budgetPercent: Type.Integer({
        title: 'Budget',
        description: 'Most retries for each hundred requests.',
        minimum: 0,
        maximum: 1_000,
        default: 20,
        examples: [10],
      }),
      budgetPerSecond: Type.Integer({
        title: 'Least budget',
        description: 'Retries for each second that there may be beside that, so that few requests can be retried too.',
        minimum: 0,
        maximum: 100_000,
        default: 10,
        examples: [3],
      }),
    },
    { additionalProperties: false },
  ),
  example: { attempts: 3, tryTimeout: 2, statuses: [502, 503, 504] },

  check({ on, statuses, grpcStatuses = [], methods, others, backoff, maxBackoff }) {
    return [
      ...(on.length === 0 && statuses.length === 0 && grpcStatuses.length === 0
        ? [{ path: '/on', message: 'With neither failures nor statuses nothing is ever sent again: name one.' }]
        : []),
      ...(methods.length === 0 && others === 'never'
        ? [{ path: '/methods', message: 'With no methods and no others nothing is ever sent again: name one.' }]
        : []),
      ...(grpcStatuses.length > 0 && !methods.includes('POST') && others !== 'always'
        ? [
            {
              path: '/grpcStatuses',
              message:
                'Calls of gRPC are POST, which is not sent again: add POST to the methods, or set others to "always".',
            },
          ]
        : []),
      ...(maxBackoff < backoff
        ? [{ path: '/maxBackoff', message: `The longest wait is shorter than the first (${backoff}): raise it.` }]
        : []),
    ]
  },

  create(config, { limits, scope, random, count }) {
    const { attempts, grpcStatuses = [], tryTimeout, others, maxBodyBytes, backoff, maxBackoff, maxRetryAfter } = config
    const policy: RetryPolicy = {
      attempts,
      tryTimeoutMs: tryTimeout === undefined ? null : tryTimeout * 1_000,
      on: new Set(config.on),
      statuses: new Set(config.statuses),
      grpcCodes: grpcStatuses.length === 0 ? null : grpcCodesOf(grpcStatuses),
      methods: new Set(config.methods),
      others,
      maxBodyBytes,
      backoffMs: backoff * 1_000,
      maxBackoffMs: maxBackoff * 1_000,
      maxRetryAfterMs: maxRetryAfter * 1_000,
      budget: limits.retryBudget(JSON.stringify(['retry', scope.stageId, scope.routeId]), {
        percent: config.budgetPercent,
        minimumPerSecond: config.budgetPerSecond,
      }),
      random,
      count,
    }
    return {
      onRequest(x) {
        x.retry = policy
      },
      describe: ({ request: { method } }) => [
        policy.methods.has(method) ? `up to ${attempts} tries` : othersText(method, others, attempts),
        `${policy.budget.left()} retries could come now`,
      ],
    }
  },
})

function othersText(method: string, others: RetryPolicy['others'], attempts: number): string {
  if (others === 'always') return `up to ${attempts} tries`
  return others === 'never'
    ? `one try: ${method} is not sent again`
    : `up to ${attempts} tries, where no connection can be made`
}
