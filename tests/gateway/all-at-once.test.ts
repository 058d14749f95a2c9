import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, Agent as HttpAgent, type IncomingMessage } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { get as getSecured, Agent as SecuredAgent } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { makeCertificate, newPrivateKey } from '../../src/lib/make-certificate.ts'
import { call, deployDesign } from '../support/design.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** All protocols at once, while certificates are swapped, stages deployed, and the program is told to stop: nothing is dropped. */

const DAY_MS = 86_400_000
const NAME = 'all.example'
const CHANGES = 8

let turnpike: Turnpike
/** Streams of events that are open. */
const streams = new Set<{ write(text: string): unknown }>()
const server = createServer((request, answer) => {
  if (request.url !== '/events') return void answer.end('plain')
  answer.writeHead(200, { 'content-type': 'text/event-stream' })
  answer.write('data: 0\n\n')
  streams.add(answer)
  answer.on('close', () => streams.delete(answer))
})
const sockets = new WebSocketServer({ server })
sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
const ticking = setInterval(() => {
  for (const stream of streams) stream.write('data: more\n\n')
}, 20)

const key = newPrivateKey()
const pair = () => ({
  chain: makeCertificate({
    commonName: NAME,
    names: [NAME],
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 30 * DAY_MS),
    key,
    usage: 'server',
  }),
  key: String(key.export({ type: 'pkcs8', format: 'pem' })),
})
/** What a stage of revision `i` answers of itself. */
const stamped = (i: number) => [
  { plugin: 'response-transformer', config: { headers: { set: { 'x-revision': String(i) } } } },
]

before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  turnpike = await startTurnpike({ args: ['--workers', '2'] })
  const plain = { methods: { GET: {} } }
  const webSocket = { methods: { GET: { plugins: [{ plugin: 'websocket', config: {} }] } } }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await deployDesign(
    turnpike,
    'all',
    { '/plain': plain, '/events': plain, '/socket': webSocket },
    { backend: { targets: [{ url }] }, domains: [NAME] },
  )
  await call(turnpike, 'POST', '/certificates', { name: 'all', ...pair() })
})
after(() => {
  clearInterval(ticking)
  sockets.close()
  server.close()
  server.closeAllConnections()
})

type Ask = () => Promise<number>

async function statusOf(request: ReturnType<typeof get>): Promise<number> {
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  await answer.resume().toArray()
  return answer.statusCode ?? 0
}

function overHttp1(agent: HttpAgent): Ask {
  const to = { port: turnpike.gatewayPort, path: '/plain', headers: { host: NAME } }
  return () => statusOf(get({ ...to, host: '127.0.0.1', agent }))
}

function overTls(agent: SecuredAgent): Ask {
  const to = { port: turnpike.tlsPort, path: '/plain', headers: { host: NAME }, servername: NAME }
  return () => statusOf(getSecured({ ...to, host: '127.0.0.1', agent, rejectUnauthorized: false }))
}

function overHttp2(session: ClientHttp2Session): Ask {
  return async () => {
    const stream = session.request({ ':path': '/plain', ':authority': NAME })
    const [headers] = (await once(stream, 'response')) as [{ ':status'?: number }]
    await stream.resume().toArray()
    return Number(headers[':status'])
  }
}

/** An echo that is whole counts as 200. */
function overWebSocket(socket: WebSocket): Ask {
  let last = 0
  return async () => {
    const text = `message ${++last}`
    socket.send(text)
    return String((await once(socket, 'message'))[0]) === text ? 200 : 0
  }
}

test('nothing is dropped', async () => {
  const { gatewayPort, tlsPort } = turnpike
  const secured = { servername: NAME, rejectUnauthorized: false }
  const [kept, fresh] = [true, false].map((keepAlive) => new HttpAgent({ keepAlive, maxSockets: 1 }))
  const [keptTls, freshTls] = [true, false].map((keepAlive) => new SecuredAgent({ keepAlive, maxSockets: 1 }))
  const sessions = [
    connectHttp2(`http://127.0.0.1:${gatewayPort}`),
    connectHttp2(`https://127.0.0.1:${tlsPort}`, secured),
  ]
  const opened = [
    new WebSocket(`ws://127.0.0.1:${gatewayPort}/socket`, { headers: { host: NAME } }),
    new WebSocket(`wss://127.0.0.1:${tlsPort}/socket`, { headers: { host: NAME }, ...secured }),
  ]
  await Promise.all(opened.map((socket) => once(socket, 'open')))
  const events = get({ host: '127.0.0.1', port: gatewayPort, path: '/events', headers: { host: NAME } })
  const [stream] = (await once(events, 'response')) as [IncomingMessage]
  let isStreamEnded = false
  let received = 0
  stream.on('data', (part: Buffer) => {
    received += part.length
  })
  stream.on('close', () => {
    isStreamEnded = true
  })

  const askers: Record<string, Ask> = {
    'HTTP/1.1': overHttp1(kept as HttpAgent),
    'HTTP/1.1, a connection each': overHttp1(fresh as HttpAgent),
    HTTPS: overTls(keptTls as SecuredAgent),
    'HTTPS, a connection each': overTls(freshTls as SecuredAgent),
    'HTTP/2': overHttp2(sessions[0] as ClientHttp2Session),
    'HTTP/2 over TLS': overHttp2(sessions[1] as ClientHttp2Session),
    WebSocket: overWebSocket(opened[0] as WebSocket),
    'WebSocket over TLS': overWebSocket(opened[1] as WebSocket),
  }
  let isOver = false
  const answers = Object.entries(askers).map(async ([name, ask]) => {
    const statuses = new Map<number, number>()
    while (!isOver) {
      const status = await ask()
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    return [name, statuses] as const
  })
  for (let i = 1; i <= CHANGES; i++) {
    await call(turnpike, 'PATCH', '/certificates/all', pair())
    await call(turnpike, 'PATCH', '/services/all/stages/live', { plugins: stamped(i) })
    await call(turnpike, 'POST', '/services/all/stages/live/deployments', {})
  }
  const before = received
  isOver = true
  for (const [name, statuses] of await Promise.all(answers)) {
    assert.deepEqual([...statuses.keys()], [200], `${name}: ${JSON.stringify([...statuses])}`)
    assert.ok((statuses.get(200) ?? 0) >= 1, name)
  }
  assert.ok(before > 0 && !isStreamEnded, 'the stream of events goes on')

  // Told to stop, it lets go of what is idle, tells WebSockets that it goes, and waits for no stream for ever.
  const closed = opened.map(async (socket) => (await once(socket, 'close'))[0] as number)
  for (const session of sessions) session.close()
  for (const agent of [kept, keptTls]) agent?.destroy()
  const stopped = turnpike.stop()
  assert.deepEqual(await Promise.all(closed), [1001, 1001])
  events.destroy()
  assert.equal(await stopped, 0)
})
