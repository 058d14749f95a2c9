import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { timeout } from './timeout.ts'

test('seconds become the milliseconds of the request', () => {
  const x = exchange()
  timeout.create({ connect: 0.5, response: 2, idle: 3, total: 60 }, fakeEnv()).onRequest?.(x)
  assert.deepEqual(x.timeouts, { connectMs: 500, responseMs: 2000, idleMs: 3000, totalMs: 60_000 })
})

test('a stream may be silent for the whole time where nothing else is said', () => {
  const x = exchange()
  timeout.create({ connect: 1, response: 2, total: 600 }, fakeEnv()).onRequest?.(x)
  assert.equal(x.timeouts?.idleMs, 600_000)
})
