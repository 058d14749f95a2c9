import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NameTable } from './name-table.ts'

const table = new NameTable([
  ['*.example.com', 'wild'],
  ['api.example.com', 'exact'],
  ['*.api.example.com', 'deep'],
  ['localhost', 'local'],
  ['twice.example', 'first'],
  ['twice.example', 'last'],
])
const cases: readonly [host: string, found: string | undefined][] = [
  ['api.example.com', 'exact'],
  ['other.example.com', 'wild'],
  ['a.api.example.com', 'deep'],
  ['a.b.example.com', undefined],
  ['example.com', undefined],
  ['.example.com', 'wild'],
  ['localhost', 'local'],
  ['com', undefined],
  ['', undefined],
  ['*.example.com', 'wild'],
  ['twice.example', 'last'],
]
for (const [host, found] of cases) test(`${host || 'no host'}: ${found}`, () => assert.equal(table.find(host), found))
