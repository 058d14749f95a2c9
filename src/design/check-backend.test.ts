import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBackendUrl } from './check-backend.ts'

const allowed = [
  'http://127.0.0.1:3000',
  'https://api.example.com/v1/',
  'http://[::1]:8080/base',
  'http://10.0.0.1',
  'http://metadata.example.com',
]
for (const url of allowed) test(`${url} is a backend`, () => assert.deepEqual(checkBackendUrl(url, '/backendUrl'), []))

const refused: [url: string, told: RegExp][] = [
  ['http://', /is not a URL/],
  ['http://a:99999', /is not a URL/],
  ['http://user:password@a/', /no user name/],
  ['http://169.254.169.254/latest', /metadata/],
  ['http://2852039166/', /metadata/],
  ['http://0xa9fea9fe/', /metadata/],
  ['http://[::ffff:169.254.169.254]/', /metadata/],
  ['http://[fe80::1]/', /metadata/],
  ['http://[fd00:ec2::254]/', /metadata/],
  ['http://metadata.google.internal/', /metadata/],
  ['http://METADATA.google.internal./', /metadata/],
]
for (const [url, told] of refused) {
  test(`${url} is refused`, () => {
    const [problem] = checkBackendUrl(url, '/backendUrl')
    assert.equal(problem?.path, '/backendUrl')
    assert.match(problem?.message ?? '', told)
  })
}
