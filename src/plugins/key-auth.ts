import { Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { identify, refusal } from './authentication.ts'
import { definePlugin, type Exchange, type KeyVerdict, type Reply } from './plugin.ts'
import type { ReplyCode } from './replies.ts'

/** What the caller is told. Whether a value is of no key, or of one that may not be used, is for the key's owner alone to know. */
const replyOf: Record<NonNullable<KeyVerdict['refusal']>, ReplyCode> = {
  unknown: 'key-invalid',
  inactive: 'key-invalid',
  expired: 'key-invalid',
  'not-subscribed': 'key-not-subscribed',
  'rate-limited': 'key-rate-limited',
  'quota-exceeded': 'key-quota-exceeded',
}

const CHALLENGE = 'ApiKey'

export const keyAuth = definePlugin({
  name: 'key-auth',
  summary: 'Lets requests in that have an API key, within the plan that the key is subscribed through.',
  docs: `Keys, plans and subscriptions are managed apart from the design ([guide](../guides/keys-and-plans.md)) and hold at once, without a deployment. A request needs the value of a key, primary or secondary, in a header or, where \`query\` names one, a query parameter; it is taken out before the request goes on, unless \`keep\` is set.

| What comes | Answer |
| --- | --- |
| no value, or two that differ | 401 |
| the value of no key, of an inactive or an expired one | 401, the same for all three |
| a key that is not subscribed to this stage | 403 |
| more than the rate of its plan | 429, type \`rate-limited\`, with \`Retry-After\` |
| more than the quota of its plan | 429, type \`quota-exceeded\`, with \`Retry-After\` |

A request that passes has a consumer: its id and name are those of the key, and its group is the plan. A request that is refused for its rate does not count for the quota. Rates and quotas count all workers of a node together; what was used of a quota outlives restarts (see [how limits work](../limits.md)).

The values of keys are kept as keyed digests only, and looked up by them: the time that takes says nothing about which values there are.`,
  phase: 'authenticate',
  attach: ['stage', 'path', 'method'],
  sides: ['request', 'response'],
  config: Type.Object(
    {
      header: Type.String({
        title: 'Header',
        description: 'The header that has the value.',
        pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$",
        [EXPECTED]: 'the name of a header, without spaces',
        default: 'x-api-key',
        examples: ['x-api-key'],
      }),
      query: Type.Optional(
        Type.String({
          title: 'Query parameter',
          description: 'A query parameter that may have it instead. Addresses end up in logs: prefer the header.',
          pattern: '^[A-Za-z0-9_.~-]{1,100}$',
          [EXPECTED]: 'up to 100 letters, digits and any of _ . ~ -',
          examples: ['api_key'],
        }),
      ),
      keep: Type.Boolean({
        title: 'Keep',
        description: 'Whether the value goes on to the backend.',
        default: false,
        examples: [true],
      }),
      headers: Type.Boolean({
        title: 'Headers',
        description: 'Whether answers carry `RateLimit` and `RateLimit-Policy` for the plan.',
        default: false,
        examples: [true],
      }),
    },
    { additionalProperties: false },
  ),

  credentialsOf: ({ header, query }) => ({ headers: [header], query: query === undefined ? [] : [query] }),

  create({ header, query, keep, headers }, { keys }) {
    const field = header.toLowerCase()
    // The state of the plan when a request passed, until its answer: by exchange, which is used again and again.
    const states = new WeakMap<Exchange, PlanState>()
    return {
      onRequest(x) {
        const value = readValue(x, field, query)
        if (value === null) return refusal('key-missing', CHALLENGE)
        const verdict = keys.admit(value, x)
        // Known before it is refused: whose limits those are is for statistics, logs and the answer to tell.
        if (verdict.consumer !== null) identify(x, verdict.consumer)
        if (verdict.refusal !== null) return refuse(verdict, headers)
        if (!keep) dropValue(x, field, query)
        if (headers) states.set(x, stateOf(verdict))
      },
      ...(headers && {
        onResponse(x) {
          const state = states.get(x)
          if (state === undefined) return
          states.delete(x)
          for (const [name, value] of fieldsOf(state)) x.response.headers.add(name, value)
        },
      }),
    }
  },
})

/** The value that a request shows; null for none, and where header and query show two. */
function readValue(x: Exchange, field: string, parameter: string | undefined): string | null {
  // Fields of one name are read as one that no key has.
  const inHeader = x.request.headers.get(field) ?? null
  if (parameter === undefined || x.request.query === '') return inHeader === '' ? null : inHeader
  const [inQuery = inHeader, ...others] = new URLSearchParams(x.request.query).getAll(parameter)
  // Two values are two ways to read one request.
  if (inHeader !== null && inHeader !== inQuery) return null
  return inQuery === '' || others.some((other) => other !== inQuery) ? null : inQuery
}

function dropValue(x: Exchange, field: string, parameter: string | undefined): void {
  x.request.headers.remove(field)
  if (parameter === undefined || x.request.query === '') return
  // What else is there stays as it was written.
  const kept = x.request.query.split('&').filter((part) => !new URLSearchParams(part).has(parameter))
  x.request.query = kept.join('&')
}

function refuse(verdict: KeyVerdict, headers: boolean): Reply {
  const { refusal: reason, waitMs } = verdict
  const reply = replyOf[reason ?? 'unknown']
  if (reply === 'key-invalid') return refusal(reply, CHALLENGE)
  if (reply === 'key-not-subscribed') return { reply }
  const retry = ['Retry-After', String(Math.ceil(waitMs / 1_000))] as const
  return { reply, headers: headers ? [retry, ...fieldsOf(stateOf(verdict))] : [retry] }
}

type PlanState = Pick<
  KeyVerdict,
  'requestsPerSecond' | 'burst' | 'remaining' | 'quota' | 'quotaRemaining' | 'quotaResetsInMs'
>

function stateOf(verdict: KeyVerdict): PlanState {
  const { requestsPerSecond, burst, remaining, quota, quotaRemaining, quotaResetsInMs } = verdict
  return { requestsPerSecond, burst, remaining, quota, quotaRemaining, quotaResetsInMs }
}

/** The fields of draft-ietf-httpapi-ratelimit-headers-10 for the rate and the quota of a plan. */
function fieldsOf(state: PlanState): [string, string][] {
  const { requestsPerSecond, burst, remaining, quota, quotaRemaining, quotaResetsInMs } = state
  const policies: string[] = []
  const states: string[] = []
  if (remaining >= 0) {
    policies.push(`"plan-rate";q=${requestsPerSecond};w=1`)
    states.push(`"plan-rate";r=${remaining};t=${Math.ceil((burst - remaining) / requestsPerSecond)}`)
  }
  if (quotaRemaining >= 0) {
    policies.push(`"plan-quota";q=${quota}`)
    states.push(`"plan-quota";r=${quotaRemaining};t=${Math.ceil(quotaResetsInMs / 1_000)}`)
  }
  return policies.length === 0
    ? []
    : [
        ['RateLimit-Policy', policies.join(', ')],
        ['RateLimit', states.join(', ')],
      ]
}
