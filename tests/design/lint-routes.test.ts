import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { lintRoutes } from '../../src/design/lint-routes.ts'
import { Router } from '../../src/gateway/router.ts'
import { type Method, methodDefaults } from '../../src/model/method.ts'
import type { Resource } from '../../src/model/resource.ts'

/** What the lint says of routes, held against the router itself. */

type Routes = readonly { pattern: string; method: Method['verb'] }[]

/** A tree with these routes, and the paths above them. */
function treeOf(routes: Routes, withPlugins: readonly string[] = []) {
  const paths = new Set(['/', ...routes.flatMap(({ pattern }) => prefixes(pattern))])
  const resources = [...paths].map(
    (path): Resource => ({
      id: path,
      serviceId: 's',
      path,
      description: '',
      plugins: withPlugins.includes(path) ? [{ plugin: 'request-id', off: true }] : [],
    }),
  )
  const methods = routes.map(
    ({ pattern, method }): Method => ({
      ...methodDefaults,
      id: `${method} ${pattern}`,
      resourceId: pattern,
      verb: method,
    }),
  )
  return { resources, methods }
}

function prefixes(path: string): string[] {
  return path === '/'
    ? []
    : path
        .split('/')
        .slice(1)
        .map((_, i, all) => `/${all.slice(0, i + 1).join('/')}`)
}

const route = (text: string) => {
  const [method = '', pattern = ''] = text.split(' ')
  return { pattern, method: method as Method['verb'] }
}

const cases: readonly [routes: string[], withPlugins: string[], told: string[]][] = [
  [['GET /a', 'GET /b'], [], []],
  [['GET /users/{id}', 'GET /users/me'], [], ['info partly-shadowed-route GET /users/{id}: GET /users/me']],
  [['DELETE /users/{id}', 'GET /users/me'], [], ['info falls-through /users/me: DELETE /users/me']],
  [['DELETE /users/{id}', 'GET /users/me'], ['/users/me'], ['warning falls-through /users/me: DELETE /users/me']],
  [
    ['GET /{x+}', 'GET /{y}', 'GET /{y}/{z+}'],
    [],
    [
      'error unreachable-route GET /{x+}: GET /x/more',
      'info partly-shadowed-route GET /{x+}: GET /y',
      'info partly-shadowed-route GET /{x+}: GET /y/z/more',
    ],
  ],
  [
    ['GET /{x+}', 'POST /{y}', 'GET /{y}/{z+}'],
    [],
    ['info falls-through /{y}: GET /y', 'info partly-shadowed-route GET /{x+}: GET /y/z/more'],
  ],
  [['GET /files/{rest+}', 'GET /files/a/b'], [], ['info partly-shadowed-route GET /files/{rest+}: GET /files/a/b']],
  [['ANY /{x}/b', 'GET /a/b'], [], ['info falls-through /a/b: POST /a/b']],
]
describe('what is said of routes', () => {
  for (const [routes, withPlugins, told] of cases) {
    test(routes.join(', '), () => {
      const findings = lintRoutes(treeOf(routes.map(route), withPlugins))
      assert.deepEqual(
        findings.map(({ severity, code, node, sample }) => `${severity} ${code} ${node}: ${sample}`).sort(),
        told.toSorted(),
      )
    })
  }
})

const verbs = fc.constantFrom<Method['verb'][]>('GET', 'POST', 'HEAD', 'ANY')
const segment = fc.constantFrom('a', 'b', '{v}')
const pattern = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.boolean())
  .map(([segments, hasRest]) => named([...segments, ...(hasRest ? ['{r+}'] : [])]))
const routesOf = fc.uniqueArray(fc.record({ pattern, method: verbs }), {
  maxLength: 9,
  selector: ({ pattern: at, method }) => `${method} ${at}`,
})

/** Gives each variable the name of its level, so that one level has one. */
function named(segments: readonly string[]): string {
  return segments.length === 0
    ? '/'
    : `/${segments.map((one, i) => one.replace('v', `v${i}`).replace('r+', `r${i}+`)).join('/')}`
}

/** Every path of up to five segments, of names that are in the tree and one that is not. */
const allPaths = ['/', ...paths(5)]
function paths(depth: number): string[] {
  return depth === 0
    ? []
    : ['a', 'b', 'c'].flatMap((name) => [`/${name}`, ...paths(depth - 1).map((path) => `/${name}${path}`)])
}
const METHODS: Readonly<Record<string, readonly string[]>> = {
  GET: ['GET', 'HEAD'],
  POST: ['POST'],
  HEAD: ['HEAD'],
  ANY: ['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
}

describe('the router agrees', () => {
  test('no request reaches what is said to be unreachable, and some request everything else', () => {
    fc.assert(
      fc.property(routesOf, (routes) => {
        const router = new Router(routes)
        const unreachable = new Set(
          lintRoutes(treeOf(routes)).flatMap(({ code, node }) => (code === 'unreachable-route' ? [node] : [])),
        )
        const reached = new Set(
          ['GET', 'POST', 'HEAD', 'PUT'].flatMap((method) =>
            allPaths.flatMap((path) => {
              const found = router.find(path, method, [])
              return found === null ? [] : [`${found.method} ${found.pattern}`]
            }),
          ),
        )
        for (const { pattern: at, method } of routes)
          assert.equal(reached.has(`${method} ${at}`), !unreachable.has(`${method} ${at}`), `${method} ${at}`)
      }),
      { numRuns: 60 },
    )
  })

  test('the samples go where it is said', () => {
    fc.assert(
      fc.property(routesOf, (routes) => {
        const router = new Router(routes)
        for (const { code, node, sample } of lintRoutes(treeOf(routes))) {
          const { method, pattern: path } = route(sample ?? '')
          const found = router.find(path, method, [])
          const taken = `${found?.method} ${found?.pattern}`
          if (code === 'falls-through') assert.notEqual(found?.pattern, node, `${sample} went to ${taken}`)
          else assert.notEqual(taken, node, `${sample} went to ${taken}`)
          assert.ok(METHODS[found?.method ?? '']?.includes(method) ?? false)
        }
      }),
      { numRuns: 300 },
    )
  })
})
