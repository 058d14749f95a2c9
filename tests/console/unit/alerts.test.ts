import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Alert } from '../../../console/src/api/model.ts'
import { en } from '../../../console/src/features/alerts/en.ts'
import {
  byUrgency,
  kinds,
  meaningOf,
  measured,
  ruleInWords,
  usualRule,
} from '../../../console/src/features/alerts/rule-words.ts'
import { translator } from '../../../console/src/i18n/translator.ts'
import { unitsOf } from '../../../console/src/i18n/units.ts'
import { alertKinds } from '../../../src/model/alert.ts'

const say = translator(en, 'en')

describe('alert rules in words', () => {
  test('the form offers every kind that there is', () => assert.deepEqual([...kinds], [...alertKinds]))

  for (const [kind, words] of [
    ['server-errors', '5xx for 5 % of requests or more, in 5 min, for 2 min'],
    ['latency', 'p99 of 1000 ms or more, in 5 min, for 2 min'],
    ['certificate', 'A certificate expires in less than 14 days, for 2 min'],
  ] as const) {
    test(kind, () => assert.equal(ruleInWords(usualRule(kind), say), words))
  }

  test('what fires at once does not say for how long', () => {
    assert.equal(ruleInWords({ ...usualRule('quota'), forMinutes: 0 }, say), 'A key has used 80 % of its quota or more')
  })

  test('a quota and a certificate have no window', () => {
    assert.deepEqual(
      kinds.filter((kind) => !meaningOf(kind).hasWindow),
      ['quota', 'certificate'],
    )
  })

  test('what was measured has its unit, and says where it was too little', () => {
    const units = unitsOf('en')
    assert.equal(measured({ kind: 'server-errors', value: 12.345 }, say, units), '12.35 %')
    assert.equal(measured({ kind: 'latency', value: null }, say, units), 'Too little to measure')
  })

  test('what fires comes first, and what has done so for longest', () => {
    const alert = (name: string, state: Alert['state'], since: string) => ({ name, state, since }) as Alert
    const sorted = byUrgency([
      alert('well', 'ok', '2030-01-01'),
      alert('new', 'firing', '2030-01-03'),
      alert('soon', 'pending', '2030-01-01'),
      alert('old', 'firing', '2030-01-02'),
    ])
    assert.deepEqual(
      sorted.map(({ name }) => name),
      ['old', 'new', 'soon', 'well'],
    )
  })
})
