import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HeaderList } from '../../lib/headers/header-list.ts'
import type { ActiveHealth, BackendHealth } from '../../model/backend.ts'
import { createHealthMemory } from './health-board.ts'
import { matchStatuses, TargetHealth } from './target-health.ts'
import { troubleOf } from './trouble.ts'

const memory = createHealthMemory()
let slots = 0

const passive = {
  consecutive: 3,
  inWindow: 0,
  window: 10,
  statuses: ['503'],
  ejection: 10,
  maxEjection: 35,
}
const active: ActiveHealth = {
  kind: 'http',
  method: 'GET',
  path: '/',
  statuses: ['2xx'],
  interval: 10,
  jitterPercent: 0,
  timeout: 2,
  healthyAfter: 2,
  unhealthyAfter: 3,
}
const settings = (given: Partial<BackendHealth>): BackendHealth => ({ slowStart: 0, panicPercent: 50, ...given })

/** Two workers that look at the same target, on a clock that the test moves. */
function start(given: BackendHealth) {
  const clock = { now: 1_000_000 }
  const slot = slots++
  const workers = [0, 1].map(() => new TargetHealth(memory, slot, given, () => clock.now))
  const [one, other] = workers
  assert.ok(one !== undefined && other !== undefined)
  const shares = () => workers.map((worker) => worker.share(clock.now))
  return { clock, one, other, shares, pass: (seconds: number) => (clock.now += seconds * 1000) }
}

describe('failures of requests', () => {
  test('so many in a row, whichever worker sees them, take it out for all, and the time over brings it back', () => {
    const { one, other, shares, pass } = start(settings({ passive }))
    one.onAnswer(503)
    other.onFailure(troubleOf('backend-closed'))
    assert.deepEqual(shares(), [1, 1])
    one.onFailure(troubleOf('backend-unreachable'))
    assert.deepEqual(shares(), [0, 0])
    assert.deepEqual(
      [other.read().state, other.read().reason, other.read().ejections],
      ['ejected', 'it could not be connected to', 1],
    )
    pass(9.9)
    assert.deepEqual(shares(), [0, 0])
    pass(0.1)
    assert.deepEqual(shares(), [1, 1])
    assert.equal(one.read().state, 'healthy')
  })

  test('a success between them begins anew', () => {
    const { one, shares } = start(settings({ passive }))
    for (const status of [503, 503, 200, 503, 404, 503, 503]) one.onAnswer(status)
    assert.deepEqual(shares(), [1, 1])
    one.onAnswer(503)
    assert.deepEqual(shares(), [0, 0])
  })

  test('one that fails on probation is out at once, for twice as long, up to the longest time', () => {
    const { one, shares, pass, clock } = start(settings({ passive }))
    for (let i = 0; i < 3; i++) one.onAnswer(503)
    for (const seconds of [10, 20, 35, 35]) {
      assert.equal((one.read().ejectedUntilMs ?? 0) - clock.now, seconds * 1000)
      pass(seconds)
      assert.deepEqual(shares(), [1, 1])
      one.onAnswer(503)
      assert.deepEqual(shares(), [0, 0])
    }
  })

  test('one that has lasted for as long as it was out begins with the first time again, and needs all its failures', () => {
    const { one, shares, pass, clock } = start(settings({ passive }))
    for (let i = 0; i < 3; i++) one.onAnswer(503)
    pass(10)
    shares()
    one.onAnswer(200)
    pass(10.1)
    for (let i = 0; i < 2; i++) one.onAnswer(503)
    assert.deepEqual(shares(), [1, 1])
    one.onAnswer(503)
    assert.equal((one.read().ejectedUntilMs ?? 0) - clock.now, 10_000)
  })

  test('so many within the window take it out, whatever succeeds between them', () => {
    const { one, shares, pass } = start(settings({ passive: { ...passive, consecutive: 0, inWindow: 3 } }))
    for (const status of [503, 200, 503, 200]) one.onAnswer(status)
    pass(10.1)
    for (const status of [503, 200, 503, 200]) one.onAnswer(status)
    assert.deepEqual(shares(), [1, 1])
    one.onAnswer(503)
    assert.deepEqual(shares(), [0, 0])
  })

  test('what says nothing of the target counts for nothing', () => {
    const { one, shares } = start(settings({ passive: { ...passive, consecutive: 1 } }))
    one.onFailure(troubleOf('backend-unavailable'))
    one.onAnswer(500)
    assert.deepEqual(shares(), [1, 1])
  })
})

describe('active checks', () => {
  test('so many bad ones in a row take it out, so many good ones bring it back', () => {
    const { one, shares } = start(settings({ active }))
    const told = [false, false, true, false, false, false, true, false, true, true].map((isGood) => {
      one.onCheck(isGood, isGood ? 200 : 500)
      return shares()[1]
    })
    assert.deepEqual(told, [1, 1, 1, 1, 1, 0, 0, 0, 0, 1])
    assert.equal(one.read().check?.result, 'it answered 200')
  })

  test('they and the failures of requests are independent: it is in use while neither has it out', () => {
    const { one, shares, pass } = start(settings({ active, passive }))
    for (let i = 0; i < 3; i++) one.onAnswer(503)
    for (let i = 0; i < 3; i++) one.onCheck(false, troubleOf('backend-timeout'))
    pass(10)
    assert.deepEqual(shares(), [0, 0])
    assert.equal(one.read().state, 'unhealthy')
    for (let i = 0; i < 2; i++) one.onCheck(true, 200)
    assert.deepEqual(shares(), [1, 1])
  })
})

test('it is told since when it is in use or out, whatever else has it out as well', () => {
  const { one, shares, pass, clock } = start(settings({ active, passive }))
  for (let i = 0; i < 3; i++) one.onCheck(false, 500)
  const since = clock.now
  pass(5)
  for (let i = 0; i < 3; i++) one.onAnswer(503)
  pass(5)
  for (let i = 0; i < 2; i++) one.onCheck(true, 200)
  assert.deepEqual([one.read().state, one.read().sinceMs], ['ejected', since])
  pass(5)
  shares()
  assert.deepEqual([one.read().state, one.read().sinceMs], ['healthy', clock.now])
})

test('slow start: the share grows from a tenth to all of it, as time goes by', () => {
  const { one, shares, pass } = start(settings({ active, slowStart: 10 }))
  assert.deepEqual(shares(), [1, 1], 'a new target has its whole share')
  for (let i = 0; i < 3; i++) one.onCheck(false, 500)
  for (let i = 0; i < 2; i++) one.onCheck(true, 200)
  const told = [0, 1, 4, 4, 1, 100].map((seconds) => {
    pass(seconds)
    return shares()[0]
  })
  assert.deepEqual(told, [0.1, 0.1, 0.5, 0.9, 1, 1])
})

/** What the states are, said in another way: a list of all that has happened, looked at anew each time. */
interface Happening {
  readonly at: number
  readonly kind: 'good' | 'bad' | 'check-good' | 'check-bad' | 'look'
}

function modelOut(happenings: readonly Happening[], until: number): boolean {
  let [inRow, ejectedUntil, length, isEjected] = [0, Number.NEGATIVE_INFINITY, 0, false]
  let [checks, isUnhealthy] = [0, false]
  for (const { at, kind } of happenings) {
    if (isEjected && at >= ejectedUntil && kind === 'look') {
      isEjected = false
      inRow = passive.consecutive - 1
    }
    if (kind === 'good') inRow = 0
    if (kind === 'bad' && !isEjected && ++inRow >= passive.consecutive) {
      length =
        length > 0 && at - ejectedUntil <= length
          ? Math.min(length * 2, passive.maxEjection * 1000)
          : passive.ejection * 1000
      ejectedUntil = at + length
      isEjected = true
    }
    if (kind === 'check-good') checks = Math.max(0, checks) + 1
    if (kind === 'check-bad') checks = Math.min(0, checks) - 1
    if (checks >= active.healthyAfter) isUnhealthy = false
    if (-checks >= active.unhealthyAfter) isUnhealthy = true
  }
  return isUnhealthy || (isEjected && until < ejectedUntil)
}

test('against a model: any order of answers, failures, checks and time, seen by either worker', () => {
  const event = fc.record({
    kind: fc.constantFrom('good', 'bad', 'bad', 'check-good', 'check-bad'),
    seconds: fc.constantFrom(0, 0, 0.5, 5, 10, 25, 40),
    worker: fc.nat(1),
  })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const { one, other, shares, clock, pass } = start(settings({ active, passive }))
      const happenings: Happening[] = []
      for (const { kind, seconds, worker } of events) {
        const seen = worker === 0 ? one : other
        if (kind === 'good') seen.onAnswer(200)
        if (kind === 'bad') seen.onAnswer(503)
        if (kind === 'check-good') seen.onCheck(true, 200)
        if (kind === 'check-bad') seen.onCheck(false, 500)
        happenings.push({ at: clock.now, kind })
        pass(seconds)
        happenings.push({ at: clock.now, kind: 'look' })
        const isOut = modelOut(happenings, clock.now)
        assert.deepEqual(shares(), isOut ? [0, 0] : [1, 1], JSON.stringify(happenings))
        assert.equal(one.read().state !== 'healthy', isOut)
      }
    }),
    { numRuns: 500 },
  )
})

describe('calls of gRPC', () => {
  const headers = (...fields: readonly [name: string, value: string][]) => {
    const list = new HeaderList()
    for (const [name, value] of fields) list.add(name, value)
    return list
  }
  const type = ['Content-Type', 'application/grpc'] as const
  const grpc = headers([...type])
  const says = (code: number) => headers(['grpc-status', String(code)])
  const inHead = (code: number) => headers([...type], ['grpc-status', String(code)])

  /** An answer: its head, and what stands behind its body. */
  type Answer = readonly [status: number, head: HeaderList, trailers: HeaderList | null]
  const cases: [what: string, answers: readonly Answer[], isOut: boolean][] = [
    ['three failures in trailers', [14, 13, 2].map((code) => [200, grpc, says(code)]), true],
    ['three failures in heads', [15, 14, 14].map((code) => [200, inHead(code), null]), true],
    ['three ends without a status', [1, 2, 3].map(() => [200, grpc, null]), true],
    ['trailers that have none', [1, 2, 3].map(() => [200, grpc, headers(['x-a', 'b'])]), true],
    ['what is the fault of the client', [3, 5, 16, 4].map((code) => [200, grpc, says(code)]), false],
    ['one that goes well between them', [14, 14, 0, 14, 14].map((code) => [200, grpc, says(code)]), false],
    ['statuses of HTTP', [1, 2, 3].map(() => [503, grpc, null]), true],
    ['answers that are not of gRPC', [1, 2, 3].map(() => [200, says(14), says(14)]), false],
  ]
  for (const [what, answers, isOut] of cases)
    test(`${what}: ${isOut ? 'out' : 'in'} of use`, () => {
      const { one, shares } = start(settings({ passive }))
      for (const [status, head, trailers] of answers) {
        one.onGrpcHead(status, head)
        one.onGrpcEnd(status, head, trailers)
      }
      assert.deepEqual(shares(), isOut ? [0, 0] : [1, 1])
    })

  test('the failures can be others, or none, and the reason is told by its name', () => {
    const { one } = start(settings({ passive: { ...passive, grpcStatuses: ['NOT_FOUND'] } }))
    for (let i = 0; i < 3; i++) one.onGrpcHead(200, inHead(14))
    assert.equal(one.read().state, 'healthy')
    for (let i = 0; i < 3; i++) one.onGrpcHead(200, inHead(5))
    assert.equal(one.read().reason, 'it answered with NOT_FOUND in grpc-status')
    const none = start(settings({ passive: { ...passive, grpcStatuses: [] } }))
    for (let i = 0; i < 9; i++) none.one.onGrpcHead(200, inHead(14))
    assert.equal(none.one.read().state, 'healthy')
  })
})

test('statuses and classes of them', () => {
  const is = matchStatuses(['5xx', '429'])
  assert.deepEqual([500, 599, 429, 428, 200].map(is), [true, true, true, false, false])
})
