import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HeaderDecoder } from './decoder.ts'
import { HeaderEncoder } from './encoder.ts'
import { decodeHuffman, HUFFMAN_CODES } from './huffman.ts'
import { COMPRESSION_ERROR, ConnectionError } from './protocol.ts'
import { staticTable } from './static-table.ts'

const NO_LIMITS = { maxHeadBytes: 10_000_000, maxHeaders: 100_000 }

function decode(decoder: HeaderDecoder, bytes: Buffer, limits = NO_LIMITS): { fields: string[]; isCut: boolean } {
  const fields: string[] = []
  let isCut = false
  const sink = {
    take: ({ name, value }: { name: string; value: string }) => fields.push(`${name}: ${value}`),
    overflow: () => {
      isCut = true
    },
  }
  decoder.decode(bytes, 0, bytes.length, limits, sink)
  return { fields, isCut }
}

/** RFC 7541, appendix C.3 and C.4: the same three requests on one connection, with and without Huffman codes. */
const REQUESTS = [
  [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
  [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
  [':method: GET', ':scheme: https', ':path: /index.html', ':authority: www.example.com', 'custom-key: custom-value'],
]
const VECTORS: Readonly<Record<string, readonly string[]>> = {
  'as they are': [
    '828684410f7777772e6578616d706c652e636f6d',
    '828684be58086e6f2d6361636865',
    '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
  ],
  'in Huffman codes': [
    '828684418cf1e3c2e5f23a6ba0ab90f4ff',
    '828684be5886a8eb10649cbf',
    '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
  ],
}

describe('HPACK', () => {
  for (const [how, blocks] of Object.entries(VECTORS))
    test(`the requests of the RFC, ${how}`, () => {
      const decoder = new HeaderDecoder()
      for (const [i, hex] of blocks.entries())
        assert.deepEqual(decode(decoder, Buffer.from(hex, 'hex')).fields, REQUESTS[i])
    })

  test('a number of the RFC (C.1.2): 1337 behind five bits', () => {
    const bytes = Buffer.concat([Buffer.from('0001617f9a0a', 'hex'), Buffer.alloc(1433, 'x')])
    // The text is 127 + 26 + 10 * 128 = 1433 long.
    assert.equal(decode(new HeaderDecoder(), bytes).fields[0]?.length, 'a: '.length + 1433)
  })

  test('the static table has 61 fields, the first and the last where they belong', () => {
    assert.equal(staticTable.length, 61)
    assert.equal(staticTable[0]?.name, ':authority')
    assert.equal(staticTable[60]?.name, 'www-authenticate')
  })

  /** What no block may hold. */
  const wrong: Readonly<Record<string, string>> = {
    'index 0': '80',
    'an index beyond both tables': 'be',
    'a name of an index beyond both tables': '7e0161',
    'a number without end': 'ffffffffffffffff7f',
    'a number that is cut off': 'ff80',
    'a text that is cut off': '000a6162',
    'a value that is missing': '000161',
    'a table larger than we have said': '3fe21f',
    'a change of the table behind a field': '8220',
    'a third change of the table': '202020',
    'a Huffman code with its end in it': '000161843fffffff',
    'Huffman padding of zeros': '00016181f8'.replace('f8', '18'),
    'Huffman padding of a whole byte': '000161821fff',
  }
  for (const [what, hex] of Object.entries(wrong))
    test(`is refused: ${what}`, () =>
      assert.throws(
        () => decode(new HeaderDecoder(), Buffer.from(hex, 'hex')),
        (error) => error instanceof ConnectionError && error.code === COMPRESSION_ERROR,
      ))

  test('any bytes give fields or are refused, and never more than the limits say', () => {
    const limits = { maxHeadBytes: 100, maxHeaders: 5 }
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (blocks) => {
        const decoder = new HeaderDecoder()
        try {
          for (const bytes of blocks)
            assert.ok(decode(decoder, Buffer.from(bytes), limits).fields.join('').length <= 100)
        } catch (error) {
          assert.ok(error instanceof ConnectionError, String(error))
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('a small block that unpacks to megabytes is cut at the limit, and the table stays right', () => {
    const decoder = new HeaderDecoder()
    const entry = Buffer.concat([
      Buffer.from('400161', 'hex'),
      Buffer.from([0x7f, 0xa1, 0x1e]),
      Buffer.alloc(4_000, 'x'),
    ])
    decode(decoder, entry)
    const bomb = decode(decoder, Buffer.alloc(10_000, 0xbe), { maxHeadBytes: 16_384, maxHeaders: 100 })
    assert.deepEqual([bomb.fields.length, bomb.isCut], [4, true])
    assert.equal(decode(decoder, Buffer.from([0xbe])).fields.length, 1)
  })

  test('what the encoder writes is what the decoder reads, whatever is set of the table', () => {
    const name = fc.constantFrom('content-type', 'Server', 'x-a', 'X-B', 'set-cookie', 'date', 'vary', 'etag', 'x-long')
    const value = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ maxLength: 30 }), fc.constant('v'.repeat(300)))
    const step = fc.record({
      fields: fc.array(fc.tuple(name, value), { maxLength: 8 }),
      status: fc.integer({ min: 100, max: 599 }),
      tableBytes: fc.option(fc.nat(6_000)),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const encoder = new HeaderEncoder()
        const decoder = new HeaderDecoder()
        for (const { fields, status, tableBytes } of steps) {
          if (tableBytes !== null) encoder.limitTable(tableBytes)
          const written = fields.map(([key, text]) => [key, text.replace(/[^\x20-\x7e]/g, '')] as const)
          encoder.begin()
          encoder.status(status)
          for (const [key, text] of written) encoder.field(key, text)
          const bytes = Buffer.from(encoder.bytes.subarray(0, encoder.length))
          const expected = [`:status: ${status}`, ...written.map(([key, text]) => `${key.toLowerCase()}: ${text}`)]
          assert.deepEqual(decode(decoder, bytes).fields, expected)
        }
      }),
    )
  })

  test('fields that come again are one byte each; those of connections are left out', () => {
    const encoder = new HeaderEncoder()
    const write = () => {
      encoder.begin()
      encoder.status(200)
      encoder.field('Content-Type', 'application/json')
      encoder.field('Server', 'nginx')
      encoder.field('Connection', 'keep-alive')
      encoder.field('Transfer-Encoding', 'chunked')
      return encoder.length
    }
    write()
    assert.equal(write(), 3)
  })

  test('cookies and credentials are written so that nobody on the way keeps them either', () => {
    const encoder = new HeaderEncoder()
    for (const name of ['Set-Cookie', 'Authorization']) {
      encoder.begin()
      encoder.field(name, 'secret')
      assert.equal((encoder.bytes[0] ?? 0) >> 4, 1)
    }
  })
})

describe('Huffman codes', () => {
  /** Slowly, for the test: bits as a text. */
  function encode(bytes: Uint8Array): Buffer {
    let bits = ''
    for (const byte of bytes) {
      const { code = 0, bits: length = 0 } = HUFFMAN_CODES[byte] ?? {}
      bits += code.toString(2).padStart(length, '0')
    }
    bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1')
    return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [])
  }

  test('the codes of the RFC', () => {
    const codes = [0, 32, 48, 97, 122, 255, 256].map((symbol) => HUFFMAN_CODES[symbol]?.code)
    assert.deepEqual(codes, [0x1ff8, 0x14, 0x0, 0x3, 0x7b, 0x3ffffee, 0x3fffffff])
  })

  test('every text comes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const coded = encode(bytes)
        const into = Buffer.alloc(400)
        const length = decodeHuffman(coded, 0, coded.length, into)
        assert.deepEqual(into.subarray(0, length), Buffer.from(bytes))
      }),
    )
  })
})
