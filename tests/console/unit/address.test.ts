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

const urls = [
  [80, 443, 'optional', 'http://a.localhost/'],
  [8080, 8443, 'optional', 'http://a.localhost:8080/'],
  [80, 443, 'required', 'https://a.localhost/'],
  [8080, 8443, 'redirect', 'https://a.localhost:8443/'],
  // Where HTTPS is off there is no better address.
  [8080, null, 'required', 'http://a.localhost:8080/'],
] as const

for (const [port, tlsPort, https, wanted] of urls) {
  test(`a stage whose HTTPS is ${https}, on ${port} and ${tlsPort}: ${wanted}`, () => {
    assert.equal(urlOf('a.localhost', { port, tlsPort }, https), wanted)
  })
}
