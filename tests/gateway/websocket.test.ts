import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { call, deployDesign } from '../support/design.ts'
import { RawBackend, RawClient, rawRequest, response, statuses } from '../support/raw.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** WebSockets through the real program: a client and a server of `ws`, and bytes by hand where those would behave too well. */

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
/** What RFC 6455, section 1.3, answers that key with. */
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
const MiB = 2 ** 20

let turnpike: Turnpike
let raw: RawBackend
const server = createServer((_, answer) => answer.end('plain'))
const sockets = new WebSocketServer({ server, handleProtocols: (offered) => [...offered].at(-1) ?? false })
/** The handshakes and the sockets that the backend has seen. */
const seen: { request: IncomingMessage; socket: WebSocket }[] = []
sockets.on('connection', (socket, request) => {
  seen.push({ request, socket })
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})

const webSocket = (config: object = {}) => ({ plugin: 'websocket', config })
const path = (...plugins: object[]) => ({ methods: { GET: { plugins }, POST: { plugins } } })
before(async () => {
  raw = await RawBackend.start()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  turnpike = await startTurnpike({ args: ['--workers', '2'] })
  const url = (port: number) => ({ backend: { targets: [{ url: `http://127.0.0.1:${port}` }] } })
  await deployDesign(
    turnpike,
    'sockets',
    {
      '/open': path(webSocket()),
      '/off': path(),
      '/strict': path(webSocket({ origins: ['https://app.example.com'], protocols: ['chat', 'v2'], required: true })),
      '/keyed': path(webSocket(), { plugin: 'key-auth', config: {} }),
      '/shadow': path({ ...webSocket({ required: true }), mode: 'shadow' }),
      '/changed': path(
        webSocket(),
        { plugin: 'request-transformer', config: { headers: { set: { 'x-added': 'a' } } } },
        { plugin: 'response-transformer', config: { headers: { set: { 'x-answer': 'b' } } } },
      ),
      '/idle': path(webSocket({ idle: 1 })),
      '/life': path(webSocket({ life: 1 })),
      '/one': path(webSocket({ most: 1 })),
      '/tried': path(webSocket(), { plugin: 'retry', config: { attempts: 10, tryTimeout: 0.5 } }),
    },
    url((server.address() as AddressInfo).port),
  )
  await deployDesign(turnpike, 'raw', { '/open': path(webSocket()) }, url(raw.port))
})
after(async () => {
  await turnpike.stop()
  sockets.close()
  server.closeAllConnections()
  server.close()
  await raw.close()
})

/** Opens a WebSocket with `ws`. */
async function open(at: string, { protocols = [] as string[], headers = {} } = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${turnpike.gatewayPort}${at}`, protocols, {
    headers: { host: 'sockets.localhost', ...headers },
  })
  await once(socket, 'open')
  return socket
}

/** The bytes of a handshake; a field of `undefined` is left out. */
function handshake(at: string, { method = 'GET', version = '1.1', fields = {}, host = 'sockets' } = {}): string {
  const all: Record<string, string | undefined> = {
    host: `${host}.localhost`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': KEY,
    ...fields,
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${value}\r\n`))
  return `${method} ${at} HTTP/${version}\r\n${lines.join('')}\r\n`
}

/** Sends a handshake that should be answered with a plain response. */
async function refusal(...parts: Parameters<typeof handshake>) {
  const client = new RawClient(turnpike.gatewayPort).write(handshake(...parts))
  const answer = await client.untilResponses(1)
  client.close()
  const code = /"code":"([^"]+)"/.exec(answer)?.[1]
  return { status: statuses(answer)[0], code, answer }
}

async function openCount(): Promise<number> {
  const { nodes } = await call(turnpike, 'GET', '/status')
  const workers = nodes?.[0]?.workers as unknown as { webSockets: number }[]
  return workers.reduce((sum, worker) => sum + worker.webSockets, 0)
}

/** Waits until `condition` holds: counts are told once a second. */
async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail(`waited in vain for ${what}`)
}

describe('a WebSocket through the gateway', () => {
  test('carries text and binary messages of all sizes, both ways', async () => {
    const socket = await open('/open')
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 3 * MiB]) {
      const sent = Buffer.alloc(size, size % 251)
      socket.send(sent)
      const [data, isBinary] = await once(socket, 'message')
      assert.ok(isBinary)
      assert.ok(sent.equals(data as Buffer), `${size} bytes`)
    }
    socket.send('grüße')
    assert.equal(String((await once(socket, 'message'))[0]), 'grüße')
    socket.close(4001, 'done')
    const [code, reason] = await once(socket, 'close')
    assert.deepEqual([code, String(reason)], [4001, 'done'])
  })

  test('tells the backend what the client asked for, and who it is', async () => {
    const socket = await open('/open', { protocols: ['a', 'b'], headers: { 'x-own': 'c', forwarded: 'for=evil' } })
    assert.equal(socket.protocol, 'b')
    const { headers } = seen.at(-1)?.request ?? {}
    assert.equal(headers?.['x-own'], 'c')
    assert.equal(headers?.['x-forwarded-for'], '127.0.0.1')
    assert.equal(headers?.forwarded, undefined)
    socket.terminate()
  })

  test('runs the other plugins first, and response plugins on the head', async () => {
    assert.deepEqual((await refusal('/keyed')).code, 'key-missing')
    const client = new RawClient(turnpike.gatewayPort).write(handshake('/changed'))
    const head = await client.until((text) => text.includes('\r\n\r\n'), 'the head')
    assert.match(head, /^HTTP\/1\.1 101 Switching Protocols\r\n/)
    assert.match(head, /^x-answer: b\r$/im)
    assert.match(head, /^connection: upgrade\r$/im)
    assert.match(head, /^upgrade: websocket\r$/im)
    assert.match(head, new RegExp(`^sec-websocket-accept: ${ACCEPT.replace('+', '\\+')}\r$`, 'im'))
    assert.doesNotMatch(head, /content-length|transfer-encoding/i)
    assert.equal(seen.at(-1)?.request.headers['x-added'], 'a')
    client.close()
  })

  test('takes no more than a slow reader can', async () => {
    const socket = await open('/open')
    const backend = seen.at(-1)?.socket
    socket.pause()
    let sent = 0
    // The echo of the backend goes nowhere: what is held on the way is bounded, so its buffer fills up.
    while (sent < 64 * MiB && (backend?.bufferedAmount ?? 0) === 0) {
      backend?.send(Buffer.alloc(MiB))
      sent += MiB
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.ok((backend?.bufferedAmount ?? 0) > 0, `${sent} bytes were taken for a client that reads nothing`)
    let received = 0
    socket.on('message', (data) => {
      received += (data as Buffer).length
      if (received === sent) socket.close()
    })
    socket.resume()
    await once(socket, 'close')
    assert.equal(received, sent)
  })

  test('is open in the status, and counted when it ends', async () => {
    const { id } = (
      (await call(turnpike, 'GET', '/services/sockets/resources?limit=100')).items as unknown as {
        id: string
        path: string
      }[]
    ).find((resource) => resource.path === '/one') ?? { id: '' }
    const methods = await call(turnpike, 'GET', `/services/sockets/resources/${id}`)
    const method = (methods.methods as unknown as { id: string; verb: string }[]).find(({ verb }) => verb === 'GET')
    const counts = async () =>
      (await call(turnpike, 'GET', '/status')).nodes?.[0]?.routes?.[method?.id ?? ''] as unknown as {
        calls: number
        aborted: number
        statuses: Record<string, number>
      }
    await until(async () => (await openCount()) === 0, 'the end of those before it')
    const socket = await open('/one')
    await until(async () => (await openCount()) === 1, 'the open WebSocket in the status')
    assert.equal(await counts(), undefined)
    const second = await refusal('/one')
    assert.deepEqual([second.status, second.code], [429, 'websocket-limit'])
    socket.close()
    await once(socket, 'close')
    await until(async () => (await counts())?.calls === 2, 'the count of both requests')
    const { aborted, statuses: byClass } = await counts()
    assert.deepEqual([aborted, byClass['1xx'], byClass['4xx']], [0, 1, 1])
    const third = await open('/one')
    third.terminate()
    await until(async () => (await counts()).aborted === 1, 'the count of the one that was broken off')
  })

  test('goes on through deployments by the settings that it began with', async () => {
    const socket = await open('/open')
    await call(turnpike, 'PATCH', '/services/sockets/stages/live', {
      plugins: [{ plugin: 'ip-restriction', config: { mode: 'deny', networks: ['127.0.0.1'] } }],
    })
    await call(turnpike, 'POST', '/services/sockets/stages/live/deployments', {})
    assert.equal((await refusal('/open')).code, 'ip-denied')
    socket.send('still here')
    assert.equal(String((await once(socket, 'message'))[0]), 'still here')
    await call(turnpike, 'PATCH', '/services/sockets/stages/live', { plugins: [] })
    await call(turnpike, 'POST', '/services/sockets/stages/live/deployments', {})
    socket.send('and here')
    assert.equal(String((await once(socket, 'message'))[0]), 'and here')
    socket.close()
  })

  for (const at of ['/idle', '/life'])
    test(`is ended by a Close of its own on both sides when its time is over: ${at}`, async () => {
      const socket = await open(at)
      const backend = seen.at(-1)?.socket
      assert.ok(backend)
      const [[code, reason], [backendCode]] = await Promise.all([once(socket, 'close'), once(backend, 'close')])
      assert.equal(code, 1001)
      assert.match(String(reason), at === '/idle' ? /idle/ : /open for as long/)
      assert.equal(backendCode, 1001)
    })

  test('is not one of the tries that have so long, once it is open', async () => {
    const socket = await open('/tried')
    const another = await open('/idle')
    // It lasts longer than a try may.
    await once(another, 'close')
    socket.send('still here')
    assert.equal(String((await once(socket, 'message'))[0]), 'still here')
    socket.close()
  })

  test('in shadow nothing becomes of it', async () => {
    const { status, answer } = await refusal('/shadow')
    assert.deepEqual([status, answer.endsWith('plain')], [200, true])
  })
})

describe('handshakes', () => {
  const cases: [what: string, at: string, parts: Parameters<typeof handshake>[1], status: number, code?: string][] = [
    ['on a route without the plugin is a plain request', '/off', {}, 200],
    ['of HTTP/1.0 is a plain request', '/open', { version: '1.0' }, 200],
    ['that Connection does not name is a plain request', '/open', { fields: { connection: 'keep-alive' } }, 200],
    ['to something else is a plain request', '/open', { fields: { upgrade: 'h2c' } }, 200],
    ['among others is one', '/keyed', { fields: { upgrade: 'h2c, WebSocket' } }, 401, 'key-missing'],
    ['with POST', '/open', { method: 'POST' }, 400, 'websocket-handshake'],
    ['with a body', '/open', { fields: { 'content-length': '1', 'x-a': 'b' } }, 400, 'websocket-handshake'],
    ['with a chunked body', '/open', { fields: { 'transfer-encoding': 'chunked' } }, 400, 'websocket-handshake'],
    ['without a version', '/open', { fields: { 'sec-websocket-version': undefined } }, 426, 'websocket-version'],
    ['of version 8', '/open', { fields: { 'sec-websocket-version': '8' } }, 426, 'websocket-version'],
    ['of two versions', '/open', { fields: { 'sec-websocket-version': '13, 8' } }, 426, 'websocket-version'],
    ['without a key', '/open', { fields: { 'sec-websocket-key': undefined } }, 400, 'websocket-handshake'],
    ['with a short key', '/open', { fields: { 'sec-websocket-key': 'dGVzdA==' } }, 400, 'websocket-handshake'],
    [
      'with a key of 17 bytes',
      '/open',
      { fields: { 'sec-websocket-key': `${KEY.slice(0, 22)}A=` } },
      400,
      'websocket-handshake',
    ],
    [
      'with two keys',
      '/open',
      { fields: { 'sec-websocket-key': `${KEY}\r\nsec-websocket-key: ${KEY}` } },
      400,
      'websocket-handshake',
    ],
    [
      'with a key that Connection takes away',
      '/open',
      { fields: { connection: 'Upgrade, Sec-WebSocket-Key' } },
      400,
      'websocket-handshake',
    ],
    ['with a subprotocol twice', '/open', { fields: { 'sec-websocket-protocol': 'a, a' } }, 400, 'websocket-handshake'],
    [
      'with a subprotocol that is no name',
      '/open',
      { fields: { 'sec-websocket-protocol': 'a b' } },
      400,
      'websocket-handshake',
    ],
    [
      'from another origin',
      '/strict',
      { fields: { origin: 'https://evil.example', 'sec-websocket-protocol': 'v2' } },
      403,
      'websocket-origin',
    ],
    [
      'from an origin by a longer name',
      '/strict',
      { fields: { origin: 'https://app.example.com.evil.example' } },
      403,
      'websocket-origin',
    ],
    ['with other subprotocols', '/strict', { fields: { 'sec-websocket-protocol': 'soap' } }, 400, 'websocket-protocol'],
    ['without subprotocols, where one is needed', '/strict', {}, 400, 'websocket-protocol'],
    [
      'that is none, where only those are served',
      '/strict',
      { fields: { upgrade: undefined } },
      426,
      'websocket-required',
    ],
  ]
  for (const [what, at, parts, status, code] of cases)
    test(`a handshake ${what}: ${status}`, async () => {
      const answer = await refusal(at, parts)
      assert.deepEqual([answer.status, answer.code], [status, code])
      if (status === 426)
        assert.match(answer.answer, /^upgrade: websocket\r\n(?:.*\r\n)*sec-websocket-version: 13\r$/im)
    })

  test('of subprotocols the backend is told only those that are taken', async () => {
    const socket = await open('/strict', {
      protocols: ['soap', 'chat', 'mqtt'],
      headers: { origin: 'https://app.example.com' },
    })
    assert.equal(seen.at(-1)?.request.headers['sec-websocket-protocol'], 'chat')
    assert.equal(socket.protocol, 'chat')
    socket.terminate()
  })
})

describe('what the backend answers', () => {
  const right = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n`
  const cases: [what: string, bytes: string, status: number, code?: string][] = [
    ['a refusal goes on as an ordinary answer', response('no', 'HTTP/1.1 403 Forbidden'), 403],
    ['a plain answer', response('plain'), 200],
    ['another accept', right.replace(ACCEPT, 'c3VyZWx5IG5vdCB0aGUgcmlnaHQ='), 502, 'backend-handshake'],
    ['no accept', right.replace(/Sec-WebSocket-Accept.*\r\n/, ''), 502, 'backend-handshake'],
    ['two accepts', `${right}Sec-WebSocket-Accept: ${ACCEPT}\r\n`, 502, 'backend-handshake'],
    ['another protocol', right.replace('websocket', 'h2c'), 502, 'backend-handshake'],
    ['no Connection', right.replace('Connection: Upgrade\r\n', ''), 502, 'backend-handshake'],
    ['a subprotocol that was not on offer', `${right}Sec-WebSocket-Protocol: soap\r\n`, 502, 'backend-handshake'],
    [
      'an extension that was not on offer',
      `${right}Sec-WebSocket-Extensions: permessage-deflate\r\n`,
      502,
      'backend-handshake',
    ],
    ['something that is not HTTP', 'HTP/1.1 101 Switching Protocols\r\n', 502, 'backend-malformed'],
    ['nothing at all', '', 502, 'backend-closed'],
  ]
  for (const [what, bytes, status, code] of cases)
    test(`${what}: ${status}`, async () => {
      raw.reset()
      raw.answer = (connection, received) => {
        if (!received.endsWith('\r\n\r\n')) return
        if (bytes === '') connection.socket.destroy()
        else connection.write(status === 502 ? `${bytes}\r\n` : bytes)
      }
      const answer = await refusal('/open', { host: 'raw', fields: { 'sec-websocket-protocol': 'chat' } })
      assert.deepEqual([answer.status, answer.code], [status, code])
      assert.match(raw.received, /^connection: upgrade\r\nupgrade: websocket\r$/im)
    })

  test('a connection that was refused serves the next request', async () => {
    raw.reset()
    raw.answer = (connection, received) => {
      if (received.endsWith('\r\n\r\n')) connection.write(response('no', 'HTTP/1.1 403 Forbidden'))
    }
    const client = new RawClient(turnpike.gatewayPort)
    client.write(handshake('/open', { host: 'raw' }) + handshake('/open', { host: 'raw' }))
    assert.deepEqual(statuses(await client.untilResponses(2)), [403, 403])
    client.close()
  })

  test('a 101 that nobody has asked for is an error', async () => {
    raw.reset()
    raw.answer = (connection, received) => {
      if (received.endsWith('\r\n\r\n')) connection.write(`${right}\r\n`)
    }
    const plain = await rawRequest(
      turnpike.gatewayPort,
      'GET /open HTTP/1.1\r\nHost: raw.localhost\r\nConnection: close\r\n\r\n',
    )
    assert.deepEqual(statuses(plain), [502])
  })
})

describe('bytes behind the handshake', () => {
  /** Opens a tunnel between two sockets by hand. */
  async function tunnel(behindHead = '', early = '') {
    raw.reset()
    raw.answer = (connection, received) => {
      if (!received.endsWith('\r\n\r\n')) return
      raw.answer = () => undefined
      connection.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n${behindHead}`,
      )
    }
    const client = new RawClient(turnpike.gatewayPort).write(handshake('/open', { host: 'raw' }) + early)
    await client.until((text) => text.includes('\r\n\r\n'), 'the head')
    const backend = await raw.connection()
    const headEnd = backend.received.indexOf('\r\n\r\n') + 4
    const behind = (text: string) => text.slice(text.indexOf('\r\n\r\n') + 4)
    return {
      client,
      backend,
      fromBackend: () => behind(client.received),
      fromClient: () => backend.received.slice(headEnd),
    }
  }

  test('that came along with it, on either side, are not lost', async () => {
    const { client, backend, fromBackend, fromClient } = await tunnel('\x81\x02hi', '\x81\x82\0\0\0\0yo')
    await client.until(() => fromBackend() === '\x81\x02hi', 'the early frame of the backend')
    await backend.until(() => fromClient() === '\x81\x82\0\0\0\0yo', 'the early frame of the client')
    client.close()
  })

  test('go on as they are, whatever they are', async () => {
    const { client, backend, fromClient, fromBackend } = await tunnel()
    const smuggled = 'GET /off HTTP/1.1\r\nHost: sockets.localhost\r\n\r\n'
    client.write(smuggled)
    await backend.until(() => fromClient() === smuggled, 'the bytes of the client')
    backend.write('HTTP/1.1 200 OK\r\n\r\n\xff\xff\xff')
    await client.until(() => fromBackend() === 'HTTP/1.1 200 OK\r\n\r\n\xff\xff\xff', 'the bytes of the backend')
    client.close()
    await backend.until((_, isEnded) => isEnded, 'the end of the connection to the backend')
  })

  test('the end of one side reaches the other, which may still send', async () => {
    const { client, backend, fromBackend } = await tunnel()
    const ended = once(backend.socket, 'end')
    client.socket.end()
    // The recording backend ends its own side when the other has ended: what it has written before that must arrive.
    backend.write('\x81\x03end')
    await ended
    await client.untilEnd()
    assert.equal(fromBackend(), '\x81\x03end')
  })

  test('a client that is gone takes its backend connection with it, and the other way round', async () => {
    const first = await tunnel()
    first.client.socket.resetAndDestroy()
    await first.backend.until((_, isEnded) => isEnded, 'the end of the connection to the backend')
    const second = await tunnel()
    second.backend.socket.resetAndDestroy()
    await second.client.untilEnd()
  })
})

test('when the program stops, both sides are told between two frames, and it ends', async () => {
  const own = await startTurnpike({ args: ['--workers', '1'] })
  const { port } = server.address() as AddressInfo
  await deployDesign(
    own,
    'stopping',
    { '/open': path(webSocket()) },
    { backend: { targets: [{ url: `http://127.0.0.1:${port}` }] } },
  )
  const ask = () => new WebSocket(`ws://127.0.0.1:${own.gatewayPort}/open`, { headers: { host: 'stopping.localhost' } })
  const idle = ask()
  await once(idle, 'open')
  const idleBackend = seen.at(-1)?.socket
  // A frame that is under way: its second half comes after the program was told to stop.
  const halfway = new RawClient(own.gatewayPort).write(handshake('/open', { host: 'stopping' }))
  await halfway.until((text) => text.includes('\r\n\r\n'), 'the head')
  const halfwayBackend = seen.at(-1)?.socket
  assert.ok(idleBackend && halfwayBackend && idleBackend !== halfwayBackend)
  halfway.write('\x81\x84\0\0\0\0ha')
  const message = once(halfwayBackend, 'message')
  const stopped = own.stop()
  const closed = await Promise.all([once(idle, 'close'), once(idleBackend, 'close')])
  assert.deepEqual(
    closed.map(([code]) => code),
    [1001, 1001],
  )
  await halfway.until((text) => text.includes('\x88'), 'the Close')
  halfway.write('lf')
  assert.equal(String((await message)[0]), 'half')
  halfway.write('\x88\x82\0\0\0\0\x03\xe9')
  await halfway.untilEnd()
  assert.equal(await stopped, 0)
})
