import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Pool } from './backend/pool.ts'
import { type Client, GatewayExchange } from './exchange.ts'
import { kindOf } from './request-kind.ts'
import type { Route, StageTable } from './table.ts'

const stages = ['s1', 's2'].map((id) => ({ id, service: id, name: 'live', hosts: [], variables: {} }))
/** Some differ only beyond what is kept. */
const consumers = ['k1', 'k2', 'x'.repeat(70), `${'x'.repeat(70)}y`].flatMap((id) => [
  { id, name: 'Blüe', groups: [] },
  { id, name: id, groups: [] },
])
const request = fc.record({
  stage: fc.constantFrom(null, ...stages),
  hash: fc.constantFrom('h1', 'h2'),
  routeId: fc.constantFrom('r1', 'r2'),
  pattern: fc.constantFrom('/a', '/a/{id}'),
  method: fc.constantFrom('GET', 'POST', 'ALONGMETHODOFACLIENT'),
  protocol: fc.constantFrom('HTTP/1.0', 'HTTP/1.1'),
  scheme: fc.constantFrom('http', 'https'),
  error: fc.constantFrom(null, 'not-found', 'key-missing'),
  plugin: fc.constantFrom(-1, 0, 1),
  upstream: fc.constantFrom(null, 'http://10.0.0.1', 'http://10.0.0.2'),
  consumer: fc.constantFrom(null, ...consumers),
})

test('whatever requests come on a connection, each is of its own kind', () => {
  const x = new GatewayExchange({} as Client)
  fc.assert(
    fc.property(fc.array(request), (requests) => {
      for (const one of requests) {
        const { stage, hash, routeId, pattern, method, protocol, scheme, error, plugin, upstream, consumer } = one
        x.begin(0)
        x.consumer = consumer
        x.stageTable = stage === null ? null : ({ stage, hash } as unknown as StageTable)
        x.matched = { id: routeId, pattern, requestPlugins: ['cors', 'key-auth'] } as unknown as Route
        x.request.method = method
        x.request.scheme = scheme
        x.protocol = protocol
        x.error = error === null ? null : { type: 'x', code: error, message: 'x' }
        x.answeredBy = plugin
        x.pool = upstream === null ? null : ({ target: { url: upstream } } as unknown as Pool)
        assert.deepEqual(kindOf(x), {
          stage,
          hash: stage === null ? null : hash,
          routeId,
          pattern,
          method: method.length > 12 ? 'OTHER' : method,
          protocol,
          scheme,
          error,
          plugin: plugin === -1 ? null : ['cors', 'key-auth'][plugin],
          upstream,
          consumerId: consumer?.id.slice(0, 40) ?? '',
          consumer: consumer?.name.slice(0, 64) ?? '',
        })
      }
    }),
  )
})

test('a kind is made once for requests that are alike', () => {
  const x = new GatewayExchange({} as Client)
  const kinds = [1, 2, 3].map(() => {
    x.begin(0)
    return kindOf(x)
  })
  assert.equal(new Set(kinds).size, 1)
})
