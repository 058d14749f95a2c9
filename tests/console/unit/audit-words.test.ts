import assert from 'node:assert/strict'
import { test } from 'node:test'
import { en } from '../../../console/src/features/audit/en.ts'
import { didWhat, valuesOf, wordFor } from '../../../console/src/features/audit/words.ts'
import { translator } from '../../../console/src/i18n/translator.ts'
import { auditedActions } from '../../../src/model/audited.ts'

/** What the log can tell is said in words: Korean has all that English has, or it does not compile. */

const t = translator(en, 'en')
const pairs = Object.entries(auditedActions).flatMap(([kind, actions]) => actions.map((action) => ({ kind, action })))

test('there are words for all that can be done, and for nothing else', () => {
  const said = Object.keys(en).filter((key) => key.startsWith('did.'))
  assert.deepEqual(said.toSorted(), pairs.map(({ kind, action }) => `did.${kind}.${action}`).toSorted())
})

test('the log can be filtered by each kind and each action', () => {
  assert.deepEqual(valuesOf('kind').toSorted(), Object.keys(auditedActions).toSorted())
  assert.deepEqual(valuesOf('action').toSorted(), [...new Set(pairs.map(({ action }) => action))].toSorted())
})

test('what is not known is told as it is', () => {
  assert.equal(didWhat(t, { kind: 'key', action: 'create' }), 'Created API key')
  assert.equal(didWhat(t, { kind: 'robot', action: 'build' }), 'build robot')
  assert.equal(wordFor(t, 'action', 'log-in'), 'Logged in')
  assert.equal(wordFor(t, 'kind', 'robot'), 'robot')
})
