import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from './nearest.ts'

const words = ['request-id', 'mock', 'cors']
const cases: [word: string, found: string | undefined][] = [
  ['mok', 'mock'],
  ['Mock', 'mock'],
  ['request_id', 'request-id'],
  ['requestid', 'request-id'],
  ['xyz', undefined],
  ['authentication', undefined],
]
for (const [word, found] of cases) test(`${word}: ${found}`, () => assert.equal(nearest(word, words), found))
