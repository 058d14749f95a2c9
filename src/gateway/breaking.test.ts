import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HeaderList } from '../lib/headers/header-list.ts'
import { TimeWheel } from '../lib/time-wheel.ts'
import { fakeBreaker } from '../plugins/fake-exchange.ts'
import type { BreakerPlan } from '../plugins/plugin.ts'
import { BreakerCall } from './breaking.ts'

function headers(...fields: readonly [name: string, value: string][]): HeaderList {
  const list = new HeaderList()
  for (const [name, value] of fields) list.add(name, value)
  return list
}
const plain = headers(['Content-Type', 'text/plain'], ['grpc-status', '14'])
const grpc = (...fields: readonly [name: string, value: string][]) =>
  headers(['Content-Type', 'application/grpc+proto'], ...fields)
const says = (code: number) => headers(['grpc-status', String(code)])

/** A call and what its breaker hears; the clock of the wheel is the test's, that of the call is not asked in these times. */
function newCall({ slowMs = null as number | null, admits = 5 } = {}) {
  const heard: string[] = []
  const clock = { now: 0 }
  const wheel = new TimeWheel(() => clock.now)
  const plan: BreakerPlan = {
    breaker: fakeBreaker({
      admit: () => admits,
      settle(ticket, hasFailed, wasSlow) {
        heard.push(`${ticket} ${hasFailed ? 'failed' : 'well'}${wasSlow ? ', slow' : ''}`)
        return hasFailed ? 'opened' : null
      },
      failLate(ticket) {
        heard.push(`${ticket} failed late`)
        return null
      },
      release: (ticket) => heard.push(`${ticket} released`),
    }),
    failureStatuses: new Set([500]),
    failureGrpcCodes: new Set(['2', '14']),
    slowMs,
    count: (event) => heard.push(event),
  }
  const call = new BreakerCall(wheel)
  const waitMs = call.enter(plan)
  const wait = (ms: number) => {
    clock.now += ms
    wheel.tick()
  }
  return { call, heard, wait, waitMs, plan }
}

const HOUR = 3_600_000
const cases: [
  what: string,
  slowMs: number | null,
  does: (call: BreakerCall, wait: (ms: number) => void) => void,
  heard: string[],
][] = [
  ['an answer', null, (call) => call.answered(404, plain), ['5 well']],
  ['an answer that is a failure', null, (call) => call.answered(500, plain), ['5 failed', 'opened']],
  ['no answer', null, (call) => call.failed(), ['5 failed', 'opened']],
  ['a client that is gone', null, (call) => call.finished(), ['5 released']],
  ['what is settled once', null, (call) => [call.answered(200, plain), call.failed(), call.finished()], ['5 well']],
  ['an answer in time', HOUR, (call) => call.answered(200, plain), ['5 well']],
  ['no answer yet', HOUR, (_call, wait) => wait(2 * HOUR), ['5 well, slow']],
  ['an answer at last', HOUR, (call, wait) => [wait(2 * HOUR), call.answered(200, plain)], ['5 well, slow']],
  ['a failure at last', HOUR, (call, wait) => [wait(2 * HOUR), call.failed()], ['5 well, slow', '5 failed late']],
  ['a client that has waited long', HOUR, (call, wait) => [wait(2 * HOUR), call.finished()], ['5 well, slow']],
  ['time that passes after the answer', HOUR, (call, wait) => [call.answered(200, plain), wait(2 * HOUR)], ['5 well']],
  ['a status of gRPC', null, (call) => call.answered(200, grpc(['grpc-status', '5'])), ['5 well']],
  ['one that is a failure', null, (call) => call.answered(200, grpc(['grpc-status', '14'])), ['5 failed', 'opened']],
  [
    'one behind the answer',
    null,
    (call) => [call.answered(200, grpc()), call.ended(says(0)), call.finished()],
    ['5 well'],
  ],
  [
    'one that is a failure, behind the answer, once',
    null,
    (call) => [call.answered(200, grpc()), call.ended(says(14)), call.ended(says(14)), call.finished()],
    ['5 well', '5 failed late'],
  ],
  ['none at its end', null, (call) => [call.answered(200, grpc()), call.ended(null)], ['5 well', '5 failed late']],
  [
    'a client that has not waited for it',
    null,
    (call) => [call.answered(200, grpc()), call.finished(), call.ended(null)],
    ['5 well'],
  ],
  ['an answer that is no gRPC', null, (call) => [call.answered(200, plain), call.ended(says(14))], ['5 well']],
  ['a page instead of gRPC', null, (call) => [call.answered(404, grpc()), call.ended(null)], ['5 well']],
]
describe('a breaker hears of', () => {
  for (const [what, slowMs, does, expected] of cases)
    test(what, () => {
      const { call, heard, wait, waitMs } = newCall({ slowMs })
      assert.equal(waitMs, 0)
      does(call, wait)
      assert.deepEqual(heard, expected)
    })
})

test('what is still to come of a call says nothing of the next', () => {
  const { call, heard, plan } = newCall()
  call.answered(200, grpc())
  call.enter(plan)
  call.ended(says(14))
  assert.deepEqual(heard, ['5 well'])
})

test('a call that is not let through is counted and owes nothing', () => {
  const { call, heard, waitMs } = newCall({ admits: -1_500 })
  assert.equal(waitMs, 1_500)
  call.finished()
  assert.deepEqual(heard, ['refused'])
})
