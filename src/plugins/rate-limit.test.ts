import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { rateLimit } from './rate-limit.ts'

const byAll = { scope: 'route', by: 'all', withoutKey: 'pass' } as const

describe('the fields of rate-limit', () => {
  const { onRequest, onResponse } = rateLimit.create(
    { requests: 60, period: 'minute', burst: 2, headers: true, ...byAll },
    fakeEnv(),
  )

  test('answers say what is left', () => {
    const x = exchange()
    assert.equal(onRequest?.(x), undefined)
    onResponse?.(x)
    assert.equal(x.response.headers.get('ratelimit-policy'), '"rate-limit";q=60;w=60')
    assert.equal(x.response.headers.get('ratelimit'), '"rate-limit";r=1;t=1')
  })

  test('refusals say when to come again', () => {
    onRequest?.(exchange())
    assert.deepEqual(onRequest?.(exchange()), {
      reply: 'rate-limited',
      headers: [
        ['Retry-After', '1'],
        ['RateLimit-Policy', '"rate-limit";q=60;w=60'],
        ['RateLimit', '"rate-limit";r=0;t=2'],
      ],
    })
  })

  test('an answer to a request that never came here says nothing', () => {
    const x = exchange()
    onResponse?.(x)
    assert.equal(x.response.headers.get('ratelimit'), undefined)
  })
})
