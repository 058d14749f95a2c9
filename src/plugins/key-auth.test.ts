import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ExchangeParts, exchange, fakeEnv, fakeKeys } from './fake-exchange.ts'
import { keyAuth } from './key-auth.ts'

type Config = Parameters<typeof keyAuth.create>[0]
const config: Config = { header: 'X-API-Key', query: 'api_key', keep: false, headers: false }
const consumer = { id: 'k1', name: 'Ada', groups: ['gold'] }

const env = fakeEnv({
  keys: fakeKeys({
    good: { consumer, plan: 'gold', requestsPerSecond: 10, burst: 20, remaining: 15 },
    idle: { refusal: 'inactive' },
    late: { refusal: 'expired' },
    other: { refusal: 'not-subscribed' },
    fast: { refusal: 'rate-limited', waitMs: 1_001, requestsPerSecond: 10, burst: 20, remaining: 0, consumer },
    much: {
      refusal: 'quota-exceeded',
      waitMs: 60_000,
      quota: 100,
      quotaRemaining: 0,
      quotaResetsInMs: 60_000,
      consumer,
    },
  }),
})
const send = (parts: ExchangeParts, changes: Partial<Config> = {}) => {
  const x = exchange(parts)
  const handlers = keyAuth.create({ ...config, ...changes }, env)
  return { x, handlers, reply: handlers.onRequest?.(x) }
}

describe('key-auth', () => {
  const cases: [what: string, parts: ExchangeParts, code: string | undefined][] = [
    ['a key in the header', { headers: { 'x-api-key': 'good' } }, undefined],
    ['a key in the query', { query: 'a=1&api_key=good' }, undefined],
    ['the same key in both', { headers: { 'x-api-key': 'good' }, query: 'api_key=good' }, undefined],
    ['two that differ', { headers: { 'x-api-key': 'good' }, query: 'api_key=fast' }, 'key-missing'],
    ['two in the query that differ', { query: 'api_key=good&api_key=idle' }, 'key-missing'],
    ['none', {}, 'key-missing'],
    ['an empty one', { headers: { 'x-api-key': '' } }, 'key-missing'],
    ['one that nobody knows', { headers: { 'x-api-key': 'bad' } }, 'key-invalid'],
    ['one that is inactive', { headers: { 'x-api-key': 'idle' } }, 'key-invalid'],
    ['one that has expired', { headers: { 'x-api-key': 'late' } }, 'key-invalid'],
    ['one of another stage', { headers: { 'x-api-key': 'other' } }, 'key-not-subscribed'],
    ['one that comes too often', { headers: { 'x-api-key': 'fast' } }, 'key-rate-limited'],
    ['one that is used up', { headers: { 'x-api-key': 'much' } }, 'key-quota-exceeded'],
  ]
  for (const [what, parts, code] of cases)
    test(`${what}: ${code ?? 'goes on'}`, () => {
      const { x, reply } = send(parts)
      assert.equal(reply && 'reply' in reply ? reply.reply : undefined, code)
      // Also of one that is over its limits: statistics and logs tell whose they are.
      const isKnown = code === undefined || code === 'key-rate-limited' || code === 'key-quota-exceeded'
      assert.deepEqual(x.consumer, isKnown ? consumer : null)
    })

  test('the value does not go on, and all else does as it was', () => {
    const { x } = send({
      headers: { 'x-api-key': 'good', accept: '*/*' },
      query: 'b=%20x&api%5Fkey=good&a=1&api_key=good',
    })
    assert.deepEqual([...x.request.headers], [['accept', '*/*']])
    assert.equal(x.request.query, 'b=%20x&a=1')
  })

  test('the value goes on where it shall', () => {
    const { x } = send({ headers: { 'x-api-key': 'good' }, query: 'api_key=good' }, { keep: true })
    assert.equal(x.request.headers.get('x-api-key'), 'good')
    assert.equal(x.request.query, 'api_key=good')
  })

  test('without a query parameter the query is nobody’s business', () => {
    const { query: _, ...headerOnly } = config
    const x = exchange({ query: 'api_key=good' })
    const reply = keyAuth.create(headerOnly, env).onRequest?.(x)
    assert.ok(reply && 'reply' in reply && reply.reply === 'key-missing')
  })

  test('refusals say when to come again', () => {
    const { reply } = send({ headers: { 'x-api-key': 'fast' } }, { headers: true })
    assert.deepEqual(reply, {
      reply: 'key-rate-limited',
      headers: [
        ['Retry-After', '2'],
        ['RateLimit-Policy', '"plan-rate";q=10;w=1'],
        ['RateLimit', '"plan-rate";r=0;t=2'],
      ],
    })
    assert.deepEqual(send({ headers: { 'x-api-key': 'much' } }).reply, {
      reply: 'key-quota-exceeded',
      headers: [['Retry-After', '60']],
    })
  })

  test('answers say what is left, where they shall', () => {
    const { x, handlers } = send({ headers: { 'x-api-key': 'good' } }, { headers: true })
    handlers.onResponse?.(x)
    assert.equal(x.response.headers.get('ratelimit'), '"plan-rate";r=15;t=1')
    assert.equal(send({ headers: { 'x-api-key': 'good' } }).handlers.onResponse, undefined)
  })
})
