import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer as createHttp2Server,
  createSecureServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { openConnection } from '../../src/gateway/first-bytes.ts'
import { defaultClientLimits } from '../../src/gateway/http1/connection.ts'
import { TakingServer } from '../../src/gateway/http1/fake-connection.ts'
import { defaultHeadLimits } from '../../src/gateway/http1/head.ts'
import { TimeWheel } from '../../src/lib/time-wheel.ts'
import { requireCommands } from '../support/commands.ts'
import { RawClient, statuses } from '../support/raw.ts'
import { deployProxy, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** HTTP/2 in front, with real clients on real sockets; and behind, with the servers of Node. */

const run = promisify(execFile)
const skip = requireCommands(['curl', 'nghttp', 'h2load'])
const PEM = join(import.meta.dirname, '../../src/design/testdata')
const certificate = { cert: readFileSync(join(PEM, 'client.pem')), key: readFileSync(join(PEM, 'client-key.pem')) }

interface Answer {
  headers: IncomingHttpHeaders
  informational: number[]
  trailers: IncomingHttpHeaders
  body: Buffer
  resetCode: number
}

/** One request on a session, to its end. */
async function call(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: Buffer | string | ((stream: ClientHttp2Stream) => void),
  trailers?: OutgoingHttpHeaders,
): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === undefined, waitForTrailers: trailers !== undefined })
  const answer: Answer = { headers: {}, informational: [], trailers: {}, body: Buffer.alloc(0), resetCode: 0 }
  const parts: Buffer[] = []
  stream.on('headers', (head) => answer.informational.push(Number(head[':status'])))
  stream.on('response', (head) => {
    answer.headers = head
  })
  stream.on('trailers', (head) => {
    answer.trailers = head
  })
  stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}))
  stream.on('data', (part: Buffer) => parts.push(part))
  // What became of the stream is in its code.
  stream.on('error', () => undefined)
  if (typeof body === 'function') body(stream)
  else if (body !== undefined) stream.end(body)
  await new Promise((resolve) => stream.once('close', resolve))
  return Object.assign(answer, { body: Buffer.concat(parts), resetCode: stream.rstCode })
}

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** What the backend answers, whatever it speaks: by the path. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '').split('?')[0]
  const parts: Buffer[] = []
  if (path === '/hints') response.writeEarlyHints({ link: '</a.css>; rel=preload' })
  if (path === '/empty') return void response.writeHead(204).end()
  if (path === '/newer') return void response.writeHead(426, { upgrade: 'newer/2', connection: 'Upgrade' }).end('newer')
  if (path === '/unchanged') return void response.writeHead(304, { etag: '"a"' }).end()
  if (path === '/large') return void response.end(LARGE)
  if (path === '/broken') {
    response.writeHead(200, { 'content-length': '100' })
    return void response.write('only this', () => response.destroy())
  }
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const body = Buffer.concat(parts)
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !name.startsWith(':')))
    response.setHeader('x-echo', 'yes')
    response.setHeader('set-cookie', ['a=1', 'b=2'])
    if (path === '/trailers') {
      response.setHeader('trailer', 'x-sum')
      response.write('body')
      response.addTrailers({ 'x-sum': request.trailers['x-sum'] ?? 'none' })
      return void response.end()
    }
    response.end(
      JSON.stringify({ method: request.method, url: request.url, headers, bytes: body.length, sha: sha(body) }),
    )
  })
}
const LARGE = randomBytes(8_000_000)

let turnpike: Turnpike
let session: ClientHttp2Session
const backends: { close(done?: () => void): unknown }[] = []

async function listening<S extends Server | ReturnType<typeof createHttp2Server>>(server: S): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  backends.push(server)
  return (server.address() as AddressInfo).port
}

/** The services, by what their backend speaks. */
const services: readonly (readonly [name: string, what: string])[] = [
  ['h1', 'HTTP/1.1'],
  ['h2c', 'HTTP/2 without TLS'],
  ['alpn2', 'HTTP/2, found out by ALPN'],
  ['alpn1', 'HTTP/1.1, found out by ALPN'],
]

before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1', '--body-timeout', '20'] })
  // The servers of both versions hand over what they understand in one shape.
  const handler = answer as never
  const h1 = await listening(createServer(answer))
  const h2c = await listening(createHttp2Server(handler))
  const alpn2 = await listening(createSecureServer({ ...certificate, allowHTTP1: true }, handler) as never)
  const alpn1 = await listening(createHttps(certificate, answer) as never)
  await deployProxy(turnpike, 'h1', `http://127.0.0.1:${h1}`)
  for (const [name, url, protocol] of [
    ['h2c', `http://127.0.0.1:${h2c}`, 'http2'],
    ['alpn2', `https://127.0.0.1:${alpn2}`, 'auto'],
    ['alpn1', `https://127.0.0.1:${alpn1}`, 'auto'],
  ] as const) {
    const service = await deployProxy(turnpike, name, url)
    const { status, body } = await turnpike.api('PATCH', `/services/${service}/stages/live`, {
      backend: { targets: [{ url }], protocol, ...(url.startsWith('https') && { tls: { verify: false } }) },
    })
    assert.equal(status, 200, JSON.stringify(body))
    await turnpike.api('POST', `/services/${service}/stages/live/deployments`, {})
  }
  const keyed = await deployProxy(turnpike, 'keyed', `http://127.0.0.1:${h1}`)
  await turnpike.api('PATCH', `/services/${keyed}/stages/live`, { plugins: [{ plugin: 'key-auth', config: {} }] })
  await turnpike.api('POST', `/services/${keyed}/stages/live/deployments`, {})
  const sockets = await deployProxy(turnpike, 'sockets', `http://127.0.0.1:${h1}`)
  const required = { plugin: 'websocket', config: { required: true } }
  await turnpike.api('PATCH', `/services/${sockets}/stages/live`, { plugins: [required] })
  await turnpike.api('POST', `/services/${sockets}/stages/live/deployments`, {})
  session = connect(`http://127.0.0.1:${turnpike.gatewayPort}`)
})
after(async () => {
  session.destroy()
  assert.equal(await turnpike.stop(), 0)
  for (const backend of backends) backend.close()
})

for (const [name, what] of services)
  describe(`in front of a backend that speaks ${what}`, () => {
    const at = (path: string, more: OutgoingHttpHeaders = {}): OutgoingHttpHeaders => ({
      ':path': path,
      ':authority': `${name}.localhost`,
      ...more,
    })

    test('a request and its answer', async () => {
      const { headers, body } = await call(session, at('/a?b=c', { accept: 'text/x', cookie: ['a=1', 'b=2'] }))
      const told = JSON.parse(String(body))
      assert.equal(headers[':status'], 200)
      assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2'])
      assert.equal(headers['x-echo'], 'yes')
      assert.equal(told.url, '/a?b=c')
      assert.equal(told.headers.cookie, 'a=1; b=2')
      assert.equal(told.headers.accept, 'text/x')
      assert.equal(told.headers['x-forwarded-for'], '127.0.0.1')
      assert.equal(told.headers['x-forwarded-host'], `${name}.localhost`)
      assert.equal(told.headers.via, '2 gateway')
    })

    test('bodies of all sizes, with and without a length', async () => {
      for (const size of [0, 1, 1_000, 16_384, 16_385, 300_000, 8_000_000])
        for (const isTold of [true, false]) {
          const bytes = randomBytes(size)
          const length = isTold ? { 'content-length': size } : {}
          const { body } = await call(session, at('/a', { ':method': 'POST', ...length }), bytes)
          const told = JSON.parse(String(body))
          assert.deepEqual([told.bytes, told.sha], [size, sha(bytes)], `${size} ${isTold}`)
        }
    })

    test('a large answer, whole', async () => {
      const { body } = await call(session, at('/large'))
      assert.equal(sha(body), sha(LARGE))
    })

    test('a hundred at once, each with its own', async () => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, i) => call(session, at(`/a/${i}`, { ':method': 'PUT' }), 'x'.repeat(i * 100))),
      )
      for (const [i, { body }] of answers.entries()) {
        const { url, bytes } = JSON.parse(String(body))
        assert.deepEqual([url, bytes], [`/a/${i}`, i * 100])
      }
    })

    test('trailers, both ways', async () => {
      const sent = await call(session, at('/trailers', { ':method': 'POST' }), 'body', { 'x-sum': '42' })
      assert.deepEqual([String(sent.body), sent.trailers['x-sum']], ['body', '42'])
    })

    test('answers without a body', async () => {
      const head = await call(session, at('/a', { ':method': 'HEAD' }))
      assert.deepEqual([head.headers[':status'], head.body.length], [200, 0])
      assert.equal((await call(session, at('/empty'))).headers[':status'], 204)
      const unchanged = await call(session, at('/unchanged'))
      assert.deepEqual([unchanged.headers[':status'], unchanged.headers.etag], [304, '"a"'])
    })

    test('an answer that is broken off is not taken for a whole one', async () => {
      const { headers, resetCode } = await call(session, at('/broken'))
      // Where the backend was so fast that none of it had left, it is a failure like any other.
      if (Number(headers[':status']) !== 502) assert.equal(resetCode, constants.NGHTTP2_INTERNAL_ERROR)
      assert.equal((await call(session, at('/a'))).headers[':status'], 200)
    })

    test('a client of HTTP/1.1 gets the same', async () => {
      const client = new RawClient(turnpike.gatewayPort)
      client.write(`GET /large HTTP/1.1\r\nHost: ${name}.localhost\r\nConnection: close\r\n\r\n`)
      const text = await client.untilEnd()
      const [head = '', body = ''] = text.split('\r\n\r\n')
      assert.match(head, /^HTTP\/1\.1 200 /)
      if (/content-length/i.test(head))
        assert.equal(sha(Buffer.from(text.slice(head.length + 4), 'latin1')), sha(LARGE))
      else assert.ok(body.length > 0)
      client.close()
    })
  })

describe('HTTP/2 in front', () => {
  test('whatever fields a client sends, however it writes them, are read as they were', async () => {
    const name = fc.stringMatching(/^x-[a-z0-9!#$%&'*+.^_`|~-]{1,20}$/)
    const value = fc.string({
      maxLength: 60,
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    })
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, value, { maxKeys: 12 }), async (fields) => {
        const sent = Object.fromEntries(
          Object.entries(fields)
            .filter(([key]) => !/^x[-_](?:forwarded|real|client|original|rewrite)/.test(key))
            .map(([key, text]) => [key, text.trim()]),
        )
        const { body } = await call(session, { ':path': '/a', ':authority': 'h1.localhost', ...sent })
        const told = JSON.parse(String(body)).headers
        for (const [key, text] of Object.entries(sent)) assert.equal(told[key], text)
      }),
      { numRuns: 100 },
    )
  })

  test('informational responses', async () => {
    const { informational, headers } = await call(session, { ':path': '/hints', ':authority': 'h1.localhost' })
    assert.deepEqual([informational, headers[':status']], [[103], 200])
  })

  test('a refusal while a body is sent: the answer is whole, and the connection goes on', async () => {
    const head = { ':method': 'POST', ':path': '/a', ':authority': 'keyed.localhost' }
    const { headers, body, resetCode } = await call(session, head, (stream) => {
      const write = () => {
        if (!stream.closed && !stream.destroyed) stream.write(Buffer.alloc(100_000), () => setImmediate(write))
      }
      write()
    })
    assert.equal(headers[':status'], 401)
    assert.equal(JSON.parse(String(body)).code, 'key-missing')
    assert.equal(resetCode, constants.NGHTTP2_NO_ERROR)
    assert.equal((await call(session, { ':path': '/a', ':authority': 'h1.localhost' })).headers[':status'], 200)
  })

  test('what is not understood is answered as in HTTP/1', async () => {
    for (const [path, status] of [
      ['/a%2fb', 400],
      ['/../a', 400],
      [`/${'a'.repeat(9_000)}`, 414],
    ] as const)
      assert.equal((await call(session, { ':path': path, ':authority': 'h1.localhost' })).headers[':status'], status)
    assert.equal((await call(session, { ':path': '/a', ':authority': 'nobody.localhost' })).headers[':status'], 404)
  })

  test('a client that does not read does not make us hold what it should have read', async () => {
    let written = 0
    const backend = createNetServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        const more = () => {
          while (socket.writable && socket.write(Buffer.alloc(65_536))) written += 65_536
        }
        socket.on('drain', more)
        more()
      })
      socket.on('error', () => socket.destroy())
    })
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', () => resolve()))
    await deployProxy(turnpike, 'endless', `http://127.0.0.1:${(backend.address() as AddressInfo).port}`)
    const own = connect(`http://127.0.0.1:${turnpike.gatewayPort}`)
    const stream = own.request({ ':path': '/a', ':authority': 'endless.localhost' })
    stream.on('error', () => undefined)
    await new Promise((resolve) => stream.once('response', resolve))
    // Nobody reads: the window closes, then the gateway stops to read, then the backend to write.
    let before = -1
    while (written !== before) {
      before = written
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    assert.ok(written < 30_000_000, `${written} bytes`)
    stream.close(constants.NGHTTP2_CANCEL)
    await new Promise((resolve) => stream.once('close', resolve))
    own.destroy()
    backend.close()
  })

  test('requests are counted as those of HTTP/1 are', async () => {
    const calls = async () => {
      const { body } = await turnpike.api('GET', '/status')
      return Object.values(body.nodes?.[0]?.routes ?? {}).reduce(
        (sum, route) => sum + Number(route.statuses?.['2xx'] ?? 0),
        0,
      )
    }
    const settled = async (): Promise<number> => {
      for (let last = -1; ; ) {
        const now = await calls()
        if (now === last) return now
        last = now
        await new Promise((resolve) => setTimeout(resolve, 1_200))
      }
    }
    const before = await settled()
    await Promise.all(Array.from({ length: 25 }, () => call(session, { ':path': '/a', ':authority': 'h1.localhost' })))
    const end = Date.now() + 20_000
    while ((await calls()) < before + 25 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(await settled(), before + 25)
  })

  test('what 426 says of the connection stays away, whoever says it', async () => {
    // Node.js takes such fields for a breach of the protocol, and would reset the stream.
    for (const [host, path, body] of [
      ['sockets', '/a', /"code":"websocket-required"/],
      ['h1', '/newer', /^newer$/],
    ] as const) {
      const answered = await call(session, { ':path': path, ':authority': `${host}.localhost` })
      assert.equal(answered.headers[':status'], 426)
      assert.match(String(answered.body), body)
      assert.deepEqual([answered.headers.upgrade, answered.headers.connection], [undefined, undefined])
      assert.equal(answered.headers['sec-websocket-version'], host === 'sockets' ? '13' : undefined)
      const client = new RawClient(turnpike.gatewayPort)
      client.write(`GET ${path} HTTP/1.1\r\nHost: ${host}.localhost\r\n\r\n`)
      const plain = await client.untilResponses(1)
      assert.deepEqual(statuses(plain), [426])
      assert.match(plain, host === 'sockets' ? /\r\nUpgrade: websocket\r\n/ : /newer$/)
      client.close()
    }
  })

  test('Upgrade to h2c is never taken up', async () => {
    const client = new RawClient(turnpike.gatewayPort)
    client.write(
      'GET /a HTTP/1.1\r\nHost: h1.localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
    )
    assert.deepEqual(statuses(await client.untilResponses(1)), [200])
    client.close()
  })

  test('what only begins as the preface does is HTTP/1', async () => {
    const client = new RawClient(turnpike.gatewayPort)
    client.write('PR')
    await new Promise((resolve) => setTimeout(resolve, 50))
    client.write('OPFIND /a HTTP/1.1\r\nHost: h1.localhost\r\n\r\n')
    assert.deepEqual(statuses(await client.untilResponses(1)), [200])
    client.close()
  })
})

test('an explained request is sent to a backend of HTTP/2 as it would be', async () => {
  for (const [name, version] of [
    ['h2c', 'HTTP/2'],
    ['alpn2', 'HTTP/1.1'],
  ]) {
    const { status, body } = await turnpike.api('POST', `/services/${name}/stages/live/explain`, {
      request: { method: 'GET', target: '/a?b=c' },
      call: true,
    })
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(body.backend?.head?.[0], `GET /a?b=c ${version}`)
    assert.equal(Number(body.answer?.status), 200)
    assert.match(String(body.answer?.body), /"url":"\/a\?b=c"/)
  }
})

describe('programs', { skip }, () => {
  const url = (path: string) => `http://127.0.0.1:${turnpike.gatewayPort}${path}`

  test('curl', async () => {
    const args = ['--silent', '--http2-prior-knowledge', '--header', 'Host: h1.localhost', '--data', 'hello']
    const { stdout } = await run('curl', [...args, '--write-out', '\n%{http_version} %{http_code}', url('/a')])
    assert.match(stdout, /"bytes":5[\s\S]*\n2 200$/)
  })

  test('nghttp', async () => {
    const { stdout } = await run('nghttp', ['--stat', '-H', ':authority: h1.localhost', url('/large')], {
      encoding: 'buffer',
      maxBuffer: 20_000_000,
    })
    assert.ok(stdout.includes(LARGE))
  })

  test('h2load', async () => {
    for (const name of ['h1', 'h2c']) {
      const args = ['-n', '5000', '-c', '10', '-m', '32', '-H', `:authority: ${name}.localhost`, url('/a')]
      const { stdout } = await run('h2load', args)
      assert.match(stdout, /5000 succeeded, 0 failed, 0 errored/)
      assert.match(stdout, /status codes: 5000 2xx/)
    }
  })
})

describe('over TLS', () => {
  test('who accepts a connection that has agreed on h2 hands it over', async () => {
    const server = new TakingServer()
    const context = {
      server,
      wheel: new TimeWheel(() => performance.now()),
      limits: { ...defaultHeadLimits, ...defaultClientLimits },
      isDraining: false,
      isTrusted: () => false,
      onClosed: () => undefined,
      onRequest: () => undefined,
      onFinished: () => undefined,
    }
    const tls = { serverName: '', version: 'TLSv1.3', cipher: '', client: null }
    const listener = createTlsServer({ ...certificate, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
      const connection = openConnection(socket, context, { address: '127.0.0.1', scheme: 'https', tls }, new Set())
      socket.on('data', (chunk: Buffer) => connection.read(chunk, chunk.length))
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', () => resolve()))
    const own = connect(`https://127.0.0.1:${(listener.address() as AddressInfo).port}`, { rejectUnauthorized: false })
    const { headers, body } = await call(own, { ':path': '/a', ':method': 'POST' }, randomBytes(500_000))
    assert.deepEqual([headers[':status'], String(body)], [200, 'ok'])
    assert.equal(server.requests[0]?.body.length, 500_000)
    own.destroy()
    listener.close()
  })
})

test('a program that stops finishes what is under way, and takes nothing new', async () => {
  let release: (() => void) | null = null
  const slow = createServer((_, response) => {
    release = () => response.end('at last')
  })
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', () => resolve()))
  const other = await startTurnpike({ args: ['--workers', '1'] })
  await deployProxy(other, 'slow', `http://127.0.0.1:${(slow.address() as AddressInfo).port}`)
  const own = connect(`http://127.0.0.1:${other.gatewayPort}`)
  const goAway = new Promise<number>((resolve) => own.once('goaway', resolve))
  const pending = call(own, { ':path': '/a', ':authority': 'slow.localhost' })
  while (release === null) await new Promise((resolve) => setTimeout(resolve, 10))
  const stopped = other.stop()
  assert.equal(await goAway, constants.NGHTTP2_NO_ERROR)
  const finish: () => void = release
  finish()
  assert.equal(String((await pending).body), 'at last')
  assert.equal(await stopped, 0)
  own.destroy()
  slow.close()
})
