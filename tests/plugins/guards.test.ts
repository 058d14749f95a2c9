import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { deployDesign } from '../support/design.ts'
import { RawBackend, rawRequest, response, statuses } from '../support/raw.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Plugins that guard and answer, on a stage that is deployed, over real sockets. */

const APP = 'https://app.example.com'
const cors = { plugin: 'cors', config: { origins: [APP], credentials: true, methods: ['GET', 'PUT'] } }

let turnpike: Turnpike
let backend: RawBackend
before(async () => {
  backend = await RawBackend.start()
  backend.answer = (connection) => connection.write(response('ok', 'HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *'))
  turnpike = await startTurnpike({ args: ['--workers', '1', '--trusted-proxies', '127.0.0.1'] })
  const target = { backend: { targets: [{ url: backend.url }] } }
  await deployDesign(
    turnpike,
    'pages',
    {
      '/': { plugins: [cors] },
      '/open': { methods: { GET: {}, PUT: {} } },
      '/any': { methods: { ANY: {} } },
      '/inner': { plugins: [{ plugin: 'ip-restriction', config: { networks: ['10.0.0.0/8'] } }] },
      '/closed': { plugins: [{ plugin: 'cors', off: true }] },
      '/old/{id}': { plugins: [{ plugin: 'redirect', config: { status: 308, location: '/new/${request.path.id}' } }] },
    },
    target,
  )
})
after(async () => {
  await turnpike.stop()
  await backend.close()
})

/** Sends a request and gives back its status and the headers that the test is about. */
async function ask(method: string, path: string, headers: Record<string, string> = {}) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const answer = await rawRequest(
    turnpike.gatewayPort,
    `${method} ${path} HTTP/1.1\r\nHost: pages.localhost\r\nConnection: close\r\n${lines.join('')}\r\n`,
  )
  const header = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(answer)?.[1]
  return { status: statuses(answer)[0], header, origin: header('access-control-allow-origin') }
}

const preflight = { origin: APP, 'access-control-request-method': 'PUT' }

describe('cors', () => {
  const cases: readonly [
    what: string,
    method: string,
    path: string,
    headers: Record<string, string>,
    status: number,
    origin?: string,
  ][] = [
    ['a preflight request to a path without OPTIONS', 'OPTIONS', '/open', preflight, 204, APP],
    ['a preflight request to a path with ANY', 'OPTIONS', '/any', preflight, 204, APP],
    [
      'a preflight request of another origin',
      'OPTIONS',
      '/open',
      { ...preflight, origin: 'https://evil.example' },
      204,
    ],
    ['a simple request', 'GET', '/open', { origin: APP }, 200, APP],
    ['a simple request of another origin', 'GET', '/open', { origin: 'https://evil.example' }, 200],
    ['a refusal by another plugin', 'GET', '/inner', { origin: APP }, 403, APP],
    ['a path that does not exist', 'GET', '/nowhere', { origin: APP }, 404, APP],
    ['a method that does not exist', 'DELETE', '/open', { origin: APP }, 405, APP],
    ['OPTIONS that is no preflight request', 'OPTIONS', '/open', { origin: APP }, 405, APP],
    ['a target that is not valid', 'GET', '/%zz', { origin: APP }, 400, APP],
    ['a path where it is switched off', 'OPTIONS', '/closed', preflight, 405],
    ['an answer where it is switched off', 'GET', '/closed', { origin: 'https://evil.example' }, 200, '*'],
  ]
  for (const [what, method, path, headers, status, origin] of cases) {
    test(what, async () => {
      const answer = await ask(method, path, headers)
      assert.deepEqual([answer.status, answer.origin], [status, origin])
    })
  }

  test('Allow names what the path has, and OPTIONS', async () => {
    assert.equal((await ask('DELETE', '/open')).header('allow'), 'GET, HEAD, OPTIONS, PUT')
  })
})

describe('ip-restriction', () => {
  for (const [chain, status] of [
    ['10.1.2.3', 200],
    ['192.0.2.1', 403],
    ['10.1.2.3, 192.0.2.1', 403],
  ] as const) {
    test(`X-Forwarded-For "${chain}" of a trusted proxy is answered ${status}`, async () =>
      assert.equal((await ask('GET', '/inner', { 'x-forwarded-for': chain })).status, status))
  }
})

test('redirect sends the client on, with its query', async () => {
  const { status, header } = await ask('GET', '/old/7?a=b')
  assert.deepEqual([status, header('location')], [308, '/new/7?a=b'])
})
