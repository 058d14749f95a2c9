import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { deployProxy, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Bodies of sizes that must not be held: every byte arrives, in order, and nobody is sent more than the other side takes. */

const MiB = 2 ** 20
/** What the system may hold for one direction of a connection: it lets buffers grow as it sees fit, up to these limits. */
const OF_SYSTEM = maxBuffer('tcp_rmem', 32 * MiB) + maxBuffer('tcp_wmem', 4 * MiB)
/** What two connections of the system, the gateway and Node hold between two ends that do not wait for each other. */
const MOST_IN_FLIGHT = 2 * OF_SYSTEM + 8 * MiB
const PIECE = 65_536
/** More than can be on its way. */
const SIZE = PIECE * Math.ceil((MOST_IN_FLIGHT * 1.5) / PIECE)

/** The most that a buffer of a socket grows to, as this system has it. */
function maxBuffer(name: string, fallback: number): number {
  try {
    return Number(readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim().split(/\s+/)[2])
  } catch {
    return fallback
  }
}

const piece = (i: number) => Buffer.alloc(PIECE, i % 251)
function* pieces() {
  for (let i = 0; i < SIZE / PIECE; i++) yield piece(i)
}
const wanted = [...pieces()].reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex')

let turnpike: Turnpike
let backend: Server
/** What the backend has sent so far, and a way to let it take what it is sent. */
let sent = 0
let takeUpload: () => void
before(async () => {
  backend = createServer((incoming, outgoing) => {
    if (incoming.method === 'GET') {
      sent = 0
      if (incoming.url === '/sized') outgoing.setHeader('content-length', SIZE)
      const source = Readable.from(pieces())
      source.on('data', (part: Buffer) => {
        sent += part.length
        if (outgoing.write(part)) return
        source.pause()
        outgoing.once('drain', () => source.resume())
      })
      source.once('end', () => outgoing.end())
    } else {
      takeUpload = () => {
        const hash = createHash('sha256')
        incoming.on('data', (part) => hash.update(part)).once('end', () => outgoing.end(hash.digest('hex')))
      }
      if (incoming.url !== '/slow') takeUpload()
    }
  })
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  turnpike = await startTurnpike({ args: ['--workers', '1', '--max-body-bytes', '2000000000'] })
  await deployProxy(turnpike, 'big', `http://127.0.0.1:${(backend.address() as AddressInfo).port}`)
})
after(async () => {
  await turnpike.stop()
  backend.close()
})

function open(method: string, path: string, headers: Record<string, string | number> = {}) {
  return request({
    port: turnpike.gatewayPort,
    host: '127.0.0.1',
    method,
    path,
    headers: { host: 'big.localhost', ...headers },
  })
}

/** Waits until a count has stopped growing. */
async function untilStill(count: () => number): Promise<void> {
  for (let last = -1, same = 0; same < 20; ) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    same = count() === last ? same + 1 : 0
    last = count()
  }
}

describe('downloads', () => {
  for (const path of ['/sized', '/chunked']) {
    test(`${path.slice(1)}, to a client that waits before it reads`, async () => {
      const outgoing = open('GET', path).end()
      const digest = await new Promise<string>((resolve, reject) => {
        outgoing.once('error', reject)
        outgoing.once('response', async (answer) => {
          await untilStill(() => sent)
          assert.ok(sent < MOST_IN_FLIGHT, `the backend has sent ${sent} bytes to a client that reads nothing`)
          const hash = createHash('sha256')
          answer.on('data', (part) => hash.update(part)).once('end', () => resolve(hash.digest('hex')))
        })
      })
      assert.equal(digest, wanted)
    })
  }
})

describe('uploads', () => {
  const cases: [what: string, headers: Record<string, number>][] = [
    ['sized', { 'content-length': SIZE }],
    ['chunked', {}],
  ]
  for (const [what, headers] of cases) {
    test(`${what}, to a backend that waits before it reads`, async () => {
      const outgoing = open('PUT', '/slow', headers)
      let given = 0
      const source = Readable.from(pieces())
      source.on('data', (part: Buffer) => {
        given += part.length
        if (outgoing.write(part)) return
        source.pause()
        outgoing.once('drain', () => source.resume())
      })
      source.once('end', () => outgoing.end())
      const digest = new Promise<string>((resolve, reject) => {
        outgoing.once('error', reject)
        outgoing.once('response', (answer) => answer.setEncoding('utf8').once('data', resolve))
      })
      await untilStill(() => given)
      assert.ok(given > 0 && given < MOST_IN_FLIGHT, `${given} bytes were taken for a backend that reads nothing`)
      takeUpload()
      assert.equal(await digest, wanted)
    })
  }

  test('sixteen at once', async () => {
    const digests = await Promise.all(
      Array.from({ length: 16 }, (_, i) => {
        const body = Buffer.concat(Array.from({ length: 40 }, (__, k) => piece(i * 7 + k)))
        const outgoing = open('PUT', '/at-once', i % 2 === 0 ? { 'content-length': body.length } : {})
        for (let at = 0; at < body.length; at += 10_007) outgoing.write(body.subarray(at, at + 10_007))
        outgoing.end()
        return new Promise<boolean>((resolve, reject) => {
          outgoing.once('error', reject)
          outgoing.once('response', (answer) =>
            answer
              .setEncoding('utf8')
              .once('data', (digest) => resolve(digest === createHash('sha256').update(body).digest('hex'))),
          )
        })
      }),
    )
    assert.deepEqual(digests, Array(16).fill(true))
  })
})
