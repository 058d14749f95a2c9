import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { LineBytes, LineText } from './line-bytes.ts'
import { jsonText, jsonWireText, millisText } from './log-text.ts'

function written(write: (line: LineBytes) => void): string {
  // As small as can be, so that it has to grow.
  const line = new LineBytes(Buffer.allocUnsafeSlow(1))
  line.text('<')
  write(line)
  line.text('>')
  return line.bytes.toString('latin1', 1, line.length - 1)
}

describe('a line as bytes', () => {
  test('has texts as they are', () => {
    const text = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) })
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        assert.equal(
          written((line) => {
            for (const one of texts) line.text(one)
          }),
          texts.join(''),
        )
      }),
    )
  })

  test('has what came over a wire as JSON has it', () => {
    const text = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
    fc.assert(
      fc.property(text, (one) => {
        assert.equal(
          written((line) => line.jsonWire(one)),
          jsonWireText(one),
        )
        assert.equal(
          written((line) => line.json(one)),
          jsonText(one),
        )
      }),
    )
  })

  test('has whole numbers', () => {
    const edges = [0, 9, 10, 999_999_999, 1_000_000_000, Number.MAX_SAFE_INTEGER]
    for (const value of edges)
      assert.equal(
        written((line) => line.whole(value)),
        String(value),
      )
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(), (large, small) => {
        assert.equal(
          written((line) => line.whole(large)),
          String(large),
        )
        assert.equal(
          written((line) => line.whole(small)),
          String(small),
        )
      }),
    )
  })

  test('has milliseconds', () => {
    for (const ms of [0, 0.0004, 0.0005, 0.9999, 1.005, 12.3456, 100_000_000])
      assert.equal(
        written((line) => line.millis(ms)),
        millisText(ms),
      )
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (ms) => {
        assert.equal(
          written((line) => line.millis(ms)),
          millisText(ms),
        )
      }),
    )
  })

  test('has texts that were made ready, between others', () => {
    const unit = fc.integer({ min: 0, max: 0x7e }).map((code) => String.fromCharCode(code))
    // Some are longer than what is copied word by word.
    const text = fc.tuple(fc.string({ unit }), fc.constantFrom(1, 1, 9)).map(([one, times]) => one.repeat(times))
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        assert.equal(
          written((line) => {
            for (const one of texts) {
              line.ready(new LineText(one))
              line.text(one)
            }
          }),
          texts.map((one) => one + one).join(''),
        )
        for (const one of texts) assert.equal(String(new LineText(one)), one)
      }),
    )
  })

  test('has bytes of UTF-8 as JSON has them, wherever they stand in their buffer', () => {
    // Most stand for themselves; each other one in each place of a word of four.
    const byte = fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
      fc.integer({ max: 0xff, min: 0 }),
    )
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 40 }),
        fc.nat(7),
        fc.uint8Array({ minLength: 4, maxLength: 8 }),
        (all, at, behind) => {
          const buffer = Buffer.from([...Array(at).fill(0), ...all, ...behind])
          const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
          assert.equal(
            written((line) => line.jsonBytes(view, at, all.length)),
            jsonText(Buffer.from(all).toString('utf8')),
          )
        },
      ),
      { numRuns: 1_000 },
    )
    for (let code = 0; code < 256; code++)
      for (let place = 0; place < 4; place++) {
        const buffer = Buffer.from('aaaaaaaa')
        buffer[place] = code
        const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
        assert.equal(
          written((line) => line.jsonBytes(view, 0, 4)),
          jsonText(buffer.toString('utf8', 0, 4)),
          `${code} at ${place}`,
        )
      }
  })

  test('has three digits, and single characters', () => {
    for (const value of [0, 7, 42, 100, 999])
      assert.equal(
        written((line) => {
          line.threeDigits(value)
          line.byte(0x2c)
        }),
        `${String(value).padStart(3, '0')},`,
      )
  })

  test('goes on in another buffer', () => {
    const line = new LineBytes()
    line.text('abc')
    const next = Buffer.alloc(16)
    line.writeTo(next)
    line.ready(new LineText('x'))
    line.whole(7)
    assert.equal(next.toString('latin1', 0, line.length), 'x7')
  })
})
