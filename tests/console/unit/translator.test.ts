import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { translator } from '../../../console/src/i18n/translator.ts'

const text = { waiting: '{count} {count|change waits|changes wait} in {place}' }

describe('a text says a number as its language does', () => {
  for (const [count, wanted] of [
    [0, '0 changes wait in draft'],
    [1, '1 change waits in draft'],
    ['1', '1 change waits in draft'],
    ['1,001', '1,001 changes wait in draft'],
  ] as const)
    test(wanted, () => assert.equal(translator(text, 'en')('waiting', { count, place: 'draft' }), wanted))

  test('a language with more forms has them in the order of their names', () => {
    const say = translator({ of: '{n} {n|plik|pliki|plików|pliku}' }, 'pl')
    assert.deepEqual(
      [1, 2, 5, 1.5].map((n) => say('of', { n })),
      ['1 plik', '2 pliki', '5 plików', '1.5 pliku'],
    )
  })

  test('what is not given stays as it is written', () =>
    assert.equal(translator({ of: '{n} {n|a|b}' }, 'en')('of'), '{n} {n|a|b}'))
})

const SOURCE = join(import.meta.dirname, '../../../console/src')
for (const file of globSync('**/{en,*-en}.ts', { cwd: SOURCE })) {
  test(`${file}: each choice has as many forms as English`, async () => {
    const { en } = (await import(join(SOURCE, file))) as { readonly en: Readonly<Record<string, string>> }
    const wrong = Object.values(en).filter((one) =>
      [...one.matchAll(/\{\w+\|([^{}]*)\}/g)].some(([, forms = '']) => forms.split('|').length !== 2),
    )
    assert.deepEqual(wrong, [])
  })
}
