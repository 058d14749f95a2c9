import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readYaml, toYaml } from './yaml.ts'

describe('reading YAML', () => {
  test('several documents, and their lines', () => {
    const { documents, problems } = readYaml(
      'a:\n  - b: 1\n  - c: 2\n---\n---\n# nothing but a remark\n---\nd: {"e": 5}\n',
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(
      documents.map(({ value }) => value),
      [{ a: [{ b: 1 }, { c: 2 }] }, { d: { e: 5 } }],
    )
    assert.deepEqual(documents[0]?.placeOf(['a', '1', 'c']), { line: 3, depth: 3 })
    assert.deepEqual(documents[0]?.placeOf(['a', '7', 'c']), { line: 1, depth: 1 })
    assert.deepEqual(documents[1]?.placeOf(['d', 'e']), { line: 8, depth: 2 })
  })

  test('what stands under an anchor can be used again, and changed', () => {
    const { documents } = readYaml('a: &a { x: 1, y: 2 }\nb: { <<: *a, y: 3 }')
    assert.deepEqual(documents[0]?.value, { a: { x: 1, y: 2 }, b: { x: 1, y: 3 } })
  })

  const bomb = ['a: &a0 [x]', ...Array.from({ length: 30 }, (_, i) => `b${i}: &a${i + 1} [*a${i}, *a${i}]`)].join('\n')
  const refused: [what: string, text: string, line: number, message: RegExp][] = [
    ['a key twice', 'a: 1\na: 2', 2, /unique/],
    ['a bracket that is not closed', 'a: 1\nb: [1,', 2, /./],
    ['an alias of nothing', 'a: *b', 1, /alias/],
    ['a bomb', bomb, 1, /alias/],
  ]
  for (const [what, text, line, message] of refused)
    test(`${what} is told with its line`, () => {
      const [problem] = readYaml(text).problems
      assert.equal(problem?.line, line)
      assert.match(problem?.message ?? '', message)
    })

  for (const value of [
    { '<<': null },
    { a: { '<<': 1 } },
    { '<<': [{ a: 1 }] },
    { a: ['yes', '<<', '12:30', '0o7', '~'] },
  ])
    test(`${JSON.stringify(value)} is written so that it is read again`, () =>
      assert.deepEqual(readYaml(toYaml(value)).documents[0]?.value, value))

  test('texts that YAML 1.1 takes for something else are in quotes', () =>
    assert.equal(toYaml({ a: 'yes', b: '12:30', '<<': 'x' }), 'a: "yes"\nb: "12:30"\n"<<": x\n'))

  test('what is written is read again', () =>
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const expected: unknown = JSON.parse(JSON.stringify(value))
        assert.deepEqual(JSON.parse(JSON.stringify(readYaml(toYaml(expected)).documents[0]?.value ?? {})), expected)
      }),
    ))
})
