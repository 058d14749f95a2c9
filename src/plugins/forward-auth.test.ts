import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { forwardAuth } from './forward-auth.ts'
import { type Outcome, OutgoingFailure, type OutgoingRequest, type OutgoingResponse } from './plugin.ts'

type Config = Parameters<typeof forwardAuth.create>[0]
const config: Config = {
  url: 'http://auth.internal/check',
  method: 'GET',
  requestHeaders: ['Authorization', 'cookie'],
  statuses: [],
  copyToRequest: [],
  copyToClient: ['www-authenticate', 'content-type'],
  timeout: 2,
  cache: 0,
  cacheBy: 'request',
}
const answer = (status: number, headers: Record<string, string> = {}, body = ''): OutgoingResponse => ({
  status,
  headers: new Map(Object.entries(headers)),
  body: Buffer.from(body),
})

/** A service that answers; what it was asked is kept. */
function service(respond: () => OutgoingResponse | Promise<OutgoingResponse>, settings: Partial<Config> = {}) {
  const calls: OutgoingRequest[] = []
  const state = { now: 0, respond }
  const env = fakeEnv({
    now: () => state.now,
    fetch: async (call) => {
      calls.push(call)
      return state.respond()
    },
  })
  const { onRequest } = forwardAuth.create({ ...config, ...settings }, env)
  const ask = async (parts: Parameters<typeof exchange>[0] = {}) => {
    const x = exchange(parts)
    return { x, outcome: (await onRequest?.(x)) as Outcome }
  }
  return { calls, state, ask }
}

describe('forward-auth', () => {
  test('shows the service the chosen headers, and what is asked for', async () => {
    const { calls, ask } = service(() => answer(204))
    const { outcome } = await ask({
      method: 'POST',
      path: '/a',
      query: 'b=1',
      headers: { authorization: 'x', cookie: 'c=1', 'x-secret': 's' },
    })
    assert.equal(outcome, undefined)
    assert.deepEqual(calls[0], {
      method: 'GET',
      url: config.url,
      headers: [
        ['authorization', 'x'],
        ['cookie', 'c=1'],
        ['x-forwarded-method', 'POST'],
        ['x-forwarded-proto', 'http'],
        ['x-forwarded-host', 'api.localhost'],
        ['x-forwarded-uri', '/a?b=1'],
        ['x-forwarded-for', '192.0.2.1'],
        ['x-pre-call', '1'],
      ],
      timeoutMs: 2000,
      maxBytes: 65_536,
    })
  })

  const cases: [what: string, settings: Partial<Config>, given: OutgoingResponse, outcome: unknown][] = [
    ['2xx goes on', {}, answer(299), undefined],
    [
      '401 is the answer',
      {},
      answer(401, { 'www-authenticate': 'X', 'x-other': 'y' }, 'no'),
      { status: 401, headers: [['www-authenticate', 'X']], body: Buffer.from('no') },
    ],
    [
      '302 is the answer',
      { copyToClient: ['location'] },
      answer(302, { location: '/login' }),
      { status: 302, headers: [['location', '/login']], body: Buffer.from('') },
    ],
    ['500 is the answer', {}, answer(500), { status: 500, headers: [], body: Buffer.from('') }],
    [
      '2xx that is not one of the statuses is 403',
      { statuses: [200] },
      answer(204),
      { status: 403, headers: [], body: Buffer.from('') },
    ],
    ['101 is no answer', {}, answer(101), { reply: 'forward-auth-failed' }],
    ['999 is no answer', {}, answer(999), { reply: 'forward-auth-failed' }],
    [
      'a header that could end the head is left out',
      { copyToClient: ['x-a'] },
      answer(401, { 'x-a': 'b\r\nx: y' }),
      { status: 401, headers: [], body: Buffer.from('') },
    ],
  ]
  for (const [what, settings, given, outcome] of cases)
    test(what, async () => assert.deepEqual((await service(() => given, settings).ask()).outcome, outcome))

  for (const reason of ['unreachable', 'timeout', 'too-large', 'malformed', 'address-refused'] as const)
    test(`${reason}: nobody comes in`, async () => {
      const { ask } = service(() => Promise.reject(new OutgoingFailure(reason, '')), { cache: 60 })
      for (let i = 0; i < 3; i++) assert.deepEqual((await ask()).outcome, { reply: 'forward-auth-failed' })
    })

  test('what it says of the caller takes the place of what the client says', async () => {
    const { ask, state } = service(() => answer(200, { 'x-user': 'ada' }), { copyToRequest: ['X-User', 'X-Role'] })
    const { x } = await ask({ headers: { 'x-user': 'root', 'x-role': 'admin' } })
    assert.deepEqual([x.request.headers.getAll('x-user'), x.request.headers.has('x-role')], [['ada'], false])
    state.respond = () => answer(200)
    assert.equal((await ask({ headers: { 'x-user': 'root' } })).x.request.headers.has('x-user'), false)
  })

  test('its own call is not asked for again', async () => {
    const { ask, calls } = service(() => answer(200))
    assert.deepEqual((await ask({ headers: { 'x-pre-call': '1' } })).outcome, { reply: 'forward-auth-loop' })
    assert.equal(calls.length, 0)
  })

  describe('the cache', () => {
    const differences: [what: string, parts: Parameters<typeof exchange>[0], isAlike: boolean, byHeaders: boolean][] = [
      ['the same', { headers: { authorization: 'a' } }, true, true],
      ['another header that is not shown', { headers: { authorization: 'a', 'x-b': 'c' } }, true, true],
      ['another token', { headers: { authorization: 'b' } }, false, false],
      ['no token', {}, false, false],
      ['an empty token', { headers: { authorization: '' } }, false, false],
      ['a token as a cookie', { headers: { cookie: 'a' } }, false, false],
      ['another path', { path: '/b', headers: { authorization: 'a' } }, false, true],
      ['another query', { query: 'x', headers: { authorization: 'a' } }, false, true],
      ['another method', { method: 'DELETE', headers: { authorization: 'a' } }, false, true],
      ['another client', { clientIp: '192.0.2.2', headers: { authorization: 'a' } }, false, true],
    ]
    for (const [what, parts, isAlike, byHeaders] of differences)
      test(`${what}: asked ${isAlike ? 'once' : 'again'}`, async () => {
        for (const [cacheBy, alike] of [
          ['request', isAlike],
          ['headers', byHeaders],
        ] as const) {
          const { ask, calls } = service(() => answer(200, { 'x-user': 'ada' }), {
            cache: 60,
            cacheBy,
            copyToRequest: ['x-user'],
          })
          await ask({ headers: { authorization: 'a' } })
          const { x } = await ask(parts)
          assert.equal(calls.length, alike ? 1 : 2)
          assert.equal(x.request.headers.get('x-user'), 'ada')
        }
      })

    test('ends, and keeps no refusal', async () => {
      const { ask, calls, state } = service(() => answer(200), { cache: 60 })
      await ask()
      state.now = 60_000
      state.respond = () => answer(403)
      await ask()
      state.respond = () => answer(200)
      assert.equal((await ask()).outcome, undefined)
      assert.equal(calls.length, 3)
    })
  })

  const refused: [what: string, settings: Partial<Config>, told: RegExp][] = [
    ['a metadata address', { url: 'http://169.254.169.254/x' }, /metadata/],
    ['a password in the URL', { url: 'http://a:b@c/' }, /no password/],
    ['a header name that is none', { requestHeaders: ['a b'] }, /not a header name/],
    ['a header that frames the message', { copyToClient: ['Transfer-Encoding'] }, /set by the gateway/],
  ]
  for (const [what, settings, told] of refused)
    test(`${what} is refused at save`, () =>
      assert.match(forwardAuth.check?.({ ...config, ...settings }, { pathVariables: [] })[0]?.message ?? '', told))
})
