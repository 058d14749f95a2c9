import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { singleTarget } from '../model/backend.ts'
import { type Method, methodDefaults } from '../model/method.ts'
import type { Model } from '../model/model.ts'
import type { NodePlugin } from '../plugins/registry.ts'
import { type LintedStage, lint } from './lint.ts'

interface Parts {
  paths?: Record<string, { plugins?: NodePlugin[]; methods?: Record<string, Partial<Method>> }>
  models?: Partial<Model>[]
  stage?: Partial<LintedStage>
}

/** What is found in a design, as `severity code node: field`. */
function find({ paths = {}, models = [], stage }: Parts): string[] {
  const entries = Object.entries({ '/': {}, ...paths }) as [string, NonNullable<Parts['paths']>[string]][]
  const design = {
    resources: entries.map(([path, { plugins = [] }]) => ({
      id: path,
      serviceId: 's',
      path,
      description: '',
      plugins,
    })),
    methods: entries.flatMap(([path, { methods = {} }]) =>
      Object.entries(methods).map(
        ([verb, method]): Method => ({
          ...methodDefaults,
          id: `${verb} ${path}`,
          resourceId: path,
          verb: verb as Method['verb'],
          ...method,
        }),
      ),
    ),
    models: models.map((model): Model => ({ name: 'A', description: '', dialect: '2020-12', schema: {}, ...model })),
    gatewayResponses: {},
  }
  const whole = stage && { backend: singleTarget('http://backend'), overlay: [], plugins: [], variables: {}, ...stage }
  return lint(design, whole ?? null).map(({ severity, code, node, field }) => `${severity} ${code} ${node}: ${field}`)
}

const off: NodePlugin = { plugin: 'request-id', off: true }
const on = { plugin: 'request-id', config: {} } as unknown as NodePlugin
const header = (value: string): NodePlugin => ({
  plugin: 'request-transformer',
  config: {
    headers: { set: { 'x-a': value }, add: {}, rename: {}, remove: [] },
    query: { set: {}, add: {}, remove: [] },
  },
})
const content = (name: string) => ({
  description: '',
  required: false,
  content: [{ contentType: 'a/b', schema: { $ref: `#/models/${name}` } }],
})

const cases: readonly [title: string, parts: Parts, found: string[]][] = [
  ['nothing', { paths: { '/a': { methods: { GET: {} } } } }, []],
  [
    'a plugin with an unknown variable',
    { paths: { '/a': { plugins: [header('${request.path.id}')], methods: { GET: {} } } } },
    ['error invalid-plugin /a: /plugins/0/config/headers/set/x-a'],
  ],
  [
    'a backend with an unknown variable',
    { paths: { '/a': { methods: { GET: { backend: { kind: 'http', path: '/${nonsense}' } } } } } },
    ['error invalid-backend GET /a: /backend/path'],
  ],
  [
    'a parameter that the path does not have',
    {
      paths: {
        '/a': {
          methods: {
            GET: {
              parameters: [{ in: 'path', name: 'id', description: '', required: true, deprecated: false, schema: {} }],
            },
          },
        },
      },
    },
    ['error invalid-interface GET /a: /parameters/0/name'],
  ],
  [
    'a model that is not there',
    { paths: { '/a': { methods: { POST: { requestBody: content('B') } } } } },
    ['error invalid-interface POST /a: /requestBody/content/0/schema/$ref'],
  ],
  [
    'a model that is no schema',
    { models: [{ schema: { type: 'x' } }] },
    ['error invalid-model model A: /schema/type', 'warning unused-model model A: '],
  ],
  [
    'a model that only itself uses',
    { models: [{ schema: { items: { $ref: '#/models/A' } } }] },
    ['warning unused-model model A: '],
  ],
  [
    'a model that a method uses',
    { models: [{}], paths: { '/a': { methods: { POST: { requestBody: content('A') } } } } },
    [],
  ],
  [
    'a path variable that goes nowhere',
    { paths: { '/a/{id}': { methods: { GET: { backend: { kind: 'http', path: '/b' } } } } } },
    ['warning unused-path-variable GET /a/{id}: /backend/path'],
  ],
  [
    'a path variable that is used',
    { paths: { '/a/{id+}': { methods: { GET: { backend: { kind: 'http', path: '/b/$!{request.path.id+}' } } } } } },
    [],
  ],
  [
    'a body of GET',
    { models: [{}], paths: { '/a': { methods: { GET: { requestBody: content('A') } } } } },
    ['warning body-without-meaning GET /a: /requestBody'],
  ],
  [
    'an operation id twice',
    { paths: { '/a': { methods: { GET: { operationId: 'x' }, PUT: { operationId: 'x' } } } } },
    ['warning shared-operation-id PUT /a: /operationId'],
  ],
  ['a path with nothing', { paths: { '/a': {} } }, ['warning empty-path /a: ']],
  [
    'a switch without a plugin',
    { paths: { '/a': { plugins: [off], methods: { GET: {} } } } },
    ['warning useless-switch /a: /plugins/0'],
  ],
  [
    'a switch for a plugin above',
    { paths: { '/': { plugins: [on] }, '/a': { plugins: [off], methods: { GET: {} } } } },
    [],
  ],
  [
    'a switch for a plugin of the stage',
    { paths: { '/a': { plugins: [off], methods: { GET: {} } } }, stage: { plugins: [on] } },
    [],
  ],
  [
    'no backend',
    { paths: { '/a': { methods: { GET: {} } } }, stage: { backend: null } },
    ['error no-backend GET /a: /backend'],
  ],
  [
    'no backend for a mock',
    {
      paths: { '/a': { methods: { GET: { backend: { kind: 'mock', status: 200, headers: {}, body: '' } } } } },
      stage: { backend: null },
    },
    [],
  ],
  [
    'a backend of a node',
    {
      paths: { '/a': { methods: { GET: {} } } },
      stage: { backend: null, overlay: [{ path: '/a', verb: null, plugins: [], backend: singleTarget('http://a') }] },
    },
    [],
  ],
  [
    'a backend with settings that do not fit together',
    {
      paths: { '/a': { methods: { GET: {} } } },
      stage: {
        overlay: [
          {
            path: '/a',
            verb: null,
            plugins: [],
            backend: { ...singleTarget('http://a'), balancing: { method: 'consistent-hash', key: 'header' } },
          },
        ],
      },
    },
    ['error invalid-backend /a: /backend/balancing/name'],
  ],
  [
    'a backend whose certificates are not verified',
    {
      paths: { '/a': { methods: { GET: {} } } },
      stage: { backend: { ...singleTarget('https://a'), tls: { verify: false } } },
    },
    ['warning unverified-backend stage: /backend/tls/verify'],
  ],
  [
    'a stage variable that is not set, in a backend',
    { paths: { '/a': { methods: { GET: { backend: { kind: 'http', path: '/${stage.variable.x}' } } } } }, stage: {} },
    ['error unset-stage-variable GET /a: /backend/path'],
  ],
  [
    'a stage variable that is not set, in a plugin',
    { paths: { '/a': { plugins: [header('${stage.variable.x}')], methods: { GET: {} } } }, stage: {} },
    ['warning unset-stage-variable /a: /plugins/0/config/headers/set/x-a'],
  ],
  [
    'a stage variable that may be empty',
    { paths: { '/a': { plugins: [header('$!{stage.variable.x}')], methods: { GET: {} } } }, stage: {} },
    [],
  ],
  [
    'a stage variable that is set',
    {
      paths: { '/a': { plugins: [header('${stage.variable.x}')], methods: { GET: {} } } },
      stage: { variables: { x: '1' } },
    },
    [],
  ],
  [
    'an overlay of what is not there',
    {
      paths: { '/a': { methods: { GET: {} } } },
      stage: { overlay: [{ path: '/b', verb: null, plugins: [], backend: null }] },
    },
    ['warning lost-overlay stage: /overlay/0'],
  ],
]
describe('what is found', () => {
  for (const [title, parts, found] of cases) test(title, () => assert.deepEqual(find(parts), found))
})
