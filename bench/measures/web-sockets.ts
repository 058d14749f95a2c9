import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { acceptOf } from '../../src/gateway/websocket/handshake.ts'
import { hasCommand } from '../../tests/support/commands.ts'
import { cpuMicros, openFilesLimit, residentBytes } from '../cpu.ts'
import type { Measure } from '../measure.ts'
import { median } from '../median.ts'
import { sleep } from '../processes.ts'
import { deployRoutes, HOST, SERVICE } from '../subjects/api.ts'
import { startNginx } from '../subjects/nginx.ts'
import type { Subject } from '../subjects/subject.ts'
import { startTurnpike } from '../subjects/turnpike.ts'

/** What a WebSocket costs: each message of an echo, beside nginx, and the memory of one that only waits. */

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const PAYLOAD = 'a message of 32 bytes, like this'
/** A masked text frame (with a mask that changes nothing), and the plain one that answers it. */
const ASKED = Buffer.concat([Buffer.from([0x81, 0x80 | PAYLOAD.length, 0, 0, 0, 0]), Buffer.from(PAYLOAD)])
const ANSWER = Buffer.concat([Buffer.from([0x81, PAYLOAD.length]), Buffer.from(PAYLOAD)])

const ROUNDS = 5
const ROUND_MS = 3_000
const WARM_UP_MS = 2_000
const ECHOING = 64
/** Two sockets of ours for each, and two of the gateway's; one loopback address has fewer ports than this. */
const MOST_IDLE = 10_000
const BATCH = 250
/** Time for the collector and for the allocator to give back what it can. */
const SETTLE_MS = 3_000

export const webSockets: Measure = {
  name: 'websocket',
  summary: 'a message of a WebSocket echo, beside nginx, and the memory of a WebSocket that waits',
  async run(folder) {
    const backend = await startEcho()
    const { port } = backend.address() as AddressInfo
    const turnpike = await startTurnpike()
    await deployRoutes(turnpike, `http://127.0.0.1:${port}`, 1)
    const stage = `/services/${SERVICE}/stages/live`
    await turnpike.api('PATCH', stage, { plugins: [{ plugin: 'websocket', config: { idle: 86_400 } }] })
    await turnpike.api('POST', `${stage}/deployments`, {})
    const subjects: Subject[] = [turnpike]
    if (hasCommand('nginx')) subjects.push(await startPeer(folder, port))

    const costs = await echo(subjects)
    const kilobytes = await idle(turnpike)
    for (const subject of subjects) await subject.stop()
    backend.close()
    const [own = [], peer] = costs
    return [
      ...(peer === undefined
        ? []
        : [
            {
              what: 'CPU per echoed message, to nginx',
              measured: median(own.map((cost, round) => cost / (peer[round] ?? Number.NaN))),
              aim: 1.5,
              unit: '×',
            },
            { what: '… of nginx', measured: median(peer), aim: null, unit: 'µs' },
          ]),
      { what: '… of Turnpike', measured: median(own), aim: null, unit: 'µs' },
      { what: 'each idle WebSocket', measured: kilobytes, aim: 20, unit: 'KB' },
    ]
  },
}

function startPeer(folder: string, port: number): Promise<Subject> {
  return startNginx({
    name: 'nginx-websocket',
    folder,
    http: `upstream backend { server 127.0.0.1:${port}; }`,
    location:
      'proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_read_timeout 1h;',
  })
}

/** A server that answers each message with one of the same length. */
async function startEcho(): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.once('data', () => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(KEY)}\r\n\r\n`,
      )
      let received = 0
      socket.on('data', (chunk) => {
        received += chunk.length
        for (; received >= ASKED.length; received -= ASKED.length) socket.write(ANSWER)
      })
    })
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve))
  return server
}

function open({ port }: Subject): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    socket.once('error', reject)
    socket.once('data', (head) => {
      if (head.toString('latin1').startsWith('HTTP/1.1 101')) resolve(socket)
      else reject(new Error(`the handshake was answered with ${head.toString('latin1')}`))
    })
    socket.write(
      `GET /called/1 HTTP/1.1\r\nHost: ${HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`,
    )
  })
}

/** CPU time per message of each subject, round by round. */
async function echo(subjects: readonly Subject[]): Promise<number[][]> {
  const costs = subjects.map((): number[] => [])
  for (let round = -1; round < ROUNDS; round++)
    for (const [i, subject] of subjects.entries()) {
      const cost = await echoOnce(subject, round === -1 ? WARM_UP_MS : ROUND_MS)
      if (round !== -1) costs[i]?.push(cost)
    }
  return costs
}

async function echoOnce(subject: Subject, ms: number): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: ECHOING }, () => open(subject)))
  let messages = 0
  const before = cpuMicros(subject.pid)
  for (const socket of sockets) {
    let received = 0
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received < ANSWER.length) return
      received -= ANSWER.length
      messages++
      socket.write(ASKED)
    })
    socket.write(ASKED)
  }
  await sleep(ms)
  const cost = (cpuMicros(subject.pid) - before) / messages
  for (const socket of sockets) socket.destroy()
  return cost
}

/** What a WebSocket that waits takes of memory, in kilobytes. */
async function idle(subject: Subject): Promise<number> {
  const count = Math.min(MOST_IDLE, (openFilesLimit() - 1_000) >> 1)
  const sockets: Socket[] = []
  const more = async () => sockets.push(...(await Promise.all(Array.from({ length: BATCH }, () => open(subject)))))
  for (let i = 0; i < 4; i++) await more()
  await sleep(SETTLE_MS)
  const before = residentBytes(subject.pid)
  const first = sockets.length
  while (sockets.length < count) await more()
  await sleep(SETTLE_MS)
  const kilobytes = (residentBytes(subject.pid) - before) / (sockets.length - first) / 1024
  for (const socket of sockets) socket.destroy()
  return kilobytes
}
