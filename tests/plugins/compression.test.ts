import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib'
import { requireCommands, searchPath } from '../support/commands.ts'
import { call, deployDesign } from '../support/design.ts'
import { RawClient, rawRequest } from '../support/raw.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Compressed answers from a stage that is deployed, to clients that did not come from here. */

const run = promisify(execFile)
const MiB = 2 ** 20
const LINE = `${JSON.stringify({ id: 1, name: 'a thing of which there are many' })}\n`
const SMALL = LINE.repeat(50)
const LARGE = LINE.repeat(Math.ceil((2 * MiB) / LINE.length))

let turnpike: Turnpike
const answers: Record<string, (asked: IncomingMessage, answer: ServerResponse) => void> = {
  '/small': (_, answer) => answer.setHeader('content-length', SMALL.length).end(SMALL),
  '/sized': (_, answer) => answer.setHeader('content-length', LARGE.length).end(LARGE),
  '/chunked': (_, answer) => {
    answer.setHeader('trailer', 'x-checksum')
    for (let at = 0; at < LARGE.length; at += 10_007) answer.write(LARGE.slice(at, at + 10_007))
    answer.addTrailers({ 'x-checksum': 'right' })
    answer.end()
  },
  '/broken': (_, answer) => {
    answer.write(LARGE, () => answer.destroy())
  },
  '/endless': (_, answer) => {
    const more = () => {
      while (!answer.destroyed && answer.write(LARGE));
    }
    answer.on('drain', more)
    more()
    answer.once('close', () => endless.resolve())
  },
  '/etag': (asked, answer) => {
    const tag = '"v1"'
    const known = (asked.headers['if-none-match'] ?? '').includes(tag)
    const mayChange = asked.method === 'PUT' && asked.headers['if-match'] === tag
    answer.setHeader('etag', tag)
    if (known || asked.method === 'PUT') answer.writeHead(known ? 304 : mayChange ? 204 : 412).end()
    else answer.end(SMALL)
  },
}
let endless = Promise.withResolvers<void>()
const backend = createServer((asked, answer) => {
  const path = (asked.url ?? '').split('?')[0] ?? ''
  if (path !== '/etag' || asked.method !== 'PUT') answer.setHeader('content-type', 'application/json')
  answers[path]?.(asked, answer)
})
before(async () => {
  await once(backend.listen(0, '127.0.0.1'), 'listening')
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  const methods = { GET: {}, PUT: {} }
  const changing = { plugin: 'response-transformer', config: { json: { set: { '/a': 'b'.repeat(20_000) } } } }
  await deployDesign(
    turnpike,
    'small',
    {
      ...Object.fromEntries(Object.keys(answers).map((path) => [path, { methods }])),
      '/mock': {
        methods: {
          GET: { backend: { kind: 'mock', headers: { 'content-type': 'text/plain' }, body: SMALL } },
        },
      },
      '/json': {
        methods: {
          GET: {
            plugins: [changing],
            backend: { kind: 'mock', headers: { 'content-type': 'application/json' }, body: '{}' },
          },
        },
      },
    },
    {
      plugins: [{ plugin: 'compression', config: {} }],
      backend: { targets: [{ url: `http://127.0.0.1:${(backend.address() as AddressInfo).port}` }] },
    },
  )
})
after(async () => {
  await turnpike.stop()
  backend.closeAllConnections()
  backend.close()
})

function open(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return request({
    port: turnpike.gatewayPort,
    host: '127.0.0.1',
    method,
    path,
    headers: { host: 'small.localhost', ...headers },
  })
}

/** An answer and its body as it came. */
async function ask(...parts: Parameters<typeof open>) {
  const [answer] = (await once(open(...parts).end(), 'response')) as [IncomingMessage]
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: Buffer.concat(await answer.toArray()),
    trailers: answer.trailers,
  }
}

const decode = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync }
const decoders = { gzip: createGunzip, br: createBrotliDecompress, zstd: createZstdDecompress }

describe('compression', () => {
  for (const coding of ['gzip', 'br', 'zstd'] as const) {
    test(`${coding}: a small answer goes out whole, with its length`, async () => {
      const { headers, body } = await ask('/small', { 'accept-encoding': coding })
      assert.equal(headers['content-encoding'], coding)
      assert.equal(headers['content-length'], String(body.length))
      assert.equal(headers.vary, 'Accept-Encoding')
      assert.ok(body.length < SMALL.length / 5)
      assert.equal(String(decode[coding](body)), SMALL)
    })

    for (const path of ['/sized', '/chunked'])
      test(`${coding}: a large answer comes out the same, ${path.slice(1)}`, async () => {
        const { headers, body, trailers } = await ask(path, { 'accept-encoding': coding })
        assert.equal(headers['content-encoding'], coding)
        assert.equal(headers['content-length'], undefined)
        assert.equal(headers['transfer-encoding'], 'chunked')
        assert.equal(String(decode[coding](body)), LARGE)
        assert.equal(trailers['x-checksum'], path === '/chunked' ? 'right' : undefined)
      })
  }

  test('what the client does not accept goes as it is, and says that it depends', async () => {
    const { headers, body } = await ask('/small', { 'accept-encoding': 'identity' })
    assert.equal(headers['content-encoding'], undefined)
    assert.equal(headers.vary, 'Accept-Encoding')
    assert.equal(String(body), SMALL)
  })

  test('answers of a mock, and those that a plugin has changed', async () => {
    const mock = await ask('/mock', { 'accept-encoding': 'gzip' })
    assert.equal(String(gunzipSync(mock.body)), SMALL)
    assert.equal(mock.headers['content-length'], String(mock.body.length))
    // Too long to be compressed at once, so it goes as a stream although it is whole.
    const changed = await ask('/json', { 'accept-encoding': 'gzip' })
    assert.equal(JSON.parse(String(gunzipSync(changed.body))).a, 'b'.repeat(20_000))
  })

  test('HEAD says what GET would, but not how long', async () => {
    for (const path of ['/small', '/sized', '/json']) {
      const { headers, body } = await ask(path, { 'accept-encoding': 'gzip' }, 'HEAD')
      assert.equal(headers['content-encoding'], 'gzip', path)
      assert.equal(headers['content-length'], undefined, path)
      assert.equal(headers.vary, 'Accept-Encoding', path)
      assert.equal(body.length, 0, path)
    }
  })

  test('a client of HTTP/1.0 gets it up to the end of the connection', async () => {
    const answer = await rawRequest(
      turnpike.gatewayPort,
      'GET /sized HTTP/1.0\r\nHost: small.localhost\r\nAccept-Encoding: gzip\r\n\r\n',
    )
    const bytes = Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1')
    assert.equal(String(gunzipSync(bytes)), LARGE)
  })

  test('a connection goes on behind a compressed answer', async () => {
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: small.localhost\r\nAccept-Encoding: gzip\r\n\r\n`
    const client = new RawClient(turnpike.gatewayPort).write(get('/sized') + get('/small') + get('/mock'))
    const text = await client.until(
      (received) => received.split('HTTP/1.1 200').length === 4 && received.endsWith('\0'),
      'three answers',
    )
    assert.equal(text.split('Content-Encoding: gzip').length, 4)
    client.close()
  })

  test('a copy is found good by its weak tag, and a change goes by it too', async () => {
    const first = await ask('/etag', { 'accept-encoding': 'gzip' })
    assert.equal(first.headers.etag, 'W/"v1"')
    const again = await ask('/etag', { 'accept-encoding': 'gzip', 'if-none-match': 'W/"v1"' })
    assert.deepEqual([again.status, again.headers.etag, again.body.length], [304, 'W/"v1"', 0])
    const plain = await ask('/etag', { 'accept-encoding': 'identity', 'if-none-match': '"v1"' })
    assert.deepEqual([plain.status, plain.headers.etag], [304, '"v1"'])
    assert.equal((await ask('/etag', { 'if-match': 'W/"v1"' }, 'PUT')).status, 204)
    assert.equal((await ask('/etag', { 'if-match': 'W/"v0"' }, 'PUT')).status, 412)
  })

  test('an answer that breaks off never looks whole', async () => {
    const [answer] = (await once(open('/broken', { 'accept-encoding': 'gzip' }).end(), 'response')) as [IncomingMessage]
    await assert.rejects(answer.toArray(), { code: 'ECONNRESET' })
  })

  test('a client that does not read holds the backend up, and one that goes lets it go', async () => {
    endless = Promise.withResolvers()
    const outgoing = open('/endless', { 'accept-encoding': 'gzip' }).end()
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    await once(answer, 'data')
    answer.pause()
    const before = await residentBytes()
    for (let last = -1, same = 0; same < 10; ) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      same = answer.socket.bytesRead === last ? same + 1 : 0
      last = answer.socket.bytesRead
    }
    assert.ok((await residentBytes()) - before < 64 * MiB)
    outgoing.destroy()
    await endless.promise
  })

  test('explain shows it', async () => {
    const { responsePlugins, answer } = await call(turnpike, 'POST', '/services/small/stages/live/explain', {
      request: { target: '/mock', headers: [{ name: 'Accept-Encoding', value: 'br' }] },
    })
    const step = (responsePlugins as unknown as { plugin: string; changes: string[] }[]).at(-1)
    assert.equal(step?.plugin, 'compression')
    assert.ok(step?.changes.includes('response header content-encoding is set to "br"'), JSON.stringify(step))
    assert.equal(answer?.body, SMALL)
  })
})

async function residentBytes(): Promise<number> {
  const { nodes } = await call(turnpike, 'GET', '/status')
  return Number(nodes?.[0]?.memory?.residentBytes)
}

describe('curl --compressed', { skip: requireCommands(['curl']) }, () => {
  for (const coding of Object.keys(decoders))
    test(coding, async () => {
      const url = `http://127.0.0.1:${turnpike.gatewayPort}/sized`
      const args = [
        '--silent',
        '--show-error',
        '--fail',
        '--compressed',
        '-H',
        'Host: small.localhost',
        '-H',
        `Accept-Encoding: ${coding}`,
      ]
      const { stdout } = await run('curl', [...args, url], {
        maxBuffer: 16 * MiB,
        env: { ...process.env, PATH: searchPath },
      })
      assert.equal(createHash('sha256').update(stdout).digest('hex'), createHash('sha256').update(LARGE).digest('hex'))
    })
})
