import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fromLocal, inDays, toLocal } from '../../../console/src/components/moment.ts'
import { shellWord } from '../../../console/src/components/shell-word.ts'
import { withSearch } from '../../../console/src/components/with-search.ts'
import { fieldChanges, nameOf } from '../../../console/src/features/audit/field-changes.ts'
import { lineProblems, madeValuesCsv } from '../../../console/src/features/keys/import-lines.ts'

describe('what is different, field by field', () => {
  const cases: [
    what: string,
    before: unknown,
    after: unknown,
    different: [path: string, was: unknown, is: unknown][],
  ][] = [
    ['nothing', { a: 1, b: [1, 2] }, { a: 1, b: [1, 2] }, []],
    ['a value', { a: 1, b: 2 }, { a: 1, b: 3 }, [['/b', 2, 3]]],
    ['one that was made', null, { name: 'x' }, [['/name', undefined, 'x']]],
    ['one that was deleted', { name: 'x' }, null, [['/name', 'x', undefined]]],
    ['deep inside', { a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }, [['/a/b/0/c', 1, 2]]],
    [
      'a list that becomes empty',
      { a: [1] },
      { a: [] },
      [
        ['/a', undefined, []],
        ['/a/0', 1, undefined],
      ],
    ],
    ['null, which is a value', { a: null }, { a: 0 }, [['/a', null, 0]]],
    ['names with slashes', { 'a/b~c': 1 }, { 'a/b~c': 2 }, [['/a~1b~0c', 1, 2]]],
  ]
  for (const [what, before, after, different] of cases)
    test(what, () => {
      const found = fieldChanges(before, after)
        .filter(({ isDifferent }) => isDifferent)
        .map(({ path, before, after }): [string, unknown, unknown] => [path, before, after])
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
      assert.deepEqual(found, different)
    })

  test('a value and itself differ in nothing, and every field is there once', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const fields = fieldChanges(JSON.parse(json), JSON.parse(json))
        assert.ok(fields.every(({ isDifferent }) => !isDifferent))
        assert.equal(new Set(fields.map(({ path }) => path)).size, fields.length)
      }),
    )
  })

  const names: [value: Partial<Parameters<typeof nameOf>[0]> & { readonly objectId: string }, name: string][] = [
    [{ before: null, after: { name: 'gold' }, objectId: 'i' }, 'gold'],
    [{ before: { path: '/pets' }, after: null, objectId: 'i' }, '/pets'],
    [{ before: null, after: { number: 3 }, objectId: 'i' }, '#3'],
    [{ before: null, after: null, objectId: 'i' }, 'i'],
    [{ before: null, after: { kind: 'latency' }, objectId: 'i/too-slow' }, 'too-slow'],
    [{ before: null, after: { name: 5 }, objectId: 'i' }, 'i'],
    [{ before: {}, after: {}, objectId: 's', serviceId: 's', service: 'shop' }, 'shop'],
    [{ before: {}, after: {}, objectId: 's', serviceId: 's', service: null }, 's'],
    [{ before: null, after: null, objectId: 'i', kind: 'user', action: 'log-in' }, 'ada'],
    [{ before: null, after: null, objectId: 'i', kind: 'user', action: 'reset-password' }, 'i'],
  ]
  const entry = { actor: 'ada', action: 'update', kind: 'stage', serviceId: null, service: null }
  for (const [value, name] of names)
    test(`${JSON.stringify(value)} is called ${name}`, () => assert.equal(nameOf({ ...entry, ...value }), name))
})

describe('a file of keys', () => {
  test('each problem has the text of its line beside it', () => {
    const csv = 'name,primary\r\nAcme,4f9c2a7d1b8e\r\nBlue,short\r\n'
    assert.deepEqual(
      lineProblems(csv, [
        { path: '/lines/3/primary', message: 'Line 3: the value is short.' },
        { path: '/csv', message: 'It is empty.' },
        { path: '/lines/99', message: 'Line 99: beyond the end.' },
      ]),
      [
        { line: 3, text: 'Blue,short', message: 'the value is short.' },
        { line: null, text: '', message: 'It is empty.' },
        { line: 99, text: '', message: 'beyond the end.' },
      ],
    )
  })

  test('values that were made are CSV again, in which nothing is a formula', () => {
    const csv = madeValuesCsv([
      { name: 'a "b", c', primary: 'p1', secondary: null },
      { name: '=1+1', primary: 'p2', secondary: 's2' },
    ])
    assert.equal(csv, `name,primary,secondary\r\n"a ""b"", c",p1,\r\n'=1+1,p2,s2\r\n`)
  })
})

describe('moments', () => {
  test('come back from the field as they went in, to the minute', () => {
    const minutes = fc.integer({ min: 0, max: 66_000_000 })
    fc.assert(
      fc.property(minutes, (minute) => {
        const moment = new Date(minute * 60_000).toISOString()
        assert.equal(fromLocal(toLocal(moment)), moment)
      }),
    )
  })

  test('what is none, or not whole, is none', () => {
    for (const text of ['', 'yesterday']) assert.equal(fromLocal(text), null)
    assert.equal(toLocal(null), '')
    assert.equal(toLocal('yesterday'), '')
  })

  test('so many days are counted to the minute', () => {
    assert.equal(inDays(30, Date.parse('2030-01-01T10:20:30.400Z')), '2030-01-31T10:20:00.000Z')
  })
})

test('a text is one word of the shell', () => {
  const cases = { gold: 'gold', 'Acme web shop': "'Acme web shop'", "it's": `'it'\\''s'`, $HOME: "'$HOME'", '': "''" }
  for (const [text, word] of Object.entries(cases)) assert.equal(shellWord(text), word)
})

test('search parameters without a value are left out', () => {
  assert.deepEqual(withSearch({ q: 'a', plan: 'gold' }, { q: '', plan: null }), {})
  assert.deepEqual(withSearch({ q: 'a' }, { q: undefined }), {})
  assert.deepEqual(withSearch<{ q: string; plan: string }>({ q: 'a' }, { plan: 'gold' }), { q: 'a', plan: 'gold' })
})
