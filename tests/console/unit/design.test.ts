import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isInTree, worstByNode } from '../../../console/src/features/design/findings.ts'
import { numbered, replaced } from '../../../console/src/features/design/lists.ts'
import { isSame } from '../../../console/src/features/design/same.ts'
import {
  kindOf,
  restOf,
  type Schema,
  schemaKinds,
  withKind,
} from '../../../console/src/features/design/schema-kinds.ts'
import { inTreeOrder } from '../../../console/src/features/import/change-order.ts'
import { excerptOf, lineOf } from '../../../console/src/features/import/lines.ts'

describe('the kind of a schema', () => {
  const cases: [schema: Schema | undefined, kind: string | null][] = [
    [{ type: 'string', format: 'date' }, 'string'],
    [{ type: 'array', items: { type: 'integer' }, maxItems: 3 }, 'integer[]'],
    [{ $ref: '#/models/Pet' }, '#/models/Pet'],
    [{ type: 'array', items: { $ref: '#/models/Pet' } }, '#/models/Pet[]'],
    [{ type: 'array', items: { type: 'array', items: { type: 'string' } } }, null],
    [{ type: ['string', 'null'] }, null],
    [{ $ref: '#/elsewhere' }, null],
    [true, null],
    [undefined, null],
  ]
  for (const [schema, kind] of cases) test(JSON.stringify(schema) ?? 'none', () => assert.equal(kindOf(schema), kind))

  test('choosing a kind gives a schema of it; choosing what it is already changes nothing', () => {
    const { types, models } = schemaKinds(['Pet', 'Owner'])
    const anyKind = fc.constantFrom(...types, ...models)
    fc.assert(
      fc.property(anyKind, anyKind, (from, to) => {
        const schema = withKind(undefined, from)
        assert.equal(kindOf(schema), from)
        assert.equal(kindOf(withKind(schema, to)), to)
        assert.equal(withKind(schema, from), schema)
      }),
    )
  })

  test('a list of what it was keeps what was said of it', () => {
    const date = { type: 'string', format: 'date' }
    assert.deepEqual(withKind(date, 'string[]'), { type: 'array', items: date })
  })

  test('what is not shown in the list is told beside it', () => {
    assert.equal(restOf({ type: 'string', format: 'date', maxLength: 10 }), 'format: date, maxLength: 10')
    assert.equal(restOf({ $ref: '#/models/Pet' }), '')
    assert.equal(restOf({ type: ['string', 'null'] }), '{"type":["string","null"]}')
  })
})

describe('findings', () => {
  const finding = (node: string, severity: 'error' | 'warning' | 'info') => ({
    node,
    severity,
    code: 'c',
    field: '',
    message: 'm',
    sample: null,
  })

  test('the worst counts, at its node and at all that hold it', () => {
    const { at, within } = worstByNode([
      finding('GET /a/b', 'warning'),
      finding('/a', 'info'),
      finding('GET /a/b', 'error'),
      finding('GET /a/b', 'info'),
      finding('model Pet', 'error'),
    ])
    assert.deepEqual(
      [...at],
      [
        ['GET /a/b', 'error'],
        ['/a', 'info'],
      ],
    )
    assert.deepEqual(Object.fromEntries(within), { '/a/b': 'error', '/a': 'error', '/': 'error' })
  })

  const nodes: [node: string, isIn: boolean][] = [
    ['/', true],
    ['ANY /a', true],
    ['model /a', false],
    ['stage', false],
    ['gateway response not-found', false],
  ]
  for (const [node, isIn] of nodes)
    test(`${node} is ${isIn ? '' : 'not '}in the tree`, () => assert.equal(isInTree(node), isIn))
})

describe('lists', () => {
  test('an item is replaced, or taken out', () => {
    assert.deepEqual(replaced(['a', 'b', 'c'], 1, 'x'), ['a', 'x', 'c'])
    assert.deepEqual(replaced(['a', 'b', 'c'], 1, null), ['a', 'c'])
    assert.deepEqual(numbered(['a']), [['item 0', 'a', 0]])
  })
})

test('two values are the same as JSON is, whatever the order of their members', () => {
  assert.ok(isSame({ a: [1, { b: null }], c: 'x' }, { c: 'x', a: [1, { b: null }] }))
  assert.ok(!isSame({ a: 1 }, { a: 1, b: undefined }))
  assert.ok(!isSame([], {}))
  assert.ok(!isSame([1, 2], [2, 1]))
  fc.assert(fc.property(fc.jsonValue(), (value) => isSame(value, structuredClone(value))))
})

describe('an import', () => {
  test('changes stand as in the tree: a path, then its methods; then all else', () => {
    const change = (kind: 'path' | 'method' | 'model' | 'gateway-response', name: string) => ({
      action: 'create' as const,
      kind,
      name,
      fields: [],
    })
    const sorted = inTreeOrder([
      change('gateway-response', 'not-found'),
      change('model', 'Pet'),
      change('method', 'POST /b'),
      change('method', 'GET /b'),
      change('path', '/b'),
      change('method', 'GET /a'),
    ])
    assert.deepEqual(
      sorted.map(({ name }) => name),
      ['GET /a', '/b', 'GET /b', 'POST /b', 'Pet', 'not-found'],
    )
  })

  const messages: [message: string, line: number | null][] = [
    ['Line 7: no.', 7],
    ['Line 12, column 3: no.', 12],
    ['On line 7: no.', null],
  ]
  for (const [message, line] of messages)
    test(`"${message}" names line ${line}`, () => assert.equal(lineOf(message), line))

  test('a line is shown with those around it', () => {
    assert.deepEqual(
      excerptOf('a\nb\nc', 1)?.lines.map(({ number, text }) => `${number}${text}`),
      ['1a', '2b'],
    )
    assert.deepEqual(excerptOf('a\nb\nc', 2)?.lines.length, 3)
    assert.equal(excerptOf('a', 2), null)
  })
})
