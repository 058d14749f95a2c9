import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HeaderList } from '../../lib/headers/header-list.ts'
import type { BackendHealth } from '../../model/backend.ts'
import type { SnapshotBackend } from '../../snapshot/snapshot.ts'
import { GatewayExchange } from '../exchange.ts'
import { createBackend, turns } from './balancer.ts'
import { FakeClock, nobody, poolParts } from './fake-parts.ts'
import { createHealthMemory, SlotRegistry } from './health-board.ts'
import { Pools } from './pool.ts'

const none = new HeaderList()

/** Weights, and the turns that the targets have. */
const cases: readonly [weights: number[], turns: number[]][] = [
  [[1], [0]],
  [
    [1, 1, 1],
    [0, 1, 2],
  ],
  [
    [50, 50],
    [0, 1],
  ],
  [
    [5, 1, 1],
    [0, 0, 1, 0, 2, 0, 0],
  ],
  [[0, 3], [1]],
  [[0, 0], []],
]
for (const [weights, expected] of cases)
  test(`weights ${weights.join(', ')} give the turns ${expected.join(', ')}`, () =>
    assert.deepEqual(turns(weights), expected))

test('each target has its share, and never waits for longer than its share allows', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 12 }), (weights) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      const order = turns(weights)
      weights.forEach((weight, target) => {
        const mine = order.filter((turn) => turn === target).length
        assert.equal(mine * total, weight * order.length)
      })
    }),
  )
})

const urls = (count: number) => Array.from({ length: count }, (_, i) => `http://t${i}`)
const health = (more: Partial<BackendHealth> = {}): BackendHealth => ({
  passive: { consecutive: 1, inWindow: 0, window: 10, statuses: ['503'], ejection: 10, maxEjection: 300 },
  slowStart: 0,
  panicPercent: 50,
  ...more,
})

/** A backend whose targets connect to nothing, and what says which of them a request goes to. */
function start(snapshot: SnapshotBackend, full: ReadonlySet<string> = new Set()) {
  const clock = new FakeClock()
  const healthMemory = createHealthMemory()
  const limitsOf = (name: string) => ({
    take: () => (full.has(name) ? -1 : 0),
    isFull: () => full.has(name),
    release: () => undefined,
  })
  const pools = new Pools(poolParts(clock, { healthMemory, limitsOf }))
  pools.learn(new SlotRegistry(healthMemory).of({ one: snapshot }))
  const backend = createBackend(snapshot, pools)
  const all = [...pools.all()]
  const x = new GatewayExchange(nobody)
  /** The number of the target; null for none. */
  const next = (tried: readonly number[] = []) => {
    x.triedPools.splice(0, Number.POSITIVE_INFINITY, ...tried.flatMap((i) => all[i] ?? []))
    const pool = backend.next(x)
    return pool === null ? null : all.indexOf(pool)
  }
  const several = (count: number) => new Set(Array.from({ length: count }, () => next()))
  return { backend, clock, all, x, next, several }
}

describe('a backend of one target', () => {
  test('is that target, whatever was tried', () => {
    const { next, backend, x } = start({ targets: urls(1) })
    assert.equal(next([0]), 0)
    assert.equal(backend.hasUntried(x), false)
  })

  test('with health: it is used although it is out, for it is all that there is; unless that is not wanted', () => {
    for (const [panicPercent, expected] of [
      [50, 0],
      [0, null],
    ] as const) {
      const { next, all } = start({ targets: urls(1), health: health({ panicPercent }) })
      all[0]?.onAnswer(503, none)
      assert.equal(next(), expected)
    }
  })
})

describe('a backend of several targets', () => {
  const kinds: readonly [name: string, more: Partial<SnapshotBackend>][] = [
    ['in turn', {}],
    ['with health', { health: health() }],
    ['by least requests', { balancing: { method: 'least-requests', key: 'ip' } }],
    ['by hash', { balancing: { method: 'consistent-hash', key: 'ip' } }],
  ]
  for (const [name, more] of kinds) {
    test(`${name}: another than those that were tried, while there is one`, () => {
      const { next } = start({ targets: urls(3), ...more })
      for (let i = 0; i < 6; i++) {
        assert.equal(next([0, 2]), 1)
        assert.notEqual(next([1]), 1)
        assert.ok([0, 1, 2].includes(next([0, 1, 2]) ?? -1))
      }
    })
  }

  test('one without a weight gets nothing', () => {
    const { several } = start({ targets: urls(3), weights: [1, 0, 1], health: health() })
    assert.deepEqual(several(8), new Set([0, 2]))
  })

  test('those that are out are left out, until too few are left; then all are used', () => {
    const { several, all, backend, x } = start({ targets: urls(4), health: health() })
    for (const [out, left] of [
      [0, [1, 2, 3]],
      [1, [2, 3]],
      [2, [0, 1, 2, 3]],
    ] as const) {
      all[out]?.onAnswer(503, none)
      assert.deepEqual(several(12), new Set<number | null>(left))
    }
    x.pool = all[3] ?? null
    assert.equal(backend.hasUntried(x), true)
  })

  test('where none may be used there is none, and no other to go to', () => {
    const { next, all, backend, x } = start({ targets: urls(2), health: health({ panicPercent: 0 }) })
    for (const pool of all) pool.onFailure('backend-unreachable')
    assert.equal(next(), null)
    assert.equal(backend.hasUntried(x), false)
  })

  test('one that comes back slowly gets a part of its share', () => {
    const { next, all, clock } = start({ targets: urls(2), health: health({ slowStart: 100 }) })
    all[0]?.onAnswer(503, none)
    clock.now += 10_000
    next()
    clock.now += 25_000
    const share = Array.from({ length: 100 }, () => next()).filter((which) => which === 0).length
    assert.equal(share, 20)
  })

  test('those that are full are passed by while another has room; else they have a queue', () => {
    const snapshot: SnapshotBackend = {
      targets: urls(3),
      connections: { limit: 1, queue: 0, queueTimeout: 1, idle: 1, idleTimeout: 1 },
    }
    const keys = start(snapshot).all.map(({ key }) => `backend ${key}`)
    assert.deepEqual(start(snapshot, new Set(keys.slice(0, 2))).several(6), new Set([2]))
    assert.deepEqual(start(snapshot, new Set(keys)).several(6), new Set([0, 1, 2]))
  })
})
