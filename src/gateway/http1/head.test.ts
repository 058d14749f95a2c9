import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HeaderList } from '../../lib/headers/header-list.ts'
import { ReceivedFields } from '../../lib/headers/received-fields.ts'
import { readBuffer } from '../read-buffer.ts'
import { BytesBefore } from './bytes-before.ts'
import { defaultHeadLimits } from './head.ts'
import { KnownHeads } from './known-heads.ts'
import { RequestHead } from './request-head.ts'
import { AnswerBefore, ResponseHead } from './response-head.ts'

/** All that reading an answer's head gives, wherever its bytes stand. */
function read(head: ResponseHead, wire: string, isBodiless: boolean, place: number): unknown {
  const length = readBuffer.write(wire, place, 'latin1')
  const behind = head.read(readBuffer, place, place + length, isBodiless, defaultHeadLimits)
  if (behind < 0) return behind
  const { status, reason, hasDate, framing, contentLength, keepAlive, upgrade, headers } = head
  const fields = { list: [...headers], lines: headers.toLines(), type: headers.get('content-type') }
  return { used: behind - place, status, reason, hasDate, framing, contentLength, keepAlive, upgrade, ...fields }
}

describe('heads of answers', () => {
  // Few different heads, so that the same bytes come again and again.
  const heads = [
    'HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 5\r\nDate: Thu, 26 Nov 2026 10:00:00 GMT\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 5\r\nDate: Thu, 26 Nov 2026 10:00:01 GMT\r\n\r\n',
    'HTTP/1.1 404 No\r\nContent-Type: a/b\r\nContent-Length: 5\r\nDate: Thu, 26 Nov 2026 10:00:01 GMT\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX-A:1\r\nConnection: x-a, close\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX-A:1\r\nConnection: x-b, close\r\n\r\n',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Len',
  ]

  test('mean what they mean, whatever came before', () => {
    const step = fc.record({
      wire: fc.constantFrom(...heads),
      isBodiless: fc.boolean(),
      place: fc.nat(20),
      changes: fc.boolean(),
      connection: fc.nat(2),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 25 }), (steps) => {
        const before = new AnswerBefore()
        const connections = [0, 1, 2].map(() => new ResponseHead(before))
        let spare = new HeaderList()
        for (const { wire, isBodiless, place, changes, connection } of steps) {
          const head = connections[connection] ?? assert.fail()
          assert.deepEqual(read(head, wire, isBodiless, place), read(new ResponseHead(), wire, isBodiless, place))
          // Who gets an answer takes its list of fields, leaves one of its own, and may change what it has.
          const taken = head.headers
          if (changes) taken.set('content-type', 'c/d')
          head.headers = spare
          spare = taken
        }
      }),
      { numRuns: 2000 },
    )
  })
})

/** All that reading a request's head gives, wherever its bytes stand. */
function readRequest(head: RequestHead, wire: string, place: number): unknown {
  const length = readBuffer.write(wire, place, 'latin1')
  const behind = head.read(readBuffer, place, place + length, defaultHeadLimits)
  if (behind < 0) return [behind, head.fault]
  const { method, target, path, query, host, framing, contentLength, keepAlive, headers, claims } = head
  const fields = { list: [...headers], lines: headers.toLines(), key: headers.get('x-key'), claims: [...claims] }
  return { used: behind - place, method, target, path, query, host, framing, contentLength, keepAlive, ...fields }
}

describe('heads of requests', () => {
  const lines = ['GET / HTTP/1.1', 'GET /a/longer?target HTTP/1.1', 'POST http://a.test/x HTTP/1.1', 'GET / HTTP/1.0']
  // Few different ones, so that the same bytes come again and again, on one connection and on others.
  const fields = [
    'Host: a.test\r\nX-Key: 1\r\nCookie: a=b\r\n',
    'Host: a.test\r\nX-Key: 2\r\nCookie: a=b\r\n',
    'Host: b.test\r\nX-Key: 1\r\nX-Forwarded-For: 10.0.0.1\r\n',
    'Host: a.test\r\nX-Key:1\r\nConnection: x-key, close\r\n',
    'Host: a.test\r\nContent-Length: 3\r\n',
    'Host: a.test\r\n',
    `Host: a.test\r\n${Array.from({ length: 40 }, (_, i) => `X-${i}: ${i}\r\n`).join('')}X-Key: 1\r\nConnection: x-3\r\n`,
    `Host: a.test\r\n${Array.from({ length: 40 }, (_, i) => `X-${i}: ${i}\r\n`).join('')}X-Key: 1\r\n`,
    'Host: a.test\r\nX-Key : 1\r\n',
  ]

  test('mean what they mean, whatever came before, on their connection and on others', () => {
    const step = fc.record({
      line: fc.constantFrom(...lines),
      fields: fc.constantFrom(...fields),
      times: fc.integer({ min: 1, max: 4 }),
      place: fc.nat(20),
      connection: fc.nat(2),
      changes: fc.constantFrom('nothing', 'a key taken out', 'a field put in', 'all of it'),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 20 }), (steps) => {
        const known = new KnownHeads()
        const connections = [0, 1, 2].map(() => new RequestHead(known))
        for (const { line, fields, times, place, connection, changes } of steps)
          for (let time = 0; time < times; time++) {
            const head = connections[connection] ?? assert.fail()
            const wire = `${line}\r\n${fields}\r\n`
            assert.deepEqual(
              readRequest(head, wire, place),
              readRequest(new RequestHead(new KnownHeads()), wire, place),
            )
            if (changes === 'a key taken out') head.headers.remove('x-key')
            else if (changes === 'a field put in') head.headers.set('X-Key', 'new')
            else if (changes === 'all of it') head.headers.removeBeginning('x-')
          }
      }),
      { numRuns: 1_000 },
    )
  })

  test('of like clients are kept once, and not without end', () => {
    const known = new KnownHeads()
    const make = () => ({
      bytes: { bytes: Buffer.alloc(0), view: new DataView(new ArrayBuffer(0)) },
      fields: new ReceivedFields(),
    })
    const first = known.share('a', make)
    assert.equal(known.share('a', make), first)
    for (let i = 0; i < 1_000; i++) known.share(String(i), make)
    assert.notEqual(known.share('a', make), first)
  })
})

test('bytes before are found where all of them are the same', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 40 }).map((some) => `${some}\x7f\xff`)
  fc.assert(
    fc.property(text, text, fc.nat(9), (kept, next, place) => {
      const before = new BytesBefore()
      const bytes = Buffer.from(kept, 'latin1')
      assert.equal(before.keep(bytes, 0, bytes.length), false)
      assert.equal(before.keep(bytes, 0, bytes.length), true)
      const other = Buffer.from(' '.repeat(place) + next, 'latin1')
      const isSame = next.startsWith(kept)
      assert.equal(before.match(other, place, other.length), isSame ? place + bytes.length : -1)
      before.forget()
      assert.equal(before.match(other, place, other.length), -1)
    }),
    { numRuns: 2000 },
  )
})
