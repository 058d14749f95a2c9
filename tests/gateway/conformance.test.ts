import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { wireCases } from '../../src/gateway/http1/wire.cases.ts'
import { type BackendSocket, RawBackend, RawClient, response, statuses } from '../support/raw.ts'
import { deployProxy, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The codec's tables again, through the real process: what the backend receives is what counts. */

let turnpike: Turnpike
let backend: RawBackend

before(async () => {
  backend = await RawBackend.start()
  turnpike = await startTurnpike({
    args: ['--workers', '1', '--head-timeout', '0.3', '--body-timeout', '0.3', '--idle-timeout', '0.5'],
  })
  await deployProxy(turnpike, 'wire', backend.url)
})
afterEach(() => backend.reset())
after(async () => {
  await turnpike.stop()
  await backend.close()
})

/** Plays bytes to the gateway until it ends the connection, as it does with what never ends. */
async function play(wire: string): Promise<{ answer: string; served: number }> {
  const answered = new Map<BackendSocket, number>()
  backend.answer = (connection, received) => {
    const whole = countRequests(received)
    for (let count = answered.get(connection) ?? 0; count < whole; count++) connection.write(response('ok'))
    answered.set(connection, whole)
  }
  const client = new RawClient(turnpike.gatewayPort).write(wire)
  const answer = await client.untilEnd()
  client.close()
  return { answer, served: [...answered.values()].reduce((sum, count) => sum + count, 0) }
}

/** How many whole requests, in our own framing, a text has. */
function countRequests(text: string): number {
  let rest = text
  for (let count = 0; ; count++) {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) return count
    const head = rest.slice(0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    const bodyEnd = /\r\ntransfer-encoding: chunked/i.test(head) ? endOfChunks(rest, end + 4) : end + 4 + length
    if (bodyEnd === -1 || rest.length < bodyEnd) return count
    rest = rest.slice(bodyEnd)
  }
}

function endOfChunks(text: string, start: number): number {
  let at = start
  for (;;) {
    const line = text.indexOf('\r\n', at)
    if (line === -1) return -1
    const size = Number.parseInt(text.slice(at, line), 16)
    if (size === 0) {
      const end = text.startsWith('\r\n', line + 2) ? line + 4 : text.indexOf('\r\n\r\n', line) + 4
      return end < line ? -1 : end
    }
    at = line + 2 + size + 2
    if (at > text.length) return -1
  }
}

describe('our table of bytes', () => {
  for (const { name, wire, takes = [], refuses } of wireCases) {
    // A connection that begins so is HTTP/2's, whose tests are its own.
    if (wire.startsWith('PRI ')) continue
    // What the gateway itself answers (OPTIONS *), or another host, never reaches this backend.
    const isOurs = !/OPTIONS \*|HTTP\/1\.0\r\n\r\n/.test(wire)
    const expected = isOurs ? takes.length - (refuses && takes.length > 0 ? 1 : 0) : 0
    test(`${refuses ? 'refuses' : 'serves'} ${name}`, async () => {
      const { answer, served } = await play(
        wire.replaceAll('Host: a\r\n', 'Host: wire.localhost\r\n').replaceAll('http://a', 'http://wire.localhost'),
      )
      if (/Host: (a\.example|\[)/.test(wire)) return assert.deepEqual(statuses(answer), [404])
      assert.equal(served, expected, answer)
      if (refuses) assert.match(answer, new RegExp(`HTTP/1\\.1 [45]\\d\\d .*"code":"${refuses}"`, 's'))
    })
  }
})

interface Published {
  readonly id: string
  readonly wire: string
  readonly label: {
    readonly class: 'accept' | 'reject' | 'may'
    readonly n: number
    readonly n0?: number
    readonly need?: number
  }
}
const published = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/http1-requests.json'), 'utf8')) as {
  cases: Published[]
}

describe('published requests', () => {
  for (const { id, wire, label } of published.cases) {
    test(`${id}: ${label.class}`, async () => {
      const { answer, served } = await play(wire.replaceAll('@HOST@', 'wire.localhost'))
      // Whatever the backend received, it received in our own framing, whole or never completed.
      assert.doesNotMatch(backend.received, /\r[^\n]|[^\r]\n(?=[A-Za-z-]+:)/)
      if (label.class === 'reject') {
        assert.equal(served, 0, answer)
        assert.match(answer, /^HTTP\/1\.1 (4|5)\d\d /)
      } else if (label.class === 'accept') {
        // `need` is what must be served at least; a host that is not ours is answered by the gateway itself.
        const isOurs = wire.includes('@HOST@') && !wire.startsWith('OPTIONS *')
        assert.ok(served <= label.n && (!isOurs || served >= (label.need ?? label.n)), `${served} served: ${answer}`)
      } else
        assert.ok([label.n, label.n0 ?? label.n, label.need ?? label.n].includes(served), `${served} served: ${answer}`)
    })
  }
})
