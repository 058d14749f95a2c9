import { Type } from '#bundles/typebox'
import { checkLimitKey, limitKeyFields, limitKeyReader, limitName } from './limit-keys.ts'
import { definePlugin } from './plugin.ts'

export const concurrencyLimit = definePlugin({
  name: 'concurrency-limit',
  summary: 'Limits how many requests are under way at the same time.',
  docs: 'A request is under way from here to the end of its answer, or until its connection breaks (a client that has only closed its own side still gets its answer). One more than there are places is answered with 429 at once: nothing waits. The count is one for all workers of a node; what a worker held that died is given back. See [how limits work](../limits.md).',
  phase: 'limit',
  attach: ['stage', 'path', 'method'],
  config: Type.Object(
    {
      requests: Type.Integer({
        title: 'Requests',
        description: 'How many may be under way at once.',
        minimum: 1,
        maximum: 1_000_000,
        examples: [10],
      }),
      ...limitKeyFields,
    },
    { additionalProperties: false },
  ),

  check: checkLimitKey,

  create(config, { limits, scope }) {
    const { requests, withoutKey } = config
    const limiter = limits.concurrency(limitName('concurrency-limit', config, scope), requests)
    const keyOf = limitKeyReader(config)
    return {
      onRequest(x) {
        const key = keyOf(x)
        if (key === undefined) return withoutKey === 'refuse' ? { reply: 'rate-limit-no-key' } : undefined
        if (!limiter.take(x, key)) return { reply: 'concurrency-limited', headers: [['Retry-After', '1']] }
      },
    }
  },
})
