import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Outcome, play } from './fake-connection.ts'
import { wireCases } from './wire.cases.ts'

const bytes = (wire: string) => Buffer.from(wire, 'latin1')

/** Everything about an outcome that the cut of the bytes must not change: all but ids and dates. */
function essence({ requests, refusals, answer, isClosed }: Outcome) {
  const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1])
  return { requests, refusals, statuses, isClosed }
}

describe('requests as bytes', () => {
  for (const { name, wire, takes = [], refuses } of wireCases) {
    test(`${refuses ? 'refuses' : 'takes'} ${name}`, () => {
      const outcome = play([bytes(wire)])
      assert.deepEqual(
        outcome.requests.map(({ body }) => body),
        takes,
      )
      assert.deepEqual(outcome.refusals, refuses ? [refuses] : [])
      if (refuses) assert.ok(outcome.isClosed, 'the connection goes on after a refusal')
      if (refuses && takes.length > 0) assert.equal(outcome.requests.at(-1)?.isComplete, false)
    })

    test(`${name}, byte by byte, is the same`, () => {
      const whole = essence(play([bytes(wire)]))
      const single = essence(play([...bytes(wire)].map((byte) => Buffer.from([byte]))))
      assert.deepEqual(single, whole)
    })
  }
})

interface Published {
  id: string
  wire: string
  label: { class: 'accept' | 'reject' | 'may'; n: number; n0?: number; methods: string[]; bodies?: string[] }
}
const published = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../tests/fixtures/http1-requests.json'), 'utf8'),
) as { cases: Published[] }

describe('published requests', () => {
  for (const { id, wire, label } of published.cases) {
    test(`${id}: ${label.class}`, () => {
      const { requests, refusals } = play([bytes(wire.replaceAll('@HOST@', 'a.example'))])
      const served = requests.filter(({ isComplete }) => isComplete)
      if (label.class === 'accept') {
        assert.deepEqual(refusals, [])
        assert.deepEqual(
          served.map(({ method }) => method),
          label.methods.slice(0, label.n),
        )
        if (label.bodies)
          assert.deepEqual(
            served.map(({ body }) => body),
            label.bodies,
          )
      } else if (label.class === 'reject') {
        assert.equal(served.length, 0)
        assert.equal(refusals.length, 1)
      } else {
        assert.ok(served.length === label.n || served.length === (label.n0 ?? label.n), `${served.length} served`)
      }
    })
  }
})

describe('properties', () => {
  const wires = wireCases.map(({ wire }) => bytes(wire))

  test('any cut of the bytes gives the same result', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...wires),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
        (wire, cuts) => {
          const places = [0, ...cuts.map((cut) => Math.floor(cut * wire.length)).sort((a, b) => a - b), wire.length]
          const parts = places.slice(1).map((end, i) => wire.subarray(places[i], end))
          assert.deepEqual(essence(play(parts.filter((part) => part.length > 0))), essence(play([wire])))
        },
      ),
      { numRuns: 2000 },
    )
  })

  const token = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_~!'), minLength: 1, maxLength: 12 })
  const value = fc.string({ unit: fc.constantFrom(...'ab 9\t;,="\xe9'), maxLength: 20 }).map((text) => text.trim())
  const message = fc.record({
    method: fc.constantFrom('GET', 'POST', 'DELETE', 'X-Y'),
    target: fc.string({ unit: fc.constantFrom(...'ab/.?&=%~'), maxLength: 20 }).map((text) => `/${text}`),
    headers: fc.array(
      fc.tuple(
        token.map((name) => `x-${name}`),
        value,
      ),
      { maxLength: 5 },
    ),
    chunks: fc.option(
      fc.array(fc.string({ unit: fc.constantFrom(...'ab\r\n0;:'), minLength: 1, maxLength: 40 }), { maxLength: 4 }),
    ),
    body: fc.string({ unit: fc.constantFrom(...'ab\r\n0;:'), maxLength: 60 }),
  })

  test('valid messages survive', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), (messages) => {
        const wire = messages.map(({ method, target, headers, chunks, body }) => {
          const fields = headers.map(([name, text]) => `${name}: ${text}\r\n`).join('')
          const head = `${method} ${target} HTTP/1.1\r\nHost: a\r\n${fields}`
          if (chunks === null) return `${head}Content-Length: ${body.length}\r\n\r\n${body}`
          return `${head}Transfer-Encoding: chunked\r\n\r\n${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`
        })
        const { requests, refusals } = play([bytes(wire.join(''))])
        assert.deepEqual(refusals, [])
        assert.deepEqual(
          requests.map(({ method, target, headers, body }) => ({ method, target, headers, body })),
          messages.map(({ method, target, headers, chunks, body }) => ({
            method,
            target,
            headers,
            body: chunks === null ? body : chunks.join(''),
          })),
        )
      }),
      { numRuns: 1000 },
    )
  })

  test('what came before on a connection changes nothing', () => {
    // Few different heads, so that the same fields come again and again; some are changed by who serves them.
    const heads = [
      'GET /a HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n\r\n',
      'GET /b?c HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n\r\n',
      'HEAD /b HTTP/1.1\r\nHost: a\r\nX-A: 2\r\n\r\n',
      'POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi',
      'POST /d HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nho',
      'POST /e HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
      'GET http://b/f HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n\r\n',
      'GET /g HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nConnection: x-a\r\n\r\n',
      'GET /h HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n',
      'GET /i HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n',
      'GET /j HTTP/1.1\r\nHost: b\r\nX-A: 1\r\n\r\n',
    ]
    const alone = new Map(heads.map((head) => [head, play([bytes(head)]).requests[0]]))
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...heads), { minLength: 2, maxLength: 12 }), fc.nat(4), (list, every) => {
        const { requests, refusals } = play([bytes(list.join(''))], {}, (headers, i) => {
          if (i % (every + 1) === every) headers.set('x-a', 'changed')
        })
        assert.deepEqual(refusals, [])
        assert.deepEqual(
          requests,
          list.map((head) => alone.get(head)),
        )
      }),
      { numRuns: 2000 },
    )
  })

  test('damage never makes a request that is framed in two ways', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...wires),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        (wire, damage) => {
          const damaged = Buffer.from(wire)
          for (const [place, byte] of damage) damaged[place % damaged.length] = byte
          const { requests } = play([damaged])
          for (const { headers, trailers } of requests) {
            for (const [name, text] of [...headers, ...trailers]) {
              assert.doesNotMatch(name, /^(content-length|transfer-encoding|host|connection)$/i)
              assert.match(name, /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/)
              assert.doesNotMatch(text, /[\x00-\x08\x0a-\x1f\x7f]/)
            }
          }
        },
      ),
      { numRuns: 3000 },
    )
  })
})
