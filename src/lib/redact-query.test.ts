import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redactQuery } from './redact-query.ts'

const names = new Set(['mine', 'with space'])

for (const [query, told] of [
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
] as const)
  test(`of ${query} is told ${told}`, () => assert.equal(redactQuery(query, names), told))
