import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Default } from 'typebox/value'
import { circuitBreaker } from './circuit-breaker.ts'
import { exchange, fakeBreaker, fakeEnv } from './fake-exchange.ts'
import type { BreakerRule, BreakerState } from './plugin.ts'

type Config = Parameters<typeof circuitBreaker.create>[0]

function settings(config: object): Config {
  return Default(circuitBreaker.config, config) as Config
}

/** What is asked of the limits for these settings, and the plan and words that come of it. */
function made(
  config: object,
  {
    routeId = 'r1',
    split = null as string | null,
    to = null as string | null,
    state = undefined as BreakerState | undefined,
  } = {},
) {
  const asked: { name: string; rule: BreakerRule }[] = []
  const { limits } = fakeEnv()
  const breaker = (name: string, rule: BreakerRule) => {
    asked.push({ name, rule })
    return fakeBreaker(state && { state: () => state })
  }
  const env = fakeEnv({ limits: { ...limits, breaker }, scope: { ...fakeEnv().scope, routeId } })
  const handlers = circuitBreaker.create(settings(config), env)
  const x = exchange()
  x.split = split
  x.sendTo = to === null ? null : { name: to }
  handlers.onRequest?.(x)
  return { ...(asked[0] as (typeof asked)[0]), plan: x.breaker, words: handlers.describe?.(x) }
}

test('settings become the rule and the plan of the request', () => {
  const { rule, plan } = made({ window: 5, minimumCalls: 7, failurePercent: 30, slow: 1.5, slowPercent: 80, open: 4 })
  assert.deepEqual(rule, {
    windowMs: 5_000,
    minimumCalls: 7,
    failurePercent: 30,
    slowPercent: 80,
    openMs: 4_000,
    trialCalls: 3,
  })
  assert.equal(plan?.slowMs, 1_500)
  assert.deepEqual([...(plan?.failureStatuses ?? [])], [500, 502, 503, 504])
})

test('of gRPC it is by default what says that a backend is not well', () => {
  assert.deepEqual([...(made({}).plan?.failureGrpcCodes ?? [])], ['2', '13', '14', '15'])
  assert.deepEqual([...(made({ grpcStatuses: ['ABORTED'] }).plan?.failureGrpcCodes ?? [])], ['10'])
  assert.equal(made({ grpcStatuses: [] }).plan?.failureGrpcCodes, null)
})

test('without a time slowness does not matter', () => {
  const { rule, plan } = made({})
  assert.equal(rule.slowPercent, null)
  assert.equal(plan?.slowMs, null)
})

describe('who shares a breaker', () => {
  const cases: [what: string, isShared: boolean, one: object, other: object][] = [
    ['each route has its own', false, {}, {}],
    ['routes with the same backend share it', true, { per: 'backend' }, { per: 'backend' }],
    [
      'whatever the order of the statuses',
      true,
      { per: 'backend', statuses: [500, 503] },
      { per: 'backend', statuses: [503, 500] },
    ],
    ['not with other statuses', false, { per: 'backend', statuses: [500] }, { per: 'backend', statuses: [503] }],
    [
      'not with other statuses of gRPC',
      false,
      { per: 'backend', grpcStatuses: ['ABORTED'] },
      { per: 'backend', grpcStatuses: ['INTERNAL'] },
    ],
    ['not with another time', false, { per: 'backend', slow: 1 }, { per: 'backend', slow: 2 }],
  ]
  for (const [what, isShared, one, other] of cases)
    test(what, () => assert.equal(made(one).name === made(other, { routeId: 'r2' }).name, isShared))
})

test('each side of a split has its own, and with `backend` each backend', () => {
  assert.notEqual(made({}, { split: 'a' }).name, made({}, { split: 'b' }).name)
  assert.notEqual(made({ per: 'backend' }, { to: 'a' }).name, made({ per: 'backend' }, { to: 'b' }).name)
  assert.equal(made({ per: 'backend' }, { to: 'own', routeId: 'r2' }).name, made({ per: 'backend' }).name)
})

describe('says how it stands', () => {
  const counts = { calls: 9, failures: 2, slow: 1 }
  const cases: [state: BreakerState, words: string][] = [
    [{ kind: 'closed', ...counts, waitMs: 0 }, 'closed: of 9 calls in the last 10 s 2 have failed and 1 were slow'],
    [{ kind: 'open', ...counts, waitMs: 1_200 }, 'open: requests are refused; some may try again in 1200 ms'],
    [{ kind: 'half-open', ...counts, waitMs: 0 }, 'half-open: some requests may try'],
  ]
  for (const [state, words] of cases) test(state.kind, () => assert.deepEqual(made({}, { state }).words, [words]))
})
