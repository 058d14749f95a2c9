import assert from 'node:assert/strict'
import { createServer, type Server, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import {
  block,
  data,
  type Fields,
  type Frame,
  frame,
  framesOf,
  number32,
  ping,
  reset,
  settings,
} from '../../src/gateway/http2/fake-connection.ts'
import {
  ACK,
  CANCEL,
  DATA,
  END_HEADERS,
  END_STREAM,
  GOAWAY,
  HEADERS,
  PING,
  PREFACE,
  REFUSED_STREAM,
  RST_STREAM,
} from '../../src/gateway/http2/protocol.ts'
import { RawClient, rawRequest, statuses } from '../support/raw.ts'
import { deployProxy, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Backends that speak HTTP/2 frame by frame, well and badly, behind the real program. */

const OK: Fields = [[':status', '200']]
const head = (id: number, fields: Fields = OK, flags = END_HEADERS): Buffer => frame(HEADERS, flags, id, block(fields))
const goAway = (lastId: number): Buffer => frame(GOAWAY, 0, 0, Buffer.concat([number32(lastId), number32(0)]))
const whole = (id: number, text: string): Buffer => Buffer.concat([head(id), data(id, text, true)])

/** One connection to the backend. */
class FrameSocket {
  readonly socket: Socket
  readonly frames: Frame[] = []
  private pending = Buffer.alloc(0)
  private hasPreface = false

  constructor(socket: Socket, onFrame: (connection: FrameSocket, frame: Frame) => void) {
    this.socket = socket
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      this.pending = Buffer.concat([this.pending, chunk])
      if (!this.hasPreface && this.pending.length >= PREFACE.length) {
        assert.ok(this.pending.subarray(0, PREFACE.length).equals(PREFACE))
        this.pending = this.pending.subarray(PREFACE.length)
        this.hasPreface = true
      }
      if (!this.hasPreface) return
      for (const one of framesOf(this.pending)) {
        this.pending = this.pending.subarray(9 + one.payload.length)
        this.frames.push(one)
        onFrame(this, one)
      }
    })
  }

  send(...parts: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(parts))
  }

  count(type: number): number {
    return this.frames.filter((one) => one.type === type).length
  }
}

let turnpike: Turnpike
let server: Server
let connections: FrameSocket[] = []
/** What the backend says first, and what it does about each frame. */
let hello: Buffer
let onFrame: (connection: FrameSocket, frame: Frame) => void

before(async () => {
  server = createServer((socket) => {
    const connection = new FrameSocket(socket, (from, one) => onFrame(from, one))
    connections.push(connection)
    connection.send(hello)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  for (const name of ['raw', 'tried']) {
    const service = await deployProxy(turnpike, name, url)
    await turnpike.api('PATCH', `/services/${service}/stages/live`, {
      backend: { targets: [{ url }], protocol: 'http2' },
      plugins: name === 'tried' ? [{ plugin: 'retry', config: {} }] : [],
    })
    await turnpike.api('POST', `/services/${service}/stages/live/deployments`, {})
  }
})
after(async () => {
  assert.equal(await turnpike.stop(), 0)
  for (const { socket } of connections) socket.destroy()
  server.close()
})

/** The backend of the next test: `answer` is called for each head of a request. */
async function backend(
  answer: (connection: FrameSocket, id: number, turn: number) => void,
  first: Buffer = settings(),
): Promise<void> {
  const old = connections
  connections = []
  hello = first
  let turn = 0
  onFrame = (connection, { type, streamId }) => {
    if (type === HEADERS) answer(connection, streamId, turn++)
  }
  await Promise.all(
    old.map(({ socket }) =>
      socket.destroyed ? undefined : new Promise((resolve) => socket.once('close', resolve).destroy()),
    ),
  )
  // That they are gone must have come to the gateway: it would use them again.
  await rawRequest(turnpike.gatewayPort, 'GET / HTTP/1.1\r\nHost: nobody.localhost\r\nConnection: close\r\n\r\n')
}

function get(method = 'GET', body = '', service = 'raw'): Promise<string> {
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`
  return rawRequest(
    turnpike.gatewayPort,
    `${method} /a HTTP/1.1\r\nHost: ${service}.localhost\r\n${length}Connection: close\r\n\r\n${body}`,
  )
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('answers of a backend that do not keep to the rules are 502', () => {
  const cases: readonly (readonly [what: string, answer: (id: number) => Buffer])[] = [
    ['no status', (id) => head(id, [['a', 'b']], 5)],
    ['two statuses', (id) => head(id, [...OK, ...OK], 5)],
    ['a status of two digits', (id) => head(id, [[':status', '20']], 5)],
    ['a status behind a field', (id) => head(id, [['a', 'b'], ...OK], 5)],
    ['a path', (id) => head(id, [...OK, [':path', '/']], 5)],
    ['101', (id) => head(id, [[':status', '101']])],
    ['an informational response that ends', (id) => head(id, [[':status', '103']], 5)],
    [
      'too many informational responses',
      (id) => Buffer.concat(Array.from({ length: 33 }, () => head(id, [[':status', '103']]))),
    ],
    ['an upper-case name', (id) => head(id, [...OK, ['A', 'b']], 5)],
    ['a field of the connection', (id) => head(id, [...OK, ['connection', 'close']], 5)],
    ['transfer-encoding', (id) => head(id, [...OK, ['transfer-encoding', 'chunked']], 5)],
    ['a line end in a value', (id) => head(id, [...OK, ['a', 'b\r\nc: d']], 5)],
    ['two lengths', (id) => head(id, [...OK, ['content-length', '1'], ['content-length', '1']])],
    ['a length that is no number', (id) => head(id, [...OK, ['content-length', 'x']])],
    ['a length without a body', (id) => head(id, [...OK, ['content-length', '5']], 5)],
    [
      'a small body that is longer than its length',
      (id) => Buffer.concat([head(id, [...OK, ['content-length', '1']]), data(id, 'abc', true)]),
    ],
    [
      'a small body that is shorter than its length',
      (id) => Buffer.concat([head(id, [...OK, ['content-length', '5']]), data(id, 'abc', true)]),
    ],
    ['a body before a head', (id) => data(id, 'abc')],
    ['a head for a stream that nobody opened', () => head(101)],
    ['a stream of the server’s own', () => head(2)],
    ['bytes that are no frame', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a block that cannot be decoded', (id) => frame(HEADERS, 5, id, Buffer.from('ffffffffff', 'hex'))],
    [
      'a head that is too large',
      (id) => head(id, [...OK, ...Array.from({ length: 201 }, () => ['a', 'b'] as const)], 5),
    ],
    ['a stream that is broken off', (id) => reset(id, 2)],
  ]
  for (const [what, answer] of cases)
    test(what, async () => {
      await backend((connection, id) => connection.send(answer(id)))
      assert.equal(statuses(await get('POST')).at(-1), 502)
      // It is one answer that is wrong, or one connection: the next request gets its own.
      await backend((connection, id) => connection.send(whole(id, 'fine')))
      assert.match(await get(), /fine$/)
    })

  test('a server that speaks another protocol', async () => {
    await backend(() => undefined, Buffer.from('220 smtp.example.com ESMTP\r\n'))
    assert.deepEqual(statuses(await get()), [502])
  })
})

describe('a body that goes wrong on its way is broken off', () => {
  const begun = (id: number) => Buffer.concat([head(id, [...OK, ['content-length', '100']]), data(id, 'begun')])
  const cases: readonly (readonly [what: string, end: (connection: FrameSocket, id: number) => void])[] = [
    ['too short', (connection, id) => connection.send(data(id, 'end', true))],
    ['too long', (connection, id) => connection.send(data(id, 'x'.repeat(96)))],
    ['too short, with trailers', (connection, id) => connection.send(head(id, [['a', 'b']], 5))],
    ['broken off', (connection, id) => connection.send(reset(id, 2))],
    ['the connection closed', (connection) => connection.socket.destroy()],
  ]
  for (const [what, end] of cases)
    test(what, async () => {
      await backend((connection, id) => connection.send(begun(id)))
      const client = new RawClient(turnpike.gatewayPort)
      client.write('GET /a HTTP/1.1\r\nHost: raw.localhost\r\n\r\n')
      await client.until((text) => text.includes('begun'), 'the beginning')
      const [connection] = connections
      assert.ok(connection !== undefined)
      end(connection, 1)
      const text = await client.untilEnd()
      assert.match(text, /Content-Length: 100\r\n/i)
      assert.ok(text.length < 300)
      client.close()
    })
})

describe('requests that a backend has not looked at go out again', () => {
  for (const method of ['GET', 'POST'])
    test(`${method}: REFUSED_STREAM`, async () => {
      await backend((connection, id, turn) =>
        connection.send(turn === 0 ? reset(id, REFUSED_STREAM) : whole(id, `turn ${turn}`)),
      )
      assert.match(await get(method, method === 'POST' ? 'body' : ''), /turn 1$/)
    })

  test('on a route that tries again by itself, too', async () => {
    await backend((connection, id, turn) =>
      connection.send(turn === 0 ? reset(id, REFUSED_STREAM) : whole(id, `turn ${turn}`)),
    )
    assert.match(await get('POST', 'body', 'tried'), /turn 1$/)
  })

  test('one that is refused again and again is given up', async () => {
    let turns = 0
    await backend((connection, id) => {
      turns++
      connection.send(reset(id, REFUSED_STREAM))
    })
    assert.deepEqual(statuses(await get('POST', 'body')), [502])
    assert.ok(turns >= 4 && turns <= 8, `${turns} turns`)
  })

  test('GOAWAY: those above the last go to another connection, the others are answered', async () => {
    let waiting: FrameSocket | null = null
    await backend((connection, id, turn) => {
      if (turn === 0) waiting = connection
      else if (connection === waiting) connection.send(goAway(1), whole(1, 'first'))
      else connection.send(whole(id, 'on another'))
    })
    const first = get()
    await until(() => waiting !== null, 'the first request')
    assert.match(await get('POST', 'body'), /on another$/)
    assert.match(await first, /first$/)
    await until(() => connections[0]?.socket.readableEnded === true, 'the end of the first connection')
    assert.equal(connections.length, 2)
  })

  test('a connection that was closed while it was unused does not fail a request', async () => {
    await backend((connection, id) => connection.send(whole(id, 'fine')))
    for (let i = 0; i < 5; i++) {
      assert.match(await get(), /fine$/)
      connections.at(-1)?.socket.destroy()
    }
  })
})

describe('connections', () => {
  test('requests share one, and more than it takes go to another', async () => {
    const waiting: (readonly [FrameSocket, number])[] = []
    await backend(
      (connection, id, turn) => {
        if (turn === 0) connection.send(whole(id, 'first'))
        else waiting.push([connection, id])
      },
      settings([3, 2]),
    )
    assert.match(await get(), /first$/)
    // One after another, for what a connection takes is known when its first frame has come.
    const answers: Promise<string>[] = []
    for (let i = 1; i <= 5; i++) {
      answers.push(get())
      await until(() => waiting.length === i, `request ${i}`)
    }
    for (const [connection, id] of waiting) connection.send(whole(id, 'fine'))
    for (const answer of await Promise.all(answers)) assert.match(answer, /fine$/)
    assert.equal(connections.length, 3)
  })

  test('a client that goes away cancels its request alone', async () => {
    const waiting: number[] = []
    await backend((_, id) => waiting.push(id))
    const client = new RawClient(turnpike.gatewayPort).write('GET /a HTTP/1.1\r\nHost: raw.localhost\r\n\r\n')
    await until(() => waiting.length === 1, 'the request')
    const other = get()
    await until(() => waiting.length === 2, 'the other request')
    // A connection that is only ended still gets its answer.
    client.socket.resetAndDestroy()
    const [connection] = connections
    assert.ok(connection !== undefined)
    await until(() => connection.count(RST_STREAM) === 1, 'RST_STREAM')
    const cancelled = connection.frames.find(({ type }) => type === RST_STREAM)
    assert.deepEqual([cancelled?.streamId, cancelled?.payload.readUInt32BE()], [waiting[0], CANCEL])
    connection.send(whole(waiting[1] ?? 0, 'fine'))
    assert.match(await other, /fine$/)
  })

  test('a window of the backend that is closed holds the body back', async () => {
    await backend(() => undefined, settings([4, 10]))
    const answer = get('POST', 'x'.repeat(25))
    await until(() => connections[0]?.count(DATA) === 1, 'DATA')
    const [connection] = connections
    assert.ok(connection !== undefined)
    const sizes = () => connection.frames.filter(({ type }) => type === DATA).map(({ payload }) => payload.length)
    // The window may not have been known when the first bytes went out; what follows keeps to it.
    const early = sizes()[0] ?? 0
    if (early < 25) {
      connection.send(frame(8, 0, 1, number32(100)))
      await until(() => sizes().reduce((sum, size) => sum + size, 0) === 25, 'all of the body')
    }
    connection.send(whole(1, 'fine'))
    assert.match(await answer, /fine$/)
  })

  test('a body that had to wait ends once, whatever windows open after its end', async () => {
    await backend(() => undefined)
    const answer = get('POST', 'x'.repeat(70_000))
    const sent = () =>
      connections[0]?.frames.reduce((sum, { type, payload }) => sum + (type === DATA ? payload.length : 0), 0)
    await until(() => sent() === 65_535, 'all that the windows take')
    const [connection] = connections
    assert.ok(connection !== undefined)
    const ends = () => connection.frames.filter(({ type, flags }) => type === DATA && flags === END_STREAM).length
    connection.send(frame(8, 0, 1, number32(100_000)), frame(8, 0, 0, number32(100_000)))
    await until(() => ends() === 1, 'the end of the body')
    connection.send(frame(8, 0, 1, number32(1)), frame(8, 0, 0, number32(1)), ping())
    await until(() => connection.frames.some(({ type, flags }) => type === PING && flags === ACK), 'the answer')
    assert.equal(ends(), 1)
    connection.send(whole(1, 'fine'))
    assert.match(await answer, /fine$/)
  })

  test('PING is answered, and SETTINGS are acknowledged', async () => {
    await backend((connection, id) => connection.send(ping(), whole(id, 'fine')))
    assert.match(await get(), /fine$/)
    const [connection] = connections
    assert.ok(connection !== undefined)
    await until(() => connection.frames.some(({ type, flags }) => type === PING && flags === ACK), 'the answer')
    assert.ok(connection.frames.some(({ type, flags }) => type === 4 && flags === ACK))
  })

  test('a head without a body ends the stream at once', async () => {
    await backend((connection, id) => connection.send(whole(id, 'fine')))
    await get()
    const request = connections[0]?.frames.find(({ type }) => type === HEADERS)
    assert.equal(request?.flags, END_HEADERS | END_STREAM)
  })
})
