import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WallClock } from './wall-clock.ts'

test('a wall clock goes with the monotonic one, and is set within a tenth of a second', () => {
  let wall = 1_000_000
  let readings = 0
  const clock = new WallClock(() => {
    readings++
    return wall
  })
  assert.equal(clock.at(5.25), 1_000_000)
  wall += 3_600_000
  assert.equal(clock.at(15.5), 1_000_010)
  assert.equal(clock.at(105.2), 1_000_100)
  assert.equal(readings, 1)
  assert.equal(clock.at(105.25), 4_600_000)
  assert.equal(readings, 2)
})
