import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { CommonTimes, jsonText, jsonWireText, millisText, quotedText, quotedWireText } from './log-text.ts'

const ASCII = /^[ -~]*$/
const bytes = fc.uint8Array({ maxLength: 50 }).map((list) => Buffer.from(list))

describe('texts of log lines', () => {
  test('any text comes back from a JSON string, which is ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const written = jsonText(text)
        assert.match(written, ASCII)
        assert.equal(JSON.parse(`"${written}"`), text.toWellFormed())
      }),
    )
  })

  test('any bytes of a wire come back as the UTF-8 that they are, with U+FFFD for what is none', () => {
    fc.assert(
      fc.property(bytes, (list) => {
        const written = jsonWireText(list.toString('latin1'))
        assert.match(written, ASCII)
        assert.equal(JSON.parse(`"${written}"`), list.toString('utf8'))
      }),
    )
  })

  test('any bytes come back from a quoted field, byte by byte', () => {
    fc.assert(
      fc.property(bytes, (list) => {
        const written = quotedWireText(list.toString('latin1'))
        assert.match(written, /^[ !#-[\]-~]*(?:\\x[0-9A-F]{2}[ !#-[\]-~]*)*$/)
        const back = written.replace(/\\x(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
        assert.deepEqual(Buffer.from(back, 'latin1'), list)
      }),
    )
  })

  test('a text of ours is quoted as its UTF-8', () => assert.equal(quotedText('Blü "x"'), 'Bl\\xC3\\xBC \\x22x\\x22'))

  test('milliseconds have three decimals', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (ms) => {
        assert.match(millisText(ms), /^\d+\.\d{3}$/)
        assert.ok(Math.abs(Number(millisText(ms)) - ms) <= 0.000_51 + ms * 1e-9, `${ms}: ${millisText(ms)}`)
      }),
    )
  })

  test('times are those of dates', () => {
    const common = new CommonTimes()
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (time) => {
        for (const near of [time, time + 1, time + 1000]) {
          const [, day, month, year, clock] =
            /^(\d\d)\/(\w{3})\/(\d{4}):([\d:]{8}) \+0000$/.exec(common.text(near)) ?? []
          assert.equal(Date.parse(`${day} ${month} ${year} ${clock} GMT`), Math.floor(near / 1000) * 1000)
        }
      }),
    )
  })
})
