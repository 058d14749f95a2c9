import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { GatewayExchange } from '../exchange.ts'
import type { BackendLink } from './backend-link.ts'
import { FakeClock, nobody, Outcomes } from './fake-parts.ts'
import { WaitQueue } from './waiting.ts'

const link = {} as BackendLink

/** A queue before a target with so many places. */
function start({ places = 0, most = 3, timeoutMs = 1000 } = {}) {
  const clock = new FakeClock()
  const events = new Outcomes()
  const state = { places }
  const begun: GatewayExchange[] = []
  const queue = new WaitQueue({
    wheel: clock.wheel,
    events,
    most,
    timeoutMs,
    take() {
      if (state.places === 0) return null
      state.places--
      return link
    },
  })
  const add = () => {
    const x = new GatewayExchange(nobody)
    const isIn = queue.add(x, '/', false, (started) => begun.push(started))
    return { x, isIn }
  }
  return { clock, events, state, begun, queue, add }
}

describe('requests that wait', () => {
  test('begin in the order in which they came, as soon as there are places', () => {
    const { add, state, begun, queue } = start()
    const [first, second, third] = [add(), add(), add()]
    state.places = 2
    queue.advance()
    assert.deepEqual(begun, [first.x, second.x])
    state.places = 1
    queue.advance()
    assert.deepEqual(begun, [first.x, second.x, third.x])
    assert.equal(queue.length, 0)
  })

  test('are no more than there may be', () => {
    const { add, queue } = start({ most: 2 })
    assert.deepEqual(
      [add(), add(), add()].map(({ isIn }) => isIn),
      [true, true, false],
    )
    assert.equal(queue.length, 2)
  })

  test('see places that others have given back, without being told', () => {
    const { add, state, begun, clock } = start()
    const { x } = add()
    clock.pass(300)
    assert.deepEqual(begun, [])
    state.places = 1
    clock.pass(100)
    assert.deepEqual(begun, [x])
  })

  test('give up in their time, and nobody begins them afterwards', () => {
    const { add, state, begun, clock, events, queue } = start({ timeoutMs: 500 })
    const { x } = add()
    clock.pass(700)
    assert.deepEqual(events.failures, [[x, 'backend-unavailable']])
    state.places = 1
    clock.pass(1000)
    assert.deepEqual(begun, [])
    assert.equal(queue.length, 0)
  })

  test('are gone when their client is', () => {
    const { add, state, begun, queue, clock, events } = start()
    const [gone, stays] = [add(), add()]
    gone.x.backend?.abandon()
    state.places = 5
    queue.advance()
    assert.deepEqual(begun, [stays.x])
    clock.pass(5000)
    assert.deepEqual(events.failures, [])
  })

  test('against a model: each ends once, as begun, given up or abandoned, and none overtakes another', () => {
    const event = fc.oneof(
      fc.constant({ kind: 'add' as const }),
      fc.record({ kind: fc.constant('place' as const) }),
      fc.record({ kind: fc.constant('abandon' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(100, 400, 1200) }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 50 }), (happenings) => {
        const { add, state, begun, queue, clock, events } = start({ most: 4 })
        const added: GatewayExchange[] = []
        const abandoned = new Set<GatewayExchange>()
        for (const one of happenings) {
          if (one.kind === 'add') {
            const { x, isIn } = add()
            if (isIn) added.push(x)
          }
          if (one.kind === 'place') {
            state.places = 1
            queue.advance()
            state.places = 0
          }
          if (one.kind === 'pass') clock.pass(one.ms)
          const x = one.kind === 'abandon' ? added[one.which] : undefined
          if (x === undefined || begun.includes(x) || events.failures.some(([failed]) => failed === x)) continue
          x.backend?.abandon()
          abandoned.add(x)
        }
        clock.pass(2000)
        const failed = events.failures.map(([x]) => x)
        assert.deepEqual(
          begun,
          added.filter((x) => begun.includes(x)),
        )
        for (const x of added)
          assert.equal([begun.includes(x), failed.includes(x), abandoned.has(x)].filter(Boolean).length, 1)
        assert.equal(queue.length, 0)
      }),
    )
  })
})
