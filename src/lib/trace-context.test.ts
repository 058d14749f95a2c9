import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatTraceparent, isTracestate, parseTraceparent } from './trace-context.ts'

const ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

for (const [value, flags] of [
  [`00-${ID}-${SPAN}-01`, 1],
  [`00-${ID}-${SPAN}-00`, 0],
  [`00-${ID}-${SPAN}-03`, 3],
  [`00-${ID}-${SPAN}-ff`, 255],
  [`01-${ID}-${SPAN}-01`, 1],
  [`cc-${ID}-${SPAN}-01`, 1],
  [`cc-${ID}-${SPAN}-01-what-the-future-will-be-like`, 1],
  [`cc-${ID}-${SPAN}-01-`, 1],
] as const)
  test(`${value} is a context`, () => assert.deepEqual(parseTraceparent(value), { traceId: ID, spanId: SPAN, flags }))

for (const value of [
  '',
  'x',
  ID,
  `00-${ID}-${SPAN}`,
  `00-${ID}-${SPAN}-1`,
  `00-${ID}-${SPAN}-001`,
  `00-${ID}-${SPAN}-01-`,
  `00-${ID}-${SPAN}-01-more`,
  `00-${ID}-${SPAN}-0x`,
  `00-${ID}-${SPAN}-.0`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${ID}-${'0'.repeat(16)}-01`,
  `00-${ID.toUpperCase()}-${SPAN}-01`,
  `00-${ID.slice(1)}-${SPAN}-01`,
  `00-${ID}0-${SPAN}-01`,
  `00-${ID}-${SPAN}0-01`,
  `ff-${ID}-${SPAN}-01`,
  `0-${ID}-${SPAN}-01`,
  `.0-${ID}-${SPAN}-01`,
  `cc-${ID}-${SPAN}-01.what`,
  `cc-${ID}-${SPAN}-010`,
  ` 00-${ID}-${SPAN}-01`,
  `00-${ID}-${SPAN}-01 `,
  `00-${ID}-${SPAN}-01\n`,
  `00_${ID}_${SPAN}_01`,
  `00-${ID}-${SPAN}-01, 00-${ID}-${SPAN}-01`,
])
  test(`${JSON.stringify(value)} is no context`, () => assert.equal(parseTraceparent(value), null))

test('what is written is read as the same', () => {
  const digits = (length: number) =>
    fc
      .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
      .map((list) => list.join(''))
      .filter((text) => /[^0]/.test(text))
  fc.assert(
    fc.property(digits(32), digits(16), fc.integer({ min: 0, max: 255 }), (traceId, spanId, flags) => {
      const context = { traceId, spanId, flags }
      assert.deepEqual(parseTraceparent(formatTraceparent(context)), context)
    }),
  )
})

const members = (count: number) => Array.from({ length: count }, (_, i) => `k${i}=v`).join(',')

for (const [value, isOne] of [
  ['rojo=00f067aa0ba902b7', true],
  ['congo=t61rcWkgMzE,rojo=00f067aa0ba902b7', true],
  ['a=1 , b=2,\tc=3', true],
  ['tenant@vendor=x', true],
  ['0tenant@vendor=x', true],
  ['a*/-_=x', true],
  ['0a=1', true],
  ['a=b c', true],
  ['a=1,,b=2', true],
  [members(32), true],
  [`a=${'v'.repeat(256)}`, true],
  [members(33), false],
  [`a=${'v'.repeat(257)}`, false],
  ['', false],
  [',', false],
  ['a', false],
  ['=1', false],
  ['a=', false],
  ['a=b=c', false],
  ['A=1', false],
  ['a=1,a=2', false],
  ['a=\u00e4', false],
  [`${'k'.repeat(257)}=1`, false],
] as const)
  test(`${JSON.stringify(value.slice(0, 40))}… is ${isOne ? '' : 'not '}a state`, () =>
    assert.equal(isTracestate(value), isOne))
