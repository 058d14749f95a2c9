import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { escapeReferences, resolveReferences } from './environment-references.ts'

const environment = { HOST: 'db.example.com', EMPTY: '', TRICKY: '${env:HOST}' }

describe('references to the environment', () => {
  const cases: [what: string, text: string, resolved: string][] = [
    ['a value', '${env:HOST}', 'db.example.com'],
    ['a value in a text', 'http://${env:HOST}:80/', 'http://db.example.com:80/'],
    ['two values', '${env:HOST}${env:HOST}', 'db.example.comdb.example.com'],
    ['an empty value', 'a${env:EMPTY}b', 'ab'],
    ['a value that looks like a reference is not read again', '${env:TRICKY}', '${env:HOST}'],
    ['the text itself', '$${env:HOST}', '${env:HOST}'],
    ['the text itself with a dollar sign', '$$${env:HOST}', '$${env:HOST}'],
    ['context variables', '/v2/${request.path.id}', '/v2/${request.path.id}'],
    ['what is not closed', '${env:HOST', '${env:HOST'],
  ]
  for (const [what, text, resolved] of cases)
    test(what, () => assert.deepEqual(resolveReferences(text, environment), { value: resolved, missing: [] }))

  test('what is not set, or not a name, is told with its place', () =>
    assert.deepEqual(resolveReferences({ a: [1, '${env:NO} ${env:a-b}'] }, environment).missing, [
      { path: ['a', '1'], name: 'NO', isName: true },
      { path: ['a', '1'], name: 'a-b', isName: false },
    ]))

  test('what was escaped resolves to itself', () => {
    const text = fc
      .array(fc.constantFrom('$', '{', '}', '${env:HOST}', '${env:NO}', 'env:', 'a', '${a}'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.dictionary(text, fc.array(text)), (value) =>
        assert.deepEqual(resolveReferences(escapeReferences(value), environment), { value: { ...value }, missing: [] }),
      ),
    )
  })
})
