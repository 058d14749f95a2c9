import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { call } from '../support/design.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Restriction policies of a service, through the management API: kept, refused, in use, changed value by value, copied, told as changes. */

let turnpike: Turnpike
let lastName = 0
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
})
after(() => turnpike.stop())

const named = (policy: string) => ({ plugin: 'restriction-policy', config: { policy } })
const TENANTS = { name: 'tenants', key: { in: 'header', name: 'x-tenant' } }
const mock = { kind: 'mock', body: 'x' }

/** A service with GET /pets/{id}, a stage, and the policies `tenants` (by header) and `ids` (by path variable). */
async function newService() {
  const name = `s${++lastName}`
  const at = `/services/${name}`
  await call(turnpike, 'POST', '/services', { name })
  await call(turnpike, 'POST', `${at}/policies`, { ...TENANTS, values: [{ value: 'b' }, { value: 'a' }] })
  await call(turnpike, 'POST', `${at}/policies`, { name: 'ids', key: { in: 'path-variable', name: 'id' } })
  const { id } = await call(turnpike, 'POST', `${at}/resources`, { path: '/pets/{id}' })
  const { id: method } = await call(turnpike, 'POST', `${at}/resources/${id}/methods`, { verb: 'GET', backend: mock })
  await call(turnpike, 'POST', `${at}/stages`, { name: 'live', isDefault: true })
  return { name, at, resource: `${at}/resources/${id}`, method: `${at}/methods/${method}`, stage: `${at}/stages/live` }
}
type Made = Awaited<ReturnType<typeof newService>>

const overlay = (policy: string, path = '/pets/{id}') => ({
  overlay: [{ path, verb: null, plugins: [named(policy)], backend: null }],
})
const errorsOf = ({ errors }: Json) =>
  (errors as unknown as { path: string; message: string }[]).map(({ path, message }) => `${path}: ${message}`)

const textsOf = (changes: Json | undefined) => (changes as unknown as Json[]).map(({ text }) => text)

test('a policy is kept with its defaults, its values in order', async () => {
  const { at } = await newService()
  assert.deepEqual(await call(turnpike, 'GET', `${at}/policies/tenants`), {
    ...TENANTS,
    description: '',
    requestsPerSecond: null,
    unlisted: 'pass',
    remainingHeader: null,
    values: ['a', 'b'].map((value) => ({ value, requestsPerSecond: null, networks: null })),
    usedBy: [],
  })
  const { items } = await call(turnpike, 'GET', `${at}/policies`)
  assert.deepEqual(
    (items as unknown as Json[]).map(({ name, valueCount, values }) => [name, valueCount, values]),
    [
      ['ids', 0, undefined],
      ['tenants', 2, undefined],
    ],
  )
})

test('changes leave alone what they do not name', async () => {
  const { at } = await newService()
  const first = await call(turnpike, 'PATCH', `${at}/policies/tenants`, { requestsPerSecond: 5 })
  assert.deepEqual([first.requestsPerSecond, (first.values as unknown as Json[]).length], [5, 2])
  const second = await call(turnpike, 'PATCH', `${at}/policies/tenants`, { values: [{ value: 'c' }] })
  assert.deepEqual([second.requestsPerSecond, second.values?.[0]?.value], [5, 'c'])
})

test('values are added, changed and deleted one by one, whatever they are', async () => {
  const { at } = await newService()
  const networks = { mode: 'deny', list: ['10.0.0.0/8'] }
  for (const value of ['a', 'x/y z', '서울'.repeat(100)]) {
    const path = `${at}/policies/tenants/values/${encodeURIComponent(value)}`
    for (const requestsPerSecond of [1, 2])
      assert.deepEqual(await call(turnpike, 'PUT', path, { requestsPerSecond, networks }), {
        value,
        requestsPerSecond,
        networks,
      })
  }
  await call(turnpike, 'DELETE', `${at}/policies/tenants/values/b`)
  const { values } = await call(turnpike, 'GET', `${at}/policies/tenants`)
  assert.deepEqual(
    (values as unknown as Json[]).map(({ value }) => value),
    ['a', 'x/y z', '서울'.repeat(100)],
  )
  const { items } = await call(turnpike, 'GET', `/audit?kind=policy-value&limit=100`)
  const told = (items as unknown as Json[]).filter(({ objectId }) => String(objectId).includes('/tenants/b'))
  assert.deepEqual([told[0]?.action, told[0]?.before?.value, told[0]?.after], ['delete', 'b', null])
})

describe('what is refused, and changes nothing', () => {
  const cases: readonly [
    what: string,
    request: (made: Made) => [string, string, unknown?],
    status: number,
    told: RegExp,
  ][] = [
    ['a name that is none', ({ at }) => ['POST', `${at}/policies`, { ...TENANTS, name: 'a b' }], 400, /\/name/],
    ['a name that is taken', ({ at }) => ['POST', `${at}/policies`, TENANTS], 409, /another name/],
    ['another name', ({ at }) => ['PATCH', `${at}/policies/ids`, { name: 'b' }], 400, /\/name/],
    [
      'a header that is none',
      ({ at }) => ['POST', `${at}/policies`, { name: 'a', key: { in: 'header', name: 'x tenant' } }],
      422,
      /\/key\/name.*not a header name/,
    ],
    [
      'a path variable with braces',
      ({ at }) => ['PATCH', `${at}/policies/ids`, { key: { in: 'path-variable', name: '{id}' } }],
      422,
      /without braces/,
    ],
    [
      "a header that is the gateway's own",
      ({ at }) => ['PATCH', `${at}/policies/ids`, { remainingHeader: 'Content-Length' }],
      422,
      /\/remainingHeader/,
    ],
    ['a rate of nothing', ({ at }) => ['PATCH', `${at}/policies/ids`, { requestsPerSecond: 0 }], 400, />= 1/],
    [
      'a value that is listed twice',
      ({ at }) => ['PATCH', `${at}/policies/ids`, { values: [{ value: 'a' }, { value: 'b' }, { value: 'a' }] }],
      422,
      /\/values\/2\/value.*listed twice/,
    ],
    [
      'a network that is none',
      ({ at }) => ['PUT', `${at}/policies/ids/values/a`, { networks: { list: ['10.0.0.0/8', '10.0.0.0/40'] } }],
      422,
      /\/networks\/list\/1.*CIDR/,
    ],
    ['a value with spaces at its ends', ({ at }) => ['PUT', `${at}/policies/ids/values/a%20`, {}], 422, /spaces/],
    ['a policy that is not there', ({ at }) => ['PUT', `${at}/policies/none/values/a`, {}], 404, /none/],
    ['a value that is not there', ({ at }) => ['DELETE', `${at}/policies/ids/values/a`], 404, /ids\/a/],
    [
      'an attachment that names no policy',
      ({ method }) => ['PATCH', method, { plugins: [named('tenant')] }],
      422,
      /\/plugins\/0\/config\/policy.*did you mean \\"tenants\\"/,
    ],
    [
      'an attachment in an overlay that names no policy',
      ({ stage }) => ['PATCH', stage, overlay('tenant')],
      422,
      /\/overlay\/0\/plugins\/0\/config\/policy/,
    ],
    [
      'an attachment where the path variable is not',
      ({ stage }) => ['PATCH', stage, overlay('ids', '/pets')],
      422,
      /does not have: it has none/,
    ],
    ['an attachment to a stage', ({ stage }) => ['PATCH', stage, { plugins: [named('tenants')] }], 422, /path, method/],
    [
      'an import that names no policy',
      ({ name }) => [
        'POST',
        '/imports',
        {
          service: name,
          document: JSON.stringify({
            openapi: '3.0.3',
            info: { title: 'a', version: '1' },
            paths: { '/a': { get: { responses: {}, 'x-turnpike': { plugins: [named('nobody')] } } } },
          }),
        },
      ],
      422,
      /no policy \\"nobody\\"/,
    ],
  ]
  for (const [what, request, status, told] of cases)
    test(what, async () => {
      const made = await newService()
      const state = async () => JSON.stringify(await call(turnpike, 'GET', `/declarative?service=${made.name}`))
      const before = await state()
      const [method, path, body] = request(made)
      const answer = await turnpike.api(method, path, body)
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      assert.match(JSON.stringify(answer.body), told)
      assert.equal(await state(), before)
    })
})

test('a policy in use cannot be deleted, and the answer says where it is', async () => {
  const { at, method, stage } = await newService()
  const refusal = async () => String((await turnpike.api('DELETE', `${at}/policies/tenants`)).body?.detail)
  await call(turnpike, 'PATCH', method, { plugins: [named('tenants')] })
  assert.match(await refusal(), /in use: GET \/pets\/\{id\}\./)
  await call(turnpike, 'POST', `${stage}/deployments`, {})
  await call(turnpike, 'PATCH', method, { plugins: [] })
  assert.match(await refusal(), /in use: GET \/pets\/\{id\} on stage live; deployment 1, live on stage live\./)
  await call(turnpike, 'POST', `${stage}/apply`, {})
  assert.match(await refusal(), /in use: deployment 1, live on stage live\./)
  await call(turnpike, 'PATCH', stage, overlay('tenants'))
  assert.match(await refusal(), /in use: \/pets\/\{id\} on stage live; deployment 1, live on stage live\./)
  await call(turnpike, 'PATCH', stage, { overlay: [] })
  await call(turnpike, 'POST', `${stage}/deployments`, {})
  await call(turnpike, 'DELETE', `${at}/policies/tenants`)
  assert.equal((await turnpike.api('GET', `${at}/policies/tenants`)).status, 404)
})

test('what is different is told in words, and holds from the next deployment on', async () => {
  const { at, stage } = await newService()
  const changes = async () => {
    const { live } = await call(turnpike, 'GET', `${stage}/changes`)
    return textsOf(live)
  }
  await call(turnpike, 'PATCH', stage, overlay('tenants'))
  await call(turnpike, 'POST', `${stage}/deployments`, {})
  assert.deepEqual(await changes(), [])
  await call(turnpike, 'PATCH', `${at}/policies/tenants`, { description: 'for people' })
  assert.deepEqual(await changes(), [])
  await call(turnpike, 'PUT', `${at}/policies/tenants/values/a`, { requestsPerSecond: 7 })
  await call(turnpike, 'PUT', `${at}/policies/tenants/values/z`, {})
  const told = [
    'policy tenants: values › a › requestsPerSecond is 7 instead of nothing',
    'policy tenants: values › z is added',
  ]
  assert.deepEqual(await changes(), told)
  await call(turnpike, 'POST', `${stage}/deployments`, {})
  assert.deepEqual(await changes(), [])
  const { items: compared } = await call(turnpike, 'GET', `${stage}/deployments/compare?from=1&to=2`)
  assert.deepEqual(textsOf(compared), told)
})

test('a stage that is rolled back has the policy of then; one that is restored has that of now, and says so', async () => {
  const { at, stage } = await newService()
  await call(turnpike, 'PATCH', stage, overlay('tenants'))
  await call(turnpike, 'POST', `${stage}/deployments`, {})
  await call(turnpike, 'PUT', `${at}/policies/tenants/values/a`, { requestsPerSecond: 7 })
  await call(turnpike, 'POST', `${stage}/deployments`, {})
  const told = ['policy tenants: values › a › requestsPerSecond is 7 instead of nothing']
  for (const way of ['roll-back', 'restore']) {
    await call(turnpike, 'POST', `${stage}/deployments/1/${way}`)
    assert.deepEqual(textsOf((await call(turnpike, 'GET', `${stage}/changes`)).live), told)
  }
})

test('a key that no longer fits where the policy is attached stops the deployment', async () => {
  const { at, stage } = await newService()
  await call(turnpike, 'PATCH', stage, overlay('ids'))
  await call(turnpike, 'POST', `${stage}/deployments`, {})
  await call(turnpike, 'PATCH', `${at}/policies/ids`, { key: { in: 'path-variable', name: 'pet' } })
  const { status, body } = await turnpike.api('POST', `${stage}/deployments`, {})
  assert.equal(status, 422)
  assert.match(errorsOf(body).join('\n'), /path variable "pet", which this path does not have: it has id/)
})

test('a copy of a service has its policies', async () => {
  const { name, at } = await newService()
  await call(turnpike, 'POST', `${at}/copy`, { name: `${name}-copy` })
  const policiesOf = (service: string) => call(turnpike, 'GET', `/services/${service}/policies`)
  assert.deepEqual(await policiesOf(`${name}-copy`), await policiesOf(name))
})

describe('declarative', () => {
  const setup = (service: string, fields: object) => ({ turnpike: 1, services: { [service]: fields } })
  const plan = (document: unknown, options: object = {}) =>
    turnpike.api('POST', '/declarative/plan', { document, ...options })
  const told = ({ changes }: Json) =>
    (changes as unknown as Json[]).map(({ action, kind, name }) => `${action} ${kind} ${name}`)
  const apply = (document: unknown, options: object = {}) =>
    call(turnpike, 'POST', '/declarative/apply', { document, ...options })

  test('policies are made, changed value by value, and pruned', async () => {
    const { name } = await newService()
    const policies = {
      tenants: { key: TENANTS.key, values: [{ value: 'b' }, { value: 'a', requestsPerSecond: 3 }] },
      fresh: { key: TENANTS.key },
    }
    const { body } = await plan(setup(name, { policies }))
    assert.deepEqual(told(body), ['update policy tenants', 'create policy fresh'])
    assert.deepEqual(textsOf(body.changes?.[0]?.differences), [
      'policy tenants: values › a › requestsPerSecond is 3 instead of nothing',
    ])
    await apply(setup(name, { policies }))
    assert.deepEqual(told((await plan(setup(name, { policies }))).body), [])
    const { changes } = await apply(setup(name, { policies }), { prune: true })
    // Every other service goes with it.
    assert.ok(told({ changes } as unknown as Json).includes('delete policy ids'))
    assert.equal((await turnpike.api('GET', `/services/${name}/policies/ids`)).status, 404)
    assert.deepEqual(told((await plan(await call(turnpike, 'GET', `/declarative?service=${name}`))).body), [])
  })

  test('an attachment, its policy and the deployment come in one document', async () => {
    const name = `s${++lastName}`
    const design = { paths: { '/a': { plugins: [named('tenants')], methods: { GET: { backend: mock } } } } }
    const document = setup(name, { design, policies: { tenants: { key: TENANTS.key } }, stages: { live: {} } })
    const { deployments } = await apply(document, { deploy: true })
    assert.deepEqual([deployments?.[0]?.number, deployments?.[0]?.failure], [1, null])
    const { body } = await plan(setup(name, { design: {}, policies: {}, stages: { live: {} } }), { prune: true })
    assert.match(errorsOf(body).join('\n'), /policies\/tenants: .*deployment 1, live on stage live/)
  })

  test('what is wrong is told at its place', async () => {
    const design = { paths: { '/a': { plugins: [named('nobody')] } } }
    const policies = { tenants: { key: TENANTS.key, values: [{ value: 'a' }, { value: 'a' }] } }
    const { status, body } = await plan(setup(`s${++lastName}`, { design, policies }))
    assert.equal(status, 422)
    assert.deepEqual(
      errorsOf(body).map((text) => text.slice(0, text.indexOf(': ')).replace(/^\/services\/s\d+/, '')),
      ['/policies/tenants/values/1/value', '/design/paths/~1a/plugins/0/config/policy'],
    )
  })
})
