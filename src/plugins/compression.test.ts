import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib'
import fc from 'fast-check'
import { type CodingName, codingNames, contentCodings } from './body-coders.ts'
import { compression } from './compression.ts'
import { exchange, fakeEnv } from './fake-exchange.ts'
import type { Exchange } from './plugin.ts'

const levels = { zstd: 3, br: 4, gzip: 5 }
const defaults = {
  codings: [...codingNames],
  types: ['application/json', 'text/*', '+json'],
  minBytes: 100,
  levels,
}
const LONG = Buffer.from(JSON.stringify(Array(200).fill({ name: 'something' })))

interface Answer {
  request?: Record<string, string>
  response?: Record<string, string>
  status?: number
}

/** An exchange whose request has passed the plugin and whose answer is ready. */
function answered({ request = {}, response = {}, status = 200 }: Answer, settings: Partial<typeof defaults> = {}) {
  const handlers = compression.create({ ...defaults, ...settings }, fakeEnv())
  const x = exchange({ status, headers: { 'accept-encoding': 'gzip', ...request } })
  handlers.onRequest?.(x)
  for (const [name, value] of Object.entries({ 'Content-Type': 'application/json', ...response }))
    x.response.headers.add(name, value)
  return { x, coding: handlers.responseCoding }
}

const header = (x: Exchange, name: string) => x.response.headers.get(name)

describe('what is compressed', () => {
  const cases: [what: string, answer: Answer, coding: string | undefined, varies: boolean][] = [
    ['JSON', {}, 'gzip', true],
    ['a type with parameters, in capitals', { response: { 'Content-Type': 'Text/HTML; charset=utf-8' } }, 'gzip', true],
    ['a structured suffix', { response: { 'Content-Type': 'application/vnd.a+json' } }, 'gzip', true],
    ['an image', { response: { 'Content-Type': 'image/png' } }, undefined, false],
    ['a type that only begins so', { response: { 'Content-Type': 'application/jsonx' } }, undefined, false],
    ['nothing that is said of the type', { response: { 'Content-Type': '' } }, undefined, false],
    ['an error', { status: 500 }, 'gzip', true],
    ['a part', { status: 206, response: { 'Content-Range': 'bytes 0-99/1000' } }, undefined, false],
    ['a range that is no 206', { response: { 'Content-Range': 'bytes */1000' } }, undefined, false],
    ['no content', { status: 204 }, undefined, false],
    ['what is compressed already', { response: { 'Content-Encoding': 'br' } }, undefined, false],
    ['what says that it is not', { response: { 'Content-Encoding': 'identity' } }, 'gzip', true],
    ['no-transform in the answer', { response: { 'Cache-Control': 'public, no-transform' } }, undefined, false],
    ['no-transform in the request', { request: { 'cache-control': 'no-transform' } }, undefined, true],
    ['nothing that the client accepts', { request: { 'accept-encoding': 'deflate' } }, undefined, true],
    ['the best that the client accepts', { request: { 'accept-encoding': 'br;q=0.9, gzip;q=0.1' } }, 'br', true],
  ]
  for (const [what, answer, coding, varies] of cases)
    test(`${what}: ${coding ?? 'as it is'}`, () => {
      for (const way of ['whole', 'stream'] as const) {
        const { x, coding: handler } = answered(answer)
        const result = way === 'whole' ? handler?.whole(x, LONG) : handler?.stream(x, LONG.length)
        assert.equal(result !== null, coding !== undefined, way)
        assert.equal(header(x, 'vary'), varies ? 'Accept-Encoding' : undefined, way)
        assert.equal(header(x, 'content-encoding'), coding ?? answer.response?.['Content-Encoding'], way)
      }
    })

  test('what is too small goes as it is; of an unknown length is compressed', () => {
    const { x, coding } = answered({})
    assert.equal(coding?.whole(x, LONG.subarray(0, 99)), null)
    assert.equal(coding?.stream(x, 99), null)
    assert.notEqual(coding?.stream(x, -1), null)
  })

  test('what does not gain goes as it is', () => {
    const { x, coding } = answered({})
    assert.equal(coding?.whole(x, randomBytes(500)), null)
    assert.equal(header(x, 'content-encoding'), undefined)
  })

  test('no more streams at once than there may be', () => {
    const env = fakeEnv()
    const { onRequest, responseCoding } = compression.create(defaults, env)
    const ask = () => {
      const x = exchange({ status: 200, headers: { 'accept-encoding': 'gzip' } })
      onRequest?.(x)
      x.response.headers.add('Content-Type', 'text/plain')
      return responseCoding?.stream(x, -1) ?? null
    }
    const nothing = () => undefined
    const events = { onPart: nothing, onRoom: nothing, onEnd: nothing, onError: nothing }
    const coders = Array.from({ length: 128 }, () => ask()?.(events))
    assert.equal(ask(), null)
    coders[7]?.close()
    coders[7]?.close()
    const another = ask()
    assert.notEqual(another, null)
    for (const coder of [...coders, another?.(events)]) coder?.close()
  })
})

describe('what the head says', () => {
  const cases: [what: string, before: Record<string, string>, name: string, after: string | undefined][] = [
    ['a strong tag becomes weak', { ETag: '"abc"' }, 'etag', 'W/"abc"'],
    ['a weak one stays', { ETag: 'W/"abc"' }, 'etag', 'W/"abc"'],
    ['what is no tag is dropped', { ETag: 'abc' }, 'etag', undefined],
    ['Vary is added to', { Vary: 'Origin' }, 'vary', 'Origin, Accept-Encoding'],
    ['Vary has it already', { Vary: 'Origin, accept-encoding' }, 'vary', 'Origin, accept-encoding'],
    ['Vary has everything', { Vary: '*' }, 'vary', '*'],
    ['parts cannot be had', { 'Accept-Ranges': 'bytes' }, 'accept-ranges', undefined],
    ['a checksum of other bytes', { 'Content-MD5': 'x' }, 'content-md5', undefined],
    ['a digest', { Digest: 'sha-256=x' }, 'digest', undefined],
    ['a digest of the content', { 'Content-Digest': 'sha-256=:x:' }, 'content-digest', undefined],
    ['a digest of the representation', { 'Repr-Digest': 'sha-256=:x:' }, 'repr-digest', undefined],
  ]
  for (const [what, before, name, after] of cases)
    test(what, () => {
      const { x, coding } = answered({ response: before })
      assert.ok(coding?.whole(x, LONG))
      assert.equal(header(x, name), after)
    })

  test('a client whose copy is a compressed one is told its tag with 304', () => {
    const { x, coding } = answered({
      status: 304,
      request: { 'if-none-match': 'W/"a", W/"b"' },
      response: { ETag: '"b"' },
    })
    assert.notEqual(coding?.stream(x, -1), null)
    assert.equal(header(x, 'etag'), 'W/"b"')
    assert.equal(header(x, 'vary'), 'Accept-Encoding')
  })

  test('one whose copy is plain keeps the strong tag', () => {
    const { x, coding } = answered({ status: 304, request: { 'if-none-match': '"b"' }, response: { ETag: '"b"' } })
    assert.equal(coding?.stream(x, -1), null)
    assert.equal(header(x, 'etag'), '"b"')
  })

  test('If-Match goes to the backend with the tag that it knows', () => {
    const { x } = answered({ request: { 'if-match': 'W/"a", "b,W/",W/"c"' } })
    assert.equal(x.request.headers.get('if-match'), '"a", "b,W/","c"')
  })
})

describe('settings', () => {
  for (const type of ['json', 'Text/HTML', '*/*', 'text/html; charset=utf-8', '+'])
    test(`refuses the type "${type}"`, () => {
      const [problem] = compression.check?.({ ...defaults, types: ['text/html', type] }, { pathVariables: [] }) ?? []
      assert.equal(problem?.path, '/types/1')
    })
})

describe('coders', () => {
  const decoders = {
    gzip: { whole: gunzipSync, stream: createGunzip },
    br: { whole: brotliDecompressSync, stream: createBrotliDecompress },
    zstd: { whole: zstdDecompressSync, stream: createZstdDecompress },
  }
  const codings = contentCodings(levels)

  /** Codes parts as a stream and gives back all that came out. */
  function code(name: CodingName, parts: readonly Buffer[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const out: Buffer[] = []
      const coder = codings[name].stream(
        {
          onPart: (part) => out.push(part),
          onRoom: () => undefined,
          onEnd: () => resolve(Buffer.concat(out)),
          onError: reject,
        },
        () => undefined,
      )
      for (const part of parts) coder.write(part)
      coder.end()
    })
  }

  for (const name of codingNames) {
    test(`${name}: any body in any cut comes out the same`, async () => {
      const bodies = fc.oneof(fc.uint8Array({ maxLength: 2_000 }), fc.string({ maxLength: 40_000 }))
      await fc.assert(
        fc.asyncProperty(
          bodies,
          fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
          async (given, cuts) => {
            const body = Buffer.from(given as string)
            const places = [0, ...cuts.map((cut) => Math.floor(cut * body.length)).sort((a, b) => a - b), body.length]
            const parts = places.slice(1).map((place, i) => body.subarray(places[i], place))
            assert.ok(decoders[name].whole(await code(name, parts)).equals(body))
            assert.ok(decoders[name].whole(codings[name].whole(body)).equals(body))
          },
        ),
        { numRuns: 40 },
      )
    })

    test(`${name}: what was written can be read, before anything more comes`, async () => {
      const decoder = decoders[name].stream()
      const coder = codings[name].stream(
        {
          onPart: (part) => decoder.write(part),
          onRoom: () => undefined,
          onEnd: () => decoder.end(),
          onError: assert.fail,
        },
        () => undefined,
      )
      for (const text of ['data: one\n\n', 'data: two\n\n', 'data: three\n\n']) {
        coder.write(Buffer.from(text))
        assert.equal(String((await once(decoder, 'data'))[0]), text)
      }
      coder.end()
      decoder.resume()
      await once(decoder, 'end')
    })
  }

  test('a closed one tells nothing any more', async () => {
    let closed = 0
    const coder = codings.gzip.stream(
      { onPart: () => assert.fail(), onRoom: () => undefined, onEnd: assert.fail, onError: assert.fail },
      () => closed++,
    )
    coder.write(Buffer.alloc(1_000_000))
    coder.close()
    // Another one, given more and later, is through: whatever was to come would be here.
    await code('gzip', [Buffer.alloc(2_000_000)])
    assert.equal(closed, 1)
  })
})
