import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeLink, nobody } from './backend/fake-parts.ts'
import type { Pool } from './backend/pool.ts'
import type { BreakerCall } from './breaking.ts'
import { GatewayExchange, type Upstream } from './exchange.ts'
import { leaveLate } from './total-time.ts'

/** An exchange that a target is busy with. */
function exchange() {
  const told: string[] = []
  const link = new FakeLink()
  const x = new GatewayExchange(nobody)
  x.begin(0)
  x.backend = link
  x.pool = { onFailure: (code: string) => told.push(code) } as unknown as Pool
  return { x, link, told }
}

describe('a target is told that it was late', () => {
  const cases: readonly [
    what: string,
    isTold: boolean,
    change: (x: GatewayExchange) => void,
    isClientLate?: boolean,
  ][] = [
    ['where an answer is waited for', true, () => undefined],
    ['not where the client is', false, () => undefined, true],
    [
      'not where the answer has begun',
      false,
      (x) => {
        x.isAnswered = true
      },
    ],
    [
      'not where it has nothing to do with the request yet',
      false,
      (x) => {
        x.backend = Object.assign(new FakeLink(), { isWaiting: true }) as Upstream
      },
    ],
    [
      'not where something else is waited for',
      false,
      (x) => {
        x.backend = null
      },
    ],
  ]
  for (const [what, isTold, change, isClientLate = false] of cases)
    test(what, () => {
      const { x, told } = exchange()
      change(x)
      leaveLate(x, isClientLate)
      assert.deepEqual(told, isTold ? ['backend-timeout'] : [])
      assert.equal(x.backend, null)
    })
})

test('the breaker is told, too, and the connection is left', () => {
  const { x, link, told } = exchange()
  x.breaker = {} as GatewayExchange['breaker']
  x.breakerCall = { failed: () => told.push('breaker') } as unknown as BreakerCall
  leaveLate(x, true)
  assert.deepEqual(told, [])
  x.backend = link
  leaveLate(x, false)
  assert.deepEqual(told, ['backend-timeout', 'breaker'])
  assert.ok(link.isAbandoned)
})
