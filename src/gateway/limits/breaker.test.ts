import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { BreakerRule } from '../../plugins/plugin.ts'
import { ownTrials, SharedBreaker } from './breaker.ts'
import { BUCKETS, WindowTable, windowTableMemory } from './window-table.ts'

const START = 1_000_000_000
const COARSE_MS = 16
const rule: BreakerRule = {
  windowMs: 10_000,
  minimumCalls: 4,
  failurePercent: 50,
  slowPercent: null,
  openMs: 4_000,
  trialCalls: 2,
}

/** Breakers of the same name in several workers, and the clock of all of them. */
function breakers(given: Partial<BreakerRule> = {}, workers = 1) {
  const memory = windowTableMemory(16)
  const clock = { now: START }
  const made = Array.from(
    { length: workers },
    () =>
      new SharedBreaker(
        { ...rule, ...given },
        { table: new WindowTable(memory), hash: { low: 3, high: 77 }, now: () => clock.now },
      ),
  )
  const [first] = made as [SharedBreaker, ...SharedBreaker[]]
  return { made, first, clock }
}

function fail(breaker: SharedBreaker, times: number): string[] {
  return Array.from({ length: times }, () => breaker.settle(breaker.admit(), true, false) ?? '')
}

describe('a breaker', () => {
  test('opens at the share of failures, not before there were enough calls', () => {
    const { first } = breakers()
    assert.deepEqual(fail(first, 4), ['', '', '', 'opened'])
    assert.equal(first.admit(), -4_000)
    assert.equal(first.state().kind, 'open')
  })

  test('stays closed below it, and forgets what lies behind the window', () => {
    const { first, clock } = breakers()
    for (let i = 0; i < 4; i++) first.settle(first.admit(), false, false)
    assert.deepEqual(fail(first, 3), ['', '', ''])
    clock.now += 10_000
    assert.equal(first.state().calls, 0)
    assert.deepEqual(fail(first, 3), ['', '', ''])
    assert.deepEqual(fail(first, 1), ['opened'])
  })

  test('opens by slowness where that matters, and a slow call that fails in the end is both', () => {
    const { first } = breakers({ failurePercent: null, slowPercent: 75 })
    for (let i = 0; i < 3; i++) assert.equal(first.settle(first.admit(), true, true), null)
    assert.equal(first.settle(first.admit(), false, true), 'opened')
    const both = breakers({ failurePercent: 50, slowPercent: 100 }).first
    const tickets = Array.from({ length: 4 }, () => both.admit())
    both.settle(tickets[0] ?? 0, false, false)
    for (const ticket of tickets.slice(1)) assert.equal(both.settle(ticket, false, true), null)
    assert.equal(both.failLate(tickets[1] ?? 0), null)
    assert.equal(both.failLate(tickets[2] ?? 0), 'opened')
    assert.equal(both.failLate(tickets[3] ?? 0), null)
  })

  test('lets so many calls try when its time is over, and closes when all went well', () => {
    const { first, clock } = breakers()
    fail(first, 4)
    clock.now += 4_000
    assert.equal(first.state().kind, 'half-open')
    const tickets = [first.admit(), first.admit()]
    assert.ok(first.admit() < 0)
    assert.equal(first.settle(tickets[0] ?? 0, false, false), null)
    assert.equal(first.settle(tickets[1] ?? 0, false, false), 'closed')
    assert.equal(first.state().failures, 0)
    assert.deepEqual(fail(first, 3), ['', '', ''])
  })

  test('opens again when one did not', () => {
    const { first, clock } = breakers()
    fail(first, 4)
    clock.now += 4_000
    const ticket = first.admit()
    assert.equal(first.settle(ticket, true, false), 'opened')
    assert.equal(first.admit(), -4_000)
  })

  test('hears nothing of calls that began before it changed', () => {
    const { first, clock } = breakers()
    const early = first.admit()
    fail(first, 4)
    clock.now += 4_000
    const trial = first.admit()
    assert.equal(first.settle(early, true, false), null)
    assert.equal(first.settle(trial, false, false), null)
    assert.equal(first.settle(first.admit(), false, false), 'closed')
  })

  test('a trial call that nothing is known of gives its place back; trial calls that are lost are given up', () => {
    const { first, clock } = breakers()
    fail(first, 4)
    clock.now += 4_000
    const given = first.admit()
    const kept = first.admit()
    assert.ok(kept >= 0 && first.admit() < 0)
    first.release(given)
    assert.ok(first.admit() >= 0)
    clock.now += 4_000
    assert.ok(first.admit() >= 0)
    assert.equal(first.settle(kept, true, false), null, 'of the half-open time before')
  })
})

/** The same rules, as slowly and plainly as they can be written. */
class Model {
  private readonly rule: BreakerRule
  kind: 'closed' | 'open' | 'half-open' = 'closed'
  generation = 0
  until = 0
  admitted = 0
  good = 0
  calls: { at: number; failed: boolean; slow: boolean }[] = []

  constructor(given: BreakerRule) {
    this.rule = given
  }

  private to(kind: Model['kind'], now: number): void {
    this.kind = kind
    this.generation++
    this.admitted = 0
    this.good = 0
    this.until = Math.ceil((now + this.rule.openMs) / COARSE_MS)
    if (kind !== 'half-open') this.calls = []
  }

  admit(now: number): { generation: number } | 'refused' {
    const isOver = this.until - Math.ceil(now / COARSE_MS) <= 0
    if (this.kind === 'open' && isOver) this.to('half-open', now)
    else if (this.kind === 'half-open' && this.admitted >= this.rule.trialCalls && isOver) this.to('half-open', now)
    if (this.kind === 'closed') return { generation: this.generation }
    if (this.kind === 'open' || this.admitted >= this.rule.trialCalls) return 'refused'
    this.admitted++
    return { generation: this.generation }
  }

  settle(ticket: { generation: number }, failed: boolean, slow: boolean, now: number): string | null {
    if (ticket.generation !== this.generation) return null
    const isBad = failed || (slow && this.rule.slowPercent !== null)
    if (this.kind === 'half-open') {
      if (isBad) this.to('open', now)
      else if (++this.good >= this.rule.trialCalls) this.to('closed', now)
      else return null
      return isBad ? 'opened' : 'closed'
    }
    this.calls.push({ at: now, failed, slow })
    const bucketMs = this.rule.windowMs / BUCKETS
    const first = Math.floor(now / bucketMs) - BUCKETS + 1
    const within = this.calls.filter(({ at }) => Math.floor(at / bucketMs) >= first)
    const share = (count: number, percent: number | null) => percent !== null && count * 100 >= percent * within.length
    const failures = within.filter((call) => call.failed).length
    const slows = within.filter((call) => call.slow).length
    const opens =
      isBad &&
      within.length >= this.rule.minimumCalls &&
      (share(failures, this.rule.failurePercent) || share(slows, this.rule.slowPercent))
    if (!opens) return null
    this.to('open', now)
    return 'opened'
  }

  release(ticket: { generation: number }): void {
    if (ticket.generation === this.generation && this.kind === 'half-open' && this.admitted > 0) this.admitted--
  }
}

test('a breaker of several workers does what the model does, whatever comes', () => {
  const percent = fc.option(fc.integer({ min: 1, max: 100 }), { nil: null })
  const rules = fc.record({
    windowMs: fc.constantFrom(1_000, 10_000, 60_000),
    minimumCalls: fc.integer({ min: 1, max: 6 }),
    failurePercent: percent,
    slowPercent: percent,
    openMs: fc.constantFrom(100, 4_000, 90_000),
    trialCalls: fc.integer({ min: 1, max: 4 }),
  })
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('admit' as const), worker: fc.nat(2) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('settle' as const),
        worker: fc.nat(2),
        which: fc.nat(9),
        failed: fc.boolean(),
        slow: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('release' as const), worker: fc.nat(2), which: fc.nat(9) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        ms: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 200_000 })),
      }),
    },
  )
  fc.assert(
    fc.property(rules, fc.array(step, { maxLength: 300, size: 'max' }), (given, steps) => {
      const { made, clock } = breakers(given, 3)
      const model = new Model(given)
      const tickets: { real: number; model: { generation: number } }[] = []
      for (const one of steps) {
        if (one.kind === 'wait') {
          clock.now += one.ms
          continue
        }
        const breaker = made[one.worker] as SharedBreaker
        if (one.kind === 'admit') {
          const real = breaker.admit()
          const expected = model.admit(clock.now)
          assert.equal(real < 0 ? 'refused' : 'let through', expected === 'refused' ? expected : 'let through')
          if (expected !== 'refused') tickets.push({ real, model: expected })
          continue
        }
        const [ticket] = tickets.length === 0 ? [] : tickets.splice(one.which % tickets.length, 1)
        if (ticket === undefined) continue
        if (one.kind === 'release') {
          breaker.release(ticket.real)
          model.release(ticket.model)
        } else
          assert.equal(
            breaker.settle(ticket.real, one.failed, one.slow),
            model.settle(ticket.model, one.failed, one.slow, clock.now),
          )
      }
    }),
    { numRuns: 500 },
  )
})

describe('trial calls are those of one half-open time', () => {
  // [generation of what was counted, of the state that a thread has read, what it goes on with]
  const cases: readonly (readonly [string, number, number, 'same' | 'none' | 'refused'])[] = [
    ['of this one', 7, 7, 'same'],
    ['of an earlier one', 4, 7, 'none'],
    ['of none yet', 0, 2, 'none'],
    ['of a later one, while the thread was held up', 10, 7, 'refused'],
    ['of a later one, where generations begin anew', 1, 0xffff, 'refused'],
    ['of an earlier one, where generations begin anew', 0xffff, 1, 'none'],
  ]
  for (const [what, counted, read, goesOn] of cases)
    test(what, () => {
      const word = (counted << 16) | 0x0201
      const own = ownTrials(word, (read << 2) | 2)
      if (goesOn === 'refused') assert.equal(own, null)
      else assert.equal(own, goesOn === 'same' ? word : read << 16)
    })
})
