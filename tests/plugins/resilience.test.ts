import assert from 'node:assert/strict'
import { Agent, createServer, request, type Server } from 'node:http'
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createServer as createHttp2Server,
  constants as HTTP2,
  type Http2Server,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { call, deployDesign } from '../support/design.ts'
import { RawBackend, RawClient, rawRequest, response, statuses } from '../support/raw.ts'
import { freePort, type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Plugins that stand between a request and a backend that fails, over real sockets and several workers. */

/** For what a machine does within a second or two that does nothing else. */
const PATIENCE_MS = 60_000

let turnpike: Turnpike
let backend: RawBackend
before(async () => {
  backend = await RawBackend.start()
  turnpike = await startTurnpike({ args: ['--workers', '2'] })
})
after(async () => {
  await turnpike.stop()
  await backend.close()
})

const retry = (config: object = {}) => ({ plugin: 'retry', config: { backoff: 0, ...config } })
const ask = (host: string, path: string, { method = 'GET', lines = '', body = '' } = {}) =>
  rawRequest(
    turnpike.gatewayPort,
    `${method} ${path} HTTP/1.1\r\nHost: ${host}.localhost\r\nConnection: close\r\n${lines}\r\n${body}`,
  )
const statusOf = async (host: string, path: string, options = {}) => statuses(await ask(host, path, options)).at(-1)
/** Requests that a backend has been sent, by the beginning of their lines. */
const tries = (start: string) => backend.received.split(`${start} `).length - 1

/** What a plugin of a service's routes has counted so far; looked at until it is as expected, because workers tell it once a second. */
async function untilCounted(service: string, plugin: string, event: string, least: number): Promise<void> {
  const { items } = await call(turnpike, 'GET', `/services/${service}/resources?limit=1000`)
  const own = (items as unknown as { methods: { id: string }[] }[]).flatMap(({ methods }) => methods)
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const { routes } = await call(turnpike, 'GET', '/status').then(({ nodes }) => nodes?.[0] as Json)
    const counted = own.map(({ id }) => routes?.[id]?.plugins?.[plugin]?.events?.[event] ?? 0)
    const most = Math.max(0, ...counted.map(Number))
    if (most >= least) return
    assert.ok(Date.now() < deadline, `${service}: ${event} of ${plugin} is ${most}, not ${least}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe('retry', () => {
  before(async () => {
    const route = (config: object, verbs = ['GET']) => ({
      methods: Object.fromEntries(verbs.map((verb) => [verb, { plugins: [retry(config)] }])),
    })
    await deployDesign(
      turnpike,
      'retry',
      {
        '/status': route({ statuses: [429, 503] }, ['GET', 'POST']),
        '/always': route({ others: 'always' }, ['POST']),
        '/try': route({ tryTimeout: 0.2 }),
        '/closed': route({}, ['GET', 'PUT', 'POST']),
        '/small': route({ maxBodyBytes: 1_000 }, ['PUT']),
        '/budget': route({ budgetPercent: 0, budgetPerSecond: 1, attempts: 2 }),
        '/patience': route({ statuses: [503], maxRetryAfter: 1 }),
        '/plain': { methods: { GET: {} } },
      },
      { backend: { targets: [{ url: backend.url }] } },
    )
  })

  /** The backend gives these answers, one to each request, and the last to all that follow. */
  function answers(...list: readonly (string | ((socket: Socket) => void))[]): void {
    backend.reset()
    let next = 0
    const taken = new WeakMap<object, number>()
    backend.answer = (connection, received) => {
      const heads = received.split(/(?:GET|PUT|POST) \/\S* HTTP/).length - 1
      const isWhole = received.endsWith('\r\n\r\n') || received.endsWith('end')
      if (!isWhole || heads <= (taken.get(connection) ?? 0)) return
      taken.set(connection, heads)
      const answer = list[Math.min(next++, list.length - 1)]
      if (typeof answer === 'string') connection.write(answer)
      else answer?.(connection.socket)
    }
  }
  const failing = (body: string, status = '503 Service Unavailable', lines = '') =>
    response(body, `HTTP/1.1 ${status}${lines}`)

  test('an answer that is not taken is followed by another try, whose connection is the same', async () => {
    answers(failing('no'), failing('no', '429 Too Many Requests'), response('yes'))
    assert.match(await ask('retry', '/status'), /^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\nyes$/)
    assert.equal(tries('GET /status'), 3)
    assert.equal(backend.connections.length, 1)
  })

  test('an answer in parts is read to its end first; one that is too long or stalls costs its connection', async () => {
    const long = 'x'.repeat(50_000)
    answers(failing(long), response('yes'))
    assert.match(await ask('retry', '/status'), /\r\n\r\nyes$/)
    assert.equal(backend.connections.length, 1)
    answers('HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', response('yes'))
    assert.match(await ask('retry', '/status'), /\r\n\r\nyes$/)
    assert.equal(backend.connections.length, 2)
    answers(failing('x'.repeat(200_000)), response('yes'))
    assert.match(await ask('retry', '/status'), /\r\n\r\nyes$/)
    assert.equal(backend.connections.length, 2)
  })

  test('the last try is the answer, body and all', async () => {
    answers(failing('still no'))
    assert.match(await ask('retry', '/status'), /^HTTP\/1\.1 503 [\s\S]*\r\n\r\nstill no$/)
    assert.equal(tries('GET /status'), 3)
  })

  test('a status that is not named, or a method that is not idempotent, is one try', async () => {
    answers(failing('no', '500 No'))
    assert.equal(await statusOf('retry', '/status'), 500)
    assert.equal(tries('GET /status'), 1)
    answers(failing('no'), response('yes'))
    assert.equal(await statusOf('retry', '/status', { method: 'POST' }), 503)
    answers(failing('no'), response('yes'))
    assert.equal(await statusOf('retry', '/always', { method: 'POST' }), 200)
  })

  test('a try that takes too long is given up, and the last one is 504', async () => {
    answers(() => undefined, response('yes'))
    assert.equal(await statusOf('retry', '/try'), 200)
    answers(() => undefined)
    const answer = await ask('retry', '/try')
    assert.match(answer, /^HTTP\/1\.1 504 [\s\S]*"backend-timeout"/)
    assert.equal(tries('GET /try'), 3)
  })

  test('connections that are closed or reset before the answer', async () => {
    answers(
      (socket) => socket.destroy(),
      (socket) => socket.resetAndDestroy(),
      response('yes'),
    )
    assert.equal(await statusOf('retry', '/closed'), 200)
    answers((socket) => socket.destroy(), response('yes'))
    assert.equal(await statusOf('retry', '/closed', { method: 'POST' }), 502)
    answers((socket) => socket.destroy())
    assert.equal(await statusOf('retry', '/closed'), 502)
    assert.equal(tries('GET /closed'), 3)
  })

  test('a body that streams is kept and sent again, in one piece or in chunks, whatever of it had come', async () => {
    const body = `${'b'.repeat(60_000)}end`
    answers((socket) => socket.destroy(), response('yes'))
    assert.equal(
      await statusOf('retry', '/closed', { method: 'PUT', lines: `Content-Length: ${body.length}\r\n`, body }),
      200,
    )
    assert.ok(backend.connections[1]?.received.endsWith(`\r\n\r\n${body}`))

    // The backend goes away in the middle of the body.
    answers(response('yes'))
    backend.answer = (connection) => {
      if (connection === backend.connections[0]) connection.socket.destroy()
      else if (connection.received.endsWith('0\r\n\r\n')) connection.write(response('yes'))
    }
    const client = new RawClient(turnpike.gatewayPort)
    client.write('PUT /closed HTTP/1.1\r\nHost: retry.localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n')
    const second = await backend.connection(2)
    await second.until((received) => received.includes('first'), 'what had come of the body')
    client.write('6\r\nsecond\r\n0\r\n\r\n')
    assert.match(await client.untilResponses(1), /yes$/)
    assert.match(second.received, /\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n$/)
    client.close()
  })

  test('a body that is longer than what is kept goes once', async () => {
    const body = `${'b'.repeat(30_000)}end`
    answers((socket) => socket.destroy(), response('yes'))
    assert.equal(
      await statusOf('retry', '/small', { method: 'PUT', lines: `Content-Length: ${body.length}\r\n`, body }),
      502,
    )
    assert.equal(backend.connections.length, 1)
  })

  test('Retry-After is waited for as far as patience goes', async () => {
    answers(failing('no', '503 No', '\r\nRetry-After: 1'), response('yes'))
    const began = performance.now()
    assert.equal(await statusOf('retry', '/patience'), 200)
    assert.ok(performance.now() - began > 850)
    answers(failing('no', '503 No', '\r\nRetry-After: 2'), response('yes'))
    assert.match(await ask('retry', '/patience'), /^HTTP\/1\.1 503 No\r\n[\s\S]*Retry-After: 2\r\n/)
  })

  test('no more retries than the budget has, over all workers', async () => {
    answers(failing('no'))
    for (let i = 0; i < 40; i++) await ask('retry', '/budget')
    const retries = tries('GET /budget') - 40
    assert.ok(retries >= 9 && retries <= 12, `${retries}`)
    await untilCounted('retry', 'retry', 'overBudget', 28)
    await untilCounted('retry', 'retry', 'retries', 9)
  })

  test('a client that goes away ends the wait for another try', async () => {
    answers(failing('no', '503 No', '\r\nRetry-After: 1'))
    const client = new RawClient(turnpike.gatewayPort)
    client.write('GET /patience HTTP/1.1\r\nHost: retry.localhost\r\n\r\n')
    await (await backend.connection()).until((received) => received.includes('\r\n\r\n'), 'the request')
    client.close()
    answers(response('yes'))
    // Another one goes through all that the first would have gone through.
    assert.equal(await statusOf('retry', '/patience'), 200)
    assert.equal(tries('GET /patience'), 1)
  })

  test('without the plugin only what was closed when it was used again is sent twice', async () => {
    answers(failing('no'))
    assert.equal(await statusOf('retry', '/plain'), 503)
    assert.equal(tries('GET /plain'), 1)
  })

  test('explain says what it would do', async () => {
    const { requestPlugins } = await call(turnpike, 'POST', '/services/retry/stages/live/explain', {
      request: { target: '/status', method: 'POST' },
    })
    assert.deepEqual((requestPlugins as unknown as Json[])[0]?.notes?.[0], 'one try: POST is not sent again')
  })
})

/** A backend of Node's own server, whose connections can be broken off. */
async function nodeBackend(port: number, answer: (path: string) => string): Promise<{ server: Server; kill(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer((incoming, outgoing) => outgoing.end(answer(incoming.url ?? '')))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port }, resolve))
  return {
    server,
    kill() {
      server.close()
      for (const socket of sockets) socket.resetAndDestroy()
    },
  }
}

const portOf = ({ server }: { server: Server }) => (server.address() as AddressInfo).port

test('a target that is killed under load, with retries on: no idempotent request fails', async () => {
  const ports = [await freePort(), await freePort()]
  const backends = await Promise.all(ports.map((port) => nodeBackend(port, () => 'ok')))
  await deployDesign(
    turnpike,
    'killed',
    { '/{path+}': { methods: { ANY: { plugins: [retry({ backoff: 0.05, budgetPercent: 100 })] } } } },
    { backend: { targets: backends.map((one) => ({ url: `http://127.0.0.1:${portOf(one)}` })) } },
  )
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const seen = new Map<number | string, number>()
  let isOver = false
  const method = (i: number) => (['GET', 'PUT', 'DELETE'] as const)[i % 3] ?? 'GET'
  const one = (i: number) =>
    new Promise<void>((resolve) => {
      const count = (what: number | string) => {
        seen.set(what, (seen.get(what) ?? 0) + 1)
        resolve()
      }
      const options = { port: turnpike.gatewayPort, host: '127.0.0.1', path: `/${i}`, agent, method: method(i) }
      const sent = request({ ...options, headers: { host: 'killed.localhost' } }, (answer) => {
        answer.resume()
        answer.on('end', () => count(answer.statusCode ?? 0))
        answer.on('error', (error) => count(error.message))
      })
      sent.on('error', (error) => count(error.message))
      sent.end(i % 3 === 1 ? 'a body' : undefined)
    })
  const load = Array.from({ length: 16 }, async (_, worker) => {
    for (let i = worker; !isOver; i += 16) await one(i)
  })
  const answered = async (more: number) => {
    const goal = (seen.get(200) ?? 0) + more
    const deadline = Date.now() + 60_000
    while ((seen.get(200) ?? 0) < goal && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await answered(500)
  backends[1]?.kill()
  await answered(1_000)
  isOver = true
  await Promise.all(load)
  agent.destroy()
  backends[0]?.kill()
  assert.deepEqual([...seen.keys()], [200], JSON.stringify([...seen]))
  assert.ok((seen.get(200) ?? 0) >= 1_500, `${seen.get(200)}`)
})

describe('circuit-breaker', () => {
  const breaker = (config: object) => ({ plugin: 'circuit-breaker', config })
  const failures = { window: 10, minimumCalls: 4, failurePercent: 50, open: 1, trialCalls: 1 }
  before(() =>
    deployDesign(
      turnpike,
      'breaker',
      {
        '/fails': { methods: { GET: { plugins: [breaker(failures)] } } },
        '/retried': { methods: { GET: { plugins: [breaker({ ...failures, open: 60 }), retry({ attempts: 10 })] } } },
        '/hangs': {
          methods: {
            GET: { plugins: [breaker({ window: 10, minimumCalls: 4, slow: 0.3, slowPercent: 100, open: 60 })] },
          },
        },
        '/well': { methods: { GET: {} } },
      },
      { backend: { targets: [{ url: backend.url }] } },
    ),
  )
  const sent = (path: string) => backend.received.split(`GET ${path} `).length - 1

  test('opens for all workers, answers by itself, and closes when the backend is well again', async () => {
    backend.reset()
    backend.answer = (connection) => connection.write(response('no', 'HTTP/1.1 500 No'))
    for (let i = 0; i < 4; i++) assert.equal(await statusOf('breaker', '/fails'), 500)
    for (let i = 0; i < 6; i++) {
      const answer = await ask('breaker', '/fails')
      assert.match(answer, /^HTTP\/1\.1 503 [\s\S]*Retry-After: 1\r\n[\s\S]*"code":"backend-unavailable"/)
    }
    assert.equal(sent('/fails'), 4)
    const explained = await call(turnpike, 'POST', '/services/breaker/stages/live/explain', {
      request: { target: '/fails' },
    })
    assert.match(JSON.stringify(explained.requestPlugins), /open: requests are refused/)
    // A deployment with the same settings changes nothing about it.
    await call(turnpike, 'POST', '/services/breaker/stages/live/deployments', {})
    backend.answer = (connection) => connection.write(response('yes'))
    const deadline = Date.now() + 60_000
    let status: number | undefined = 0
    while (status !== 200 && Date.now() < deadline) status = await statusOf('breaker', '/fails')
    assert.equal(status, 200)
    for (let i = 0; i < 4; i++) assert.equal(await statusOf('breaker', '/fails'), 200)
    await untilCounted('breaker', 'circuit-breaker', 'opened', 1)
    await untilCounted('breaker', 'circuit-breaker', 'closed', 1)
    await untilCounted('breaker', 'circuit-breaker', 'refused', 6)
  })

  test('each try is a call, and an open breaker ends the tries', async () => {
    backend.reset()
    backend.answer = (connection) => connection.write(response('no', 'HTTP/1.1 503 No'))
    assert.match(await ask('breaker', '/retried'), /^HTTP\/1\.1 503 No/)
    assert.equal(sent('/retried'), 4)
    assert.match(await ask('breaker', '/retried'), /"backend-unavailable"/)
  })

  test('a backend that hangs opens it before any request has given up, and other routes do not notice', async () => {
    backend.reset()
    backend.answer = (connection, received) => {
      if (received.lastIndexOf('GET /well') > received.lastIndexOf('GET /hangs')) connection.write(response('yes'))
    }
    const waiting = Array.from({ length: 6 }, () =>
      new RawClient(turnpike.gatewayPort).write('GET /hangs HTTP/1.1\r\nHost: breaker.localhost\r\n\r\n'),
    )
    const deadline = Date.now() + 60_000
    let refusals = 0
    while (refusals < 5 && Date.now() < deadline) {
      const client = new RawClient(turnpike.gatewayPort)
      client.write('GET /hangs HTTP/1.1\r\nHost: breaker.localhost\r\n\r\n')
      waiting.push(client)
      assert.equal(await statusOf('breaker', '/well'), 200)
      await new Promise((resolve) => setTimeout(resolve, 50))
      refusals = waiting.filter(({ received }) => received.includes('"backend-unavailable"')).length
    }
    assert.equal(refusals, 5)
    assert.equal(waiting.filter(({ received }) => received !== '' && !received.includes(' 503 ')).length, 0)
    for (const client of waiting) client.close()
  })
})

describe('traffic-split', () => {
  let canary: RawBackend
  const sideOf = async (path: string, options = {}) => (await ask('split', path, options)).split('\r\n\r\n')[1]
  before(async () => {
    canary = await RawBackend.start()
    canary.answer = (connection) => connection.write(response('canary'))
    const sides = (weights: readonly [number, number], side: object = {}) => [
      { name: 'stable', weight: weights[0] },
      { name: 'canary', weight: weights[1], backend: { targets: [{ url: canary.url }] }, ...side },
    ]
    const split = (config: object) => ({ methods: { GET: { plugins: [{ plugin: 'traffic-split', config }] } } })
    const rules = [
      { in: 'header', name: 'x-beta', values: ['yes'], side: 'canary' },
      { in: 'cookie', name: 'beta', side: 'canary' },
    ]
    await deployDesign(
      turnpike,
      'split',
      {
        '/rules': split({ sides: sides([1, 0], { path: '/v2${request.uriPath}' }), rules }),
        '/sticky': split({ sides: sides([1, 1]), stickyBy: 'cookie' }),
        '/half': {
          methods: {
            GET: {
              plugins: [
                { plugin: 'traffic-split', config: { sides: sides([1, 1]) } },
                { plugin: 'response-transformer', config: { headers: { set: { 'x-side': '${split.side}' } } } },
              ],
            },
          },
        },
        '/broken': {
          methods: {
            GET: {
              plugins: [
                { plugin: 'traffic-split', config: { sides: sides([1, 0]), rules } },
                { plugin: 'circuit-breaker', config: { minimumCalls: 2, open: 60, trialCalls: 1 } },
              ],
            },
          },
        },
      },
      { backend: { targets: [{ url: backend.url }] } },
    )
    backend.reset()
    backend.answer = (connection) => connection.write(response('stable'))
  })
  after(() => canary.close())

  test('rules come first, and a side may have a path of its own', async () => {
    assert.equal(await sideOf('/rules'), 'stable')
    assert.equal(await sideOf('/rules', { lines: 'X-Beta: yes\r\n' }), 'canary')
    assert.match(canary.received, /^GET \/v2\/rules HTTP/)
    assert.equal(await sideOf('/rules', { lines: 'X-Beta: no\r\n' }), 'stable')
    assert.equal(await sideOf('/rules', { lines: 'Cookie: a=1; beta=\r\n' }), 'canary')
  })

  test('weights divide what no rule fits, and the side is a context variable', async () => {
    const seen = new Set<string>()
    for (let i = 0; i < 60 && seen.size < 2; i++) {
      const answer = await ask('split', '/half')
      const side = answer.split('\r\n\r\n')[1] ?? ''
      assert.match(answer, new RegExp(`x-side: ${side}\r\n`, 'i'))
      seen.add(side)
    }
    assert.deepEqual([...seen].sort(), ['canary', 'stable'])
  })

  test('a cookie keeps a client on its side, in all workers', async () => {
    const first = await ask('split', '/sticky')
    const cookie = /Set-Cookie: (turnpike-split=[0-9a-f]+); Path=\/; Max-Age=86400; HttpOnly; SameSite=Lax\r\n/.exec(
      first,
    )?.[1]
    assert.ok(cookie)
    const side = first.split('\r\n\r\n')[1]
    for (let i = 0; i < 20; i++) {
      const again = await ask('split', '/sticky', { lines: `Cookie: ${cookie}\r\n` })
      assert.equal(again.split('\r\n\r\n')[1], side)
      assert.doesNotMatch(again, /Set-Cookie/)
    }
  })

  test('a breaker has a state for each side', async () => {
    canary.answer = (connection) => connection.write(response('no', 'HTTP/1.1 500 No'))
    const toCanary = { lines: 'X-Beta: yes\r\n' }
    assert.equal(await statusOf('split', '/broken', toCanary), 500)
    assert.equal(await statusOf('split', '/broken', toCanary), 500)
    assert.equal(await statusOf('split', '/broken', toCanary), 503)
    assert.equal(await statusOf('split', '/broken'), 200)
  })

  test('explain names the side and the backend', async () => {
    const explained = await call(turnpike, 'POST', '/services/split/stages/live/explain', {
      request: { target: '/rules', headers: [{ name: 'X-Beta', value: 'yes' }] },
    })
    assert.equal(explained.backend?.url, canary.url)
    assert.match(JSON.stringify(explained.requestPlugins), /side \\"canary\\"/)
    assert.ok(JSON.stringify(explained.requestPlugins).includes(`backend is set to \\"${canary.url}\\"`))
  })

  test('a backend that may not be is refused where it stands', async () => {
    const { status, body } = await turnpike.api('PATCH', '/services/split/stages/live', {
      plugins: [
        {
          plugin: 'traffic-split',
          config: { sides: [{ name: 'a', backend: { targets: [{ url: 'http://169.254.169.254/' }] } }] },
        },
      ],
    })
    assert.equal(status, 422)
    assert.match(JSON.stringify(body), /\/plugins\/0\/config\/sides\/0\/backend\/targets\/0\/url/)
  })
})

describe('mirror', () => {
  let second: RawBackend
  const ASKED = 20
  before(async () => {
    second = await RawBackend.start()
    const deaf = await freePort()
    const mirror = (config: object, verbs = ['GET', 'POST']) => ({
      methods: Object.fromEntries(verbs.map((verb) => [verb, { plugins: [{ plugin: 'mirror', config }] }])),
    })
    const backendOf = (url: string) => ({ backend: { targets: [{ url }] } })
    await deployDesign(
      turnpike,
      'mirror',
      {
        '/copied': mirror({ ...backendOf(`${second.url}/shadow`), path: '/of${request.uriPath}' }),
        '/client-host': mirror({ ...backendOf(second.url), host: 'client', mark: 'X-Shadow' }),
        '/small': mirror({ ...backendOf(second.url), maxBodyBytes: 100 }),
        '/dead': mirror(backendOf(`http://127.0.0.1:${deaf}`)),
        '/slow': mirror({ ...backendOf(second.url), maxUnderWay: 2, timeout: 60 }),
        '/loop': mirror(backendOf(`http://127.0.0.1:${turnpike.gatewayPort}`)),
      },
      { backend: { targets: [{ url: backend.url }] } },
    )
  })
  after(() => second.close())
  const well = () => {
    backend.reset()
    second.reset()
    backend.answer = (connection, received) => {
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0)
      if (received.length - received.indexOf('\r\n\r\n') - 4 >= length) connection.write(response('first'))
    }
    second.answer = (connection) => connection.write(response('second', 'HTTP/1.1 500 No'))
  }
  const body = (text: string) => ({ method: 'POST', lines: `Content-Length: ${text.length}\r\n`, body: text })

  test('a copy has all that the request has, and a mark', async () => {
    well()
    assert.match(await ask('mirror', '/copied?a=1', { lines: 'X-Own: 1\r\n' }), /^HTTP\/1\.1 200 [\s\S]*first$/)
    const copy = await second.connection()
    await copy.until((received) => received.includes('\r\n\r\n'), 'the copy')
    assert.match(copy.received, /^GET \/shadow\/of\/copied\?a=1 HTTP\/1\.1\r\n/)
    assert.match(copy.received, /\r\nX-Own: 1\r\n/)
    assert.match(copy.received, /\r\nX-Mirrored: 1\r\n/)
    assert.match(copy.received, new RegExp(`\r\nHost: 127\\.0\\.0\\.1:${second.port}\r\n`))
    assert.doesNotMatch(backend.received, /X-Mirrored/)
  })

  test('the host of the client, and another mark', async () => {
    well()
    await ask('mirror', '/client-host')
    const copy = await second.connection()
    await copy.until((received) => received.includes('\r\n\r\n'), 'the copy')
    assert.match(copy.received, /\r\nHost: mirror\.localhost\r\n/)
    assert.match(copy.received, /\r\nX-Shadow: 1\r\n/)
  })

  test('a body at hand, one that streams, and one in chunks', async () => {
    const long = `${'b'.repeat(40_000)}end`
    const bodies: [sent: object, copied: string][] = [
      [body('short'), 'short'],
      [body(long), long],
      [{ method: 'POST', lines: 'Transfer-Encoding: chunked\r\n', body: '3\r\nabc\r\n0\r\n\r\n' }, 'abc'],
    ]
    for (const [sent, copied] of bodies) {
      well()
      backend.answer = (connection, received) => {
        if (/(?:short|end|0\r\n\r\n)$/.test(received)) connection.write(response('first'))
      }
      assert.match(await ask('mirror', '/copied', sent), /first$/)
      const copy = await second.connection()
      await copy.until((received) => received.endsWith(`\r\n\r\n${copied}`), 'the copy')
      assert.match(copy.received, new RegExp(`Content-Length: ${copied.length}\r\n`))
    }
  })

  test('a body that is too long is not copied, and the request goes on', async () => {
    well()
    assert.match(await ask('mirror', '/small', body('b'.repeat(101))), /first$/)
    assert.match(await ask('mirror', '/small', body('b'.repeat(50_000))), /first$/)
    await untilCounted('mirror', 'mirror', 'dropped', 2)
    assert.equal(second.connections.length, 0)
  })

  test('a second backend that is dead, or never answers, changes nothing for the first', async () => {
    well()
    second.answer = () => undefined
    for (let i = 0; i < ASKED; i++) {
      assert.match(await ask('mirror', '/dead'), /first$/)
      assert.match(await ask('mirror', '/slow'), /first$/)
    }
    await untilCounted('mirror', 'mirror', 'failed', ASKED)
    // Two of each worker are under way for ever; all others are dropped, not heaped up.
    assert.ok(second.connections.length <= 4, `${second.connections.length}`)
    await untilCounted('mirror', 'mirror', 'dropped', ASKED - 4)
  })

  test('of an answer that nobody sees not everything is read', async () => {
    well()
    second.answer = (connection) => {
      connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      const more = () => {
        while (!connection.socket.destroyed && connection.socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`));
      }
      connection.socket.on('drain', more)
      more()
    }
    assert.match(await ask('mirror', '/copied'), /first$/)
    const copy = await second.connection()
    await copy.until((_, isEnded) => isEnded, 'the end of the connection')
  })

  test('a copy is not copied', async () => {
    well()
    await ask('mirror', '/loop', { lines: 'X-Other: 1\r\n' })
    assert.match(await ask('mirror', '/copied', { lines: 'X-Mirrored: 1\r\n' }), /first$/)
    await untilCounted('mirror', 'mirror', 'copied', 1)
    assert.equal(second.connections.length, 0)
  })
})

describe('over HTTP/2, on both sides', () => {
  let server: Http2Server
  let client: ClientHttp2Session
  /** What the backend was sent, a text for each request; the first of each path is answered with 503, in parts. */
  const seen: { path: string; body: string; mark: unknown }[] = []
  before(async () => {
    server = createHttp2Server()
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      const path = String(headers[':path'])
      const one = { path, body: '', mark: headers['x-mirrored'] }
      seen.push(one)
      const isFirst = seen.filter((other) => other.path === path).length === 1
      stream.on('error', () => undefined)
      if (isFirst && path === '/reset') return stream.close(HTTP2.NGHTTP2_INTERNAL_ERROR)
      stream.on('data', (chunk) => {
        one.body += chunk
      })
      stream.on('end', () => {
        stream.respond({ ':status': isFirst && path === '/busy' ? 503 : 200 })
        stream.write('part ')
        setImmediate(() => stream.end(isFirst ? 'first' : 'second'))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const h2 = { targets: [{ url: `http://127.0.0.1:${port}` }], protocol: 'http2' }
    const route = { methods: { PUT: { plugins: [retry()] } } }
    const mirror = { plugin: 'mirror', config: { backend: h2, path: '/copy' } }
    await deployDesign(
      turnpike,
      'two',
      { '/busy': route, '/reset': route, '/mirrored': { methods: { PUT: { plugins: [mirror, retry()] } } } },
      { backend: h2 },
    )
    client = connectHttp2(`http://127.0.0.1:${turnpike.gatewayPort}`)
  })
  after(() => {
    client.destroy()
    server.close()
  })

  /** Sends a body in parts, and gives back status and body of the answer. */
  async function put(path: string): Promise<{ status: unknown; body: string }> {
    const stream = client.request({ ':method': 'PUT', ':path': path, ':authority': 'two.localhost' })
    let body = ''
    stream.on('data', (chunk) => {
      body += chunk
    })
    const status = new Promise((resolve) => stream.on('response', (headers) => resolve(headers[':status'])))
    const ended = new Promise((resolve) => stream.on('close', resolve))
    stream.write('a'.repeat(30_000))
    stream.write('b'.repeat(30_000))
    stream.end('end')
    await ended
    return { status: await status, body }
  }
  const whole = `${'a'.repeat(30_000)}${'b'.repeat(30_000)}end`
  const shortened = (body: string) => (body === whole ? 'whole' : `${body.length} bytes`)
  const bodies = (path: string) => seen.flatMap((one) => (one.path === path ? shortened(one.body) : []))

  test('an answer that is not taken is followed by another try with the whole body', async () => {
    assert.deepEqual(await put('/busy'), { status: 200, body: 'part second' })
    assert.deepEqual(bodies('/busy'), ['whole', 'whole'])
  })

  test('a stream that is reset in the middle of the body', async () => {
    assert.deepEqual(await put('/reset'), { status: 200, body: 'part second' })
    assert.equal(bodies('/reset').at(-1), 'whole')
  })

  test('a copy of a body that streams', async () => {
    assert.deepEqual(await put('/mirrored'), { status: 200, body: 'part first' })
    await untilCounted('two', 'mirror', 'copied', 1)
    assert.deepEqual(bodies('/copy'), ['whole'])
    assert.equal(seen.find(({ path }) => path === '/copy')?.mark, '1')
  })
})
