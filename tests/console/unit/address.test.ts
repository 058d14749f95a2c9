import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostsOf, urlOf } from '../../../console/src/features/stage/address.ts'
import { hostNames } from '../../../src/snapshot/compile.ts'

for (const isDefault of [true, false]) {
  test(`the addresses of a ${isDefault ? 'default' : 'further'} stage are those that the gateway listens to`, () => {
    const stage = { name: 'live', isDefault, domains: ['api.example.com'] }
    assert.deepEqual(hostsOf('shop', stage, 'localhost'), [
      ...hostNames({ name: 'shop' }, stage, 'localhost'),
      ...stage.domains,
    ])
  })
}

test('the port stands in a URL, unless it is the one of HTTP', () => {
  assert.deepEqual(
    [80, 8080].map((port) => urlOf('a.localhost', { port })),
    ['http://a.localhost/', 'http://a.localhost:8080/'],
  )
})
