import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Routable, Router } from './router.ts'

/** "METHOD pattern" of a route, and of what is found; null: nothing. */
type Case = [title: string, routes: string[], request: string, found: string | null, values?: string[]]

const cases: Case[] = [
  ['finds the root', ['GET /'], 'GET /', 'GET /'],
  ['does not find what is not there', ['GET /a'], 'GET /b', null],
  ['a trailing slash is another path', ['GET /a'], 'GET /a/', null],
  ['a longer path is another path', ['GET /a'], 'GET /a/b', null],
  ['a shorter path is another path', ['GET /a/b'], 'GET /a', null],
  ['fills a variable', ['GET /a/{id}'], 'GET /a/7', 'GET /a/{id}', ['7']],
  ['a variable takes no empty segment', ['GET /a/{id}'], 'GET /a/', null],
  ['a variable takes one segment', ['GET /a/{id}'], 'GET /a/7/8', null],
  ['fills several variables', ['GET /{a}/x/{b}'], 'GET /1/x/2', 'GET /{a}/x/{b}', ['1', '2']],
  ['{x+} takes everything below', ['GET /a/{p+}'], 'GET /a/b/c/', 'GET /a/{p+}', ['b/c/']],
  ['{x+} takes at least one segment', ['GET /a/{p+}'], 'GET /a', null],
  ['{x+} takes no empty rest', ['GET /a/{p+}'], 'GET /a/', null],
  ['{x+} at the root does not take the root', ['GET /{p+}'], 'GET /', null],
  ['literal before variable', ['GET /a/{id}', 'GET /a/me'], 'GET /a/me', 'GET /a/me', []],
  ['variable before {x+}', ['GET /a/{p+}', 'GET /a/{id}'], 'GET /a/b', 'GET /a/{id}', ['b']],
  [
    'comes back from a literal that leads nowhere',
    ['GET /a/b/c', 'GET /a/{id}/d'],
    'GET /a/b/d',
    'GET /a/{id}/d',
    ['b'],
  ],
  ['comes back through variables to {x+}', ['GET /a/{x}/{y}/z', 'GET /{p+}'], 'GET /a/1/2/q', 'GET /{p+}', ['a/1/2/q']],
  ['the deepest {x+} wins', ['GET /{p+}', 'GET /a/{p+}'], 'GET /a/b', 'GET /a/{p+}', ['b']],
  ['HEAD falls back to GET', ['GET /a'], 'HEAD /a', 'GET /a'],
  ['HEAD itself comes first', ['GET /a', 'HEAD /a'], 'HEAD /a', 'HEAD /a'],
  ['ANY takes what is not there by name', ['GET /a', 'ANY /a'], 'PATCH /a', 'ANY /a'],
  ['a name comes before ANY', ['GET /a', 'ANY /a'], 'GET /a', 'GET /a'],
  ['HEAD goes to GET before ANY', ['GET /a', 'ANY /a'], 'HEAD /a', 'GET /a'],
  ['ANY takes unknown methods', ['ANY /a'], 'PURGE /a', 'ANY /a'],
  ['ANY never takes TRACE', ['ANY /a'], 'TRACE /a', null],
  [
    'a less specific route with the method serves',
    ['GET /a/me', 'DELETE /a/{id}'],
    'DELETE /a/me',
    'DELETE /a/{id}',
    ['me'],
  ],
  ['segments are whole', ['GET /ab'], 'GET /a', null],
]

const route = (text: string): Routable => {
  const [method = '', pattern = ''] = text.split(' ')
  return { method, pattern }
}

describe('routes', () => {
  for (const [title, routes, request, found, values] of cases) {
    for (const order of [routes, routes.toReversed()]) {
      test(`${title} (${order.join(', ')})`, () => {
        const { method, pattern: path } = route(request)
        const caught: string[] = []
        const result = new Router(order.map(route)).find(path, method, caught)
        assert.equal(result && `${result.method} ${result.pattern}`, found)
        if (values) assert.deepEqual(caught.slice(0, values.length), values)
      })
    }
  }
})

describe('Allow', () => {
  const router = new Router(['GET /a', 'POST /a', 'DELETE /{x}', 'ANY /z'].map(route))
  for (const [path, methods] of [
    ['/a', 'DELETE GET HEAD POST'],
    ['/b', 'DELETE'],
    ['/a/b', ''],
    ['/z', 'DELETE GET HEAD OPTIONS PATCH POST PUT'],
  ] as const) {
    test(`of ${path} is ${methods || 'nothing'}`, () => assert.equal(router.allowedMethods(path).join(' '), methods))
  }
})

/** The slow, obviously right router: all patterns that match, the most specific by comparing segment by segment. */
function slowFind(routes: readonly Routable[], path: string, method: string): Routable | null {
  const rank = (segment: string) => (segment.endsWith('+}') ? 2 : segment.startsWith('{') ? 1 : 0)
  const regex = (pattern: string) =>
    new RegExp(
      `^${pattern
        .split('/')
        .map((part) => (rank(part) === 2 ? '.+' : rank(part) === 1 ? '[^/]+' : part.replace(/[.+]/g, '\\$&')))
        .join('/')}$`,
    )
  const methods = method === 'HEAD' ? ['HEAD', 'GET', 'ANY'] : [method, 'ANY']
  const matching = routes.filter(({ pattern, method: own }) => methods.includes(own) && regex(pattern).test(path))
  const key = ({ pattern, method: own }: Routable) => `${pattern.split('/').map(rank).join('')} ${methods.indexOf(own)}`
  return matching.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))[0] ?? null
}

test('agrees with a slow router on random trees', () => {
  const segment = fc.constantFrom('a', 'b', 'c', '{x}')
  const pattern = fc
    .tuple(fc.array(segment, { maxLength: 4 }), fc.boolean())
    .map(([segments, hasRest]) => `/${[...segments, ...(hasRest ? ['{r+}'] : [])].join('/')}`)
  const routes = fc.uniqueArray(fc.record({ pattern, method: fc.constantFrom('GET', 'POST', 'HEAD', 'ANY') }), {
    selector: ({ pattern: text, method }) => `${method} ${text}`,
    maxLength: 12,
  })
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 5 })
    .map((segments) => `/${segments.join('/')}`)
  fc.assert(
    fc.property(routes, path, fc.constantFrom('GET', 'POST', 'HEAD', 'PUT'), (all, where, method) => {
      assert.deepEqual(new Router(all).find(where, method, []), slowFind(all, where, method))
    }),
    { numRuns: 3000 },
  )
})
