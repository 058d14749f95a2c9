import assert from 'node:assert/strict'
import { test } from 'node:test'
import { negotiate } from './accept.ts'

const types = ['application/json', 'text/html', 'text/plain']
const cases: [accept: string | undefined, picked: string][] = [
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['text/html', 'text/html'],
  ['TEXT/HTML', 'text/html'],
  ['text/*', 'text/html'],
  ['text/plain, text/html', 'text/html'],
  ['text/html;q=0.5, text/plain', 'text/plain'],
  ['text/html;q=0.5, */*;q=0.8', 'application/json'],
  ['text/*;q=0.9, text/html;q=0.1', 'text/plain'],
  ['application/json;q=0, */*', 'text/html'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
  ['image/png', 'application/json'],
  ['text/html;level=1;q=0.4, text/plain;q=0.5', 'text/plain'],
  ['nonsense, text/plain', 'text/plain'],
]
for (const [accept, picked] of cases)
  test(`${accept}: ${picked}`, () => assert.equal(types[negotiate(accept, types)], picked))
