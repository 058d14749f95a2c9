import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cookieValue } from './cookies.ts'

const cases: [field: string, name: string, value: string | undefined][] = [
  ['a=1', 'a', '1'],
  ['a=1; b=2', 'b', '2'],
  ['a=1;b=2', 'b', '2'],
  ['a=1=2', 'a', '1=2'],
  ['a=1; a=2', 'a', '1'],
  ['ba=1', 'a', undefined],
  ['A=1', 'a', undefined],
  ['a', 'a', undefined],
  ['a=', 'a', ''],
  ['', 'a', undefined],
]
for (const [field, name, value] of cases)
  test(`${name} of "${field}"`, () => assert.equal(cookieValue(field, name), value))
