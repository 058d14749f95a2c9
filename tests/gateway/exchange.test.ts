import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { heads, RawBackend, RawClient, rawRequest, response, statuses } from '../support/raw.ts'
import { deployProxy, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Exchanges over real sockets: a real process between a raw client and a raw backend. */

let turnpike: Turnpike
let backend: RawBackend
const get = (path = '/a', more = '') => `GET ${path} HTTP/1.1\r\nHost: raw.localhost\r\n${more}\r\n`
const post = (more: string, body: string) => `POST /a HTTP/1.1\r\nHost: raw.localhost\r\n${more}\r\n${body}`
const close = 'Connection: close\r\n'

before(async () => {
  backend = await RawBackend.start()
  turnpike = await startTurnpike({
    args: [
      '--workers',
      '1',
      '--backend-timeout',
      '1',
      '--backend-connect-timeout',
      '1',
      '--head-timeout',
      '1',
      '--body-timeout',
      '2',
    ],
  })
  await deployProxy(turnpike, 'raw', backend.url)
})
afterEach(() => backend.reset())
// Also where they have not been started, so that what was does not keep the tests from ending.
after(async () => {
  await turnpike?.stop()
  await backend?.close()
})

const answerEach = (body: string) => {
  backend.answer = (connection) => {
    if (connection.received.endsWith('\r\n\r\n')) connection.write(response(body))
  }
}

describe('what the backend receives', () => {
  const cases: [title: string, request: string, seen: RegExp[], unseen?: RegExp[]][] = [
    ['path and query as they are', get('/x/y?a=1&b=%20', close), [/^GET \/x\/y\?a=1&b=%20 HTTP\/1\.1\r\n/]],
    ['the canonical path', get('/x/../y/%7Ea//b?q=/../', close), [/^GET \/y\/~a\/b\?q=\/\.\.\/ HTTP/]],
    ['its own Host', get('/a', close), [/\r\nHost: 127\.0\.0\.1:\d+\r\n/], [/\r\nHost: raw/]],
    [
      'where the request comes from',
      get('/a', close),
      [
        /X-Forwarded-For: 127\.0\.0\.1\r\n/,
        /X-Forwarded-Proto: http\r\n/,
        /X-Forwarded-Host: raw\.localhost\r\n/,
        /Via: 1\.1 gateway\r\n/,
      ],
    ],
    [
      'no claims of an untrusted client',
      get(
        '/a',
        `${close}X-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nx_forwarded_for: 6.6.6.6\r\nX-Forwarded-Host: evil\r\n`,
      ),
      [/X-Forwarded-For: 127\.0\.0\.1\r\n/],
      [/6\.6\.6\.6/, /evil/],
    ],
    [
      'no fields of the connection, nor those that it names',
      get(
        '/a',
        'Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nProxy-Connection: y\r\nX-Stays: 1\r\n',
      ),
      [/X-Stays: 1\r\n/],
      [/X-Hop/i, /Keep-Alive/i, /\r\nTE:/i, /Upgrade/i, /HTTP2/i, /Connection/i],
    ],
    [
      'what the gateway sets, whatever Connection names',
      get('/a', 'Connection: close, X-Forwarded-For, Host, Via\r\n'),
      [/X-Forwarded-For: 127/, /Host: 127/, /Via: 1\.1/],
    ],
    ['a sized body', post(`${close}Content-Length: 5\r\n`, 'hello'), [/Content-Length: 5\r\n\r\nhello$/]],
    [
      'a chunked body, framed anew',
      post(`${close}Transfer-Encoding: chunked\r\n`, '5;ext=1\r\nhello\r\n0\r\nX-Sum: 1\r\nHost: evil\r\n\r\n'),
      [/Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n$/],
      [/ext/, /evil/],
    ],
    [
      'an absolute target as a path',
      `GET http://raw.localhost/x?y HTTP/1.1\r\nHost: other\r\n${close}\r\n`,
      [/^GET \/x\?y HTTP\/1\.1\r\n/],
    ],
    ['an HTTP/1.0 request as HTTP/1.1', 'GET /a HTTP/1.0\r\nHost: raw.localhost\r\n\r\n', [/^GET \/a HTTP\/1\.1\r\n/]],
  ]
  for (const [title, request, seen, unseen = []] of cases) {
    test(title, async () => {
      backend.answer = (connection, received) => {
        if (/\r\n\r\n($|hello$)|\r\n0\r\n.*\r\n\r\n$/s.test(received) && !/chunked\r\n\r\n$/.test(received))
          connection.write(response('ok'))
      }
      assert.deepEqual(statuses(await rawRequest(turnpike.gatewayPort, request)), [200])
      for (const pattern of seen) assert.match(backend.received, pattern)
      for (const pattern of unseen) assert.doesNotMatch(backend.received, pattern)
    })
  }
})

describe('what the client receives', () => {
  const cases: [title: string, request: string, answer: string, seen: RegExp][] = [
    [
      'a sized answer',
      get('/a', close),
      response('hello', 'HTTP/1.1 201 Made\r\nX-A: 1'),
      /^HTTP\/1\.1 201 Made\r\nX-A: 1\r\nDate: .*\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello$/,
    ],
    [
      'a chunked answer, whole',
      get('/a', close),
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n',
      /Content-Length: 6\r\n.*\r\n\r\nhello!$/s,
    ],
    [
      'trailers of a chunked answer',
      get('/a', close),
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n',
      /chunked\r\n.*\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n$/s,
    ],
    [
      'a chunked answer to HTTP/1.0, until the end',
      'GET /a HTTP/1.0\r\nHost: raw.localhost\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n\r\n',
      /^HTTP\/1\.1 200 OK\r\nDate: [^\r]*\r\nConnection: close\r\n\r\nhello$/,
    ],
    [
      'no body to HEAD, but its length',
      `HEAD /a HTTP/1.1\r\nHost: raw.localhost\r\n${close}\r\n`,
      'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n',
      /Content-Length: 500\r\n.*\r\n\r\n$/s,
    ],
    [
      'no body and no length with 204',
      get('/a', close),
      'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
      /^HTTP\/1\.1 204 No Content\r\nDate: [^\r]*\r\nConnection: close\r\n\r\n$/,
    ],
    [
      'no body with 304',
      get('/a', close),
      'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 5\r\n\r\n',
      /^HTTP\/1\.1 304 Not Modified\r\nETag: "x"\r\n.*\r\n\r\n$/s,
    ],
    [
      'no fields of the connection to the backend',
      get('/a', close),
      response('ok', 'HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 1\r\nX-Stays: 1'),
      /^HTTP\/1\.1 200 OK\r\nX-Stays: 1\r\nDate: /,
    ],
    [
      "the backend's own Date",
      get('/a', close),
      response('ok', 'HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT'),
      /OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length/,
    ],
    [
      '103 before the answer',
      get('/a', close),
      `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${response('ok')}`,
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\n\r\nHTTP\/1\.1 200 OK/,
    ],
    [
      'no 103 in HTTP/1.0',
      'GET /a HTTP/1.0\r\nHost: raw.localhost\r\n\r\n',
      `HTTP/1.1 103 Early Hints\r\n\r\n${response('ok')}`,
      /^HTTP\/1\.1 200 OK/,
    ],
    ['an answer without a reason', get('/a', close), response('ok', 'HTTP/1.1 200 '), /^HTTP\/1\.1 200 OK\r\n/],
    ['an HTTP/1.0 answer', get('/a', close), response('ok', 'HTTP/1.0 200 OK'), /^HTTP\/1\.1 200 OK\r\n.*ok$/s],
  ]
  for (const [title, request, answer, seen] of cases) {
    for (const isSplit of [false, true]) {
      test(`${title}${isSplit ? ', byte by byte' : ''}`, async () => {
        backend.answer = (connection, received) => {
          if (!received.endsWith('\r\n\r\n')) return
          if (isSplit) for (const byte of answer) connection.write(byte)
          else connection.write(answer)
        }
        const received = await rawRequest(turnpike.gatewayPort, request)
        // In pieces a chunked answer cannot be known to be whole: then it stays chunked. How TCP cuts it is not ours to say.
        if (isSplit && title.startsWith('a chunked answer, whole'))
          assert.match(received, /chunked\r\n.*\r\n\r\n.*h.*e.*l.*l.*o.*!.*0\r\n\r\n$|hello!$/s)
        else if (isSplit && title.startsWith('trailers')) assert.match(received, /X-Sum: 1\r\n\r\n$/)
        else assert.match(received, seen)
      })
    }
  }

  test('a body until the end of the connection', async () => {
    backend.answer = (connection) => connection.write('HTTP/1.1 200 OK\r\n\r\nhello').socket.end()
    assert.match(
      await rawRequest(turnpike.gatewayPort, get('/a', close)),
      /chunked\r\n.*\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/s,
    )
  })
})

describe('malformed answers are 502, and the connection is thrown away', () => {
  const answers: [title: string, answer: string][] = [
    ['no HTTP', 'hello\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a bad status', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n'],
    ['both lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\n\r\n'],
    ['LF as line end', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nX-A : 1\r\n\r\n'],
    ['a NUL', 'HTTP/1.1 200 OK\r\nX-A: \0\r\n\r\n'],
    ['an upgrade that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(70_000)}`],
  ]
  for (const [title, answer] of answers) {
    test(title, async () => {
      backend.answer = (connection) => connection.write(answer)
      const received = await rawRequest(turnpike.gatewayPort, get('/a', close))
      assert.match(received, /^HTTP\/1\.1 502 Bad Gateway\r\n/)
      assert.match(received, /"code":"backend-malformed"/)
      const connection = await backend.connection()
      await connection.until((_, isEnded) => isEnded, 'the end of the backend connection')
    })
  }

  test('a malformed chunk breaks off an answer that has begun', async () => {
    backend.answer = (connection) =>
      connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n')
    const received = await rawRequest(turnpike.gatewayPort, get())
    assert.doesNotMatch(received, /0\r\n\r\n$/)
  })

  test('bytes behind an answer never become the next one', async () => {
    backend.answer = (connection, received) => {
      if (heads(received) === 1) connection.write(`${response('one')}${response('stolen')}`)
    }
    const client = new RawClient(turnpike.gatewayPort).write(get('/1'))
    await client.untilResponses(1)
    backend.answer = (connection) => connection.write(response('two'))
    client.write(get('/2'))
    const received = await client.untilResponses(2)
    assert.match(received, /one.*two/s)
    assert.doesNotMatch(received, /stolen/)
    client.close()
  })
})

describe('the backend goes away', () => {
  test('before it accepts: 502', async () => {
    const other = await RawBackend.start()
    await deployProxy(turnpike, 'gone', other.url)
    await other.close()
    const received = await rawRequest(turnpike.gatewayPort, `GET / HTTP/1.1\r\nHost: gone.localhost\r\n${close}\r\n`)
    assert.match(received, /^HTTP\/1\.1 502 .*"code":"backend-unreachable"/s)
  })

  test('after the request, on a new connection: 502', async () => {
    backend.answer = (connection) => connection.socket.destroy()
    assert.match(await rawRequest(turnpike.gatewayPort, get('/a', close)), /^HTTP\/1\.1 502 .*"code":"backend-closed"/s)
    assert.equal(backend.connections.length, 1)
  })

  test('in the head of its answer: 502', async () => {
    backend.answer = (connection) => connection.write('HTTP/1.1 200 OK\r\nContent-').socket.end()
    assert.match(await rawRequest(turnpike.gatewayPort, get('/a', close)), /^HTTP\/1\.1 502 /)
  })

  for (const [title, answer] of [
    ['in a sized body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'],
    ['in a chunked body', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n'],
  ] as const) {
    test(`${title}: the client sees that it is not whole`, async () => {
      backend.answer = (connection) => connection.write(answer).socket.end()
      const received = await rawRequest(turnpike.gatewayPort, get())
      assert.match(received, /short/)
      assert.doesNotMatch(received, /0\r\n\r\n$|HTTP\/1\.1 502/)
    })
  }

  for (const method of ['GET', 'PUT', 'DELETE']) {
    test(`on a used connection, before a byte of the answer: ${method} is sent again, once`, async () => {
      answerEach('one')
      const client = new RawClient(turnpike.gatewayPort).write(get('/1'))
      await client.untilResponses(1)
      backend.answer = (connection, received) => {
        if (heads(received) === 2) connection.socket.destroy()
        else if (received.endsWith('\r\n\r\n')) connection.write(response('again'))
      }
      client.write(`${method} /2 HTTP/1.1\r\nHost: raw.localhost\r\n\r\n`)
      assert.match(await client.untilResponses(2), /again$/)
      assert.equal(backend.connections.length, 2)
      client.close()
    })
  }

  test('on a used connection: POST is not sent again', async () => {
    answerEach('one')
    const client = new RawClient(turnpike.gatewayPort).write(get('/1'))
    await client.untilResponses(1)
    backend.answer = (connection) => connection.socket.destroy()
    client.write('POST /2 HTTP/1.1\r\nHost: raw.localhost\r\nContent-Length: 2\r\n\r\nhi')
    assert.deepEqual(statuses(await client.untilResponses(2)), [200, 502])
    assert.equal(backend.connections.length, 1)
    client.close()
  })

  test('without an answer: 504', async () => {
    assert.match(
      await rawRequest(turnpike.gatewayPort, get('/a', close)),
      /^HTTP\/1\.1 504 Gateway Timeout\r\n.*"code":"backend-timeout"/s,
    )
  })
})

describe('the client goes away', () => {
  test('before the answer: the backend connection is closed', async () => {
    const client = new RawClient(turnpike.gatewayPort).write(get())
    const connection = await backend.connection()
    await connection.until((received) => received.endsWith('\r\n\r\n'), 'the request')
    client.socket.resetAndDestroy()
    await connection.until((_, isEnded) => isEnded, 'the end of the backend connection')
  })

  test('in its body: the backend never sees the end of it', async () => {
    const client = new RawClient(turnpike.gatewayPort).write(post('Content-Length: 100000\r\n', 'part'))
    const connection = await backend.connection()
    await connection.until((received) => received.endsWith('part'), 'the first part of the body')
    client.close()
    await connection.until((_, isEnded) => isEnded, 'the end of the backend connection')
  })

  test('half-closed behind a whole request: it gets its answer', async () => {
    answerEach('still here')
    const client = new RawClient(turnpike.gatewayPort).write(get())
    client.socket.end()
    assert.match(await client.untilEnd(), /still here$/)
  })

  test('half-closed behind several: it gets all answers', async () => {
    answerEach('here')
    const client = new RawClient(turnpike.gatewayPort).write(get().repeat(5))
    client.socket.end()
    assert.deepEqual(statuses(await client.untilEnd()), [200, 200, 200, 200, 200])
  })
})

describe('one connection, many requests', () => {
  test('pipelined requests are answered in order', async () => {
    backend.answer = (connection, received) => {
      const paths = [...received.matchAll(/GET (\S+) HTTP/g)].map((match) => match[1])
      if (received.endsWith('\r\n\r\n')) connection.write(response(`<${paths.at(-1)}>`))
    }
    const client = new RawClient(turnpike.gatewayPort).write(
      Array.from({ length: 50 }, (_, i) => get(`/${i}`)).join(''),
    )
    const received = await client.untilResponses(50)
    assert.deepEqual(
      [...received.matchAll(/<\/(\d+)>/g)].map((match) => Number(match[1])),
      Array.from({ length: 50 }, (_, i) => i),
    )
    client.close()
  })

  test('a refusal by the gateway keeps the connection, its body is dropped', async () => {
    answerEach('ok')
    const client = new RawClient(turnpike.gatewayPort).write(
      `POST / HTTP/1.1\r\nHost: nowhere.localhost\r\nContent-Length: 20000\r\n\r\n${'x'.repeat(20_000)}${get()}`,
    )
    assert.deepEqual(statuses(await client.untilResponses(2)), [404, 200])
    client.close()
  })

  test('a refusal with a long body ends the connection', async () => {
    const received = await rawRequest(
      turnpike.gatewayPort,
      `POST / HTTP/1.1\r\nHost: nowhere.localhost\r\nContent-Length: 10000000\r\n\r\n${'x'.repeat(1000)}`,
    )
    assert.match(received, /^HTTP\/1\.1 404 .*Connection: close/s)
  })

  test('an early answer does not wait for the rest of the body', async () => {
    backend.answer = (connection) =>
      connection.write(response('enough', 'HTTP/1.1 413 Content Too Large\r\nConnection: close'))
    const client = new RawClient(turnpike.gatewayPort).write(post('Content-Length: 10000000\r\n', 'x'.repeat(100_000)))
    assert.match(await client.until((text) => text.includes('enough'), 'the early answer'), /^HTTP\/1\.1 413/)
    client.close()
  })
})

describe('Expect: 100-continue', () => {
  test('the client is told to go on, the backend is not asked', async () => {
    backend.answer = (connection, received) => {
      if (received.endsWith('hello')) connection.write(response('ok'))
    }
    const client = new RawClient(turnpike.gatewayPort).write(post('Expect: 100-continue\r\nContent-Length: 5\r\n', ''))
    await client.until((text) => text.startsWith('HTTP/1.1 100 Continue\r\n\r\n'), '100 Continue')
    client.write('hello')
    assert.deepEqual(statuses(await client.until((text) => text.endsWith('ok'), 'the answer')), [100, 200])
    assert.doesNotMatch(backend.received, /expect/i)
    client.close()
  })

  test('a refusal comes instead of 100, and ends the connection', async () => {
    const received = await rawRequest(
      turnpike.gatewayPort,
      'POST / HTTP/1.1\r\nHost: nowhere.localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
    )
    assert.deepEqual(statuses(received), [404])
  })

  test('a body that comes at once needs no 100', async () => {
    backend.answer = (connection, received) => {
      if (received.endsWith('hello')) connection.write(response('ok'))
    }
    assert.deepEqual(
      statuses(
        await rawRequest(turnpike.gatewayPort, post(`${close}Expect: 100-continue\r\nContent-Length: 5\r\n`, 'hello')),
      ),
      [200],
    )
  })
})

describe('slow clients', () => {
  test('a head that does not come: 408', async () => {
    assert.match(await rawRequest(turnpike.gatewayPort, 'GET / HTTP/1.1\r\nHost: raw'), /^HTTP\/1\.1 408 /)
  })

  test('a body that does not come: 408, and the backend connection is closed', async () => {
    const received = await rawRequest(turnpike.gatewayPort, post('Content-Length: 100000\r\n', 'part'))
    assert.match(received, /^HTTP\/1\.1 (408|504) /)
    const connection = await backend.connection()
    await connection.until((_, isEnded) => isEnded, 'the end of the backend connection')
  })
})
