import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { unitsOf } from '../../../console/src/i18n/units.ts'

describe('numbers as a language writes them', () => {
  const english = unitsOf('en')
  for (const [told, wanted] of [
    [english.ms(null), '–'],
    [english.ms(0.4321), '0.432 ms'],
    [english.ms(999), '999 ms'],
    [english.ms(1_234), '1.23 sec'],
    [english.ms(90_000), '1.5 min'],
    [english.bytes(0), '0 byte'],
    [english.bytes(999), '999 byte'],
    [english.bytes(1_000), '1 kB'],
    [english.bytes(1_234_567), '1.23 MB'],
    [english.bytes(5e15), '5,000 TB'],
    [english.count(1_234_567), '1,234,567'],
    [english.count(null), '–'],
    [english.short(1_234), '1.23K'],
    [english.perSecond(12.345), '12.3/s'],
    [english.percent(0.0512), '5.12%'],
    [english.percent(null), '–'],
    [english.change(0.5), '+50%'],
    [english.change(-0.125), '-12.5%'],
    [unitsOf('ko').ms(1_234), '1.23초'],
  ] as const) {
    test(wanted, () => assert.equal(told, wanted))
  }

  test('days are those of the time zone that is asked for', () => {
    const moment = Date.parse('2030-01-01T23:30:00Z')
    assert.equal(english.day(moment, 'UTC'), 'Jan 1')
    assert.equal(english.day(moment, 'Asia/Seoul'), 'Jan 2')
  })
})
