import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HeaderList } from '../../lib/header-list.ts'
import { readBuffer } from '../read-buffer.ts'
import { BytesBefore } from './bytes-before.ts'
import { AnswerBefore, defaultHeadLimits, ResponseHead } from './head.ts'

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
