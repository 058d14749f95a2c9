import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Default } from 'typebox/value'
import { type ExchangeParts, exchange, fakeEnv } from './fake-exchange.ts'
import type { PluginEnv } from './plugin.ts'
import { trafficSplit } from './traffic-split.ts'

type Config = Parameters<typeof trafficSplit.create>[0]
const settings = (config: object) => Default(trafficSplit.config, config) as Config
const other = { targets: [{ url: 'http://127.0.0.1:3001', weight: 1 }] }
const sides = [
  { name: 'stable', weight: 90 },
  { name: 'canary', weight: 10, backend: other },
]

function send(config: object, parts: ExchangeParts = {}, env: Partial<PluginEnv> = {}) {
  const handlers = trafficSplit.create(settings({ sides, ...config }), fakeEnv(env))
  const x = exchange(parts)
  handlers.onRequest?.(x)
  handlers.onResponse?.(x)
  return { side: x.split, to: x.sendTo?.name, cookies: x.response.headers.getAll('set-cookie') }
}

describe('weights', () => {
  const cases: [random: number, side: string, to: string | undefined][] = [
    [0, 'stable', undefined],
    [0.899, 'stable', undefined],
    [0.9, 'canary', 'canary'],
    [0.999, 'canary', 'canary'],
  ]
  for (const [random, side, to] of cases)
    test(`${random} is ${side}`, () =>
      assert.deepEqual(send({}, {}, { random: () => random }), { side, to, cookies: [] }))

  test('a side without weight gets nothing but by rules', () => {
    const given = [
      { name: 'off', weight: 0 },
      { name: 'on', weight: 1 },
      { name: 'last', weight: 0 },
    ]
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        assert.equal(send({ sides: given }, {}, { random: () => random }).side, 'on')
      }),
    )
  })

  test('a side may have a path of its own, at the backend of the route', () => {
    const given = [{ name: 'v2', path: '/v2' }]
    assert.equal(send({ sides: given }).to, 'own/v2')
    assert.equal(send({ sides: [{ name: 'v2', path: '/v2', backend: other }] }).to, 'v2/v2')
  })
})

describe('rules', () => {
  const rule = (parts: object) => ({ in: 'header', name: 'X-Beta', values: [], side: 'canary', ...parts })
  const cases: [what: string, rules: object[], parts: ExchangeParts, side: string][] = [
    ['a header with any value', [rule({})], { headers: { 'x-beta': '' } }, 'canary'],
    ['a header that is not there', [rule({})], {}, 'stable'],
    ['one of the values', [rule({ values: ['a', 'b'] })], { headers: { 'x-beta': 'b' } }, 'canary'],
    ['another value', [rule({ values: ['a', 'b'] })], { headers: { 'x-beta': 'B' } }, 'stable'],
    ['a value beyond ASCII', [rule({ values: ['é'] })], { headers: { 'x-beta': 'Ã©' } }, 'canary'],
    [
      'a cookie',
      [rule({ in: 'cookie', name: 'beta', values: ['1'] })],
      { headers: { cookie: 'a=2; beta=1' } },
      'canary',
    ],
    [
      'a cookie of another name',
      [rule({ in: 'cookie', name: 'beta', values: ['1'] })],
      { headers: { cookie: 'xbeta=1' } },
      'stable',
    ],
    ['a query parameter', [rule({ in: 'query', name: 'v', values: ['2'] })], { query: 'v=2' }, 'canary'],
    ['the host', [rule({ name: 'Host', values: ['beta.example'] })], { host: 'beta.example' }, 'canary'],
    ['the first that fits', [rule({ side: 'stable' }), rule({})], { headers: { 'x-beta': '1' } }, 'stable'],
  ]
  for (const [what, rules, parts, side] of cases)
    test(what, () => assert.equal(send({ rules }, parts, { random: () => 0 }).side, side))

  test('who comes by a rule gets no cookie', () => {
    assert.deepEqual(send({ rules: [rule({})], stickyBy: 'cookie' }, { headers: { 'x-beta': '1' } }).cookies, [])
  })
})

describe('stickiness', () => {
  const sticky: [what: string, config: object, partsOf: (key: string) => ExchangeParts][] = [
    ['client-ip', { stickyBy: 'client-ip' }, (key) => ({ clientIp: key })],
    ['header', { stickyBy: 'header', stickyName: 'X-Tenant' }, (key) => ({ headers: { 'x-tenant': key } })],
    ['consumer', { stickyBy: 'consumer' }, (key) => ({ consumer: { id: key, name: 'n', groups: [] } })],
    ['cookie', { stickyBy: 'cookie' }, (key) => ({ headers: { cookie: `turnpike-split=${key}` } })],
  ]
  for (const [what, config, partsOf] of sticky)
    test(`by ${what}: the same key has the same side, and each side its share`, () => {
      let canaries = 0
      const KEYS = 4_000
      for (let i = 0; i < KEYS; i++) {
        const once = send(config, partsOf(`key-${i}`), { random: () => 0.999 })
        assert.equal(once.side, send(config, partsOf(`key-${i}`), { random: () => 0 }).side)
        assert.deepEqual(once.cookies, [])
        if (once.side === 'canary') canaries++
      }
      // Three standard deviations of a tenth of 4,000.
      assert.ok(canaries > 343 && canaries < 457, `${canaries}`)
    })

  test('more weight for the last of the sides takes nobody away from it', () => {
    const weighted = (canary: number) => [
      { name: 'stable', weight: 100 - canary },
      { name: 'canary', weight: canary },
    ]
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 1, max: 99 }),
        (key, one, two) => {
          const [less, more] = [Math.min(one, two), Math.max(one, two)]
          const at = (canary: number) =>
            send({ sides: weighted(canary), stickyBy: 'client-ip' }, { clientIp: key }).side
          if (at(less) === 'canary') assert.equal(at(more), 'canary')
        },
      ),
    )
  })

  test('a client without the cookie gets one, which leads it to where it went', () => {
    const cookie = (parts: ExchangeParts = {}, config: object = {}) =>
      send({ stickyBy: 'cookie', ...config }, parts, { randomHex: () => 'abc123' })
    const { side, cookies } = cookie()
    assert.deepEqual(cookies, ['turnpike-split=abc123; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax'])
    assert.equal(cookie({ headers: { cookie: 'turnpike-split=abc123' } }).side, side)
    assert.deepEqual(cookie({}, { stickyName: 'side', stickyFor: 0 }).cookies, [
      'side=abc123; Path=/; HttpOnly; SameSite=Lax',
    ])
    assert.equal(cookie({ headers: { cookie: `turnpike-split=${'x'.repeat(65)}` } }).cookies.length, 1)
    assert.equal(cookie({ headers: { cookie: 'turnpike-split=' } }).cookies.length, 1)
  })

  test('without what it goes by a request is divided at random', () => {
    assert.equal(send({ stickyBy: 'consumer' }, {}, { random: () => 0.95 }).side, 'canary')
    assert.equal(send({ stickyBy: 'header', stickyName: 'x-a' }, {}, { random: () => 0 }).side, 'stable')
  })
})

describe('refuses', () => {
  const rule = { in: 'header', name: 'x-beta', values: [], side: 'canary' }
  const cases: [what: string, config: object, path: string][] = [
    ['two sides of one name', { sides: [{ name: 'a' }, { name: 'a' }] }, '/sides/1/name'],
    ['no weight at all', { sides: [{ name: 'a', weight: 0 }] }, '/sides'],
    ['a path with an unknown variable', { sides: [{ name: 'a', path: '/${request.path.no}' }] }, '/sides/0/path'],
    ['a rule for a side that there is not', { rules: [{ ...rule, side: 'x' }] }, '/rules/0/side'],
    ['a rule for what is no header', { rules: [{ ...rule, name: 'a b' }] }, '/rules/0/name'],
    ['a header without a name', { stickyBy: 'header' }, '/stickyName'],
    ['a name that is not needed', { stickyBy: 'client-ip', stickyName: 'x' }, '/stickyName'],
    ['a cookie that cannot be', { stickyBy: 'cookie', stickyName: 'a;b' }, '/stickyName'],
  ]
  for (const [what, config, path] of cases)
    test(what, () => {
      const problems = trafficSplit.check?.(settings({ sides, ...config }), { pathVariables: ['id'] }) ?? []
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
      )
    })
  test('nothing else', () =>
    assert.deepEqual(
      trafficSplit.check?.(settings({ sides, rules: [rule], stickyBy: 'cookie' }), { pathVariables: [] }),
      [],
    ))
})

test('names its backends', () => {
  assert.deepEqual(trafficSplit.backendsOf?.(settings({ sides })), [
    { key: 'canary', path: '/sides/1/backend', backend: { ...other } },
  ])
})
