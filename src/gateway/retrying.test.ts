import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HeaderList } from '../lib/headers/header-list.ts'
import { TimeWheel } from '../lib/time-wheel.ts'
import type { RetryPolicy } from '../plugins/plugin.ts'
import type { ReplyCode } from '../plugins/replies.ts'
import { FakeLink } from './backend/fake-parts.ts'
import { type Client, GatewayExchange } from './exchange.ts'
import { CHUNKED, type Framing, NO_BODY } from './http1/head.ts'
import { ResponseHead } from './http1/response-head.ts'
import { type Retrier, retryAfterMs, Tries } from './retrying.ts'

const usual: RetryPolicy = {
  attempts: 3,
  tryTimeoutMs: null,
  on: new Set(['connect-failure', 'closed', 'timeout']),
  statuses: new Set([503]),
  grpcCodes: null,
  methods: new Set(['GET', 'PUT']),
  others: 'never',
  maxBodyBytes: 10,
  backoffMs: 0,
  maxBackoffMs: 4_000,
  maxRetryAfterMs: 5_000,
  budget: { request: () => undefined, take: () => true, left: () => 1 },
  random: () => 0.5,
  count: () => undefined,
}

/** An exchange with tries, a server that only sends, and the clock. */
function setUp(policy: Partial<RetryPolicy>, { method = 'GET', framing = NO_BODY as Framing } = {}) {
  const clock = { now: 0 }
  const links: FakeLink[] = []
  const reading: string[] = []
  const failures: ReplyCode[] = []
  const client = {
    pauseBody: () => reading.push('pause'),
    resumeBody: () => reading.push('resume'),
  } as unknown as Client
  const x = new GatewayExchange(client)
  x.request.method = method
  x.request.framing = framing
  x.begin(0)
  const send = () => {
    const link = new FakeLink()
    links.push(link)
    x.backend = tries.carry(link)
    if (links.length > 1 && framing !== NO_BODY) tries.replay()
  }
  const retrier: Retrier = {
    wheel: new TimeWheel(() => clock.now, 100),
    resend: send,
    failed: (_x, code) => {
      failures.push(code)
      tries.afterFailure(code)
    },
  }
  const tries = new Tries(x, retrier)
  tries.begin({ ...usual, ...policy }, policy.maxBodyBytes ?? usual.maxBodyBytes)
  send()
  const wait = (ms: number) => {
    clock.now += ms
    retrier.wheel.tick()
  }
  const write = (text: string) => x.backend?.writeBody(Buffer.from(text), 0, text.length)
  return { x, tries, links, reading, failures, wait, write }
}

function answer(status: number, fields: readonly [string, string][] = []): ResponseHead {
  const head = new ResponseHead()
  head.status = status
  for (const [name, value] of fields) head.headers.add(name, value)
  return head
}

test('what fails is tried as often as the rules allow, whatever comes', () => {
  const failures = ['backend-unreachable', 'backend-closed', 'backend-malformed', 'backend-timeout'] as const
  const conditions = {
    'backend-unreachable': 'connect-failure',
    'backend-closed': 'closed',
    'backend-malformed': 'malformed',
    'backend-timeout': 'timeout',
  } as const
  const outcome = fc.oneof(
    fc.record({ code: fc.constantFrom(...failures) }),
    fc.record({ status: fc.constantFrom(200, 404, 500, 503), after: fc.constantFrom(null, 0, 3, 9) }),
  )
  const policies = fc.record({
    attempts: fc.integer({ min: 2, max: 5 }),
    on: fc.subarray(['connect-failure', 'closed', 'timeout', 'malformed'] as const).map((list) => new Set(list)),
    statuses: fc.subarray([404, 500, 503]).map((list) => new Set(list)),
    others: fc.constantFrom('never' as const, 'unprocessed' as const, 'always' as const),
    backoffMs: fc.constantFrom(0, 250),
    maxBackoffMs: fc.constantFrom(300, 2_000),
  })
  fc.assert(
    fc.property(
      policies,
      fc.constantFrom('GET', 'POST'),
      fc.nat(4),
      fc.array(outcome, { minLength: 6, maxLength: 6 }),
      (policy, method, budget, outcomes) => {
        let left = budget
        const { tries, links, wait } = setUp(
          { ...policy, budget: { request: () => undefined, left: () => left, take: () => left-- > 0 } },
          { method },
        )
        // As plainly as the page says it.
        let expected = 1
        for (const one of outcomes) {
          const isWanted =
            'code' in one
              ? policy.on.has(conditions[one.code])
              : policy.statuses.has(one.status) && (one.after ?? 0) <= 5
          const isUnprocessed = 'code' in one && one.code === 'backend-unreachable'
          const isMethod =
            method === 'GET' || policy.others === 'always' || (policy.others === 'unprocessed' && isUnprocessed)
          if (!isWanted || !isMethod || expected >= policy.attempts || expected > budget) break
          expected++
        }
        let isOver = false
        for (const one of outcomes) {
          if (isOver) break
          const before = links.length
          const isFollowed =
            'code' in one
              ? tries.afterFailure(one.code)
              : tries.afterAnswer(answer(one.status, one.after === null ? [] : [['Retry-After', `${one.after}`]]), '')
          isOver = !isFollowed
          if (!isFollowed) continue
          const leastMs = 'after' in one ? (one.after ?? 0) * 1_000 : 0
          if (leastMs > 0) {
            wait(leastMs - 200)
            assert.equal(links.length, before, 'not before it was asked to')
          }
          wait(3_000)
          assert.equal(links.length, before + 1)
        }
        assert.equal(links.length, expected)
      },
    ),
    { numRuns: 500 },
  )
})

test('waits grow, and stay below the longest', () => {
  const { tries, links, wait } = setUp({ attempts: 5, backoffMs: 1_000, maxBackoffMs: 3_000, random: () => 1 })
  const waited = [1_000, 2_000, 3_000, 3_000].map((ms) => {
    const before = links.length
    assert.ok(tries.afterFailure('backend-closed'))
    wait(ms - 200)
    assert.equal(links.length, before)
    wait(400)
    return links.length - before
  })
  assert.deepEqual(waited, [1, 1, 1, 1])
})

describe('a body that streams', () => {
  test('is sent again as far as it has come, and goes on', () => {
    const { x, tries, links, reading, wait, write } = setUp({ backoffMs: 1_000 }, { method: 'PUT', framing: CHUNKED })
    write('abc')
    tries.afterFailure('backend-closed')
    assert.deepEqual(reading, ['pause'])
    // What was read before the client could be told to wait.
    write('d')
    wait(1_500)
    assert.deepEqual(reading, ['pause', 'resume'])
    write('ef')
    x.backend?.endBody(null)
    assert.deepEqual(
      links.map(({ sent, isEnded }) => [sent, isEnded]),
      [
        ['abc', false],
        ['abcdef', true],
      ],
    )
    tries.afterFailure('backend-closed')
    wait(2_500)
    assert.deepEqual(reading, ['pause', 'resume'], 'it has ended: nothing is to be read any more')
    assert.deepEqual([links[2]?.sent, links[2]?.isEnded], ['abcdef', true])
  })

  test('that is longer than what is kept is not sent again', () => {
    const { tries, links, write } = setUp({}, { method: 'PUT', framing: CHUNKED })
    write('0123456789')
    write('x')
    assert.equal(tries.afterFailure('backend-closed'), false)
    assert.equal(links.length, 1)
  })

  test('is let go of when an answer is taken', () => {
    const { tries, write } = setUp({}, { method: 'PUT', framing: CHUNKED })
    write('abc')
    assert.equal(tries.afterAnswer(answer(200), null), false)
    assert.equal(tries.body.isIntact, false)
  })
})

describe('time for a try', () => {
  test('begins anew with each part of the request, and ends with the head of the answer', () => {
    const { tries, failures, links, wait, write } = setUp({ tryTimeoutMs: 1_000 }, { method: 'PUT', framing: CHUNKED })
    wait(900)
    write('a')
    wait(900)
    assert.deepEqual(failures, [])
    wait(300)
    assert.deepEqual(failures, ['backend-timeout'])
    assert.equal(links[0]?.isAbandoned, true)
    assert.equal(links.length, 2)
    tries.afterAnswer(answer(200), null)
    wait(5_000)
    assert.deepEqual(failures, ['backend-timeout'])
  })
})

describe('an answer that is not taken', () => {
  const unwanted = () => {
    const made = setUp({})
    const head = answer(503)
    head.framing = CHUNKED
    assert.ok(made.tries.afterAnswer(head, null))
    assert.ok(made.tries.isDiscarding)
    return made
  }
  test('is read to its end', () => {
    const { tries, links } = unwanted()
    tries.dropBody(100)
    tries.dropped()
    assert.equal(links[0]?.isAbandoned, false)
    assert.equal(links.length, 2)
  })
  test('costs its connection where it is too long', () => {
    const { tries, links } = unwanted()
    tries.dropBody(65_000)
    assert.equal(links.length, 1)
    tries.dropBody(1_000)
    assert.equal(links[0]?.isAbandoned, true)
    assert.equal(links.length, 2)
  })
  test('costs its connection where it stalls', () => {
    const { links, wait } = unwanted()
    wait(1_200)
    assert.equal(links[0]?.isAbandoned, true)
    assert.equal(links.length, 2)
  })
})

test('between two tries nobody is busy with the request', () => {
  const { tries, x, wait } = setUp({ backoffMs: 4_000 })
  assert.equal(tries.isWaiting, false)
  tries.afterFailure('backend-closed')
  assert.ok(tries.isWaiting)
  wait(4_000)
  assert.equal(tries.isWaiting, false)
  x.backend?.abandon()
})

test('whoever ends the exchange ends the wait', () => {
  const { x, tries, links, wait } = setUp({ backoffMs: 1_000 })
  tries.afterFailure('backend-closed')
  x.backend?.abandon()
  wait(5_000)
  assert.equal(links.length, 1)
})

describe('an answer of gRPC', () => {
  const grpc: [string, string] = ['content-type', 'application/grpc']
  const cases: readonly [what: string, fields: [string, string][], outcome: 'taken' | number][] = [
    ['with a status that is a failure', [grpc, ['grpc-status', '14']], 0],
    ['with another', [grpc, ['grpc-status', '5']], 'taken'],
    ['whose status is still to come', [grpc], 'taken'],
    ['that only looks like one', [['grpc-status', '14']], 'taken'],
    ['that asks for patience', [grpc, ['grpc-status', '14'], ['grpc-retry-pushback-ms', '3000']], 3_000],
    ['that asks for too much', [grpc, ['grpc-status', '14'], ['grpc-retry-pushback-ms', '6000']], 'taken'],
    ['that wants no other try', [grpc, ['grpc-status', '14'], ['grpc-retry-pushback-ms', '-1']], 'taken'],
    ['whose wish cannot be read', [grpc, ['grpc-status', '14'], ['grpc-retry-pushback-ms', 'soon']], 'taken'],
  ]
  for (const [what, fields, outcome] of cases)
    test(`${what}: ${outcome === 'taken' ? 'taken' : `another try after ${outcome} ms`}`, () => {
      const { tries, links, wait } = setUp({ grpcCodes: new Set(['14']) })
      assert.equal(tries.afterAnswer(answer(200, fields), ''), outcome !== 'taken')
      if (outcome === 'taken') return assert.equal(links.length, 1)
      wait(outcome - 100)
      assert.equal(links.length, outcome === 0 ? 2 : 1)
      wait(200)
      assert.equal(links.length, 2)
    })
})

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1)
  const cases: [value: string | null, ms: number][] = [
    [null, 0],
    ['0', 0],
    ['120', 120_000],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['-1', 0],
    ['1.5', 0],
    ['soon', 0],
    ['2027', 2_027_000],
  ]
  for (const [value, ms] of cases)
    test(`${value}`, () => {
      const headers = new HeaderList()
      if (value !== null) headers.add('Retry-After', value)
      assert.equal(retryAfterMs(headers, now), ms)
    })
})
