import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mergeDocuments } from './merge-documents.ts'

describe('documents as one', () => {
  const cases: [what: string, documents: unknown[], merged: unknown, conflicts: string[]][] = [
    ['none', [], undefined, []],
    ['one', [{ a: 1 }], { a: 1 }, []],
    ['different keys', [{ a: 1 }, { b: 2 }], { a: 1, b: 2 }, []],
    ['the same said twice', [{ a: [1] }, { a: [1] }], { a: [1] }, []],
    [
      'objects, as deep as they are',
      [{ a: { b: { c: 1 } } }, { a: { b: { d: 2 } } }],
      { a: { b: { c: 1, d: 2 } } },
      [],
    ],
    ['a contradiction', [{ a: { b: 1 } }, { a: { b: 2 } }], { a: { b: 1 } }, ['a/b 0 1']],
    ['lists that differ', [{ a: [1] }, {}, { a: [2] }], { a: [1] }, ['a 0 2']],
    ['an object and none', [{ a: {} }, { a: null }], { a: {} }, ['a 0 1']],
    ['a document that is none', [{ a: 1 }, 7], { a: 1 }, [' 0 1']],
    ['names of the language', [{ constructor: 1 }, { toString: 2 }], { constructor: 1, toString: 2 }, []],
  ]
  for (const [what, documents, merged, conflicts] of cases)
    test(what, () => {
      const found = mergeDocuments(documents)
      assert.deepEqual(found.value, merged)
      assert.deepEqual(
        found.conflicts.map(({ path, documents }) => `${path.join('/')} ${documents.join(' ')}`),
        conflicts,
      )
    })
})
