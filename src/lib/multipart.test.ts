import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { boundaryOf, readParts } from './multipart.ts'

const lines = (...all: string[]) => Buffer.from(all.join('\r\n'))
const field = (name: string, value: string) => ['--b', `Content-Disposition: form-data; name="${name}"`, '', value]

describe('parts', () => {
  const cases: [what: string, body: Buffer, parts: [string, string | null][] | null][] = [
    ['a field', lines(...field('a', '1'), '--b--'), [['a', '1']]],
    [
      'two, with something before and behind',
      lines('before', ...field('a', '1'), ...field('a', '2'), '--b--', 'behind'),
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [
      'a file',
      lines(
        '--b',
        'Content-Disposition: form-data; name="f"; filename="x.png"',
        'Content-Type: image/png',
        '',
        '\u0000\u0001',
        '--b--',
        '',
      ),
      [['f', null]],
    ],
    ['an empty value', lines(...field('a', ''), '--b--'), [['a', '']]],
    ['a delimiter that goes on', lines(...field('a', '1\r\n--bb\r\n2'), '--b--'), null],
    ['a quote in a name', lines(...field('a%22b', '1'), '--b--'), [['a"b', '1']]],
    ['none', lines('--b--'), []],
    ['no end', lines(...field('a', '1')), null],
    ['another boundary', lines('--c', 'Content-Disposition: form-data; name="a"', '', '1', '--c--'), null],
    ['no name', lines('--b', 'Content-Disposition: form-data', '', '1', '--b--'), null],
    ['no head', lines('--b', 'x', '--b--'), null],
    ['parts without end', lines(...Array.from({ length: 1_100 }, (_, i) => field(`f${i}`, '')).flat(), '--b--'), null],
  ]
  for (const [what, body, parts] of cases)
    test(what, () => {
      const read = readParts(body, 'b')
      assert.deepEqual(read?.map(({ name, text }) => [name, text]) ?? null, parts)
    })

  test('what is hostile takes no longer than it is long', () => {
    const began = performance.now()
    readParts(Buffer.from('\r\n--b'.repeat(200_000)), 'b')
    readParts(Buffer.from(`--b\r\n${'a'.repeat(1_000_000)}`), 'b')
    assert.ok(performance.now() - began < 5_000)
  })
})

for (const [given, boundary] of [
  ['multipart/form-data; boundary=abc', 'abc'],
  ['multipart/form-data; charset=x; Boundary="a b"', 'a b'],
  ['multipart/form-data', null],
] as const)
  test(`the boundary of ${given}`, () => assert.equal(boundaryOf(given), boundary))
