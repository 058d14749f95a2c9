import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Timed, TimeWheel } from './time-wheel.ts'

class Entry extends Timed {
  readonly fired: number[] = []
  readonly wheel: TimeWheel
  constructor(wheel: TimeWheel) {
    super()
    this.wheel = wheel
  }
  onDeadline() {
    this.fired.push(this.wheel.now)
  }
}

function wheelAt(start: number, slots = 8) {
  const clock = { now: start }
  const wheel = new TimeWheel(() => clock.now, 100, slots)
  const advance = (ms: number) => {
    clock.now += ms
    wheel.tick()
  }
  return { wheel, advance }
}

test('fires once, at the first tick after the deadline', () => {
  const { wheel, advance } = wheelAt(1000)
  const entry = new Entry(wheel)
  wheel.schedule(entry, 250)
  for (let i = 0; i < 30; i++) advance(100)
  assert.deepEqual(entry.fired, [1300])
})

test('a deadline beyond a full turn waits for its own turn', () => {
  const { wheel, advance } = wheelAt(0)
  const entry = new Entry(wheel)
  wheel.schedule(entry, 2000)
  for (let i = 0; i < 30; i++) advance(100)
  assert.deepEqual(entry.fired, [2000])
})

test('removal in the same tick as firing holds', () => {
  const { wheel, advance } = wheelAt(0)
  const [a, b] = [new Entry(wheel), new Entry(wheel)]
  wheel.schedule(a, 100)
  wheel.schedule(b, 100)
  wheel.remove(b)
  advance(200)
  assert.deepEqual([a.fired.length, b.fired.length], [1, 0])
})

test('what fires may remove and schedule the others of its slot', () => {
  const { wheel, advance } = wheelAt(0)
  const entries = [0, 1, 2, 3].map(() => new Entry(wheel))
  const [a, b, c, d] = entries as [Entry, Entry, Entry, Entry]
  for (const entry of entries) wheel.schedule(entry, 100)
  d.onDeadline = () => {
    wheel.remove(c)
    wheel.schedule(b, 300)
  }
  advance(100)
  assert.deepEqual([a.fired.length, b.fired.length, c.fired.length], [1, 0, 0])
  advance(300)
  assert.deepEqual([a.fired.length, b.fired.length, c.fired.length], [1, 1, 0])
})

test('a long stall fires everything that is due', () => {
  const { wheel, advance } = wheelAt(0)
  const entries = [50, 500, 5000, 50_000].map((delay) => {
    const entry = new Entry(wheel)
    wheel.schedule(entry, delay)
    return entry
  })
  advance(60_000)
  assert.deepEqual(
    entries.map((entry) => entry.fired.length),
    [1, 1, 1, 1],
  )
})

/** The slow, obviously right wheel: a map of deadlines that is searched at each tick. */
test('fires each deadline once, never early and at most one tick late, on any sequence of operations', () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('schedule' as const), entry: fc.nat(4), delay: fc.nat(3000) }),
    fc.record({ kind: fc.constantFrom('cancel' as const, 'remove' as const), entry: fc.nat(4), delay: fc.constant(0) }),
    fc.record({
      kind: fc.constant('advance' as const),
      entry: fc.constant(0),
      delay: fc.integer({ min: 1, max: 1500 }),
    }),
  )
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
      const { wheel, advance } = wheelAt(0)
      const entries = [0, 1, 2, 3, 4].map(() => new Entry(wheel))
      const due = new Map<Entry, number>()
      for (const { kind, entry, delay } of operations) {
        const timed = entries[entry] as Entry
        if (kind === 'schedule') {
          wheel.schedule(timed, delay)
          due.set(timed, wheel.now + delay)
        } else if (kind === 'advance') {
          advance(delay)
          for (const one of entries) {
            const deadline = due.get(one) ?? Number.POSITIVE_INFINITY
            const fired = one.fired.splice(0).length
            if (fired > 0) assert.ok(fired === 1 && deadline <= wheel.now, 'fired twice or early')
            else assert.ok(deadline > wheel.now - 100, 'fired late')
            if (fired > 0) due.delete(one)
          }
        } else {
          wheel[kind](timed)
          due.delete(timed)
        }
      }
    }),
    { numRuns: 500 },
  )
})
