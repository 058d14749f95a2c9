import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { call, deployDesign } from '../support/design.ts'
import { RawBackend, rawRequest, response, statuses } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** A policy of five thousand values on a stage that is deployed, over real sockets, counted over two workers. */

const COUNT = 5_000
const policyOf = (value: string) => ({ plugin: 'restriction-policy', config: { policy: value } })
/** Value N has a rate of N + 1 requests, and may come from 10.N, in its own range of 256 addresses. */
const rangeOf = (i: number) => `10.${i >>> 8}.${i & 255}.0/24`
const addressOf = (i: number) => `10.${i >>> 8}.${i & 255}.7`
const tenants = {
  name: 'tenants',
  key: { in: 'header', name: 'X-Tenant' },
  requestsPerSecond: 3,
  remainingHeader: 'x-left',
  values: Array.from({ length: COUNT }, (_, i) => ({
    value: `tenant-${i}`,
    requestsPerSecond: i + 1,
    networks: { list: [rangeOf(i)] },
  })),
}
const regions = {
  name: 'regions',
  key: { in: 'path-variable', name: 'region' },
  unlisted: 'refuse',
  values: [{ value: 'eu west' }],
}

let turnpike: Turnpike
let backend: RawBackend
before(async () => {
  backend = await RawBackend.start()
  backend.answer = (connection) => connection.write(response('ok'))
  turnpike = await startTurnpike({ args: ['--workers', '2', '--trusted-proxies', '127.0.0.1'] })
  await deployDesign(
    turnpike,
    'pages',
    {
      '/a': { plugins: [policyOf('tenants')] },
      '/b': { methods: { GET: { plugins: [policyOf('tenants')] } } },
      '/regions/{region}': { plugins: [policyOf('regions')] },
    },
    { backend: { targets: [{ url: backend.url }] } },
    [tenants, regions],
  )
})
after(async () => {
  await turnpike.stop()
  await backend.close()
})

async function ask(path: string, tenant: string | null, from = '192.0.2.1') {
  const field = tenant === null ? '' : `X-Tenant: ${tenant}\r\n`
  const answer = await rawRequest(
    turnpike.gatewayPort,
    `GET ${path} HTTP/1.1\r\nHost: pages.localhost\r\nConnection: close\r\nX-Forwarded-For: ${from}\r\n${field}\r\n`,
  )
  const header = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(answer)?.[1]
  return { status: statuses(answer)[0], left: header('x-left'), wait: header('retry-after'), answer }
}

test('each value has its own rate, and the answer says what is left', async () => {
  for (const i of [99, 2_500, COUNT - 1]) {
    const { status, left } = await ask('/a', `tenant-${i}`, addressOf(i))
    assert.deepEqual([status, left], [200, String(i)])
  }
})

test('each value has its own addresses', async () => {
  for (const i of [100, 4_000]) {
    const { status, answer } = await ask('/a', `tenant-${i}`, addressOf(i + 1))
    assert.equal(status, 403)
    assert.match(answer, /"code":"policy-address-denied"/)
  }
})

test('what a value uses is counted over the routes and workers together', async () => {
  const asked = await Promise.all(
    Array.from({ length: 12 }, (_, i) => ask(i % 2 === 0 ? '/a' : '/b', 'tenant-2', addressOf(2))),
  )
  const passed = asked.filter(({ status }) => status === 200)
  const refused = asked.filter(({ status }) => status === 429)
  assert.equal(passed.length + refused.length, 12)
  // Three at once, and one more for each third of a second that it takes.
  assert.ok(passed.length >= 3 && passed.length < 9, `${passed.length}`)
  assert.ok(refused.every(({ left, wait }) => left === '0' && wait === '1'))
})

test('a value that is not listed has the rate of the policy, one that is missing none', async () => {
  assert.deepEqual((await ask('/a', 'unknown')).left, '2')
  const free = await ask('/a', null)
  assert.deepEqual([free.status, free.left], [200, undefined])
})

test('values of path variables are found however they are encoded, and others refused', async () => {
  assert.equal((await ask('/regions/eu%20west', null)).status, 200)
  assert.equal((await ask('/regions/%65u%20west', null)).status, 200)
  assert.equal((await ask('/regions/us', null)).status, 403)
})

test('a value that is changed counts from the next deployment on', async () => {
  const at = '/services/pages/policies/tenants/values/tenant-50'
  await call(turnpike, 'PUT', at, { requestsPerSecond: 7 })
  assert.equal((await ask('/a', 'tenant-50', addressOf(50))).left, '50')
  await call(turnpike, 'POST', '/services/pages/stages/live/deployments', {})
  assert.equal((await ask('/a', 'tenant-50')).left, '6')
})

test('an explanation says how full the limit is, and takes nothing', async () => {
  const request = { target: '/a', headers: [{ name: 'x-tenant', value: 'fresh' }] }
  const at = '/services/pages/stages/live/explain'
  for (let i = 0; i < 4; i++) {
    const { requestPlugins } = await call(turnpike, 'POST', at, { request })
    const step = (requestPlugins as unknown as Json[]).find(({ plugin }) => String(plugin) === 'restriction-policy')
    assert.match(JSON.stringify(step?.notes), /limit 3 per second, 3 at once, for \\"fresh\\": 2 more could come now/)
  }
})
