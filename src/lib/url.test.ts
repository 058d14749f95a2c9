import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutPassword, withoutUserInfo } from './url.ts'

for (const [url, told] of [
  ['postgres://user:secret@host:5432/name', 'postgres://user@host:5432/name'],
  ['postgres://user@host/name?password=secret&sslmode=require', 'postgres://user@host/name'],
  ['postgres:///name?host=/run/postgresql', 'postgres:///name'],
  ['postgresql://:secret@[::1]:5432/name', 'postgresql://[::1]:5432/name'],
] as const)
  test(`${url} is told as ${told}`, () => assert.equal(withoutPassword(url), told))

for (const [url, told] of [
  ['http://user:secret@host:80/a', 'http://host:80/a'],
  ['https://user@[::1]/a@b?c=d@e', 'https://[::1]/a@b?c=d@e'],
  ['http://host/a@b', 'http://host/a@b'],
  ['unix:/run/a@b.socket:/x', 'unix:/run/a@b.socket:/x'],
] as const)
  test(`${url} without who calls is ${told}`, () => assert.equal(withoutUserInfo(url), told))
