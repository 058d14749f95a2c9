import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { HttpSettings } from '../../plugins/log-sinks.ts'
import { linesOf } from './fake-lines.ts'
import { HttpWriter } from './http-writer.ts'

interface Taken {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A receiver that answers one request after the other as it is told, and the last way from then on. */
async function receiver(t: TestContext, ...answers: readonly ((response: ServerResponse) => void)[]) {
  const taken: Taken[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      taken.push({ headers: request.headers, body: Buffer.concat(parts) })
      ;(answers[taken.length - 1] ?? answers.at(-1) ?? ok)(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { taken, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ingest?a=1` }
}

const ok = (response: ServerResponse) => response.end('{}')
const status = (code: number) => (response: ServerResponse) => response.writeHead(code).end()

const settings: HttpSettings = {
  url: '',
  body: 'lines',
  header: 'Authorization',
  batchBytes: 1024,
  batchSeconds: 1,
  timeout: 5,
  retrySeconds: 30,
  compress: false,
}

function writerOf(t: TestContext, changes: Partial<HttpSettings>, format: 'json' | 'common' = 'json'): HttpWriter {
  const writer = new HttpWriter({ ...settings, ...changes }, format, Date.now)
  t.after(() => writer.close())
  return writer
}

describe('a batch', () => {
  const lines = [linesOf('{"a":1}', '{"a":2}'), linesOf('{"a":3}')]

  test('is lines, with the secret in its header', async (t) => {
    const { taken, url } = await receiver(t)
    const writer = writerOf(t, { url, header: 'X-Token', secret: 'hush' })
    assert.deepEqual(await writer.write(lines), { lost: 0, trouble: null })
    assert.equal(taken[0]?.body.toString(), '{"a":1}\n{"a":2}\n{"a":3}\n')
    assert.equal(taken[0]?.headers['content-type'], 'application/x-ndjson')
    assert.equal(taken[0]?.headers['x-token'], 'hush')
  })

  test('is an array', async (t) => {
    const { taken, url } = await receiver(t)
    await writerOf(t, { url, body: 'array' }).write(lines)
    assert.deepEqual(JSON.parse(taken[0]?.body.toString() ?? ''), [{ a: 1 }, { a: 2 }, { a: 3 }])
    assert.equal(taken[0]?.headers['content-type'], 'application/json')
  })

  test('is compressed', async (t) => {
    const { taken, url } = await receiver(t)
    await writerOf(t, { url, compress: true }, 'common').write([linesOf('x')])
    assert.equal(taken[0]?.headers['content-encoding'], 'gzip')
    assert.equal(taken[0]?.headers['content-type'], 'text/plain')
    assert.equal(gunzipSync(taken[0]?.body ?? '').toString(), 'x\n')
  })
})

describe('a receiver that does not take it', () => {
  test('is asked again where that may help, with the same lines', async (t) => {
    const { taken, url } = await receiver(t, status(503), (response) => response.destroy(), ok)
    assert.deepEqual(await writerOf(t, { url }).write([linesOf('a', 'b')]), { lost: 0, trouble: null })
    assert.deepEqual(
      taken.map(({ body }) => body.toString()),
      ['a\nb\n', 'a\nb\n', 'a\nb\n'],
    )
  })

  const final: readonly (readonly [title: string, answer: (response: ServerResponse) => void, trouble: RegExp])[] = [
    ['refuses it', status(400), /answered 400/],
    [
      'sends elsewhere',
      (response) => response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
      /answered 307/,
    ],
    ['answers without end', (response) => response.end(Buffer.alloc(200_000)), /too large/],
  ]
  for (const [title, answer, trouble] of final)
    test(`is not asked again for ever: one that ${title}`, async (t) => {
      const { taken, url } = await receiver(t, answer)
      const written = await writerOf(t, { url, retrySeconds: 0 }).write([linesOf('a', 'b')])
      assert.equal(written.lost, 2)
      assert.match(written.trouble ?? '', trouble)
      assert.ok(!written.trouble?.includes('ingest'), 'the path may hold a token')
      assert.equal(taken.length, 1)
    })

  test('has its time, and no more', async (t) => {
    const { url } = await receiver(t, () => undefined)
    const written = await writerOf(t, { url, timeout: 0.1, retrySeconds: 0 }).write([linesOf('a')])
    assert.equal(written.lost, 1)
    assert.match(written.trouble ?? '', /no answer within 0\.1 s/)
  })

  test('is not there', async (t) => {
    const written = await writerOf(t, { url: 'http://127.0.0.1:1/', retrySeconds: 0 }).write([linesOf('a')])
    assert.match(written.trouble ?? '', /ECONNREFUSED/)
  })

  test('is a metadata address', async (t) => {
    const written = await writerOf(t, { url: 'http://169.254.169.254/' }).write([linesOf('a')])
    assert.equal(written.lost, 1)
    assert.match(written.trouble ?? '', /link-local or metadata/)
  })
})
