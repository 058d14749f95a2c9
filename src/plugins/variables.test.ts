import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contextVariables, resolveVariable } from './variables.ts'

test('every context variable that is named can be resolved', () => {
  const names = contextVariables().map(({ name }) => name)
  assert.ok(names.includes('request.header.NAME'))
  for (const name of names) assert.notEqual(resolveVariable(name), null, name)
})
