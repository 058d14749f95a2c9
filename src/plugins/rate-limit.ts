import { Type } from '#bundles/typebox'
import { checkLimitKey, limitKeyFields, limitKeyReader, limitName } from './limit-keys.ts'
import { definePlugin, type Exchange, type Reply } from './plugin.ts'

const periods = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const

export const rateLimit = definePlugin({
  name: 'rate-limit',
  summary: 'Limits how many requests come in a second, minute or hour.',
  docs: `The limit is a bucket of tokens: \`burst\` of them, and \`requests\` come back in each period, evenly. Each request takes one; where there is none it is answered with 429, and \`Retry-After\` says when one comes. So in no stretch of time pass more than its share of \`requests\`, and \`burst\`. There is no window at whose edge twice as many could pass. Where \`burst\` is left out it is as large as \`requests\`.

The count is one for all workers of a node. It is kept in memory: a restart begins with full buckets. A deployment changes nothing about it, unless it changes the limit.

Answers carry \`RateLimit-Policy\` and \`RateLimit\` ([draft-ietf-httpapi-ratelimit-headers](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/)): what the limit is, how many more requests could come at once (\`r\`) and in how many seconds the bucket is full again (\`t\`).

Keys of requests that are very many (by address, by header) are kept in a table of about a million places; a key that nobody has used for as long as its bucket takes to fill costs none. See [how limits work](../limits.md).`,
  phase: 'limit',
  attach: ['stage', 'path', 'method'],
  sides: ['request', 'response'],
  config: Type.Object(
    {
      requests: Type.Integer({
        title: 'Requests',
        description: 'How many requests may come in each period.',
        minimum: 1,
        maximum: 1_000_000,
        examples: [100],
      }),
      period: Type.Enum(['second', 'minute', 'hour'], {
        title: 'Per',
        description: 'The period.',
        default: 'second',
        examples: ['minute'],
      }),
      burst: Type.Optional(
        Type.Integer({
          title: 'Burst',
          description: 'How many may come at once after a pause; as many as `requests` where it is left out.',
          minimum: 1,
          maximum: 1_000_000,
          examples: [20],
        }),
      ),
      ...limitKeyFields,
      headers: Type.Boolean({
        title: 'Headers',
        description: 'Whether answers carry `RateLimit` and `RateLimit-Policy`.',
        default: true,
        examples: [false],
      }),
    },
    { additionalProperties: false },
  ),

  check: checkLimitKey,

  create(config, { limits, scope }) {
    const { requests, period, burst = requests, withoutKey, headers } = config
    const periodMs = periods[period]
    const limiter = limits.rate(limitName('rate-limit', config, scope), { requests, periodMs, burst })
    const keyOf = limitKeyReader(config)
    const fields = new RateFields({ requests, periodMs, burst })
    // What was left when a request passed, until its answer: by exchange, which is used again and again.
    const left = new WeakMap<Exchange, number>()
    return {
      onRequest(x) {
        const key = keyOf(x)
        if (key === undefined) return withoutKey === 'refuse' ? { reply: 'rate-limit-no-key' } : undefined
        const result = limiter.take(key)
        if (result < 0) return refusal(-result, headers ? fields : null)
        if (headers) left.set(x, result)
      },
      ...(headers && {
        onResponse(x) {
          const result = left.get(x)
          if (result === undefined) return
          left.delete(x)
          x.response.headers.set('RateLimit-Policy', fields.policy)
          x.response.headers.set('RateLimit', fields.state(result))
        },
      }),
    }
  },
})

function refusal(waitMs: number, fields: RateFields | null): Reply {
  const headers: (readonly [string, string])[] = [['Retry-After', String(Math.ceil(waitMs / 1_000))]]
  if (fields !== null) headers.push(['RateLimit-Policy', fields.policy], ['RateLimit', fields.state(0)])
  return { reply: 'rate-limited', headers }
}

/** The fields of draft-ietf-httpapi-ratelimit-headers-10 for one limit. */
class RateFields {
  readonly policy: string
  private readonly burst: number
  private readonly secondsPerToken: number

  constructor({ requests, periodMs, burst }: { requests: number; periodMs: number; burst: number }) {
    this.burst = burst
    this.secondsPerToken = periodMs / requests / 1_000
    this.policy = `"rate-limit";q=${requests};w=${periodMs / 1_000}`
  }

  /** So many more could come now, and in so many seconds the bucket is full. */
  state(left: number): string {
    return `"rate-limit";r=${left};t=${Math.ceil((this.burst - left) * this.secondsPerToken)}`
  }
}
