import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Method, methodDefaults } from '../model/method.ts'
import type { NodePlugin } from '../plugins/registry.ts'
import { diffDesigns, diffStages, type StageContent } from './changes.ts'
import type { Design } from './design.ts'

const requestId = (header: string) =>
  ({ plugin: 'request-id', config: { header, trustClient: false, echo: true } }) satisfies NodePlugin

interface Node {
  description?: string
  plugins?: NodePlugin[]
  methods?: Record<string, Partial<Method>>
}

interface Parts {
  paths?: Record<string, Node>
  gatewayResponses?: Design['gatewayResponses']
  settings?: Partial<StageContent['settings']>
  policies?: StageContent['policies']
}

function policy(rates: Record<string, number>): NonNullable<StageContent['policies']>[string] {
  const values = Object.entries(rates).map(([value, requestsPerSecond]) => ({
    value,
    requestsPerSecond,
    networks: null,
  }))
  return {
    key: { in: 'header', name: 'x-tenant' },
    requestsPerSecond: null,
    unlisted: 'pass',
    remainingHeader: null,
    values,
  }
}

function content({ paths = {}, gatewayResponses = {}, settings = {}, policies = {} }: Parts): StageContent {
  const entries: [string, Node][] = Object.entries({ '/': {}, ...paths })
  const design: Design = {
    resources: entries.map(([path, { description = '', plugins = [] }]) => ({
      // Ids differ from one design to the next, as they do when something is deleted and made again.
      id: `${path}-${Math.random()}`,
      serviceId: 's',
      path,
      description,
      plugins,
    })),
    methods: [],
    models: [],
    gatewayResponses,
  }
  const methods = entries.flatMap(([path, node]) =>
    Object.entries(node.methods ?? {}).map(
      ([verb, method]): Method => ({
        id: `${verb} ${path} ${Math.random()}`,
        resourceId: design.resources.find((one) => one.path === path)?.id ?? '',
        verb: verb as Method['verb'],
        ...methodDefaults,
        ...method,
      }),
    ),
  )
  return {
    policies,
    design: { ...design, methods },
    settings: {
      domains: [],
      pathPrefix: null,
      trailingSlash: 'strict',
      https: 'optional',
      hsts: null,
      backend: null,
      variables: {},
      plugins: [],
      overlay: [],
      ...settings,
    },
  }
}

describe('what is different, in words', () => {
  const cases: [what: string, before: Parts, after: Parts, told: string[]][] = [
    ['nothing', { paths: { '/a': { methods: { GET: {} } } } }, { paths: { '/a': { methods: { GET: {} } } } }, []],
    [
      'a path with its methods',
      {},
      { paths: { '/b': { methods: { POST: {}, GET: {} } }, '/a': {} } },
      ['/a is added', '/b is added', 'GET /b is added', 'POST /b is added'],
    ],
    [
      'a method that is gone',
      { paths: { '/a': { methods: { GET: {} } } } },
      { paths: { '/a': {} } },
      ['GET /a is removed'],
    ],
    [
      'fields of a method',
      { paths: { '/a': { methods: { GET: { name: 'Old', tags: ['x'] } } } } },
      { paths: { '/a': { methods: { GET: { name: 'New', tags: ['x', 'y'], deprecated: true } } } } },
      [
        'GET /a: deprecated is true instead of false',
        'GET /a: name is "New" instead of "Old"',
        'GET /a: tags is ["x","y"] instead of ["x"]',
      ],
    ],
    [
      'another kind of backend',
      { paths: { '/a': { methods: { GET: {} } } } },
      { paths: { '/a': { methods: { GET: { backend: { kind: 'mock', status: 204, headers: {}, body: '' } } } } } },
      [
        'GET /a: backend › body is added: ""',
        'GET /a: backend › headers is added',
        'GET /a: backend › kind is "mock" instead of "http"',
        'GET /a: backend › status is added: 204',
      ],
    ],
    [
      'plugins',
      { paths: { '/a': { plugins: [requestId('x-a')] }, '/b': {} } },
      { paths: { '/a': { plugins: [requestId('x-b')] }, '/b': { plugins: [{ plugin: 'request-id', off: true }] } } },
      ['/a: plugins › request-id › header is "x-b" instead of "x-a"', '/b: plugins › request-id is added'],
    ],
    [
      'conditions, order and mode',
      { paths: { '/a': { plugins: [{ ...requestId('x-a'), when: 'true', order: { before: 'mock' } }] } } },
      { paths: { '/a': { plugins: [{ ...requestId('x-a'), when: 'false', mode: 'shadow' }] } } },
      [
        '/a: plugins › request-id mode is added: "shadow"',
        '/a: plugins › request-id order is removed: "before mock"',
        '/a: plugins › request-id when is "false" instead of "true"',
      ],
    ],
    [
      'gateway responses',
      { paths: { '/a': {} } },
      { gatewayResponses: { 'not-found': { status: 410, headers: {}, bodies: [] } } },
      ['gateway response not-found is added', '/a is removed'],
    ],
    [
      'restriction policies, value by value',
      { policies: { gone: policy({}), tenants: policy({ a: 1, b: 2, c: 3 }) } },
      { policies: { tenants: { ...policy({ a: 1, b: 5, d: 4 }), remainingHeader: 'x-left' }, fresh: policy({}) } },
      [
        'policy fresh is added',
        'policy gone is removed',
        'policy tenants: remainingHeader is "x-left" instead of nothing',
        'policy tenants: values › b › requestsPerSecond is 5 instead of 2',
        'policy tenants: values › c is removed',
        'policy tenants: values › d is added',
      ],
    ],
    [
      'settings of the stage',
      { settings: { backend: { targets: [{ url: 'http://a', weight: 1 }] }, variables: { region: 'eu' } } },
      {
        settings: {
          backend: null,
          variables: { region: 'us', size: '2' },
          overlay: [{ path: '/a', verb: 'GET', plugins: [], backend: { targets: [{ url: 'http://b', weight: 1 }] } }],
        },
      },
      [
        'stage: backend is nothing instead of "http://a"',
        'stage: overlay › GET /a is added',
        'stage: variables › region is "us" instead of "eu"',
        'stage: variables › size is added: "2"',
      ],
    ],
  ]
  for (const [what, before, after, told] of cases) {
    test(what, () => {
      const [from, to] = [content(before), content(after)]
      assert.deepEqual(
        diffStages(from, to).map(({ text }) => text),
        told,
      )
      // Backwards the same fields are different.
      const places = (changes: { node: string; field: string }[]) =>
        changes.map(({ node, field }) => `${node} ${field}`)
      assert.deepEqual(places(diffStages(to, from)), places(diffStages(from, to)))
    })
  }
})

test('a field is named by its JSON Pointer, with what it was and is', () => {
  const [change] = diffDesigns(
    content({ paths: { '/a': { plugins: [requestId('x-a')] } } }).design,
    content({ paths: { '/a': { plugins: [requestId('x-b')] } } }).design,
  )
  assert.deepEqual(change, {
    kind: 'changed',
    node: '/a',
    field: '/plugins/request-id/header',
    before: 'x-a',
    after: 'x-b',
    text: '/a: plugins › request-id › header is "x-b" instead of "x-a"',
  })
})
