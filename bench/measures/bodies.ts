import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { forgetPeak, peakResidentBytes } from '../cpu.ts'
import type { Finding } from '../finding.ts'
import type { Measure } from '../measure.ts'
import { deployPaths, HOST } from '../subjects/api.ts'
import { startTurnpike, type Turnpike } from '../subjects/turnpike.ts'

const GIBIBYTE = 2 ** 30
const PIECE = Buffer.alloc(65_536, 'x')

export const bodies: Measure = {
  name: 'bodies',
  summary: 'memory of the process while 1 GiB goes each way',
  async run() {
    const backend = await startBackend()
    const turnpike = await startTurnpike('turnpike', { TURNPIKE_MAX_BODY_BYTES: '2000000000' })
    await deployPaths(turnpike, `http://127.0.0.1:${(backend.address() as AddressInfo).port}`, {
      '/file': { get: { summary: 'Download' }, put: { summary: 'Upload' } },
    })
    const findings = [
      ...(await measured(turnpike, 'upload', () => call(turnpike.port, 'PUT', { 'content-length': GIBIBYTE }))),
      ...(await measured(turnpike, 'chunked upload', () => call(turnpike.port, 'PUT', {}))),
      ...(await measured(turnpike, 'download', () => call(turnpike.port, 'GET', {}))),
    ]
    await turnpike.stop()
    backend.close()
    return findings
  },
}

async function measured(turnpike: Turnpike, what: string, run: () => Promise<number>): Promise<Finding[]> {
  forgetPeak(turnpike.pid)
  const bytes = await run()
  const peak = peakResidentBytes(turnpike.pid) / 2 ** 20
  return [
    { what: `${what} of 1 GiB: most memory`, measured: peak, aim: 200, unit: 'MiB' },
    { what: `${what}: bytes lost`, measured: GIBIBYTE - bytes, aim: 0, unit: '', isFault: true },
  ]
}

/** A backend that counts what it is sent, and sends as much. */
function startBackend(): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    if (incoming.method === 'GET') {
      outgoing.setHeader('content-length', GIBIBYTE)
      pieces().pipe(outgoing)
    } else {
      count(incoming).then(
        (bytes) => outgoing.end(String(bytes)),
        () => outgoing.destroy(),
      )
    }
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

/** Makes one call and gives back how many bytes arrived at the other end. */
function call(port: number, method: string, headers: Record<string, number>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', method, path: '/file', headers: { ...headers, host: HOST } })
    outgoing.once('error', reject)
    outgoing.once('response', (answer) => {
      if (method === 'GET') return count(answer).then(resolve, reject)
      answer.setEncoding('utf8').once('data', (text) => resolve(Number(text)))
    })
    if (method === 'GET') outgoing.end()
    else pieces().pipe(outgoing)
  })
}

function pieces(): Readable {
  return Readable.from(Array.from({ length: GIBIBYTE / PIECE.length }, () => PIECE))
}

async function count(stream: Readable): Promise<number> {
  let bytes = 0
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      done()
    },
  })
  await pipeline(stream, sink)
  return bytes
}
