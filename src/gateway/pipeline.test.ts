import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, GatewayExchange, noRoute } from './exchange.ts'
import { runFinishHandlers } from './pipeline.ts'

test('a plugin that fails at the end of an exchange is told of, and the others hear of it all the same', () => {
  const x = new GatewayExchange({} as Client)
  const heard: string[] = []
  const failures: unknown[] = []
  x.matched = {
    ...noRoute,
    finishHandlers: [
      () => heard.push('first'),
      () => {
        throw new Error('no disk')
      },
      () => heard.push('last'),
    ],
  }
  runFinishHandlers(x, (of, error) => failures.push(of, error instanceof Error && error.message))
  assert.deepEqual(heard, ['first', 'last'])
  assert.deepEqual(failures, [x, 'no disk'])
})
