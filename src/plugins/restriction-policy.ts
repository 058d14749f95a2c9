import { Type } from '#bundles/typebox'
import { nearest } from '../lib/nearest.ts'
import { type NetworkSet, networkSet } from '../lib/network-set.ts'
import { definePlugin, type Exchange, type Handlers, type PluginEnv, type RateLimiter } from './plugin.ts'
import type { PolicyKey, PolicyValue, RestrictionPolicy } from './policies.ts'
import { resolveVariable } from './variables.ts'

export const restrictionPolicy = definePlugin({
  name: 'restriction-policy',
  summary: 'Limits requests by the values of a path variable or header, each with its own rate and addresses.',
  docs: `A policy belongs to a service and holds any number of values, each with a rate of its own and a list of addresses; the plugin only names it. What is set in a policy takes effect when a stage is deployed. See the [guide](../guides/restriction-policies.md).

What a value has used is counted per stage and policy, together over all routes that name the policy, and one for all workers of a node. A rate of N requests per second is a bucket of N: so many may come at once after a pause. A value that is not listed has a count of its own too, at the rate of the policy.

First the address decides, then the rate: a request that comes from a wrong address takes nothing of what the value may use. Values are compared as they are, capitals included; those of path variables after percent-decoding. A header that is there more than once is refused with 400, unless the policy lists just that text.

A request without such a header or variable is not limited; where the policy refuses what it does not list, it is refused too. To look a value up costs the same, however many there are.`,
  phase: 'limit',
  attach: ['path', 'method'],
  sides: ['request', 'response'],
  config: Type.Object(
    {
      policy: Type.String({
        title: 'Policy',
        description: 'Name of a restriction policy of the service.',
        minLength: 1,
        maxLength: 100,
        examples: ['tenants'],
        // Forms offer the policies of the service.
        'x-policy': true,
      }),
    },
    { additionalProperties: false },
  ),

  check({ policy }, { policies, pathVariables }) {
    if (policies === undefined) return []
    const key = policies.get(policy)
    if (key === undefined) {
      const similar = nearest(policy, [...policies.keys()])
      const hint = similar === undefined ? '.' : `; did you mean "${similar}"?`
      return [
        { path: '/policy', message: `The service has no policy "${policy}"${hint} Create it first, or name another.` },
      ]
    }
    if (key.in === 'header' || pathVariables.includes(key.name)) return []
    const known = pathVariables.length === 0 ? 'it has none' : `it has ${pathVariables.join(', ')}`
    return [
      {
        path: '/policy',
        message: `The policy "${policy}" goes by the path variable "${key.name}", which this path does not have: ${known}.`,
      },
    ]
  },

  policyOf: ({ policy }) => policy,

  create({ policy }, env) {
    return env.policies.ready(policy, (found) => handlersOf(policy, found, env))
  },
})

/** What holds for one value. */
interface Rule {
  /** Null where any address will do. */
  readonly networks: NetworkSet | null
  /** Whether the addresses that may pass are those in the set. */
  readonly isAllowList: boolean
  /** Null where the rate is not limited. */
  readonly limiter: RateLimiter | null
}

function handlersOf(name: string, policy: RestrictionPolicy, { limits, scope }: PluginEnv): Handlers {
  const { key, unlisted, remainingHeader, values, requestsPerSecond } = policy
  const limiterOf = limiters((requests) =>
    limits.rate(JSON.stringify(['restriction-policy', scope.stageId, name]), {
      requests,
      periodMs: 1_000,
      burst: requests,
    }),
  )
  const rules = new Map(values.map((one) => [asSent(one.value, key), ruleOf(one, limiterOf, requestsPerSecond)]))
  const others: Rule | null =
    unlisted === 'refuse' ? null : { networks: null, isAllowList: false, limiter: limiterOf(requestsPerSecond) }
  const readValue = valueReader(key)
  const isRepeated = repetition(key)
  // What was left when a request passed, until its answer: by exchange, which is used again and again.
  const left = new WeakMap<Exchange, number>()
  return {
    onRequest(x) {
      const value = readValue(x)
      if (value === undefined || value === '') return others === null ? { reply: 'policy-value-denied' } : undefined
      const listed = rules.get(value)
      if (listed === undefined && isRepeated(x)) return { reply: 'policy-value-repeated' }
      const rule = listed ?? others
      if (rule === null) return { reply: 'policy-value-denied' }
      if (rule.networks !== null && rule.networks.has(x.clientIp) !== rule.isAllowList)
        return { reply: 'policy-address-denied' }
      if (rule.limiter === null) return
      const result = rule.limiter.take(value)
      if (result < 0) {
        const wait = ['Retry-After', String(Math.ceil(-result / 1_000))] as const
        return { reply: 'rate-limited', headers: remainingHeader === null ? [wait] : [wait, [remainingHeader, '0']] }
      }
      if (remainingHeader !== null) left.set(x, result)
    },
    ...(remainingHeader !== null && {
      onResponse(x) {
        const result = left.get(x)
        if (result === undefined) return
        left.delete(x)
        x.response.headers.set(remainingHeader, String(result))
      },
    }),
  }
}

function ruleOf(
  { requestsPerSecond, networks }: PolicyValue,
  limiterOf: (requests: number | null) => RateLimiter | null,
  usual: number | null,
): Rule {
  return {
    networks: networks === null ? null : networkSet(networks.list),
    isAllowList: networks?.mode === 'allow',
    limiter: limiterOf(requestsPerSecond ?? usual),
  }
}

/** One limiter for each rate: of thousands of values most have one of a few. */
function limiters(make: (requests: number) => RateLimiter): (requests: number | null) => RateLimiter | null {
  const made = new Map<number, RateLimiter>()
  return (requests) => {
    if (requests === null) return null
    const limiter = made.get(requests) ?? make(requests)
    made.set(requests, limiter)
    return limiter
  }
}

/** A value as it comes: a header's bytes are read as Latin-1, whatever they mean. */
function asSent(value: string, key: PolicyKey): string {
  return key.in === 'header' ? Buffer.from(value, 'utf8').toString('latin1') : value
}

function valueReader({ in: where, name }: PolicyKey): (x: Exchange) => string | undefined {
  return resolveVariable(`request.${where === 'header' ? 'header' : 'path'}.${name}`) ?? (() => undefined)
}

/** Whether a header is there more than once: gateway and backend could read two values in it. */
function repetition({ in: where, name }: PolicyKey): (x: Exchange) => boolean {
  const header = name.toLowerCase()
  return where === 'header' ? (x) => x.request.headers.getAll(header).length > 1 : () => false
}
