import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Pool } from '../backend/pool.ts'
import { type Client, GatewayExchange, noRoute } from '../exchange.ts'
import type { Route, StageTable } from '../table.ts'
import { kindOf } from './kinds.ts'

const stages = ['s1', 's2'].map((id) => ({ id, service: id, name: 'live', hosts: [], variables: {} }))
const request = fc.record({
  stage: fc.constantFrom(null, ...stages),
  hash: fc.constantFrom('h1', 'h2'),
  routeId: fc.constantFrom('r1', 'r2'),
  pattern: fc.constantFrom('/a', '/a/{id}'),
  method: fc.constantFrom('GET', 'POST', 'ALONGMETHODOFACLIENT', 'X'.repeat(300)),
  protocol: fc.constantFrom('HTTP/1.0', 'HTTP/1.1'),
  scheme: fc.constantFrom('http', 'https'),
  error: fc.constantFrom(null, 'not-found', 'key-missing'),
  plugin: fc.constantFrom(-1, 0, 1),
  upstream: fc.constantFrom(null, 'http://10.0.0.1', 'http://10.0.0.2'),
})

test('whatever requests come on a connection, each is of its own kind', () => {
  const x = new GatewayExchange({} as Client)
  // One list for all: more kinds than it keeps.
  const kinds: Route['kinds'] = []
  fc.assert(
    fc.property(fc.array(request), (requests) => {
      for (const one of requests) {
        const { stage, hash, routeId, pattern, method, protocol, scheme, error, plugin, upstream } = one
        x.begin(0)
        x.stageTable = stage === null ? null : ({ stage, hash } as unknown as StageTable)
        x.matched = { ...noRoute, id: routeId, pattern, requestPlugins: ['cors', 'key-auth'], kinds } as Route
        x.request.method = method
        x.request.scheme = scheme
        x.protocol = protocol
        x.error = error === null ? null : { type: 'x', code: error, message: 'x' }
        x.answeredBy = plugin
        x.pool = upstream === null ? null : ({ target: { url: upstream } } as unknown as Pool)
        const { texts, ...kind } = kindOf(x)
        assert.deepEqual(kind, {
          stage,
          hash: stage === null ? null : hash,
          routeId,
          pattern,
          method: method.slice(0, 255),
          protocol,
          scheme,
          error,
          plugin: plugin === -1 ? null : ['cors', 'key-auth'][plugin],
          upstream,
        })
      }
    }),
  )
})

test('a kind is made once for requests that are alike, whatever connections they come on, and whatever comes between', () => {
  const route: Route = { ...noRoute, kinds: [] }
  const kinds = [1, 2, 3, 4].map((i) => {
    const x = new GatewayExchange({} as Client)
    return ['GET', 'POST', 'GET'].map((method) => {
      x.begin(i)
      x.matched = route
      x.request.method = method
      return kindOf(x)
    })
  })
  assert.equal(new Set(kinds.flat()).size, 2)
})

test('a route keeps few kinds, however many methods clients make up', () => {
  const x = new GatewayExchange({} as Client)
  const route: Route = { ...noRoute, kinds: [] }
  for (let i = 0; i < 1_000; i++) {
    x.begin(0)
    x.matched = route
    x.request.method = `M${i}`
    assert.equal(kindOf(x).method, `M${i}`)
  }
  assert.equal(route.kinds.length, 16)
})
