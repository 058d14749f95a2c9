import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concurrencyLimit } from './concurrency-limit.ts'
import { exchange, fakeEnv } from './fake-exchange.ts'

test('one more than there are places is refused at once', () => {
  const { onRequest } = concurrencyLimit.create(
    { requests: 2, scope: 'route', by: 'all', withoutKey: 'pass' },
    fakeEnv(),
  )
  assert.equal(onRequest?.(exchange()), undefined)
  assert.equal(onRequest?.(exchange()), undefined)
  assert.deepEqual(onRequest?.(exchange()), { reply: 'concurrency-limited', headers: [['Retry-After', '1']] })
})
