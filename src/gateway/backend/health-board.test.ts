import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SnapshotBackend } from '../../snapshot/snapshot.ts'
import { createHealthMemory, HEALTH_SLOTS, SLOT_WORDS, SlotRegistry } from './health-board.ts'

const backend = (interval: number, ...targets: string[]): SnapshotBackend => ({
  targets,
  health: {
    active: {
      kind: 'tcp',
      method: 'GET',
      path: '/',
      statuses: ['2xx'],
      interval,
      jitterPercent: 0,
      timeout: 1,
      healthyAfter: 1,
      unhealthyAfter: 1,
    },
    slowStart: 0,
    panicPercent: 50,
  },
})

test('a target keeps its slot while something live has it, with other settings it is another; plain ones have none', () => {
  const memory = createHealthMemory()
  const registry = new SlotRegistry(memory)
  const before = { a: backend(1, 'http://a', 'http://b'), plain: { targets: ['http://c'] } }
  const slots = registry.of(before)
  assert.equal(slots.length, 2)
  const [[key = '', slot = -1] = []] = slots
  new Int32Array(memory)[slot * SLOT_WORDS] = 7
  registry.retain([before, { other: backend(2, 'http://a') }])
  assert.deepEqual(registry.of(before), slots)
  assert.notEqual(registry.of({ a: backend(2, 'http://a') })[0]?.[1], slot)
  assert.equal(new Int32Array(memory)[slot * SLOT_WORDS], 7)

  registry.retain([])
  assert.equal(registry.get(key), undefined)
})

test('slots are given out anew, without what was in them; when there are none left, it is said', () => {
  const memory = createHealthMemory()
  const registry = new SlotRegistry(memory)
  const all = backend(1, ...Array.from({ length: HEALTH_SLOTS }, (_, i) => `http://t${i}`))
  const slots = registry.of({ all })
  new Int32Array(memory).fill(9)
  assert.throws(() => registry.of({ one: backend(1, 'http://one-more') }), /more than 16384 targets/)
  registry.retain([])
  const [[, slot = -1] = []] = registry.of({ one: backend(1, 'http://one-more') })
  assert.ok(slots.some(([, used]) => used === slot))
  assert.equal(new Int32Array(memory)[slot * SLOT_WORDS], 0)
})
