import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Block, parseInline, parseMarkdown } from '../../../console/src/components/markdown.ts'
import { plugins } from '../../../src/plugins/registry.ts'

const text = (said: string) => ({ kind: 'text', text: said }) as const

describe('a line is cut into its parts', () => {
  for (const [line, wanted] of [
    ['as it is', [text('as it is')]],
    ['a `b` c', [text('a '), { kind: 'code', text: 'b' }, text(' c')]],
    ['**now**', [{ kind: 'strong', text: 'now' }]],
    [
      'see [the guide](../guides/keys.md).',
      [text('see '), { kind: 'link', text: 'the guide', to: '../guides/keys.md' }, text('.')],
    ],
    // What is not whole stays text, and so does HTML.
    ['a ` b ** c', [text('a ` b ** c')]],
    ['[a](b c)', [text('[a](b c)')]],
    ['<script>alert(1)</script>', [text('<script>alert(1)</script>')]],
    ['`**not strong**`', [{ kind: 'code', text: '**not strong**' }]],
    ['', []],
  ] as const)
    test(line, () => assert.deepEqual(parseInline(line), wanted))
})

describe('a text is cut into its blocks', () => {
  for (const [name, given, wanted] of [
    [
      'lines that follow one another are one paragraph',
      'a\nb\n\nc',
      [
        { kind: 'paragraph', text: [text('a b')] },
        { kind: 'paragraph', text: [text('c')] },
      ],
    ],
    [
      'a heading',
      '## How\nso',
      [
        { kind: 'heading', text: [text('How')] },
        { kind: 'paragraph', text: [text('so')] },
      ],
    ],
    [
      'code is as it is written',
      '```json\n{ "a": **1** }\n\n- x\n```\nend',
      [
        { kind: 'code', text: '{ "a": **1** }\n\n- x' },
        { kind: 'paragraph', text: [text('end')] },
      ],
    ],
    ['code without an end goes to the end', '```\na', [{ kind: 'code', text: 'a' }]],
    [
      'a list, whose lines may be long',
      '- a\n  b\n- c',
      [{ kind: 'list', isOrdered: false, items: [[text('a b')], [text('c')]] }],
    ],
    ['a list with numbers', '1. a\n2. b', [{ kind: 'list', isOrdered: true, items: [[text('a')], [text('b')]] }]],
    [
      'a table',
      '| A | B |\n| --- | :-: |\n| `1` | 2 |',
      [{ kind: 'table', head: [[text('A')], [text('B')]], rows: [[[{ kind: 'code', text: '1' }], [text('2')]]] }],
    ],
    ['nothing', '\n\n', []],
  ] as readonly (readonly [string, string, readonly Block[]])[])
    test(name, () => assert.deepEqual(parseMarkdown(given), wanted))
})

const wordsOf = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(wordsOf).join(' ')
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([key, one]) => (key === 'kind' || key === 'isOrdered' ? '' : wordsOf(one)))
          .join(' ')
      : String(value)

test('no word of a text is lost, whatever is written', () => {
  const marks = fc.constantFrom('a', 'b', ' ', '\n', '`', '**', '- ', '1. ', '# ', '[', '](', ')')
  fc.assert(
    fc.property(fc.array(marks, { maxLength: 30 }), (parts) => {
      const given = parts.join('')
      const count = (letter: string, of: string) => of.split(letter).length - 1
      const said = wordsOf(parseMarkdown(given))
      // What stands behind the fence that opens code is its language.
      if (given.includes('```')) return
      for (const letter of ['a', 'b']) assert.equal(count(letter, said), count(letter, given), JSON.stringify(given))
    }),
  )
})

test('the documents of all plugins are read to their end', () => {
  for (const { name, docs = '' } of plugins) {
    const said = wordsOf(parseMarkdown(docs))
    for (const word of docs.match(/[A-Za-z]{6,}/g) ?? []) assert.ok(said.includes(word), `${name}: ${word}`)
  }
})
