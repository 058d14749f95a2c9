import { connect, type Socket } from 'node:net'
import { openFilesLimit, residentBytes } from '../cpu.ts'
import type { Measure } from '../measure.ts'
import { sleep } from '../processes.ts'
import { deployRoutes, HOST } from '../subjects/api.ts'
import { startTurnpike } from '../subjects/turnpike.ts'
import { startUpstream } from '../subjects/upstream.ts'

/** Two sockets of ours and two of the gateway's process limits; one loopback address has fewer ports than this. */
const MOST = 10_000
const BATCH = 500
/** Time for the collector and for the allocator to give back what it can. */
const SETTLE_MS = 3_000

export const idleConnections: Measure = {
  name: 'idle-connections',
  summary: 'memory of a connection that has been used once and waits',
  async run(folder) {
    const upstream = await startUpstream(folder)
    const turnpike = await startTurnpike()
    await deployRoutes(turnpike, `http://127.0.0.1:${upstream.port}`, 1)
    const count = Math.min(MOST, openFilesLimit() - 1_000)
    const sockets: Socket[] = await open(turnpike.port, BATCH)
    await sleep(SETTLE_MS)
    const before = residentBytes(turnpike.pid)
    for (let opened = 0; opened < count; opened += BATCH) sockets.push(...(await open(turnpike.port, BATCH)))
    await sleep(SETTLE_MS)
    const kilobytes = (residentBytes(turnpike.pid) - before) / count / 1024
    for (const socket of sockets) socket.destroy()
    await turnpike.stop()
    await upstream.stop()
    return [
      { what: `each of ${count.toLocaleString('en-US')} idle connections`, measured: kilobytes, aim: 16, unit: 'KB' },
    ]
  },
}

/** Opens connections and has each answered once. */
function open(port: number, count: number): Promise<Socket[]> {
  return Promise.all(Array.from({ length: count }, () => openOne(port)))
}

function openOne(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('error', reject)
    socket.once('data', () => resolve(socket))
    socket.write(`GET /called/1 HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`)
  })
}
