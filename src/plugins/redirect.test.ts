import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { type ExchangeParts, exchange, fakeEnv } from './fake-exchange.ts'
import type { Reply } from './plugin.ts'
import { redirect } from './redirect.ts'

/** Where a request is sent, or the code of the refusal. */
function sentTo(location: string, parts: ExchangeParts, keepQuery = true): string {
  const { onRequest } = redirect.create({ status: 308, location, keepQuery }, fakeEnv())
  const reply = onRequest?.(exchange(parts)) as Reply
  return 'reply' in reply ? reply.reply : (reply.headers[0]?.[1] ?? '')
}

const cases: readonly [title: string, location: string, parts: ExchangeParts, expected: string, keepQuery?: boolean][] =
  [
    ['to another host', 'https://new.example', {}, 'https://new.example'],
    ['with the path', 'https://new.example${request.uriPath}', { path: '/a/b' }, 'https://new.example/a/b'],
    ['with a path variable', '/v2/${request.path.id}', { variables: { id: 'a%2Fb' } }, '/v2/a%2Fb'],
    ['with the query', '/b', { query: 'x=1' }, '/b?x=1'],
    ['with the query beside its own', '/b?y=2', { query: 'x=1' }, '/b?y=2&x=1'],
    ['without the query', '/b', { query: 'x=1' }, '/b', false],
    [
      'with a header that cannot lead elsewhere',
      '/b/${request.header.x}',
      { headers: { x: '/../@evil.com?#' } },
      '/b/%2F..%2F%40evil.com%3F%23',
    ],
    [
      'never to a host that the request names',
      '${request.uriPath}',
      { path: '//evil.example/' },
      'invalid-context-variable',
    ],
  ]
for (const [title, location, parts, expected, keepQuery] of cases)
  test(title, () => assert.equal(sentTo(location, parts, keepQuery), expected))

const validate = new Ajv({ strict: false }).compile(redirect.config.properties.location)
for (const [location, isRight] of [
  ['https://a.example', true],
  ['https://a.example/${request.path.x}', true],
  ['/a', true],
  ['/', true],
  ['//evil.example', false],
  ['/\\evil.example', false],
  ['a', false],
  ['javascript:alert(1)', false],
  ['https://${request.header.x}/', false],
] as const)
  test(`${location} ${isRight ? 'is' : 'is not'} a location`, () => assert.equal(validate(location), isRight))
