import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Default } from 'typebox/value'
import { exchange, fakeEnv } from './fake-exchange.ts'
import type { Exchange } from './plugin.ts'
import { retry } from './retry.ts'

type Config = Parameters<typeof retry.create>[0]

/** The settings with their defaults. */
function settings(config: object): Config {
  return Default(retry.config, config) as Config
}

function on(config: object, x: Exchange = exchange()) {
  const handlers = retry.create(settings(config), fakeEnv())
  assert.equal(handlers.onRequest?.(x), undefined)
  return { policy: x.retry, words: handlers.describe?.(x) }
}

test('by default three tries of what may be sent twice, after what says little of the request itself', () => {
  const { policy } = on({})
  assert.ok(policy)
  const { attempts, tryTimeoutMs, others, maxBodyBytes, backoffMs, maxBackoffMs, maxRetryAfterMs } = policy
  assert.deepEqual(
    { attempts, tryTimeoutMs, others, maxBodyBytes, backoffMs, maxBackoffMs, maxRetryAfterMs },
    {
      attempts: 3,
      tryTimeoutMs: null,
      others: 'never',
      maxBodyBytes: 65_536,
      backoffMs: 100,
      maxBackoffMs: 2_000,
      maxRetryAfterMs: 1_000,
    },
  )
  assert.deepEqual([...policy.on], ['connect-failure', 'closed', 'timeout'])
  assert.deepEqual([...policy.statuses], [502, 503, 504])
  assert.deepEqual([...policy.methods], ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
})

test('the budget is that of the route', () => {
  const asked: [string, object][] = []
  const { limits } = fakeEnv()
  const budget = (name: string, rule: { percent: number; minimumPerSecond: number }) => {
    asked.push([name, rule])
    return limits.retryBudget(name, rule)
  }
  retry.create(settings({ budgetPercent: 7 }), fakeEnv({ limits: { ...limits, retryBudget: budget } }))
  assert.deepEqual(asked, [['["retry","s1","r1"]', { percent: 7, minimumPerSecond: 10 }]])
})

test('failures of gRPC are told by their codes; none is one unless it is named', () => {
  assert.equal(on({}).policy?.grpcCodes, null)
  assert.equal(on({ grpcStatuses: [] }).policy?.grpcCodes, null)
  const { policy } = on({ grpcStatuses: ['CANCELLED', 'UNAVAILABLE', 'UNAUTHENTICATED'] })
  assert.deepEqual([...(policy?.grpcCodes ?? [])], ['1', '14', '16'])
})

describe('says what it would do', () => {
  const cases: [config: object, method: string, words: string][] = [
    [{ attempts: 5 }, 'GET', 'up to 5 tries'],
    [{}, 'POST', 'one try: POST is not sent again'],
    [{ others: 'unprocessed' }, 'POST', 'up to 3 tries, where no connection can be made'],
    [{ others: 'always' }, 'POST', 'up to 3 tries'],
  ]
  for (const [config, method, words] of cases)
    test(`${method} with ${JSON.stringify(config)}`, () =>
      assert.deepEqual(on(config, exchange({ method })).words, [words, '10 retries could come now']))
})

describe('refuses settings that', () => {
  const cases: [what: string, config: object, path: string][] = [
    ['never retry for want of a reason', { on: [], statuses: [] }, '/on'],
    ['never retry for want of a method', { methods: [] }, '/methods'],
    ['retry calls of gRPC that are never sent again', { grpcStatuses: ['UNAVAILABLE'] }, '/grpcStatuses'],
    ['wait less the longest time than the first', { backoff: 3, maxBackoff: 2 }, '/maxBackoff'],
  ]
  const context = { pathVariables: [] }
  for (const [what, config, path] of cases)
    test(what, () =>
      assert.deepEqual(
        retry.check?.(settings(config), context).map((one) => one.path),
        [path],
      ),
    )
  test('not of gRPC alone, where its calls are sent again', () => {
    for (const more of [{ methods: ['POST'] }, { others: 'always' }])
      assert.deepEqual(
        retry.check?.(settings({ on: [], statuses: [], grpcStatuses: ['ABORTED'], ...more }), context),
        [],
      )
  })
  test('nothing of what is usual', () => assert.deepEqual(retry.check?.(settings({}), context), []))
})
