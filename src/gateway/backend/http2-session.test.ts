import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { TimeWheel } from '../../lib/time-wheel.ts'
import { type Client, GatewayExchange } from '../exchange.ts'
import { FakeSocket } from '../http1/fake-connection.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import { block, data, type Frame, frame, framesOf, ping, settings, windowUpdate } from '../http2/fake-connection.ts'
import {
  ACK,
  CANCEL,
  DATA,
  END_HEADERS,
  GOAWAY,
  HEADERS,
  NO_ERROR,
  PING,
  PREFACE,
  RST_STREAM,
} from '../http2/protocol.ts'
import type { Dialler } from './dial.ts'
import { Http2Session, type SessionOwner } from './http2-session.ts'
import { defaultBackendLimits } from './pool.ts'
import { parseTarget } from './target.ts'

/** A connection to a backend in memory, on a clock of its own. */
class FakeBackend {
  readonly socket = new FakeSocket()
  readonly events: string[] = []
  readonly session: Http2Session
  isClosed = false
  private now = 0
  private readonly wheel = new TimeWheel(() => this.now)

  constructor() {
    const owner: SessionOwner = {
      wheel: this.wheel,
      limits: defaultBackendLimits,
      target: parseTarget('http://backend.test/base/'),
      // Nothing is dialled: the connection is there.
      dialler: null as unknown as Dialler,
      events: {
        informational: (_, head) => this.events.push(`informational ${head.status}`),
        head: (x, head: ResponseHead, body) => {
          this.events.push(`head ${head.status} ${body}`)
          x.isAnswered = true
          if (body === null) x.backend?.flow()
        },
        switched: () => this.events.push('switched'),
        body: (_, chunk, start, end) => this.events.push(`body ${chunk.toString('latin1', start, end)}`),
        end: (_, trailers) => this.events.push(`end ${JSON.stringify(trailers === null ? null : [...trailers])}`),
        failed: (_, code, canRetry) => this.events.push(`failed ${code} ${canRetry}`),
      },
      onSessionClosed: () => {
        this.isClosed = true
      },
      onOtherProtocol: () => this.events.push('other protocol'),
      onLeft: () => this.events.push('left'),
      resend: (_, path, count) => this.events.push(`resend ${path} ${count}`),
      beginHttp1: (_, path) => this.events.push(`http1 ${path}`),
    }
    this.socket.resume()
    // The session uses of a socket only what a stream has.
    this.session = new Http2Session(this.socket as unknown as Socket, owner, true)
  }

  begin(change: (x: GatewayExchange) => void = () => undefined): GatewayExchange {
    const x = new GatewayExchange(client)
    x.begin(0)
    x.request.method = 'GET'
    change(x)
    const link = this.session.link()
    x.backend = link
    link.begin(x, '/a')
    return x
  }

  async send(...parts: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(parts)
    this.session.read(bytes, bytes.length)
    await this.settle()
  }

  async pass(ms: number): Promise<void> {
    this.now += ms
    this.wheel.tick()
    await this.settle()
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  get frames(): Frame[] {
    const bytes = Buffer.from(this.socket.answer, 'latin1')
    assert.ok(bytes.subarray(0, PREFACE.length).equals(PREFACE))
    return framesOf(bytes.subarray(PREFACE.length))
  }

  count(type: number): number {
    return this.frames.filter((one) => one.type === type).length
  }
}

const nothing = () => undefined
const client: Client = {
  address: '192.0.2.1',
  isTrusted: false,
  scheme: 'http',
  tls: null,
  forwardingLines: 'X-Forwarded-For: 192.0.2.1\r\nVia: 2 gateway\r\n',
  readBody: nothing,
  limitTotal: nothing,
  pauseBody: nothing,
  resumeBody: nothing,
  writeInformational: nothing,
  writeWhole: nothing,
  writeHead: nothing,
  writeBody: nothing,
  end: nothing,
  abort: nothing,
}

/** So many bytes of an endless sequence. */
const numbered = (from: number, bytes: number) =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => (from + i) % 251))

const head = (id: number, flags = END_HEADERS) => frame(HEADERS, flags, id, block([[':status', '200']]))

describe('a connection of HTTP/2 to a backend', () => {
  test('a small answer that comes in one piece is given in one piece', async () => {
    const backend = new FakeBackend()
    backend.begin()
    await backend.send(settings(), head(1), data(1, 'he'), data(1, 'llo', true))
    assert.deepEqual(backend.events, ['left', 'head 200 hello'])
  })

  test('one that comes in parts is given in parts, with its trailers', async () => {
    const backend = new FakeBackend()
    backend.begin()
    await backend.send(settings(), head(1), data(1, 'he'))
    await backend.send(data(1, 'llo'), frame(HEADERS, 5, 1, block([['x-sum', '1']])))
    assert.deepEqual(backend.events, ['head 200 null', 'body he', 'body llo', 'left', 'end [["x-sum","1"]]'])
  })

  test('what is paused is kept, and the window stays closed', async () => {
    const backend = new FakeBackend()
    const x = backend.begin()
    await backend.send(settings(), head(1), data(1, 'a'))
    x.backend?.pause()
    for (let i = 0; i < 8; i++) await backend.send(data(1, 'x'.repeat(16_000)))
    assert.equal(backend.events.length, 2)
    assert.equal(backend.frames.filter(({ type, streamId }) => type === 8 && streamId === 1).length, 0)
    x.backend?.resume()
    await backend.settle()
    assert.equal(backend.events.length, 10)
    assert.equal(backend.frames.filter(({ type, streamId }) => type === 8 && streamId === 1).length, 1)
  })

  test('an exchange that is left is cancelled, and what comes of it is dropped', async () => {
    const backend = new FakeBackend()
    const x = backend.begin()
    x.backend?.abandon()
    await backend.send(settings(), head(1), data(1, 'late', true))
    assert.deepEqual(backend.events, ['left'])
    const cancelled = backend.frames.find(({ type }) => type === RST_STREAM)
    assert.equal(cancelled?.payload.readUInt32BE(), CANCEL)
    assert.equal(backend.isClosed, false)
  })

  test('an answer before the request is complete ends the request', async () => {
    const backend = new FakeBackend()
    backend.begin(({ request }) => {
      request.method = 'POST'
      request.framing = 2
    })
    await backend.send(settings(), head(1, 5))
    assert.deepEqual(backend.events, ['left', 'head 200 '])
    const ended = backend.frames.find(({ type }) => type === RST_STREAM)
    assert.equal(ended?.payload.readUInt32BE(), NO_ERROR)
  })

  test('a backend that says nothing is asked once, and one that answers is left alone', async () => {
    const backend = new FakeBackend()
    backend.begin()
    await backend.send(settings())
    await backend.pass(25_000)
    assert.equal(backend.count(PING), 1)
    await backend.send(ping(ACK))
    await backend.pass(12_000)
    await backend.pass(20_000)
    assert.equal(backend.count(PING), 1)
    assert.equal(backend.isClosed, false)
  })

  test('one that does not answer that is given up', async () => {
    const backend = new FakeBackend()
    backend.begin()
    await backend.send(settings())
    await backend.pass(25_000)
    await backend.pass(12_000)
    assert.deepEqual(backend.events, ['left', 'failed backend-timeout false'])
    assert.ok(backend.isClosed)
  })

  test('a connection that nobody uses is not asked, and is closed when its time is over', async () => {
    const backend = new FakeBackend()
    backend.begin()
    await backend.send(settings(), head(1, 5))
    await backend.pass(40_000)
    assert.equal(backend.count(PING), 0)
    await backend.pass(25_000)
    assert.equal(backend.count(GOAWAY), 1)
    assert.ok(backend.isClosed)
  })

  test('a backend that does not answer: the time is that of the route, else the usual one', async () => {
    const backend = new FakeBackend()
    backend.begin((x) => {
      x.timeouts = { connectMs: 1_000, responseMs: 2_000, idleMs: 2_000, totalMs: 10_000 }
    })
    await backend.send(settings())
    await backend.pass(3_000)
    assert.deepEqual(backend.events, ['left', 'failed backend-timeout false'])
    assert.equal(backend.isClosed, false)
  })

  test('a backend that sends no SETTINGS is given up', async () => {
    const backend = new FakeBackend()
    backend.begin()
    await backend.pass(11_000)
    assert.deepEqual(backend.events, ['left', 'failed backend-connect-timeout false'])
  })

  test('withdrawn, it takes no more and closes behind its last exchange', async () => {
    const backend = new FakeBackend()
    backend.begin()
    await backend.send(settings())
    backend.session.retire()
    assert.equal(backend.session.hasRoom, false)
    assert.equal(backend.isClosed, false)
    await backend.send(head(1), data(1, 'end', true))
    assert.deepEqual(backend.events, ['left', 'head 200 end'])
    assert.ok(backend.isClosed)
  })

  test('a request that is to become a WebSocket goes by HTTP/1.1', () => {
    const backend = new FakeBackend()
    backend.begin((x) => {
      x.webSocket = { idleMs: 1_000, lifeMs: 1_000 }
    })
    assert.deepEqual(backend.events, ['http1 /a'])
    assert.equal(backend.session.streams.size, 0)
  })

  test('an end that waited for a window is sent once, however often windows open behind it', async () => {
    const backend = new FakeBackend()
    await backend.send(settings([4, 10]))
    const x = backend.begin(({ request }) => {
      request.method = 'POST'
      request.framing = 2
    })
    x.backend?.writeBody(Buffer.alloc(25), 0, 25)
    x.backend?.endBody(null)
    for (let i = 0; i < 3; i++) await backend.send(windowUpdate(1, 20), windowUpdate(0, 20))
    const sent = backend.frames.filter(({ type }) => type === DATA)
    assert.deepEqual(
      sent.map(({ flags, payload }) => [flags, payload.length]),
      [
        [0, 10],
        [0, 15],
        [1, 0],
      ],
    )
  })

  test('whatever windows do, content goes out whole, in order, within them, and its end once', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('write' as const), bytes: fc.nat(40_000) }),
      fc.record({ do: fc.constant('stream' as const), bytes: fc.integer({ min: 1, max: 30_000 }) }),
      fc.record({ do: fc.constant('connection' as const), bytes: fc.integer({ min: 1, max: 30_000 }) }),
      fc.record({ do: fc.constant('settings' as const), bytes: fc.nat(70_000) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const backend = new FakeBackend()
        const x = backend.begin(({ request }) => {
          request.method = 'POST'
          request.framing = 2
        })
        await backend.send(settings())
        let [written, initial, ofStream, ofConnection] = [0, 65_535, 65_535, 65_535]
        const sent = () => backend.frames.filter(({ type }) => type === DATA)
        const sentBytes = () => sent().reduce((sum, { payload }) => sum + payload.length, 0)
        for (const one of steps) {
          if (one.do === 'write') {
            const part = numbered(written, one.bytes)
            x.backend?.writeBody(part, 0, part.length)
            written += one.bytes
          } else if (one.do === 'settings') {
            ofStream += one.bytes - initial
            initial = one.bytes
            await backend.send(settings([4, one.bytes]))
          } else if (one.do === 'stream') {
            ofStream += one.bytes
            await backend.send(windowUpdate(1, one.bytes))
          } else {
            ofConnection += one.bytes
            await backend.send(windowUpdate(0, one.bytes))
          }
          await backend.settle()
          // A window that was made smaller may be below what is out already: then nothing more goes.
          assert.ok(sentBytes() <= ofConnection)
          const most = Math.min(written, ofStream, ofConnection)
          assert.ok(sentBytes() >= most, `${sentBytes()} of ${most}`)
        }
        x.backend?.endBody(null)
        await backend.send(windowUpdate(1, 2_000_000), windowUpdate(0, 2_000_000), windowUpdate(1, 1))
        const whole = Buffer.concat(sent().map(({ payload }) => payload))
        assert.deepEqual(whole, numbered(0, written))
        assert.equal(sent().filter(({ flags }) => flags === 1).length, 1)
        assert.equal(sent().at(-1)?.flags, 1)
      }),
      { numRuns: 60 },
    )
  })

  test('what goes out: the head, the fields of the gateway, and the body that is at hand', async () => {
    const backend = new FakeBackend()
    backend.begin(({ request }) => {
      request.method = 'POST'
      request.framing = 1
      request.contentLength = 4
      request.inlineBody = 'body'
      request.headers.push('Content-Type', 'application/grpc')
    })
    await backend.settle()
    const sent = backend.frames.filter(({ streamId }) => streamId === 1)
    assert.deepEqual(
      sent.map(({ type, flags }) => [type, flags]),
      [
        [HEADERS, END_HEADERS],
        [DATA, 1],
      ],
    )
    const text = sent[0]?.payload.toString('latin1') ?? ''
    for (const part of ['backend.test', '/base/a', 'application/grpc', '192.0.2.1', '2 gateway', 'trailers'])
      assert.ok(text.includes(part), part)
    assert.equal(sent[1]?.payload.toString(), 'body')
  })
})
