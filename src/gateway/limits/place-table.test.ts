import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NO_PLACE, PlaceTable, placeTableMemory } from './place-table.ts'

const SLOTS = 64
const tables = (workers: number) => {
  const memory = placeTableMemory(SLOTS, workers)
  return Array.from({ length: workers }, (_, worker) => new PlaceTable(memory, SLOTS, worker))
}

test('never are more under way than there are places, and all come back', () => {
  const step = fc.record({ key: fc.integer({ min: 1, max: 5 }), worker: fc.nat(2), isTake: fc.boolean() })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 200, size: 'max' }), (most, steps) => {
      const workers = tables(3)
      const held: { key: number; worker: number; place: number }[] = []
      for (const { key, worker, isTake } of steps) {
        const table = workers[worker]
        assert.ok(table)
        const ofKey = held.filter((one) => one.key === key)
        if (isTake) {
          const place = table.take(key * 17, key, most)
          assert.equal(place !== NO_PLACE, ofKey.length < most)
          if (place !== NO_PLACE) held.push({ key, worker, place })
        } else {
          const own = ofKey.find((one) => one.worker === worker)
          if (own === undefined) continue
          table.release(own.place)
          held.splice(held.indexOf(own), 1)
        }
        assert.equal(table.count(key * 17, key), held.filter((one) => one.key === key).length)
      }
      // A worker dies: what it held, and no more, is free again.
      workers[1]?.releaseAll()
      for (let key = 1; key <= 5; key++)
        assert.equal(workers[0]?.count(key * 17, key), held.filter((one) => one.key === key && one.worker !== 1).length)
    }),
    { numRuns: 300 },
  )
})

test('more keys at once than slots have fewer places, never more; later they have all', () => {
  const [table] = tables(1)
  assert.ok(table)
  const places = Array.from({ length: 1_000 }, (_, i) => table.take(i * 31, i + 1, 2))
  assert.ok(places.some((place) => place === NO_PLACE))
  for (const place of places) if (place !== NO_PLACE) table.release(place)
  for (let key = 1; key <= 16; key++) {
    assert.notEqual(table.take(0, key + 5_000, 2), NO_PLACE)
    assert.notEqual(table.take(0, key + 5_000, 2), NO_PLACE)
    assert.equal(table.take(0, key + 5_000, 2), NO_PLACE)
  }
})
