import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { GatewayExchange } from '../exchange.ts'
import { type Chooser, ConsistentHash, keyReader, LeastRequests, SmoothRoundRobin } from './choosing.ts'
import { nobody } from './fake-parts.ts'

const x = new GatewayExchange(nobody)
const shares = (...list: number[]) => Float64Array.from(list)
const anyShares = fc.array(fc.constantFrom(0, 0.1, 0.5, 1, 2, 7), { minLength: 1, maxLength: 8 })

describe('every way to choose', () => {
  const ways: readonly [name: string, make: (count: number) => Chooser][] = [
    ['round robin', (count) => new SmoothRoundRobin(count)],
    ['least requests', () => new LeastRequests((i) => i % 3)],
    [
      'consistent hash',
      (count) =>
        new ConsistentHash(
          Array.from({ length: count }, (_, i) => `t${i}`),
          () => 'key',
        ),
    ],
  ]
  for (const [name, make] of ways) {
    test(`${name}: never one without a share, and always one where there is any`, () => {
      fc.assert(
        fc.property(fc.array(anyShares, { minLength: 1, maxLength: 20 }), (moments) => {
          const count = moments[0]?.length ?? 0
          const chooser = make(count)
          for (const moment of moments) {
            const given = Float64Array.from({ length: count }, (_, i) => moment[i] ?? 0)
            const chosen = chooser.choose(given, x)
            if (given.every((share) => share === 0)) assert.equal(chosen, -1)
            else assert.ok((given[chosen] ?? 0) > 0, `${chosen} of ${given}`)
          }
        }),
      )
    })
  }
})

describe('round robin', () => {
  test('keeps to its shares, whatever was left out for a while before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.nat(40),
        (weights, steps) => {
          const chooser: Chooser = new SmoothRoundRobin(weights.length)
          // Some time with all but the first, so that there is something to forget.
          for (let i = 0; i < steps; i++)
            chooser.choose(shares(...weights.map((weight, at) => (at === 0 ? 0 : weight))), x)
          const total = weights.reduce((sum, weight) => sum + weight, 0)
          const counts = weights.map(() => 0)
          for (let i = 0; i < total * 3; i++) {
            const chosen = chooser.choose(shares(...weights), x)
            counts[chosen] = (counts[chosen] ?? 0) + 1
          }
          for (const [i, weight] of weights.entries())
            assert.ok(Math.abs((counts[i] ?? 0) - weight * 3) <= weights.length, `${counts} for ${weights}`)
        },
      ),
    )
  })

  test('those who are left share the requests of one that is left out', () => {
    const chooser: Chooser = new SmoothRoundRobin(3)
    const chosen = Array.from({ length: 6 }, () => chooser.choose(shares(1, 0, 1), x))
    assert.deepEqual(chosen, [0, 2, 0, 2, 0, 2])
  })
})

describe('least requests', () => {
  test('against a model: none has fewer for its share, and requests that end are known at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.oneof(fc.constant('begin' as const), fc.nat(4)), { maxLength: 60 }),
        (weights, events) => {
          const underWay = weights.map(() => 0)
          const chooser: Chooser = new LeastRequests((i) => underWay[i] ?? 0)
          const load = (i: number) => ((underWay[i] ?? 0) + 1) / (weights[i] ?? 1)
          for (const event of events) {
            if (event !== 'begin') {
              const at = event % weights.length
              underWay[at] = Math.max(0, (underWay[at] ?? 0) - 1)
              continue
            }
            const chosen = chooser.choose(shares(...weights), x)
            assert.equal(load(chosen), Math.min(...weights.map((_, i) => load(i))))
            underWay[chosen] = (underWay[chosen] ?? 0) + 1
          }
        },
      ),
    )
  })

  test('equal ones have their turns', () => {
    const chooser: Chooser = new LeastRequests(() => 0)
    assert.deepEqual(new Set(Array.from({ length: 3 }, () => chooser.choose(shares(1, 1, 1), x))), new Set([0, 1, 2]))
  })
})

describe('consistent hash', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 12 })
  const keys = fc.uniqueArray(fc.string({ maxLength: 20 }), { minLength: 20, maxLength: 60 })
  const goesTo = (list: readonly string[], weights: readonly number[], key: string) =>
    list[new ConsistentHash(list, () => key).choose(shares(...weights), x)]

  test('a target that goes moves its own keys, and no others; one that comes only takes', () => {
    fc.assert(
      fc.property(names, keys, fc.nat(), (all, list, which) => {
        const gone = all[which % all.length] ?? ''
        const rest = all.filter((name) => name !== gone)
        for (const key of list) {
          const before = goesTo(
            all,
            all.map(() => 1),
            key,
          )
          const after = goesTo(
            rest,
            rest.map(() => 1),
            key,
          )
          if (before !== gone) assert.equal(after, before)
        }
      }),
    )
  })

  test('it is all the same in which order the targets stand, and whether one is left out or not there', () => {
    fc.assert(
      fc.property(names, keys, fc.nat(), (all, list, which) => {
        const at = which % all.length
        const weights = all.map((_, i) => (i === at ? 0 : 1))
        const without = all.filter((_, i) => i !== at).reverse()
        for (const key of list)
          assert.equal(
            goesTo(all, weights, key),
            goesTo(
              without,
              without.map(() => 1),
              key,
            ),
          )
      }),
    )
  })

  test('more weight only takes keys from the others', () => {
    fc.assert(
      fc.property(names, keys, (all, list) => {
        for (const key of list) {
          const before = goesTo(
            all,
            all.map(() => 1),
            key,
          )
          const after = goesTo(
            all,
            all.map((_, i) => (i === 0 ? 3 : 1)),
            key,
          )
          if (after !== before) assert.equal(after, all[0])
        }
      }),
    )
  })

  test('keys are spread by weight', () => {
    const counts = new Map<string, number>()
    const hash = new ConsistentHash(['http://a', 'http://b', 'http://c'], ({ clientIp }) => clientIp)
    const KEYS = 40_000
    for (let i = 0; i < KEYS; i++) {
      x.clientIp = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
      const chosen = String(hash.choose(shares(1, 2, 5), x))
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1)
    }
    for (const [i, weight] of [1, 2, 5].entries())
      assert.ok(Math.abs((counts.get(String(i)) ?? 0) / KEYS - weight / 8) < 0.01, JSON.stringify([...counts]))
  })
})

describe('keys of requests', () => {
  const exchange = (fields: readonly [string, string][], consumer: string | null = null) => {
    const made = new GatewayExchange(nobody)
    made.clientIp = '192.0.2.1'
    for (const [name, value] of fields) made.request.headers.add(name, value)
    made.consumer = consumer === null ? null : ({ id: consumer, name: consumer } as GatewayExchange['consumer'])
    return made
  }
  const cases: readonly [
    what: string,
    key: Parameters<typeof keyReader>[0],
    from: GatewayExchange,
    expected: string,
  ][] = [
    ['the address', { method: 'consistent-hash', key: 'ip' }, exchange([]), '192.0.2.1'],
    ['a header', { method: 'consistent-hash', key: 'header', name: 'X-Tenant' }, exchange([['x-tenant', 'a']]), 'a'],
    [
      'a header that is not there',
      { method: 'consistent-hash', key: 'header', name: 'X-Tenant' },
      exchange([]),
      '192.0.2.1',
    ],
    [
      'a cookie',
      { method: 'consistent-hash', key: 'cookie', name: 'sid' },
      exchange([['cookie', 'a=b; sid=1; c=sid']]),
      '1',
    ],
    [
      'a cookie whose name ends alike',
      { method: 'consistent-hash', key: 'cookie', name: 'sid' },
      exchange([['cookie', 'xsid=1']]),
      '192.0.2.1',
    ],
    ['a consumer', { method: 'consistent-hash', key: 'consumer' }, exchange([], 'key-1'), 'key-1'],
    ['nobody', { method: 'consistent-hash', key: 'consumer' }, exchange([]), '192.0.2.1'],
  ]
  for (const [what, key, from, expected] of cases) test(what, () => assert.equal(keyReader(key)(from), expected))
})
