import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isCredentialName, maskQuery, maskUrl } from './credential-names.ts'

describe('names of credentials', () => {
  const secret = [
    'Authorization',
    'proxy-authorization',
    'Cookie',
    'set-cookie',
    'X-API-Key',
    'apikey',
    'api_key',
    'x-auth-token',
    'access_token',
    'clientSecret',
    'password',
    'X-Amz-Signature',
    'sig',
    'code',
    'key',
    'sessionid',
    'Ocp-Apim-Subscription-Key',
    'userPwd',
    'x_otp',
    'auth_code',
  ]
  const plain = [
    'accept',
    'user-agent',
    'x-tenant',
    'q',
    'page',
    'keyboard',
    'decode',
    'x-request-id',
    'signed-by',
    'Idempotency-Key',
    'author',
    'zipcode',
    'passenger',
  ]
  for (const name of secret) test(`${name} is one`, () => assert.equal(isCredentialName(name), true))
  for (const name of plain) test(`${name} is none`, () => assert.equal(isCredentialName(name), false))
})

describe('a masked query', () => {
  const cases: readonly (readonly [query: string, masked: string])[] = [
    ['', ''],
    ['a=1', 'a=1'],
    ['token=abc', 'token=***'],
    ['a=1&token=abc&b=2', 'a=1&token=***&b=2'],
    ['token', '***'],
    ['a=1&SECRET', 'a=1&***'],
    ['token=', 'token=***'],
    ['token=a=b', 'token=***'],
    ['&&token=a&', '&&token=***&'],
    ['to%6Ben=abc', 'to%6Ben=***'],
    ['TOKEN=abc', 'TOKEN=***'],
    ['token=a&token=b', 'token=***&token=***'],
    ['%zz=1&x=%zz', '%zz=***&x=%zz'],
    ['own=1', 'own=***'],
    ['%ff=1', '%ff=***'],
    ['o+wn=1', 'o+wn=1'],
  ]
  for (const [query, masked] of cases)
    test(query, () =>
      assert.equal(
        maskQuery(query, (name) => name === 'own' || isCredentialName(name)),
        masked,
      ),
    )
})

describe('a masked URL', () => {
  const cases: readonly (readonly [url: string, masked: string])[] = [
    ['/a/b', '/a/b'],
    ['/a?x=1&token=abc', '/a?x=1&token=***'],
    ['https://ada:secret@example.com/a?token=abc#access_token=def', 'https://example.com/a?token=***'],
    ['https://example.com/#access_token=def', 'https://example.com/'],
    ['https://example.com/a@b?x=c@d', 'https://example.com/a@b?x=c@d'],
    ['//ada:secret@example.com/', '//example.com/'],
  ]
  for (const [url, masked] of cases) test(url, () => assert.equal(maskUrl(url, isCredentialName), masked))
})

describe('a query as a trace tells it', () => {
  const names = new Set(['mine', 'with space'])
  const cases: readonly (readonly [query: string, told: string])[] = [
    ['', ''],
    ['page=2&sort=name', 'page=2&sort=name'],
    ['page=2&mine=SECRET&sort=name', 'page=2&mine=REDACTED&sort=name'],
    ['m%69ne=SECRET', 'm%69ne=REDACTED'],
    ['with+space=SECRET', 'with+space=REDACTED'],
    ['with%20space=SECRET', 'with%20space=REDACTED'],
    [
      'api_key=SECRET&X-Amz-Signature=SECRET&access_token=SECRET',
      'api_key=REDACTED&X-Amz-Signature=REDACTED&access_token=REDACTED',
    ],
    ['PASSWORD=SECRET&Authorization=SECRET', 'PASSWORD=REDACTED&Authorization=REDACTED'],
    [
      'apiKey=SECRET&clientSecret=SECRET&sessionid=SECRET&code=SECRET',
      'apiKey=REDACTED&clientSecret=REDACTED&sessionid=REDACTED&code=REDACTED',
    ],
    ['author=a&design=b&keyword=c&zipcode=d&passenger=e', 'author=a&design=b&keyword=c&zipcode=d&passenger=e'],
    ['mine=SECRET=SECRET', 'mine=REDACTED'],
    ['SECRET', 'REDACTED'],
    ['a=1&SECRET&&b=2', 'a=1&REDACTED&&b=2'],
    ['%zz=SECRET', '%zz=REDACTED'],
    ['%ff=SECRET', '%ff=REDACTED'],
    ['mine=', 'mine=REDACTED'],
  ]
  for (const [query, told] of cases)
    test(query, () =>
      assert.equal(
        maskQuery(query, (name) => names.has(name) || isCredentialName(name), 'REDACTED'),
        told,
      ),
    )
})
