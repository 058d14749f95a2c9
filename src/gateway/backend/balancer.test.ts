import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { turns } from './balancer.ts'

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
