import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { secretKey } from '../../src/design/declarative/arbitrary-plugins.ts'
import { arbitrarySetup } from '../../src/design/declarative/arbitrary-setup.ts'
import { readSetup } from '../../src/design/declarative/read-setup.ts'
import { ancestors } from '../../src/design/paths.ts'
import { rawRequest, statuses } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** A whole setup as one document: planned, applied, exported, through the management API. */

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({
    args: ['--workers', '1'],
    env: { TURNPIKE_SECRET_KEY: secretKey.toString('base64') },
  })
})
after(() => turnpike.stop())

interface PlannedChange {
  readonly action: string
  readonly kind: string
  readonly service: string | null
  readonly name: string
  readonly differences: { readonly text: string }[]
}
interface Plan {
  readonly changes: PlannedChange[]
  readonly deployments: { service: string; stage: string }[]
  readonly fingerprint: string
}

const call = async (method: string, path: string, body?: unknown) => {
  const answer = await turnpike.api(method, path, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}
const plan = async (document: unknown, options: object = {}) =>
  (await call('POST', '/declarative/plan', { document, ...options })) as unknown as Plan
const apply = (document: unknown, options: object = {}) =>
  call('POST', '/declarative/apply', { document, ...options }) as unknown as Promise<
    Omit<Plan, 'deployments'> & { deployments: { service: string; stage: string; number: number; failure: string }[] }
  >
const exported = async (query = '') => (await call('GET', `/declarative${query}`)) as unknown as Setup
const setup = (services: object) => ({ turnpike: 1, services })
const told = ({ changes }: Pick<Plan, 'changes'>) =>
  changes.map(({ action, kind, service, name }) => `${action} ${service}: ${kind} ${name}`)
const refused = async (document: unknown, options: object = {}) => {
  const { status, body } = await turnpike.api('POST', '/declarative/plan', { document, ...options })
  assert.equal(status, 422, JSON.stringify(body))
  return (body.errors as unknown as { path: string; message: string }[]).map(
    ({ path, message }) => `${path}: ${message}`,
  )
}
const mock = (body: string) => ({ backend: { kind: 'mock', body } })
const answerOf = async (service: string, path: string) => {
  const answer = await rawRequest(
    turnpike.gatewayPort,
    `GET ${path} HTTP/1.1\r\nHost: ${service}.localhost\r\nConnection: close\r\n\r\n`,
  )
  return answer.slice(answer.indexOf('\r\n\r\n') + 4)
}

interface Setup {
  readonly services: Record<
    string,
    {
      readonly description?: string
      readonly design: {
        readonly models?: Record<string, unknown>
        readonly gatewayResponses?: Record<string, unknown>
        readonly paths?: Record<string, { methods?: Record<string, unknown> }>
      }
      readonly policies?: Record<string, unknown>
      readonly stages: Record<string, { readonly alerts?: Record<string, unknown> }>
    }
  >
  readonly plans?: Record<string, unknown>
  readonly keys?: Record<string, unknown>
  readonly certificates?: Record<string, unknown>
}

/** Every thing in a document by what a plan calls it, with its content: found without any code that plans. */
function thingsIn({ services, plans = {}, keys = {}, certificates = {} }: Setup): Map<string, string> {
  const others = [
    ...Object.entries(plans).map(([name, fields]): [string, unknown] => [`null: plan ${name}`, fields]),
    ...Object.entries(keys).map(([name, fields]): [string, unknown] => [`null: key ${name}`, fields]),
    ...Object.entries(certificates).map(([name, fields]): [string, unknown] => [`null: certificate ${name}`, fields]),
  ]
  const things = Object.entries(services).flatMap(([service, { description, design, policies, stages }]) => {
    const named = (kind: string, all: Record<string, unknown> = {}) =>
      Object.entries(all).map(([name, fields]): [string, unknown] => [`${service}: ${kind} ${name}`, fields])
    const paths = Object.entries(design.paths ?? {})
    const implied = paths.flatMap(([path]) => ancestors(path)).filter((path) => path !== '/')
    return [
      [`${service}: service ${service}`, { description }],
      ...named('model', design.models),
      ...named('gateway response', design.gatewayResponses),
      ...implied.map((path): [string, unknown] => [`${service}: path ${path}`, {}]),
      // What is not written of the root is there all the same.
      [`${service}: path /`, {}],
      ...paths.map(([path, { methods: _, ...fields }]): [string, unknown] => [`${service}: path ${path}`, fields]),
      ...paths.flatMap(([path, { methods = {} }]) =>
        Object.entries(methods).map(([verb, fields]): [string, unknown] => [
          `${service}: method ${verb} ${path}`,
          fields,
        ]),
      ),
      ...named('policy', policies),
      ...named('stage', withoutAlerts(stages)),
      ...Object.entries(stages).flatMap(([stage, { alerts = {} }]) =>
        Object.entries(alerts).map(([name, fields]): [string, unknown] => [
          `${service}: alert ${stage}/${name}`,
          fields,
        ]),
      ),
    ] as [string, unknown][]
  })
  return new Map([...things, ...others].map(([name, fields]) => [name, JSON.stringify(fields)]))
}

function withoutAlerts(stages: Setup['services'][string]['stages']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(stages).map(([name, { alerts: _, ...fields }]) => [name, fields]))
}

/** What is different between two documents, as a plan would say it. */
function differences(before: Setup, now: Setup): string[] {
  const [old, all] = [thingsIn(before), thingsIn(now)]
  const isTold = (name: string) => {
    const [service = ''] = name.split(':')
    if (service === 'null') return true
    // A service that goes takes all of it along; a root that says nothing comes with its service.
    if (now.services[service] === undefined) return name === `${service}: service ${service}`
    const [, stage] = / alert ([^/]+)\//.exec(name) ?? []
    // So does a stage with its alert rules.
    if (stage !== undefined && now.services[service]?.stages[stage] === undefined) return false
    return before.services[service] !== undefined || name !== `${service}: path /` || all.get(name) !== '{}'
  }
  return [
    ...[...all].flatMap(([name, text]) =>
      !old.has(name) ? `create ${name}` : old.get(name) === text ? [] : `update ${name}`,
    ),
    ...[...old.keys()].flatMap((name) => (all.has(name) ? [] : `delete ${name}`)),
  ].filter((change) => isTold(change.slice(change.indexOf(' ') + 1)))
}

test('what is planned is what is applied, what was applied is what is exported, and a second time nothing changes', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySetup, async (given) => {
      const document = given as unknown as Setup
      const before = await exported()
      const planned = await plan(document, { prune: true })
      assert.deepEqual(await exported(), before, 'a plan has written something')
      const { fingerprint } = planned
      const applied = await apply(document, { prune: true, fingerprint })
      const now = await exported()
      assert.deepEqual(now, document)
      assert.deepEqual(applied.changes, planned.changes)
      assert.deepEqual(told(planned).sort(), differences(before, now).sort())
      assert.deepEqual((await apply(document, { prune: true })).changes, [])
      // The same with every default written out.
      assert.deepEqual(told(await plan(readSetup(document).setup, { prune: true })), [])
    }),
    { numRuns: 50 },
  )
  await apply({ ...setup({}), plans: {}, keys: {}, certificates: {} }, { prune: true })
})

describe('what a document does not mention', () => {
  before(() =>
    apply(
      setup({
        one: {
          description: 'First',
          design: { paths: { '/a': { methods: { GET: mock('a') } }, '/b': {} } },
          stages: { live: { description: 'Live' }, test: {} },
        },
        two: {},
      }),
    ),
  )
  after(() => apply(setup({}), { prune: true }))

  const cases: [what: string, services: object, options: object, changes: string[]][] = [
    ['services stay', {}, {}, []],
    ['services go with prune', { one: { description: 'First' } }, { prune: true }, ['delete two: service two']],
    [
      'fields of what is mentioned have their defaults',
      { one: { stages: { live: {} } } },
      {},
      ['update one: service one', 'update one: stage live'],
    ],
    [
      'design and stages stay where they are not mentioned at all',
      { one: { description: 'First' }, two: {} },
      { prune: true },
      [],
    ],
    [
      'a design that is mentioned is the whole design',
      { one: { description: 'First', design: { paths: { '/b': {} } } } },
      {},
      ['delete one: path /a', 'delete one: method GET /a'],
    ],
    ['stages stay', { one: { description: 'First', stages: { test: {} } } }, {}, []],
    [
      'stages go with prune',
      { one: { description: 'First', stages: { test: {} } }, two: {} },
      { prune: true },
      ['delete one: stage live'],
    ],
  ]
  for (const [what, services, options, changes] of cases)
    test(what, async () => assert.deepEqual(told(await plan(setup(services), options)), changes))

  test('a document without services says nothing of them', async () =>
    assert.deepEqual(told(await plan({ turnpike: 1 }, { prune: true })), []))
})

describe('applying', () => {
  const document = (body: string, description = '') =>
    setup({
      shop: {
        description,
        design: { paths: { '/a': { methods: { GET: mock(body) } } } },
        stages: { live: { isDefault: true } },
      },
    })
  after(() => apply(setup({}), { prune: true }))

  test('what is no longer what was planned is refused, and nothing is written', async () => {
    const { fingerprint } = await plan(document('1'))
    await call('POST', '/services', { name: 'shop' })
    const { status, body } = await turnpike.api('POST', '/declarative/apply', { document: document('1'), fingerprint })
    assert.equal(status, 409)
    assert.match(String(body.detail), /no longer what was planned/)
    assert.equal((await turnpike.api('GET', '/services/shop/stages/live')).status, 404)
  })

  test('a change that is not of what was planned is none', async () => {
    const { fingerprint } = await plan(document('1'))
    await call('POST', '/services', { name: 'other' })
    await apply(document('1'), { fingerprint })
  })

  test('ids stay, versions go up by one, and every change is in the audit log', async () => {
    const [service, stage] = [await call('GET', '/services/shop'), await call('GET', '/services/shop/stages/live')]
    const tree = await call('GET', '/services/shop/resources')
    await apply(document('2', 'Two'))
    const now = await call('GET', '/services/shop')
    assert.equal(now.version, Number(service.version) + 1)
    assert.deepEqual(await call('GET', '/services/shop/stages/live'), stage)
    const after = await call('GET', '/services/shop/resources')
    const ids = (all: Json) => (all.items as unknown as Json[]).map(({ id, methods }) => [id, methods?.[0]?.id])
    assert.deepEqual(ids(after), ids(tree))
    const { items } = await call('GET', '/audit?limit=2')
    assert.deepEqual((items as unknown as Json[]).map(({ action, kind }) => `${action} ${kind}`).sort(), [
      'update method',
      'update service',
    ])
  })

  test('deploying makes it live, once', async () => {
    const options = { deploy: true }
    assert.deepEqual((await plan(document('2', 'Two'), options)).deployments, [{ service: 'shop', stage: 'live' }])
    const { changes, deployments } = await apply(document('2', 'Two'), options)
    assert.deepEqual([changes, deployments], [[], [{ service: 'shop', stage: 'live', number: 1, failure: null }]])
    assert.equal(await answerOf('shop', '/a'), '2')
    assert.deepEqual((await apply(document('2', 'Two'), options)).deployments, [])
    await apply(document('3', 'Two'), options)
    assert.equal(await answerOf('shop', '/a'), '3')
    assert.deepEqual((await call('GET', '/services/shop/stages/live/changes')).draft, [])
  })

  test('what cannot be deployed is not applied', async () => {
    const before = await exported()
    const broken = setup({ shop: { design: { paths: { '/b': { methods: { GET: {} } } } }, stages: { live: {} } } })
    const { status, body } = await turnpike.api('POST', '/declarative/apply', { document: broken, deploy: true })
    assert.equal(status, 422)
    assert.match(JSON.stringify(body.errors), /\/services\/shop\/stages\/live.*GET \/b: The stage has no backend/)
    assert.deepEqual(await exported(), before)
    assert.equal(await answerOf('shop', '/a'), '3')
  })

  test('what only lint finds wrong is not applied either, where it is to be deployed', async () => {
    const methods = { GET: mock('x') }
    const unreachable = setup({
      shop: {
        design: { paths: { '/x/{y}': { methods }, '/x/{y}/{rest+}': { methods }, '/x/{rest+}': { methods } } },
        stages: { live: { isDefault: true } },
      },
    })
    const before = await exported()
    assert.deepEqual(await refused(unreachable, { deploy: true }), [
      '/services/shop/stages/live: GET /x/{rest+}: No request can reach it: "/x/{y}" and what is below it take all of them. Delete it, or the method GET there.',
    ])
    const { status } = await turnpike.api('POST', '/declarative/apply', { document: unreachable, deploy: true })
    assert.equal(status, 422)
    assert.deepEqual(await exported(), before)
    // A draft may be wrong until it is deployed, as by hand.
    await plan(unreachable)
  })

  test('an overlay may speak of paths that the stage does not run yet, and of those that it still runs', async () => {
    const overlay = { '/new': { plugins: [{ plugin: 'request-id' }] }, 'GET /a': { plugins: [{ plugin: 'timeout' }] } }
    const moved = setup({
      shop: { design: { paths: { '/new': {} } }, stages: { live: { isDefault: true, overlay } } },
    })
    await plan(moved)
    assert.match((await refused(moved, { deploy: true })).join(), /overlay\/GET ~1a: "GET \/a" is not in the design/)
  })

  test('what goes is taken off the gateway', async () => {
    assert.equal(await answerOf('shop', '/a'), '3')
    await apply(setup({}), { prune: true })
    assert.match(await answerOf('shop', '/a'), /not-found|no-such-host|Not Found/)
  })
})

describe('mistakes are told with their place, all at once', () => {
  const design = (paths: object, others: object = {}) => ({ design: { paths, ...others } })
  const cases: [what: string, services: object, problems: RegExp[]][] = [
    ['a name', { 'A b': {} }, [/^\/services\/A b: "A b" cannot be a name here\. Lower-case letters/]],
    ['a field', { a: { desing: {} } }, [/^\/services\/a\/desing: .*did you mean "design"/]],
    ['a form', { a: { design: null } }, [/^\/services\/a\/design: "design" must be object; write \{\}/]],
    ['a path', { a: design({ '/a//b': {} }) }, [/^\/services\/a\/design\/paths\/~1a~1~1b: .*empty segment/]],
    [
      'variables beside one another, once',
      { a: design({ '/{x}': {}, '/{y}/a': {}, '/{y}/b': {} }) },
      [/^\/services\/a\/design\/paths\/~1\{y\}~1a: "\/\{y\}" stands beside/],
    ],
    [
      'a verb',
      { a: design({ '/a': { methods: { get: {} } } }) },
      [/methods\/get: "get" is not a field; did you mean "GET"/],
    ],
    [
      'a plugin',
      { a: design({ '/a': { plugins: [{ plugin: 'request-id' }, { plugin: 'requestid' }] } }) },
      [/^\/services\/a\/design\/paths\/~1a\/plugins\/1\/plugin: "requestid" is not a plugin; did you mean/],
    ],
    [
      'a setting',
      { a: design({ '/a': { methods: { GET: { plugins: [{ plugin: 'request-id', config: { heder: 'x' } }] } } } }) },
      [/methods\/GET\/plugins\/0\/config\/heder: .*did you mean "header"/],
    ],
    [
      'a kind of backend',
      { a: design({ '/a': { methods: { GET: { backend: { kind: 'ftp' } } } } }) },
      [/backend\/kind: "ftp"/],
    ],
    [
      'a context variable',
      { a: design({ '/a': { methods: { GET: { backend: { kind: 'http', path: '/${nope}' } } } } }) },
      [/methods\/GET\/backend\/path: "\$\{nope\}" is not a context variable/],
    ],
    [
      'a model that is not there',
      {
        a: design({
          '/a': { methods: { GET: { parameters: [{ in: 'query', name: 'a', schema: { $ref: '#/models/No' } }] } } },
        }),
      },
      [/methods\/GET\/parameters\/0\/schema\/\$ref: /],
    ],
    [
      'a model',
      { a: design({}, { models: { Pet: { schema: { type: 'text' } } } }) },
      [/^\/services\/a\/design\/models\/Pet\/schema\/type: /],
    ],
    [
      'a gateway response',
      { a: design({}, { gatewayResponses: { 'not-found': { headers: { 'content-length': '1' } } } }) },
      [/gatewayResponses\/not-found\/headers\/content-length: .*set by the gateway itself/],
    ],
    [
      'a type of gateway response',
      { a: design({}, { gatewayResponses: { notfound: {} } }) },
      [/gatewayResponses\/notfound: .*did you mean "not-found"/],
    ],
    [
      'a backend that is forbidden',
      { a: { stages: { live: { backend: { targets: [{ url: 'http://169.254.169.254/' }] } } } } },
      [/^\/services\/a\/stages\/live\/backend\/targets\/0\/url: /],
    ],
    [
      'two default stages',
      { a: { stages: { one: { isDefault: true }, two: { isDefault: true } } } },
      [/^\/services\/a\/stages\/one: "two" is the default/, /^\/services\/a\/stages\/two: "one" is the default/],
    ],
    [
      'a node of an overlay, and what is on it',
      { a: { ...design({ '/a': {} }), stages: { live: { overlay: { 'GET /a': {}, '/a': { plugins: [1] } } } } } },
      [/overlay\/~1a\/plugins\/0: A plugin is an object/, /overlay\/GET ~1a: "GET \/a" is not in the design/],
    ],
    [
      'several',
      { a: { x: 1 }, b: design({ '/a/': {} }), c: { stages: { live: { y: 1 } } } },
      [/\/a\/x/, /live\/y/, /ends with "\/"/],
    ],
  ]
  for (const [what, services, problems] of cases)
    test(what, async () => {
      const found = await refused(setup(services))
      assert.equal(found.length, problems.length, found.join('\n'))
      for (const [i, problem] of problems.entries()) assert.match(found[i] ?? '', problem)
    })

  let deep: object = {}
  for (let i = 0; i < 300; i++) deep = { not: deep }
  const documents: [what: string, document: unknown, problem: RegExp][] = [
    ['a document that is none', [], /^: The setup must be an object/],
    ['a document without its version', {}, /^\/turnpike: The version of the format is missing/],
    ['a version that is not known', { turnpike: 2 }, /^\/turnpike: .*reads format 1, not 2/],
    ['services that are a list', { turnpike: 1, services: ['a'] }, /^\/services: "services" must be object/],
    ['a kind that is not known', { turnpike: 1, servces: {} }, /^\/servces: .*did you mean "services"/],
    [
      'a document that is too deep',
      setup({ a: design({}, { models: { A: { schema: deep } } }) }),
      /nested deeper than 200/,
    ],
  ]
  for (const [what, document, problem] of documents)
    test(what, async () => assert.match((await refused(document)).join('\n'), problem))

  test('nothing is written where one of many is wrong', async () => {
    const services = { good: design({ '/a': {} }), bad: design({ '/a/': {} }) }
    const { status } = await turnpike.api('POST', '/declarative/apply', { document: setup(services) })
    assert.equal(status, 422)
    assert.equal((await turnpike.api('GET', '/services/good')).status, 404)
  })
})

describe('addresses of stages', () => {
  const stage = (fields: object) => ({ isDefault: true, ...fields })
  const served = (stages: object) => ({ design: { paths: { '/a': { methods: { GET: mock('a') } } } }, stages })
  after(() => apply(setup({}), { prune: true }))

  test('are each of one stage, in the document and beside it', async () => {
    await apply(setup({ there: served({ live: stage({ domains: ['there.example'] }) }) }))
    assert.deepEqual(
      await refused(
        setup({
          one: served({ live: stage({ domains: ['twice.example', 'x.localhost'] }) }),
          two: served({ live: stage({ domains: ['twice.example', 'there.example'], pathPrefix: '/{x}' }) }),
        }),
      ),
      [
        '/services/two/stages/live/pathPrefix: "/{x}" has a variable: a prefix is the same for all requests.',
        '/services/one/stages/live/domains/1: "x.localhost" is within the base domain localhost, whose names go by services and stages: choose a name elsewhere, or start with another --base-domain.',
      ],
    )
    assert.deepEqual(
      await refused(
        setup({
          one: served({ live: stage({ domains: ['twice.example'] }) }),
          two: served({ live: stage({ domains: ['twice.example', 'there.example'] }) }),
        }),
      ),
      [
        '/services/two/stages/live: The domain "twice.example" belongs to "one/live" already: choose another one.',
        '/services/two/stages/live: The domain "there.example" belongs to "there/live" already: choose another one.',
      ],
    )
  })

  test('move from one stage to another in one go, and with the deployment', async () => {
    const withDomain = (one: string[], two: string[]) =>
      setup({ one: served({ live: stage({ domains: one }) }), two: served({ live: stage({ domains: two }) }) })
    await apply(withDomain([], ['moves.example']), { deploy: true })
    const { deployments } = await apply(withDomain(['moves.example'], []), { deploy: true })
    assert.deepEqual(
      deployments.map(({ service, failure }) => [service, failure]),
      [
        ['one', null],
        ['two', null],
      ],
    )
    const status = (await call('GET', '/status')).nodes as unknown as {
      snapshots: { service: string; hosts: string[] }[]
    }[]
    const found = status[0]?.snapshots.find(({ hosts }) => hosts.includes('moves.example'))
    assert.equal(found?.service, 'one')
  })

  test('move to a stage from one that goes, and between two stages of one service', async () => {
    const domains = ['moves.example']
    const three = { ...served({ live: stage({ domains, pathPrefix: '/three' }), test: {} }), policies: {} }
    await apply(setup({ three }), { prune: true, deploy: true })
    const stages = Object.entries(three.stages).map(([name, fields]) => [name, { ...(fields as object), alerts: {} }])
    const moved = setup({ three: { ...three, stages: Object.fromEntries(stages) } })
    assert.deepEqual(await exported(), { ...moved, plans: {}, keys: {}, certificates: {} })
    const within = setup({ three: served({ live: stage({}), test: { domains, pathPrefix: '/three' } }) })
    const { deployments } = await apply(within, { deploy: true })
    assert.deepEqual(
      deployments.map(({ stage, failure }) => [stage, failure]),
      [
        ['live', null],
        ['test', null],
      ],
    )
    await apply(setup({}), { prune: true })
  })

  test('cannot be swapped in one go where they are live: both stages are told, and can be helped', async () => {
    const withDomains = (one: string[], two: string[]) =>
      setup({ one: served({ live: stage({ domains: one }) }), two: served({ live: stage({ domains: two }) }) })
    await apply(withDomains(['a.example'], ['b.example']), { deploy: true })
    const swapped = withDomains(['b.example'], ['a.example'])
    const { deployments } = await apply(swapped, { deploy: true })
    assert.deepEqual(
      deployments.map(({ number, failure }) => [number, failure]),
      [
        [null, '"b.example" still leads to "two/live", by what is live of it: deploy that stage first, without it.'],
        [null, '"a.example" still leads to "one/live", by what is live of it: deploy that stage first, without it.'],
      ],
    )
    await apply(withDomains([], ['a.example']), { deploy: true })
    const last = await apply(swapped, { deploy: true })
    assert.deepEqual(
      last.deployments.map(({ failure }) => failure),
      [null],
    )
  })

  test('that move are not told as taken where something else is wrong', async () => {
    const domains = ['moves.example']
    await apply(setup({ one: served({ live: stage({ domains }) }), two: served({ live: stage({}) }) }))
    const problems = await refused(
      setup({ one: served({ live: stage({ nope: 1 }) }), two: served({ live: stage({ domains }) }) }),
    )
    assert.equal(problems.length, 1, problems.join('\n'))
    assert.match(problems[0] ?? '', /^\/services\/one\/stages\/live\/nope: /)
  })
})

describe('the export', () => {
  const document = setup({
    a: { design: { paths: { '/x/{y}': { methods: { GET: mock('x') } } } }, stages: {} },
    b: { description: 'B', design: {}, stages: { live: { variables: { z: '1', a: '2' } } } },
  })
  before(() => apply(document))
  after(() => apply(setup({}), { prune: true }))

  test('of some services', async () => {
    assert.deepEqual(Object.keys((await exported('?service=b')).services), ['b'])
    assert.deepEqual(Object.keys((await exported('?service=b&service=a')).services), ['a', 'b'])
    assert.equal((await turnpike.api('GET', '/declarative?service=c')).status, 404)
  })

  test('as YAML, in one order', async () => {
    const response = await fetch(`http://127.0.0.1:${turnpike.managementPort}/api/v1/declarative?service=b`, {
      headers: { authorization: `Bearer ${turnpike.token}`, accept: 'application/yaml' },
    })
    assert.equal(response.headers.get('content-type'), 'application/yaml; charset=utf-8')
    assert.equal(
      await response.text(),
      'turnpike: 1\nservices:\n  b:\n    description: B\n    design: {}\n    policies: {}\n    stages:\n      live:\n        variables:\n          a: "2"\n          z: "1"\n        alerts: {}\n',
    )
  })
})

test('a viewer plans and exports, and does not apply', async () => {
  const { value } = await call('POST', '/tokens', { name: 'viewer', role: 'viewer' })
  const authorization = `Bearer ${String(value)}`
  const statusOf = async (method: string, path: string, body?: unknown) =>
    (await turnpike.api(method, path, body, { authorization })).status
  assert.equal(await statusOf('GET', '/declarative'), 200)
  assert.equal(await statusOf('POST', '/declarative/plan', { document: setup({}) }), 200)
  assert.equal(await statusOf('POST', '/declarative/apply', { document: setup({}) }), 403)
})

test('what is larger than 20 MB is refused, before it is sent', async () => {
  const head = [
    'POST /api/v1/declarative/plan HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${turnpike.token}`,
    'Content-Type: application/json',
    `Content-Length: ${21 * 1024 * 1024}`,
  ]
  assert.deepEqual(statuses(await rawRequest(turnpike.managementPort, `${head.join('\r\n')}\r\n\r\n`)), [413])
})
