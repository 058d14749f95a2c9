import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutPassword } from './url.ts'

for (const [url, told] of [
  ['postgres://user:secret@host:5432/name', 'postgres://user@host:5432/name'],
  ['postgres://user@host/name?password=secret&sslmode=require', 'postgres://user@host/name'],
  ['postgres:///name?host=/run/postgresql', 'postgres:///name'],
  ['postgresql://:secret@[::1]:5432/name', 'postgresql://[::1]:5432/name'],
] as const)
  test(`${url} is told as ${told}`, () => assert.equal(withoutPassword(url), told))
