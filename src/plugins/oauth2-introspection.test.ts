import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { oauth2Introspection } from './oauth2-introspection.ts'
import { type Outcome, OutgoingFailure, type OutgoingRequest, type OutgoingResponse } from './plugin.ts'

type Config = Parameters<typeof oauth2Introspection.create>[0]
const config: Config = {
  url: 'https://id.example/introspect',
  clientId: 'gate way',
  clientSecret: 's:ecret',
  scopes: [],
  timeout: 2,
  cache: 300,
}
const json = (value: unknown, status = 200): OutgoingResponse => ({
  status,
  headers: new Map(),
  body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
})

function server(respond: () => OutgoingResponse | Promise<OutgoingResponse>, settings: Partial<Config> = {}) {
  const calls: OutgoingRequest[] = []
  const state = { now: 0, respond }
  const env = fakeEnv({
    now: () => state.now,
    fetch: async (call) => {
      calls.push(call)
      return state.respond()
    },
  })
  const { onRequest } = oauth2Introspection.create({ ...config, ...settings }, env)
  const ask = async (authorization: string | undefined = 'Bearer abc') => {
    const x = exchange({ headers: authorization === '' ? {} : { authorization } })
    const outcome = (await onRequest?.(x)) as Outcome
    return { x, code: outcome !== undefined && 'reply' in outcome ? outcome.reply : outcome }
  }
  return { calls, state, ask }
}
const active = { active: true, sub: 'ada', scope: 'a b', username: 'Ada' }

describe('oauth2-introspection', () => {
  test('asks as RFC 7662 says, and knows who it is', async () => {
    const { ask, calls } = server(() => json(active))
    const { x, code } = await ask('Bearer a+b/c=')
    assert.equal(code, undefined)
    assert.deepEqual([x.consumer, x.claims?.scope], [{ id: 'ada', name: 'Ada', groups: [] }, 'a b'])
    assert.equal(calls[0]?.body, 'token=a%2Bb%2Fc%3D&token_type_hint=access_token')
    assert.equal(
      new Map(calls[0]?.headers).get('authorization'),
      `Basic ${Buffer.from('gate+way:s%3Aecret').toString('base64')}`,
    )
  })

  const cases: [
    what: string,
    settings: Partial<Config>,
    authorization: string,
    answer: unknown,
    code: string | undefined,
  ][] = [
    ['no token', {}, '', active, 'token-missing'],
    ['another scheme', {}, 'Basic x', active, 'token-missing'],
    ['what can be no token', {}, 'Bearer a b', active, 'token-inactive'],
    ['a token without end', {}, `Bearer ${'x'.repeat(20_000)}`, active, 'token-inactive'],
    ['inactive', {}, 'Bearer abc', { active: false, sub: 'ada' }, 'token-inactive'],
    ['active and expired', {}, 'Bearer abc', { active: true, exp: 0 }, 'token-inactive'],
    ['all scopes', { scopes: ['a', 'b'] }, 'Bearer abc', active, undefined],
    ['a scope too few', { scopes: ['a', 'c'] }, 'Bearer abc', active, 'token-scope'],
    ['a client, no user', {}, 'Bearer abc', { active: true, client_id: 'c' }, undefined],
  ]
  for (const [what, settings, authorization, answer, code] of cases)
    test(`${what}: ${code ?? 'goes on'}`, async () =>
      assert.equal((await server(() => json(answer), settings).ask(authorization)).code, code))

  const faults: [what: string, respond: () => OutgoingResponse | Promise<OutgoingResponse>][] = [
    ['nobody answers', () => Promise.reject(new OutgoingFailure('unreachable', ''))],
    ['it hangs', () => Promise.reject(new OutgoingFailure('timeout', ''))],
    ['it is huge', () => Promise.reject(new OutgoingFailure('too-large', ''))],
    ['it answers 401', () => json(active, 401)],
    ['it answers with a page', () => json('<html>')],
    ['it answers with true', () => json('true')],
    ['it answers with a list', () => json([active])],
    ['it does not say', () => json({ sub: 'ada' })],
    ['it says "true"', () => json({ active: 'true' })],
  ]
  for (const [what, respond] of faults)
    test(`${what}: nobody comes in`, async () => {
      const { x, code } = await server(respond).ask()
      assert.deepEqual([code, x.consumer, x.claims], ['introspection-failed', null, null])
    })

  test('is asked once for many at the same time, and again when the cache or the token ends', async () => {
    const { ask, calls, state } = server(() => json({ ...active, exp: 400 }))
    await Promise.all(Array.from({ length: 20 }, () => ask()))
    assert.equal(calls.length, 1)
    state.now = 299_000
    await ask()
    assert.equal(calls.length, 1)
    state.now = 300_000
    await ask()
    assert.equal(calls.length, 2)
    state.now = 400_000
    assert.equal((await ask()).code, 'token-inactive')
    assert.equal(calls.length, 3)
  })

  test('asks each time without a cache', async () => {
    const { ask, calls } = server(() => json(active), { cache: 0 })
    await ask()
    await ask()
    assert.equal(calls.length, 2)
  })

  test('a metadata address is refused at save', () =>
    assert.match(
      oauth2Introspection.check?.({ ...config, url: 'http://169.254.169.254/' }, { pathVariables: [] })[0]?.message ??
        '',
      /metadata/,
    ))
})
