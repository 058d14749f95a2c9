import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localRequests } from './metrics.ts'

for (const [who, peer, headers, trusted, isLocal] of [
  ['a program of this machine', '127.0.0.1', {}, [], true],
  ['one of it that asks by name', '127.0.0.1', { host: 'localhost:9000' }, [], true],
  ['one of it over IPv6', '::1', { host: '[::1]:9000' }, [], true],
  ['one of it, as a socket for both versions says', '::ffff:127.0.0.1', {}, [], true],
  ['another machine', '192.0.2.1', {}, [], false],
  ['another machine that calls itself this one', '192.0.2.1', { host: 'localhost' }, [], false],
  ['a peer without an address', '', {}, [], false],
  ['one whom a proxy speaks for', '127.0.0.1', { 'x-forwarded-for': '203.0.113.9' }, [], false],
  ['one whom a proxy speaks for, by the standard', '127.0.0.1', { forwarded: 'for=203.0.113.9' }, [], false],
  ['one who says to be this machine through a proxy', '127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }, [], false],
  ['what came through a proxy that only says so', '127.0.0.1', { via: '1.1 proxy' }, [], false],
  ['a page under a name that was pointed at this machine', '127.0.0.1', { host: 'evil.example' }, [], false],
  ['a page under a name that begins as this machine', '127.0.0.1', { host: '127.0.0.1.evil.example' }, [], false],
  ['a host that is none', '127.0.0.1', { host: 'a b' }, [], false],
  ['a trusted proxy', '127.0.0.1', {}, ['127.0.0.1'], false],
  ['a trusted proxy of a range', '127.0.0.1', {}, ['10.0.0.0/8', '127.0.0.0/8'], false],
  ['a trusted proxy over IPv6', '::1', { host: '[::1]' }, ['::1'], false],
  ['this machine, where others are trusted proxies', '127.0.0.1', {}, ['10.0.0.0/8'], true],
] as const) {
  test(`${who} is ${isLocal ? '' : 'not '}local`, () => {
    const request = { headers: { host: '127.0.0.1:9000', ...headers }, socket: { remoteAddress: peer } }
    assert.equal(localRequests(trusted)(request), isLocal)
  })
}
