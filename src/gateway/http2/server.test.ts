import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  block,
  connected,
  data,
  FakeClient,
  type Fields,
  frame,
  GET,
  HELLO,
  POST,
  ping,
  priority,
  request,
  reset,
  settings,
  statusOf,
  TakingServer,
  windowUpdate,
} from './fake-connection.ts'
import {
  ACK,
  COMPRESSION_ERROR,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  ENHANCE_YOUR_CALM,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  GOAWAY,
  HEADERS,
  NO_ERROR,
  PADDED,
  PING,
  PREFACE,
  PROTOCOL_ERROR,
  PUSH_PROMISE,
  REFUSED_STREAM,
  RST_STREAM,
  SETTINGS,
  STREAM_CLOSED,
  WINDOW_UPDATE,
} from './protocol.ts'

const POST_HEAD = END_HEADERS
const with_ = (...more: Fields): Fields => [...GET, ...more]
const without = (name: string): Fields => GET.filter(([key]) => key !== name)
const instead = (name: string, value: string): Fields =>
  GET.map(([key, old]) => [key, key === name ? value : old] as const)

/** Heads that are refused, and with what. Whatever is refused here is refused in HTTP/1, too. */
const refused: readonly (readonly [what: string, fields: Fields, code: string])[] = [
  ['no method', without(':method'), 'malformed-header'],
  ['no path', without(':path'), 'malformed-header'],
  ['an empty path', instead(':path', ''), 'malformed-header'],
  ['no scheme', without(':scheme'), 'malformed-header'],
  ['no authority', without(':authority'), 'invalid-host'],
  ['two methods', [[':method', 'GET'], ...GET], 'malformed-header'],
  ['two paths', [[':path', '/b'], ...GET], 'malformed-header'],
  ['a pseudo-field behind a field', [['a', 'b'], ...GET], 'malformed-header'],
  ['a pseudo-field that nobody knows', [[':protocol', 'websocket'], ...GET], 'malformed-header'],
  ['a status', [[':status', '200'], ...GET], 'malformed-header'],
  ['an upper-case name', with_(['X-Name', 'a']), 'malformed-header'],
  ['an empty name', with_(['', 'a']), 'malformed-header'],
  ['a space in a name', with_(['a b', 'a']), 'malformed-header'],
  ['a colon in a name', with_(['a:b', 'a']), 'malformed-header'],
  ['a line end in a name', with_(['a\r\nb', 'a']), 'malformed-header'],
  ['a line end in a value', with_(['a', 'b\r\nc: d']), 'malformed-header'],
  ['a bare LF in a value', with_(['a', 'b\nc']), 'malformed-header'],
  ['a NUL in a value', with_(['a', 'b\0c']), 'malformed-header'],
  ['DEL in a value', with_(['a', 'b\x7f']), 'malformed-header'],
  ['a space before a value', with_(['a', ' b']), 'malformed-header'],
  ['a tab behind a value', with_(['a', 'b\t']), 'malformed-header'],
  ['connection', with_(['connection', 'close']), 'malformed-header'],
  ['keep-alive', with_(['keep-alive', '5']), 'malformed-header'],
  ['proxy-connection', with_(['proxy-connection', 'close']), 'malformed-header'],
  ['transfer-encoding', with_(['transfer-encoding', 'chunked']), 'malformed-header'],
  ['upgrade', with_(['upgrade', 'h2c']), 'malformed-header'],
  ['te that is not trailers', with_(['te', 'gzip']), 'malformed-header'],
  ['te with more than trailers', with_(['te', 'trailers, deflate']), 'malformed-header'],
  ['another host', with_(['host', 'other.test']), 'invalid-host'],
  ['two hosts', with_(['host', 'shop.test'], ['host', 'shop.test']), 'invalid-host'],
  ['user information in the authority', instead(':authority', 'a@shop.test'), 'invalid-host'],
  ['a path in the authority', instead(':authority', 'shop.test/a'), 'invalid-host'],
  ['a port that is none', instead(':authority', 'shop.test:x'), 'invalid-host'],
  ['CONNECT', instead(':method', 'CONNECT'), 'unsupported-method'],
  ['a method with a space', instead(':method', 'GE T'), 'malformed-request-line'],
  ['a path that is no path', instead(':path', 'a'), 'invalid-uri'],
  ['an absolute target', instead(':path', 'http://shop.test/a'), 'invalid-uri'],
  ['* of a method that has none', instead(':path', '*'), 'invalid-uri'],
  ['a space in the path', instead(':path', '/a b'), 'invalid-uri'],
  ['a fragment in the path', instead(':path', '/a#b'), 'invalid-uri'],
  ['a line end in the path', instead(':path', '/a\r\nb'), 'malformed-header'],
  ['a byte beyond ASCII in the path', instead(':path', '/\xe4'), 'invalid-uri'],
  ['a scheme of another protocol', instead(':scheme', 'ftp'), 'invalid-uri'],
  ['a target that is too long', instead(':path', `/${'a'.repeat(8_192)}`), 'uri-too-long'],
  ['a length that is no number', with_(['content-length', '1x']), 'invalid-framing'],
  ['a negative length', with_(['content-length', '-1']), 'invalid-framing'],
  ['two lengths', with_(['content-length', '0'], ['content-length', '0']), 'invalid-framing'],
  ['a length without a body', with_(['content-length', '5']), 'invalid-framing'],
  ['an expectation that nobody knows', with_(['expect', 'more']), 'unsupported-expectation'],
  [
    'more fields than allowed',
    with_(...Array.from({ length: 100 }, (_, i) => [`a${i}`, 'b'] as const)),
    'headers-too-large',
  ],
  ['fields that are too large', with_(['a', 'b'.repeat(9_000)], ['c', 'd'.repeat(7_500)]), 'headers-too-large'],
]

describe('heads of requests', () => {
  for (const [what, fields, code] of refused)
    test(`is refused as ${code}: ${what}`, async () => {
      const client = await connected()
      const parts = inFrames(1, block(fields), END_STREAM)
      await client.send(...parts)
      assert.deepEqual(client.server.refusals, [code])
      assert.deepEqual(client.server.requests, [])
      assert.ok(statusOf(client.answer(1)) >= 400)
      // The others on the connection have nothing to do with it.
      await client.send(request(3))
      assert.equal(statusOf(client.answer(3)), 200)
    })

  test('what a request says, the server is given: cookies in one piece, nothing of the connection, no claims', async () => {
    const client = await connected()
    await client.send(
      request(1, [
        [':method', 'GET'],
        [':path', '/a?b=c'],
        [':scheme', 'https'],
        [':authority', 'Shop.test:8080'],
        ['cookie', 'a=1'],
        ['accept', '*/*'],
        ['te', 'trailers'],
        ['cookie', 'b=2'],
        ['x-forwarded-for', '9.9.9.9'],
        ['x_forwarded_for', '9.9.9.9'],
        ['x-real-ip', '9.9.9.9'],
        ['content_length', '9'],
        ['proxy-authorization', 'a'],
        ['http2-settings', 'a'],
        ['x-empty', ''],
      ]),
    )
    assert.deepEqual(client.server.requests, [
      {
        method: 'GET',
        target: '/a?b=c',
        host: 'Shop.test:8080',
        headers: [
          ['accept', '*/*'],
          ['x-empty', ''],
          ['cookie', 'a=1; b=2'],
        ],
        body: '',
        trailers: [],
        isComplete: true,
      },
    ])
  })

  test('a host instead of an authority will do, and the same in both', async () => {
    const client = await connected()
    await client.send(request(1, [...without(':authority'), ['host', 'shop.test']]))
    await client.send(request(3, with_(['host', 'SHOP.test'])))
    assert.deepEqual([statusOf(client.answer(1)), statusOf(client.answer(3))], [200, 200])
  })

  test('OPTIONS *', async () => {
    const client = await connected()
    await client.send(request(1, [[':method', 'OPTIONS'], [':path', '*'], ...GET.slice(1, 3)]))
    assert.equal(client.server.requests[0]?.target, '*')
    assert.equal(statusOf(client.answer(1)), 200)
  })
})

/** A block over as many frames as it needs. */
function inFrames(id: number, bytes: Buffer, flags: number, size = 16_384): Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at === 0 || at < bytes.length; at += size) {
    const isLast = at + size >= bytes.length
    const type = at === 0 ? HEADERS : CONTINUATION
    parts.push(frame(type, (isLast ? END_HEADERS : 0) | (at === 0 ? flags : 0), id, bytes.subarray(at, at + size)))
  }
  return parts
}

/** Frames that end the connection, behind the client's hello, and with which code. */
const fatal: readonly (readonly [what: string, frames: readonly Buffer[], code: number])[] = [
  ['a frame that is too long', [frame(DATA, 0, 1, Buffer.alloc(16_385))], FRAME_SIZE_ERROR],
  ['HEADERS on stream 0', [request(0)], PROTOCOL_ERROR],
  ['HEADERS on an even stream', [request(2)], PROTOCOL_ERROR],
  ['HEADERS on a stream below the last', [request(5), request(3)], STREAM_CLOSED],
  ['HEADERS on a stream that is over', [request(1), request(1)], STREAM_CLOSED],
  ['DATA on stream 0', [data(0, 'a')], PROTOCOL_ERROR],
  ['DATA on a stream that was never opened', [data(1, 'a')], PROTOCOL_ERROR],
  ['DATA on a stream that is over', [request(1), data(1, 'a')], STREAM_CLOSED],
  [
    'padding that is longer than its frame',
    [request(1, POST, POST_HEAD), frame(DATA, PADDED, 1, Buffer.from([5, 1]))],
    PROTOCOL_ERROR,
  ],
  ['padding of an empty frame', [request(1, POST, POST_HEAD), frame(DATA, PADDED, 1)], FRAME_SIZE_ERROR],
  [
    'padding that is longer than its head',
    [frame(HEADERS, END_HEADERS | PADDED, 1, Buffer.from([200, 0x82]))],
    PROTOCOL_ERROR,
  ],
  ['CONTINUATION out of nowhere', [frame(CONTINUATION, END_HEADERS, 1)], PROTOCOL_ERROR],
  ['a block that another frame interrupts', [frame(HEADERS, 0, 1, block(GET)), ping()], PROTOCOL_ERROR],
  [
    'a block that another stream interrupts',
    [frame(HEADERS, 0, 1, block(GET)), frame(CONTINUATION, 4, 3)],
    PROTOCOL_ERROR,
  ],
  ['a block that cannot be decoded', [frame(HEADERS, 5, 1, Buffer.from('ffffffffff', 'hex'))], COMPRESSION_ERROR],
  ['RST_STREAM on stream 0', [reset(0)], PROTOCOL_ERROR],
  ['RST_STREAM on a stream that was never opened', [reset(1)], PROTOCOL_ERROR],
  ['RST_STREAM of another length', [request(1), frame(RST_STREAM, 0, 1, Buffer.alloc(5))], FRAME_SIZE_ERROR],
  ['SETTINGS on a stream', [frame(SETTINGS, 0, 1)], PROTOCOL_ERROR],
  ['SETTINGS of another length', [frame(SETTINGS, 0, 0, Buffer.alloc(5))], FRAME_SIZE_ERROR],
  ['SETTINGS that are acknowledged with a payload', [frame(SETTINGS, ACK, 0, Buffer.alloc(6))], FRAME_SIZE_ERROR],
  ['ENABLE_PUSH of 2', [settings([2, 2])], PROTOCOL_ERROR],
  ['a window that is too large', [settings([4, 2 ** 31])], FLOW_CONTROL_ERROR],
  ['frames that are too small', [settings([5, 16_383])], PROTOCOL_ERROR],
  ['frames that are too large', [settings([5, 2 ** 24])], PROTOCOL_ERROR],
  ['PING on a stream', [frame(PING, 0, 1, Buffer.alloc(8))], PROTOCOL_ERROR],
  ['PING of another length', [frame(PING, 0, 0, Buffer.alloc(7))], FRAME_SIZE_ERROR],
  ['GOAWAY on a stream', [frame(GOAWAY, 0, 1, Buffer.alloc(8))], PROTOCOL_ERROR],
  ['GOAWAY that is too short', [frame(GOAWAY, 0, 0, Buffer.alloc(7))], FRAME_SIZE_ERROR],
  ['WINDOW_UPDATE by 0', [windowUpdate(0, 0)], PROTOCOL_ERROR],
  ['WINDOW_UPDATE of another length', [frame(WINDOW_UPDATE, 0, 0, Buffer.alloc(3))], FRAME_SIZE_ERROR],
  ['WINDOW_UPDATE beyond the largest window', [windowUpdate(0, 2 ** 31 - 1)], FLOW_CONTROL_ERROR],
  ['WINDOW_UPDATE on a stream that was never opened', [windowUpdate(1, 1)], PROTOCOL_ERROR],
  ['PRIORITY on stream 0', [priority(0)], PROTOCOL_ERROR],
  ['PUSH_PROMISE', [frame(PUSH_PROMISE, END_HEADERS, 1, Buffer.alloc(4))], PROTOCOL_ERROR],
  [
    'more than the window of the connection',
    [
      ...Array.from({ length: 6 }, (_, i) => request(i * 2 + 1, [...POST, ['x-wait', '1']], POST_HEAD)),
      ...Array.from({ length: 65 }, (_, i) => data((i % 6) * 2 + 1, 'a'.repeat(16_384))),
    ],
    FLOW_CONTROL_ERROR,
  ],
  ['a flood of PING', Array.from({ length: 2_001 }, () => ping()), ENHANCE_YOUR_CALM],
  ['a flood of SETTINGS', Array.from({ length: 2_000 }, () => settings()), ENHANCE_YOUR_CALM],
  ['a flood of PRIORITY', Array.from({ length: 2_001 }, () => priority(1)), ENHANCE_YOUR_CALM],
  ['a flood of frames that nobody knows', Array.from({ length: 2_001 }, () => frame(77, 0, 0)), ENHANCE_YOUR_CALM],
  ['a flood of updates of the window', Array.from({ length: 2_001 }, () => windowUpdate(0, 1)), ENHANCE_YOUR_CALM],
  [
    'a flood of empty DATA',
    [request(1, POST, POST_HEAD), ...Array.from({ length: 2_100 }, () => data(1, ''))],
    ENHANCE_YOUR_CALM,
  ],
  [
    'a flood of CONTINUATION',
    [frame(HEADERS, 0, 1), ...Array.from({ length: 10 }, () => frame(CONTINUATION, 0, 1))],
    ENHANCE_YOUR_CALM,
  ],
  [
    'a block that is larger than any head may be',
    inFrames(1, block(with_(['a', 'b'.repeat(40_000)])), END_STREAM),
    ENHANCE_YOUR_CALM,
  ],
  [
    'requests that are broken off as soon as they are made',
    Array.from({ length: 101 }, (_, i) => [request(i * 2 + 1, POST, POST_HEAD), reset(i * 2 + 1)]).flat(),
    ENHANCE_YOUR_CALM,
  ],
  [
    'requests that we are made to break off',
    Array.from({ length: 101 }, (_, i) => [request(i * 2 + 1, POST, POST_HEAD), windowUpdate(i * 2 + 1, 0)]).flat(),
    ENHANCE_YOUR_CALM,
  ],
  [
    'more requests at once than allowed, again and again',
    Array.from({ length: 230 }, (_, i) => request(i * 2 + 1, [...POST, ['content-length', '5']], POST_HEAD)),
    ENHANCE_YOUR_CALM,
  ],
]

describe('frames that end the connection', () => {
  for (const [what, frames, code] of fatal)
    test(`${what}`, async () => {
      const client = await connected()
      await client.send(...frames)
      assert.deepEqual(client.goAways, [code])
      assert.ok(client.socket.writableEnded)
      // Whatever comes now is read and dropped.
      const before = client.socket.answer
      await client.send(request(2_001))
      assert.equal(client.socket.answer, before)
      // Who does not close is closed.
      await client.pass(3_000)
      assert.ok(client.isClosed)
    })

  test('a first frame that is not SETTINGS', async () => {
    const client = await fresh()
    await client.send(PREFACE, ping())
    assert.deepEqual(client.goAways, [PROTOCOL_ERROR])
  })

  test('a preface that is none', async () => {
    const client = await fresh()
    await client.send(Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'))
    assert.deepEqual(client.goAways, [PROTOCOL_ERROR])
  })
})

async function fresh(limits = {}): Promise<FakeClient> {
  return new FakeClient(new TakingServer(), limits)
}

describe('frames that end a stream', () => {
  const cases: readonly (readonly [what: string, frames: readonly Buffer[], code: number])[] = [
    ['WINDOW_UPDATE by 0', [windowUpdate(1, 0)], PROTOCOL_ERROR],
    ['WINDOW_UPDATE beyond the largest window', [windowUpdate(1, 2 ** 31 - 1)], FLOW_CONTROL_ERROR],
    ['trailers that do not end it', [frame(HEADERS, END_HEADERS, 1, block([['a', 'b']]))], PROTOCOL_ERROR],
    ['a pseudo-field in trailers', [frame(HEADERS, 5, 1, block([[':path', '/b']]))], PROTOCOL_ERROR],
    ['an upper-case name in trailers', [frame(HEADERS, 5, 1, block([['A', 'b']]))], PROTOCOL_ERROR],
  ]
  for (const [what, frames, code] of cases)
    test(what, async () => {
      const client = await connected()
      await client.send(request(1, POST, POST_HEAD), data(1, 'begun'))
      await client.send(...frames)
      assert.equal(client.answer(1)?.resetCode, code)
      assert.deepEqual(client.finished, [{ status: 0, isAborted: true }])
      await client.send(request(3))
      assert.equal(statusOf(client.answer(3)), 200)
    })

  test('more requests at once than allowed are refused, and the others go on', async () => {
    const client = await connected({ maxStreams: 2 })
    await client.send(request(1, POST, POST_HEAD), request(3, POST, POST_HEAD), request(5), request(7, POST, POST_HEAD))
    assert.equal(client.answer(5)?.resetCode, REFUSED_STREAM)
    // What was on its way of one that was refused is nobody's fault.
    await client.send(data(7, 'late'), data(1, 'a', true), data(3, 'b', true), request(9))
    assert.deepEqual(
      [1, 3, 9].map((id) => statusOf(client.answer(id))),
      [200, 200, 200],
    )
    assert.deepEqual(client.goAways, [])
  })
})

describe('bodies', () => {
  test('one that comes along with its head is given in one piece', async () => {
    const client = await connected()
    await client.send(request(1, POST, POST_HEAD), data(1, 'hel'), data(1, 'lo', true))
    assert.equal(client.server.requests[0]?.body, 'hello')
    assert.equal(statusOf(client.answer(1)), 200)
  })

  test('any cut of the bytes gives the same', async () => {
    const bytes = Buffer.concat([
      HELLO,
      request(1, POST, POST_HEAD),
      data(1, 'hello '),
      frame(DATA, PADDED, 1, Buffer.from('\x03world\0\0\0', 'latin1')),
      frame(
        HEADERS,
        5,
        1,
        block([
          ['x-sum', '1'],
          ['te', 'trailers'],
        ]),
      ),
      request(3),
    ])
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length)), async (cuts) => {
        const client = await fresh()
        let from = 0
        for (const to of [...cuts.sort((a, b) => a - b), bytes.length]) {
          const part = bytes.subarray(from, to)
          client.connection.read(part, part.length)
          from = to
        }
        await client.settle()
        assert.deepEqual([statusOf(client.answer(1)), statusOf(client.answer(3))], [200, 200])
        assert.deepEqual(client.goAways, [])
      }),
      { numRuns: 50 },
    )
  })

  test('trailers follow it', async () => {
    const client = await connected()
    await client.send(request(1, POST, POST_HEAD), data(1, 'a'))
    await client.send(
      frame(
        HEADERS,
        5,
        1,
        block([
          ['x-sum', '1'],
          ['authorization', 'no'],
        ]),
      ),
    )
    assert.deepEqual(client.server.requests[0]?.trailers, [['x-sum', '1']])
  })

  for (const [what, frames] of [
    ['shorter', [data(1, 'abc', true)]],
    ['longer', [data(1, 'abcdef')]],
    ['shorter, with trailers', [data(1, 'abc'), frame(HEADERS, 5, 1, block([['a', 'b']]))]],
  ] as const)
    test(`one that is ${what} than its head says is refused`, async () => {
      for (const isLater of [false, true]) {
        const client = await connected()
        const head = request(1, [...POST, ['content-length', '5']], POST_HEAD)
        if (isLater) await client.send(head)
        await client.send(...(isLater ? [] : [head]), ...frames)
        assert.deepEqual(client.server.refusals, ['invalid-framing'])
        assert.equal(client.server.requests[0]?.isComplete ?? false, false)
      }
    })

  test('one without a length that grows beyond the limit is refused', async () => {
    const client = await connected({ maxBodyBytes: 10 })
    await client.send(request(1, POST, POST_HEAD))
    await client.send(data(1, 'x'.repeat(11)))
    assert.equal(statusOf(client.answer(1)), 413)
    assert.equal(client.answer(1)?.resetCode, NO_ERROR)
  })

  test('one that stops coming is given up', async () => {
    const client = await connected({ bodyIdleTimeoutMs: 5_000 })
    await client.send(request(1, POST, POST_HEAD), data(1, 'a'))
    await client.pass(4_000)
    await client.send(data(1, 'b'))
    await client.pass(4_000)
    assert.equal(client.answer(1), undefined)
    await client.pass(2_000)
    assert.equal(statusOf(client.answer(1)), 408)
  })

  test('the windows open again as content is passed on', async () => {
    const client = await connected()
    await client.send(request(1, POST, POST_HEAD))
    for (let i = 0; i < 200; i++) await client.send(data(1, 'x'.repeat(16_384)))
    await client.send(data(1, '', true))
    assert.equal(client.server.requests[0]?.body.length, 200 * 16_384)
    assert.deepEqual(client.goAways, [])
  })

  test('more than the window of the stream breaks it off', async () => {
    const client = await connected()
    // Two megabytes in one go: nothing of it can have been passed on before.
    await client.send(
      request(1, [...POST, ['content-length', '9999999']], POST_HEAD),
      ...Array.from({ length: 17 }, () => data(1, 'x'.repeat(16_384))),
    )
    assert.equal(client.answer(1)?.resetCode, FLOW_CONTROL_ERROR)
  })
})

describe('time', () => {
  test('a connection on which nothing is under way is closed, whatever it is pinged', async () => {
    const client = await connected({ idleTimeoutMs: 5_000 })
    await client.send(request(1))
    await client.pass(4_000)
    await client.send(ping())
    await client.pass(2_000)
    assert.deepEqual(client.goAways, [NO_ERROR])
  })

  test('one on which a request is under way is not', async () => {
    const client = await connected({ idleTimeoutMs: 5_000, bodyIdleTimeoutMs: 50_000 })
    await client.send(request(1, POST, POST_HEAD))
    await client.pass(20_000)
    await client.send(data(1, 'a', true))
    assert.equal(statusOf(client.answer(1)), 200)
  })

  for (const [what, bytes] of [
    ['nothing', Buffer.alloc(0)],
    ['a preface alone', PREFACE],
    ['a part of a frame', Buffer.concat([HELLO, request(1).subarray(0, 20)])],
    ['a part of a block', Buffer.concat([HELLO, frame(HEADERS, 0, 1, block(GET))])],
  ] as const)
    test(`who sends ${what} is not waited for`, async () => {
      const client = await fresh({ headTimeoutMs: 5_000 })
      await client.send(bytes)
      await client.pass(4_000)
      assert.deepEqual(client.goAways, [])
      await client.pass(2_000)
      assert.deepEqual(client.goAways, [ENHANCE_YOUR_CALM])
    })

  test('parts of frames that go on coming are waited for', async () => {
    const client = await connected({ bodyIdleTimeoutMs: 5_000 })
    await client.send(request(1, POST, POST_HEAD))
    const bytes = Buffer.concat(Array.from({ length: 10 }, () => data(1, 'x'.repeat(91))))
    for (let at = 0; at < bytes.length; at += 50) {
      await client.send(bytes.subarray(at, at + 50))
      await client.pass(2_000)
    }
    assert.deepEqual(client.goAways, [])
  })
})

describe('answers', () => {
  test('a window that is closed holds an answer back, and opening it lets it go in order', async () => {
    const client = await fresh()
    await client.send(PREFACE, settings([4, 0]), request(1), request(3))
    assert.deepEqual([client.answer(1)?.body, client.answer(3)?.body], ['', ''])
    await client.send(windowUpdate(3, 1))
    assert.deepEqual([client.answer(1)?.body, client.answer(3)?.body], ['', 'o'])
    await client.send(settings([4, 1]))
    assert.deepEqual([client.answer(1)?.body, client.answer(3)?.body], ['o', 'ok'])
    await client.send(settings([4, 100]))
    assert.deepEqual([client.answer(1)?.isEnded, client.answer(3)?.isEnded], [true, true])
    assert.equal(client.finished.length, 2)
  })

  test('one that is never taken is broken off', async () => {
    const client = await fresh({ bodyIdleTimeoutMs: 5_000 })
    await client.send(PREFACE, settings([4, 0]), request(1))
    await client.pass(6_000)
    assert.equal(client.answer(1)?.resetCode, 8)
    assert.deepEqual(client.finished, [{ status: 200, isAborted: true }])
  })

  test('PING is answered with its own bytes, SETTINGS are acknowledged', async () => {
    const client = await connected()
    await client.send(frame(PING, 0, 0, Buffer.from('12345678')))
    assert.deepEqual(
      client.frames.filter(({ type, flags }) => type === PING && flags === ACK).map(({ payload }) => String(payload)),
      ['12345678'],
    )
    assert.equal(client.count(SETTINGS, ACK), 1)
  })

  test('a client that does not read is not answered without end', async () => {
    const client = await connected()
    client.socket.isFull = true
    for (let i = 0; i < 100 && client.goAways.length === 0 && !client.connection.isClosed; i++)
      await client.send(
        ...Array.from({ length: 100 }, (_, j) => request((i * 100 + j) * 2 + 1)),
        ...Array.from({ length: 300 }, () => ping()),
      )
    assert.ok(client.connection.isClosed)
  })

  test('the table that the client allows is kept to', async () => {
    const client = await fresh()
    await client.send(PREFACE, settings([1, 0]), request(1), request(3))
    assert.deepEqual([statusOf(client.answer(1)), statusOf(client.answer(3))], [200, 200])
  })
})

test('bytes are counted as those of HTTP/1 are: head and content, without frames', async () => {
  const client = await connected()
  await client.send(request(1, POST, POST_HEAD), data(1, 'x'.repeat(1_000)))
  await client.send(data(1, 'y'.repeat(500), true))
  const answer = client.frames.filter(({ streamId }) => streamId === 1)
  const sent = answer.filter(({ type }) => type === HEADERS || type === DATA)
  const bytesOut = sent.reduce((sum, { payload }) => sum + payload.length, 0)
  assert.deepEqual(client.bytes, [[block(POST).length + 1_500, bytesOut]])
})

describe('the end', () => {
  test('draining: first a warning, then the last request, then the end', async () => {
    const client = await connected()
    await client.send(request(1, POST, POST_HEAD))
    client.connection.drain()
    await client.settle()
    assert.deepEqual(client.goAways, [NO_ERROR])
    await client.send(request(3), ping(ACK))
    const ends = client.frames.filter(({ type }) => type === GOAWAY).map(({ payload }) => payload.readUInt32BE(0))
    assert.deepEqual(ends, [2 ** 31 - 1, 3])
    assert.equal(statusOf(client.answer(3)), 200)
    // Too late: it was said that this one would not be taken.
    await client.send(request(5, POST, POST_HEAD), data(5, 'a'))
    assert.equal(client.answer(5), undefined)
    assert.equal(client.socket.writableEnded, false)
    await client.send(data(1, 'a', true))
    assert.equal(statusOf(client.answer(1)), 200)
    assert.ok(client.socket.writableEnded)
  })

  test('draining a connection on which nothing is under way', async () => {
    const client = await connected()
    client.connection.drain()
    await client.send(ping(ACK))
    assert.ok(client.socket.writableEnded)
    const silent = await connected()
    silent.connection.drain()
    await silent.pass(2_000)
    assert.ok(silent.socket.writableEnded)
  })

  test('a client that is gone aborts what is under way, and each is told once', async () => {
    const client = await connected()
    await client.send(request(1, POST, POST_HEAD), request(3), request(5, POST, POST_HEAD))
    client.socket.destroy()
    await client.settle()
    assert.deepEqual(
      client.finished.map(({ isAborted }) => isAborted),
      [false, true, true],
    )
    assert.ok(client.isClosed)
  })

  test('RST_STREAM ends one request alone', async () => {
    const client = await connected()
    await client.send(request(1, POST, POST_HEAD), request(3, POST, POST_HEAD), data(1, 'a'))
    await client.send(reset(1), data(3, 'b', true))
    assert.deepEqual(client.finished, [
      { status: 0, isAborted: true },
      { status: 200, isAborted: false },
    ])
  })

  test('half-closed: what is complete is answered', async () => {
    const client = await fresh()
    await client.send(PREFACE, settings([4, 0]), request(1), request(3, POST, POST_HEAD))
    client.socket.push(null)
    await client.settle()
    await client.send(windowUpdate(1, 10))
    assert.equal(client.answer(1)?.isEnded, true)
    assert.ok(client.socket.writableEnded)
  })
})

test('any bytes behind the hello: answers or an end, and nothing is thrown', async () => {
  const piece = fc.oneof(
    fc.constantFrom(request(1), request(3, POST, POST_HEAD), data(3, 'abc'), data(3, '', true), reset(3), ping()),
    fc.constantFrom(
      windowUpdate(0, 5),
      windowUpdate(3, 5),
      settings([4, 3]),
      priority(9),
      frame(HEADERS, 5, 3, block([['a', 'b']])),
    ),
    fc
      .tuple(fc.nat(10), fc.nat(255), fc.nat(9), fc.uint8Array({ maxLength: 20 }))
      .map(([type, flags, id, payload]) => frame(type, flags, id, Buffer.from(payload))),
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const client = await connected()
      for (const bytes of pieces) client.connection.read(bytes, bytes.length)
      await client.settle()
      client.socket.destroy()
      await client.settle()
      assert.ok(client.isClosed)
      assert.equal(client.connection.streams.size, 0)
    }),
    { numRuns: 500 },
  )
})
