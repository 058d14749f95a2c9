import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { MirrorPlan } from '../plugins/plugin.ts'
import { compilePath } from '../plugins/variables.ts'
import { FakeClock, FakeLink, nobody } from './backend/fake-parts.ts'
import type { Pool } from './backend/pool.ts'
import { type Client, GatewayExchange } from './exchange.ts'
import { CHUNKED, SIZED } from './http1/head.ts'
import { type Copy, Mirrors } from './mirroring.ts'
import type { RouteBackend } from './table.ts'

/** The copies of one worker, their backend (links in memory, or none), and the clock. */
function setUp(changes: Partial<MirrorPlan> = {}, { path = null as string | null, isReachable = true } = {}) {
  const clock = new FakeClock()
  const mirrors = new Mirrors(clock.wheel)
  const links: FakeLink[] = []
  const counted: string[] = []
  /** The exchanges of the copies, as their backend has seen them. */
  const sent: GatewayExchange[] = []
  const take = () => {
    if (!isReachable) return null
    const link = new FakeLink()
    links.push(link)
    return link
  }
  const pool = { target: { url: 'http://second' }, take, wait: () => false } as unknown as Pool
  const next = (x: GatewayExchange) => {
    sent.push(x)
    return pool
  }
  const to: RouteBackend = {
    name: 'second',
    backend: { next, hasUntried: () => false },
    path: path === null ? null : compilePath(path),
  }
  const plan: MirrorPlan = {
    to,
    maxBodyBytes: 10,
    gate: { underWay: 0 },
    mostUnderWay: 2,
    timeoutMs: 1_000,
    mark: 'X-Mirrored',
    keepsHost: false,
    count: (event) => counted.push(event),
    ...changes,
  }
  /** A copy of a request that is as it is changed to be. */
  const prepare = (change: (x: GatewayExchange) => void = () => undefined) => {
    const x = aRequest()
    change(x)
    return { x, copy: mirrors.prepare(x, plan) }
  }
  return { clock, mirrors, links, counted, sent, plan, prepare }
}

function aRequest(): GatewayExchange {
  const x = new GatewayExchange({ ...nobody, forwardingLines: 'X-Forwarded-For: 192.0.2.1\r\n' } as Client)
  x.begin(1)
  Object.assign(x.request, { method: 'PUT', host: 'shop.test', path: '/a', query: 'b=c' })
  x.request.headers.add('Host', 'shop.test')
  x.request.headers.add('X-Own', '1')
  return x
}

const withBody = (x: GatewayExchange, text: string) =>
  Object.assign(x.request, { framing: SIZED, contentLength: text.length, inlineBody: text })

describe('a copy', () => {
  test('is what the request is, and marked; the request itself stays as it was', () => {
    const { prepare, links, sent } = setUp()
    const { x, copy } = prepare((x) => {
      withBody(x, 'body')
      x.consumer = { id: 'alice' } as GatewayExchange['consumer']
    })
    assert.ok(copy?.isWhole)
    copy.start()
    const [{ request, client, clientIp, consumer } = aRequest()] = sent
    assert.deepEqual([links[0]?.path, request.method, request.inlineBody], ['/a?b=c', 'PUT', 'body'])
    assert.deepEqual([client.forwardingLines, clientIp], [x.client.forwardingLines, x.clientIp])
    assert.equal(consumer, x.consumer)
    assert.deepEqual([request.headers.get('x-own'), request.headers.get('x-mirrored')], ['1', '1'])
    assert.equal(request.headers.get('host'), undefined)
    assert.deepEqual([x.request.headers.get('x-mirrored'), x.request.headers.get('host')], [undefined, 'shop.test'])
  })

  test('goes to a path made of what the request knows when it is taken down', () => {
    const { prepare, links } = setUp({}, { path: '/shadow${request.uriPath}' })
    const { x, copy } = prepare()
    x.request.path = '/later'
    copy?.start()
    assert.equal(links[0]?.path, '/shadow/a?b=c')
  })

  test('can keep the host that the client asked for, and have another mark', () => {
    const { prepare, sent } = setUp({ keepsHost: true, mark: 'X-Shadow' })
    prepare().copy?.start()
    const { headers } = sent[0]?.request ?? aRequest().request
    assert.deepEqual([headers.get('host'), headers.get('x-shadow')], ['shop.test', '1'])
  })

  test('waits for a body that comes in parts, and has it in one', () => {
    const { prepare, sent, links } = setUp()
    const { copy } = prepare((x) => Object.assign(x.request, { framing: CHUNKED }))
    assert.equal(copy?.isWhole, false)
    assert.equal(links.length, 0)
    copy?.startWith('parts')
    const { request } = sent[0] ?? aRequest()
    assert.deepEqual([request.framing, request.contentLength, request.inlineBody], [SIZED, 5, 'parts'])
  })
})

describe('there is none', () => {
  const none: readonly [why: string, change: (x: GatewayExchange) => void, event: string, path?: string][] = [
    ['of a body that is too long', (x) => withBody(x, 'b'.repeat(11)), 'dropped'],
    ['of one that says it will be', (x) => Object.assign(x.request, { framing: SIZED, contentLength: 11 }), 'dropped'],
    ['of what asks for a tunnel', (x) => Object.assign(x.request, { upgrade: 'websocket' }), 'dropped'],
    [
      'where the request gives no path',
      (x) => Object.assign(x.request, { variableNames: ['p'], variableValues: ['..'] }),
      'failed',
      '/a/${request.path.p}/../../..',
    ],
  ]
  for (const [why, change, event, path = null] of none)
    test(why, () => {
      const { prepare, counted, plan } = setUp({}, { path })
      assert.equal(prepare(change).copy, null)
      assert.deepEqual([counted, plan.gate.underWay], [[event], 0])
    })

  test('beyond those that may be under way, until one of them is over', () => {
    const { prepare, counted } = setUp()
    const { copy } = prepare()
    assert.ok(copy && prepare().copy)
    assert.equal(prepare().copy, null)
    copy.drop()
    assert.deepEqual(counted, ['dropped', 'dropped'])
    assert.ok(prepare().copy)
  })
})

const TOO_LONG = Buffer.alloc(1_048_577)
const ends: readonly [what: string, end: (copy: Copy, clock: FakeClock) => void, event: string][] = [
  ['an answer in one piece', (copy) => copy.writeWhole(), 'copied'],
  [
    'the end of an answer',
    (copy) => {
      copy.writeHead()
      copy.writeBody(Buffer.from('ab'), 0, 2)
      copy.end()
    },
    'copied',
  ],
  ['an answer of which enough has been read', (copy) => copy.writeBody(TOO_LONG, 0, TOO_LONG.length), 'copied'],
  ['an answer that is broken off', (copy) => copy.abort(), 'failed'],
  ['no answer in time', (_, clock) => clock.pass(1_100), 'failed'],
]

describe('it is over with', () => {
  for (const [what, end, event] of ends)
    test(what, () => {
      const { prepare, counted, plan, clock, links } = setUp()
      const { copy } = prepare()
      copy?.start()
      assert.equal(plan.gate.underWay, 1)
      if (copy) end(copy, clock)
      assert.deepEqual([counted, plan.gate.underWay], [[event], 0])
      // In these tests nobody else takes the link away.
      assert.ok(links[0]?.isAbandoned)
    })

  test("an answer of the gateway's own", () => {
    const { prepare, counted, sent } = setUp()
    const { copy } = prepare()
    copy?.start()
    if (sent[0]) sent[0].error = { type: 'backend', code: 'backend-closed', message: '' }
    copy?.writeWhole()
    assert.deepEqual(counted, ['failed'])
  })

  test('nobody who could be sent to', () => {
    const { prepare, counted, plan } = setUp({}, { isReachable: false })
    prepare().copy?.start()
    assert.deepEqual([counted, plan.gate.underWay], [['failed'], 0])
  })
})

test('whatever is told of a copy, and how often, it is counted once, and its place is given back', () => {
  const events = fc.array(
    fc.constantFrom(...ends.map(([, end]) => end), (copy: Copy) => copy.drop()),
    { minLength: 1 },
  )
  fc.assert(
    fc.property(events, (all) => {
      const { prepare, counted, plan, clock } = setUp()
      const { copy } = prepare()
      copy?.start()
      for (const end of all) if (copy) end(copy, clock)
      assert.deepEqual([counted.length, plan.gate.underWay], [1, 0])
    }),
  )
})

test('a copy that is used again has nothing of the one before', () => {
  const { prepare, sent, links, counted, clock } = setUp()
  const { copy: first } = prepare((x) => {
    withBody(x, 'body')
    x.consumer = { id: 'alice' } as GatewayExchange['consumer']
    x.request.headers.add('X-Secret', 's')
  })
  first?.start()
  first?.writeBody(TOO_LONG, 0, 1_048_576)
  first?.end()
  const { copy: second } = prepare()
  assert.equal(second, first)
  second?.start()
  const x = sent.at(-1) ?? aRequest()
  assert.deepEqual([x.request.inlineBody, x.consumer, x.request.headers.get('x-secret')], [null, null, undefined])
  // Neither has it read anything yet, nor is it late.
  second?.writeBody(TOO_LONG, 0, 1_000)
  clock.pass(900)
  assert.deepEqual([counted, links.at(-1)?.isAbandoned], [['copied'], false])
})
