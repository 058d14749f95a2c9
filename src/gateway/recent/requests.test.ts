import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RequestFilter } from '../../model/recent-request.ts'
import { type Client, ENDED, GatewayExchange, SENT, STARTED } from '../exchange.ts'
import type { Route, StageTable } from '../table.ts'
import { RecentRequests } from './requests.ts'

const ALL: RequestFilter = { stageIds: null }
const x = new GatewayExchange({} as Client)
const tables = ['s1', 's2'].map(
  (id) => ({ hash: `hash-${id}`, stage: { id, service: `service-${id}`, name: 'live' } }) as unknown as StageTable,
)

interface Parts {
  readonly stage?: number | undefined
  readonly method?: string
  readonly path?: string
  readonly status?: number
  readonly totalMs?: number
  readonly backendMs?: number
  readonly id?: string
  readonly clientIp?: string
  readonly userAgent?: string
  readonly consumer?: { id: string; name: string }
  readonly error?: 'not-found' | 'key-missing'
  readonly isAborted?: boolean
}

/** Does what the end of an exchange does, on an exchange that is used again and again. */
function finish(recent: RecentRequests, parts: Parts): void {
  const { stage, totalMs = 1, backendMs, id, consumer, error } = parts
  x.begin(Date.UTC(2026, 0, 1))
  x.stageTable = stage === undefined ? null : (tables[stage] ?? null)
  x.matched =
    stage === undefined
      ? null
      : ({ id: `m${stage}`, pattern: '/a/{id}', requestPlugins: [], kinds: [] } as unknown as Route)
  x.request.method = parts.method ?? 'GET'
  x.request.path = parts.path ?? '/a/1'
  x.request.host = 'a.localhost'
  x.clientIp = parts.clientIp ?? '192.0.2.1'
  x.request.headers.clear()
  if (parts.userAgent !== undefined) x.request.headers.push('User-Agent', parts.userAgent)
  x.response.status = parts.status ?? 200
  if (id !== undefined) x.id = id
  x.consumer = consumer === undefined ? null : { ...consumer, groups: [] }
  x.error = error === undefined ? null : { type: 'x', code: error, message: 'x' }
  x.isAborted = parts.isAborted ?? false
  x.times[ENDED] = performance.now()
  x.times[STARTED] = (x.times[ENDED] ?? 0) - totalMs
  if (backendMs !== undefined) x.times[SENT] = (x.times[ENDED] ?? 0) - backendMs
  recent.record(x)
}

const paths = (found: readonly { request: { path: string } }[]) => found.map(({ request }) => request.path)

test('tells all that it knows of a request', () => {
  const recent = new RecentRequests(3, 10)
  finish(recent, {
    stage: 0,
    id: 'my-id',
    totalMs: 12.3456,
    backendMs: 5,
    userAgent: 'curl/8',
    consumer: { id: 'k1', name: 'Blüe' },
    path: Buffer.from('/ä').toString('latin1'),
  })
  const [found] = recent.list(ALL, null, 10)
  assert.deepEqual(found?.request, {
    id: 'my-id',
    receivedAt: '2026-01-01T00:00:00.000Z',
    service: 'service-s1',
    stage: 'live',
    deployment: 'hash-s1',
    route: '/a/{id}',
    methodId: 'm0',
    clientIp: '192.0.2.1',
    protocol: 'HTTP/1.1',
    scheme: 'http',
    host: 'a.localhost',
    method: 'GET',
    path: '/ä',
    status: 200,
    totalMs: 12.346,
    backendMs: 5,
    bytesIn: 0,
    bytesOut: 0,
    consumerId: 'k1',
    consumer: 'Blüe',
    error: null,
    answeredBy: null,
    isAborted: false,
    upstream: null,
    attempts: 0,
    userAgent: 'curl/8',
    worker: 3,
  })
  assert.equal(found?.stageId, 's1')
})

test('one without an id is given one when it is shown, and found by it from then on', () => {
  const recent = new RecentRequests(0, 10)
  finish(recent, { path: '/one' })
  finish(recent, { path: '/two' })
  const ids = recent.list(ALL, null, 10).map(({ request }) => request.id)
  assert.match(ids.join(), /^[0-9a-f]{32},[0-9a-f]{32}$/)
  assert.deepEqual(
    ids.map((id) => recent.find(id)?.request.path),
    ['/two', '/one'],
  )
  assert.deepEqual(
    recent.list(ALL, null, 10).map(({ request }) => request.id),
    ids,
  )
})

test('of several of one id the newest is found; of others none', () => {
  const recent = new RecentRequests(0, 10)
  for (const path of ['/one', '/two']) finish(recent, { path, id: 'same' })
  assert.equal(recent.find('same')?.request.path, '/two')
  for (const id of ['', 'sam', 'same2', 'x'.repeat(1000)]) assert.equal(recent.find(id), null, id)
})

test('only the last are remembered', () => {
  const recent = new RecentRequests(0, 3)
  for (let i = 0; i < 8; i++) finish(recent, { path: `/${i}`, id: `id-${i}` })
  assert.deepEqual(paths(recent.list(ALL, null, 10)), ['/7', '/6', '/5'])
  assert.equal(recent.find('id-4'), null)
  const none = new RecentRequests(0, 0)
  finish(none, {})
  assert.deepEqual(none.list(ALL, null, 10), [])
})

test('what is held is not written over before there is room', () => {
  for (const capacity of [0, 3, 100]) {
    const recent = new RecentRequests(0, capacity)
    const rooms: number[] = []
    finish(recent, { id: 'held' })
    const { lastSlot } = recent
    let written = 1
    recent.hold(() => {
      rooms.push(written)
      assert.equal(recent.slots.id(lastSlot), 'held')
      recent.free()
    })
    for (; written < 500; written++) finish(recent, { id: 'other' })
    assert.deepEqual(rooms, [Math.max(64, capacity)])
  }
})

test('texts are cut to their bounds and do not run into one another, whatever was in the slot', () => {
  const recent = new RecentRequests(0, 1)
  const long = 'x'.repeat(9_000)
  finish(recent, {
    id: long.slice(0, 128),
    path: `/${long}`,
    userAgent: long,
    clientIp: long,
    method: long,
    consumer: { id: long, name: long },
  })
  const { request } = recent.list(ALL, null, 1)[0] ?? assert.fail()
  const lengths = [request.id, request.path, request.userAgent, request.clientIp, request.consumerId, request.consumer]
  assert.deepEqual(
    lengths.map((text) => text?.length),
    [128, 256, 150, 45, 40, 96],
  )
  assert.equal(request.method, 'OTHER')
  finish(recent, { path: '/short' })
  const after = recent.list(ALL, null, 1)[0]?.request
  assert.deepEqual([after?.path, after?.userAgent, after?.consumer, after?.id.length], ['/short', null, null, 32])
})

test('pages follow one another without gaps and doubles', () => {
  const recent = new RecentRequests(0, 100)
  for (let i = 0; i < 25; i++) finish(recent, { path: `/${i}` })
  const seen: string[] = []
  for (
    let page = recent.list(ALL, null, 10);
    page.length > 0;
    page = recent.list(ALL, page.at(-1)?.place ?? null, 10)
  ) {
    seen.push(...paths(page))
    // What comes in between is on no later page.
    finish(recent, { path: '/new' })
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, i) => `/${24 - i}`),
  )
})

describe('filters', () => {
  const recent = new RecentRequests(0, 100)
  const all: Parts[] = [
    { path: '/1', stage: 0, status: 200, totalMs: 5 },
    { path: '/2', stage: 1, status: 404, error: 'not-found' },
    { path: '/3', stage: 0, status: 503, totalMs: 700, method: 'POST' },
    { path: '/4/deep', status: 401, error: 'key-missing', clientIp: '2001:db8::7' },
    { path: '/5', stage: 0, consumer: { id: 'k1', name: 'Ada' }, clientIp: '10.1.2.3' },
    { path: '/6', stage: 0, status: 0, isAborted: true },
  ]
  for (const parts of all) finish(recent, parts)
  const cases: readonly (readonly [title: string, filter: Partial<RequestFilter>, wanted: string])[] = [
    ['nothing', {}, '/6 /5 /4/deep /3 /2 /1'],
    ['stages', { stageIds: ['s2'] }, '/2'],
    ['no stage', { stageIds: [] }, ''],
    ['a status', { statuses: ['404'] }, '/2'],
    ['classes', { statuses: ['4xx', '503'] }, '/4/deep /3 /2'],
    ['no status', { statuses: ['0'] }, '/6'],
    ['a method', { method: 'POST' }, '/3'],
    ['a route', { route: '/a/{id}', stageIds: ['s2'] }, '/2'],
    ['a route by its method', { route: 'm1' }, '/2'],
    ['the beginning of a path', { pathPrefix: '/4' }, '/4/deep'],
    ['a part of a path', { pathContains: 'ee' }, '/4/deep'],
    ['a consumer by id', { consumer: 'k1' }, '/5'],
    ['a consumer by name', { consumer: 'Ada' }, '/5'],
    ['clients', { clients: ['10.0.0.0/8', '2001:db8::/32'] }, '/5 /4/deep'],
    ['a duration', { minMs: 500 }, '/3'],
    ['an error', { error: 'key-missing' }, '/4/deep'],
    ['several', { statuses: ['4xx'], error: 'key-missing', clients: ['10.0.0.0/8'] }, ''],
  ]
  for (const [title, filter, wanted] of cases)
    test(`by ${title}`, () => assert.equal(paths(recent.list({ ...ALL, ...filter }, null, 100)).join(' '), wanted))
})

test('a follower is told what comes, and how much came too fast', () => {
  const recent = new RecentRequests(0, 10)
  finish(recent, { path: '/before' })
  const take = recent.follow({ stageIds: null, statuses: ['500'] })
  assert.deepEqual(take(5), { items: [], missed: 0 })
  finish(recent, { path: '/a', status: 500 })
  finish(recent, { path: '/b' })
  const { items, missed } = take(5)
  assert.deepEqual([paths(items), missed], [['/a'], 0])
  for (let i = 0; i < 7; i++) finish(recent, { path: `/${i}`, status: 500 })
  const some = take(5)
  assert.deepEqual([paths(some.items), some.missed], [['/0', '/1', '/2', '/3', '/4'], 2])
  for (let i = 0; i < 25; i++) finish(recent, { path: `/${i}` })
  assert.deepEqual(take(5), { items: [], missed: 15 })
})
