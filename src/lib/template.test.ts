import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileTemplate } from './template.ts'

const scope = { a: '1', b: '', long: 'x y' } as Record<string, string>
const resolve = (name: string) => (name === 'nowhere' ? null : (values: Record<string, string>) => values[name])

const cases: [template: string, text: string][] = [
  ['', ''],
  ['plain', 'plain'],
  ['${a}', '1'],
  ['<${a}-${a}>', '<1-1>'],
  ['${b}', ''],
  ['${unset}', '${unset}'],
  ['$!{unset}', ''],
  ['${nowhere}', '${nowhere}'],
  ['$!{nowhere}', ''],
  ['$${a}', '$1'],
  ['${a', '${a'],
  ['${}', '${}'],
  ['a}b', 'a}b'],
]
for (const [template, text] of cases) {
  test(`${template || 'nothing'} gives ${text || 'nothing'}`, () =>
    assert.equal(compileTemplate(template, resolve)(scope), text))
}

test('encodes values and leaves the text', () => {
  assert.equal(compileTemplate('/a b/${long}', resolve, encodeURIComponent)(scope), '/a b/x%20y')
})

test('text without references stays as it is', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes('{')),
      (text) => compileTemplate(text, resolve)(scope) === text,
    ),
  )
})
