import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { makeCertificate, newPrivateKey } from '../../src/lib/make-certificate.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** ETag and If-Match, on every operation that the document of the API names: nobody overwrites what they have not seen. */

let turnpike: Turnpike
let documented: Operation[]
let lastName = 0
const DAY_MS = 86_400_000
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  documented = await readOperations()
})
after(() => turnpike.stop())

interface Operation {
  /** `PATCH /services/{serviceId}` */
  readonly name: string
  readonly takesIfMatch: boolean
}

async function readOperations(): Promise<Operation[]> {
  const { body } = await turnpike.api('GET', '/openapi.json')
  const paths = Object.entries(body.paths as unknown as Record<string, Record<string, { parameters?: Json[] }>>)
  return paths.flatMap(([path, item]) =>
    Object.entries(item).map(([method, { parameters = [] }]) => ({
      name: `${method.toUpperCase()} ${path.replace('/api/v1', '')}`,
      takesIfMatch: parameters.some((one) => `${one.in} ${one.name}` === 'header If-Match'),
    })),
  )
}

const call = async (method: string, path: string, body?: unknown) => {
  const answer = await turnpike.api(method, path, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer
}
const plugins = [{ plugin: 'request-id', config: {} }]
const mock = (body: string) => ({ kind: 'mock', body })

/** A service with all that there is to change: its draft is ahead of its stage, which has three deployments. */
async function newService() {
  const name = `s${++lastName}`
  await call('POST', '/services', { name })
  const resource = (await call('POST', `/services/${name}/resources`, { path: '/a' })).body
  const at = `/services/${name}/resources/${resource.id}/methods`
  const method = (await call('POST', at, { verb: 'GET', backend: mock('1'), plugins })).body
  await call('POST', `/services/${name}/models`, { name: 'Pet', schema: { type: 'object' } })
  const tenants = { name: 'tenants', key: { in: 'header', name: 'x-tenant' }, values: [{ value: 'a' }] }
  await call('POST', `/services/${name}/policies`, tenants)
  const stage = `/services/${name}/stages/live`
  await call('POST', `/services/${name}/stages`, { name: 'live' })
  await call('PATCH', stage, { overlay: [{ path: '/a', verb: 'GET', plugins, backend: null }] })
  for (let i = 0; i < 3; i++) await call('POST', `${stage}/deployments`, {})
  await call('PATCH', `/services/${name}/methods/${method.id}`, { backend: mock('2') })
  const alert = `${stage}/alerts/slow`
  await call('PUT', alert, { kind: 'latency', threshold: 100 })
  const user = (await call('POST', '/users', { name, password: 'long enough', role: 'viewer' })).body
  const key = (await call('POST', '/keys', { name: `key-${name}` })).body.key
  const plan = (await call('POST', '/plans', { name: `plan-${name}` })).body
  const privateKey = newPrivateKey()
  const chain = makeCertificate({
    commonName: name,
    names: [`${name}.example`],
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 30 * DAY_MS),
    key: privateKey,
    usage: 'server',
  })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  const certificate = (await call('POST', '/certificates', { name, chain, key: pem })).body
  const params: Record<string, string> = {
    certificateId: String(certificate.id),
    keyId: String(key?.id),
    planId: String(plan.id),
    userId: String(user.id),
    serviceId: name,
    resourceId: String(resource.id),
    methodId: String(method.id),
    stageId: 'live',
    number: '2',
    type: 'not-found',
    modelName: 'Pet',
    policyName: 'tenants',
    value: 'a',
    alertName: 'slow',
  }
  return {
    params,
    service: `/services/${name}`,
    stage,
    alert,
    user: `/users/${user.id}`,
    key: `/keys/${key?.id}`,
    plan: `/plans/${plan.id}`,
    certificate: `/certificates/${certificate.id}`,
  }
}
type Made = Awaited<ReturnType<typeof newService>>

/** Has the draft serve a share of the callers of the stage. */
const startCanary = ({ stage }: Made) => call('POST', `${stage}/canary`, { share: 10, apply: true })

type Whole = 'service' | 'stage' | 'alert' | 'user' | 'key' | 'plan' | 'certificate'
/** What somebody else changes of each. */
const theirs = ({ params }: Made) => ({
  service: { description: 'theirs' },
  stage: { description: 'theirs' },
  alert: { kind: 'latency', threshold: 200 },
  user: { role: 'editor' },
  key: { description: 'theirs' },
  plan: { description: 'theirs' },
  certificate: { name: `theirs-${params.serviceId}` },
})

const changeTheirs = (made: Made, whole: Whole) =>
  call(whole === 'alert' ? 'PUT' : 'PATCH', made[whole], theirs(made)[whole])

type Body = object | ((params: Made['params']) => object)
/** Each operation that takes If-Match: of what the version is, a body for those that need one, and what must be there before. */
const cases: Readonly<
  Record<string, readonly [whole: Whole, body?: Body | undefined, prepare?: (made: Made) => Promise<unknown>]>
> = {
  'PATCH /certificates/{certificateId}': ['certificate', ({ serviceId }) => ({ name: `mine-${serviceId}` })],
  'DELETE /certificates/{certificateId}': ['certificate'],
  'POST /services/{serviceId}/stages/{stageId}/canary': ['stage', { share: 10, apply: true }],
  'PATCH /services/{serviceId}/stages/{stageId}/canary': ['stage', { share: 20 }, startCanary],
  'DELETE /services/{serviceId}/stages/{stageId}/canary': ['stage', undefined, startCanary],
  'POST /services/{serviceId}/stages/{stageId}/canary/promote': ['stage', undefined, startCanary],
  'PUT /services/{serviceId}/stages/{stageId}/alerts/{alertName}': ['alert', { kind: 'latency', threshold: 300 }],
  'DELETE /services/{serviceId}/stages/{stageId}/alerts/{alertName}': ['alert'],
  'PATCH /keys/{keyId}': ['key', { active: false }],
  'POST /keys/{keyId}/regenerate': ['key', { which: 'primary' }],
  'DELETE /keys/{keyId}': ['key'],
  'PATCH /plans/{planId}': ['plan', { requestsPerSecond: 7 }],
  'DELETE /plans/{planId}': ['plan'],
  'PATCH /users/{userId}': ['user', { role: 'admin' }],
  'DELETE /users/{userId}': ['user'],
  'PATCH /services/{serviceId}': ['service', { description: 'mine' }],
  'DELETE /services/{serviceId}': ['service'],
  'POST /services/{serviceId}/resources': ['service', { path: '/mine' }],
  'PATCH /services/{serviceId}/resources/{resourceId}': ['service', { description: 'mine' }],
  'DELETE /services/{serviceId}/resources/{resourceId}': ['service'],
  'POST /services/{serviceId}/resources/{resourceId}/methods': ['service', { verb: 'PUT' }],
  'PATCH /services/{serviceId}/methods/{methodId}': ['service', { name: 'mine' }],
  'DELETE /services/{serviceId}/methods/{methodId}': ['service'],
  'POST /services/{serviceId}/methods/move': ['service', ({ methodId }) => ({ moves: [{ methodId, path: '/mine' }] })],
  'POST /services/{serviceId}/methods/delete': ['service', ({ methodId }) => ({ methodIds: [methodId] })],
  'POST /services/{serviceId}/resources/{resourceId}/clone': ['service', { path: '/mine' }],
  'POST /services/{serviceId}/resources/{resourceId}/clear-overrides': ['service', {}],
  'POST /services/{serviceId}/stages/{stageId}/clear-overrides': ['stage', { path: '/' }],
  'POST /services/{serviceId}/models': ['service', { name: 'Mine', schema: {} }],
  'PATCH /services/{serviceId}/models/{modelName}': ['service', { description: 'mine' }],
  'DELETE /services/{serviceId}/models/{modelName}': ['service'],
  'POST /services/{serviceId}/policies': ['service', { name: 'mine', key: { in: 'header', name: 'x-a' } }],
  'PATCH /services/{serviceId}/policies/{policyName}': ['service', { description: 'mine' }],
  'DELETE /services/{serviceId}/policies/{policyName}': ['service'],
  'PUT /services/{serviceId}/policies/{policyName}/values/{value}': ['service', { requestsPerSecond: 1 }],
  'DELETE /services/{serviceId}/policies/{policyName}/values/{value}': ['service'],
  'PUT /services/{serviceId}/gateway-responses': ['service', { preset: 'envelope' }],
  'PUT /services/{serviceId}/gateway-responses/{type}': ['service', { status: 410, headers: {}, bodies: [] }],
  'DELETE /services/{serviceId}/gateway-responses/{type}': ['service'],
  'POST /services/{serviceId}/stages': ['service', { name: 'mine' }],
  'PATCH /services/{serviceId}/stages/{stageId}': ['stage', { description: 'mine' }],
  'DELETE /services/{serviceId}/stages/{stageId}': ['stage'],
  'POST /services/{serviceId}/stages/{stageId}/apply': ['stage'],
  'POST /services/{serviceId}/stages/{stageId}/deployments': ['stage', {}],
  'DELETE /services/{serviceId}/stages/{stageId}/deployments/{number}': ['stage'],
  'POST /services/{serviceId}/stages/{stageId}/deployments/{number}/roll-back': ['stage'],
  'POST /services/{serviceId}/stages/{stageId}/deployments/{number}/restore': ['stage'],
}

/** Those that take none: they make something new, or change nothing, or nothing that has a version. */
const UNVERSIONED = [
  'POST /certificates',
  'POST /managed-certificates',
  'DELETE /managed-certificates/{name}',
  'POST /managed-certificates/{name}/attempts',
  'POST /services',
  'POST /keys',
  'POST /keys/import',
  'PUT /keys/{keyId}/subscriptions/{service}/{stage}',
  'DELETE /keys/{keyId}/subscriptions/{service}/{stage}',
  'POST /plans',
  'PUT /plans/{planId}/stages/{service}/{stage}',
  'DELETE /plans/{planId}/stages/{service}/{stage}',
  // What it was planned on is the fingerprint of the plan.
  'POST /declarative/apply',
  'POST /declarative/plan',
  // The plan has the version of the service in its body.
  'POST /imports',
  'POST /services/{serviceId}/gateway-responses/{type}/preview',
  'POST /services/{serviceId}/stages/{stageId}/explain',
  'POST /services/{serviceId}/stages/{stageId}/send',
  'POST /demo',
  'POST /services/{serviceId}/copy',
  'POST /setup',
  'POST /sessions',
  'DELETE /sessions/current',
  'PUT /me/password',
  'POST /users',
  'PUT /users/{userId}/password',
  'POST /tokens',
  'DELETE /tokens/current',
  'DELETE /tokens/{tokenId}',
]

const send = (operation: string, { params }: Made, given: unknown, ifMatch: string) => {
  const body = typeof given === 'function' ? given(params) : given
  const [method = '', path = ''] = operation.split(' ')
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? assert.fail(`no ${name}`))
  return turnpike.api(method, url, body, { 'if-match': ifMatch })
}
const etagOf = async (path: string) => (await call('GET', path)).headers.get('etag') ?? assert.fail(`no ETag: ${path}`)

/** All that can be read of a service, and the user. */
async function stateOf({ service, stage, alert, user, key, plan, certificate }: Made): Promise<unknown[]> {
  const paths = ['', '/resources', '/models', '/policies', '/policies/tenants', '/gateway-responses', '/stages'].map(
    (path) => service + path,
  )
  const all = [
    ...paths,
    `${stage}/deployments`,
    `${stage}/changes`,
    `${stage}/canary`,
    alert,
    user,
    key,
    plan,
    certificate,
  ]
  return Promise.all(all.map(async (path) => (await turnpike.api('GET', path)).body))
}

test('every operation that writes is in one of the lists', () => {
  const writes = documented.filter(({ name }) => !name.startsWith('GET '))
  const named = (takes: boolean) => writes.filter(({ takesIfMatch }) => takesIfMatch === takes).map(({ name }) => name)
  assert.deepEqual(named(true).toSorted(), Object.keys(cases).toSorted())
  assert.deepEqual(named(false).toSorted(), UNVERSIONED.toSorted())
})

test('what can be changed is read with an ETag', async () => {
  const made = await newService()
  await startCanary(made)
  const changed = new Set(Object.keys(cases).map((name) => name.replace(/^\w+ /, '')))
  const reads = documented.filter(({ name }) => name.startsWith('GET ') && changed.has(name.slice(4)))
  assert.ok(reads.length > 5, `${reads.length} reads`)
  // Lists of things that have versions of their own.
  const lists = ['/services/{serviceId}/stages', '/services/{serviceId}/stages/{stageId}/deployments']
  for (const { name } of reads) {
    const { headers, status } = await send(name, made, undefined, '*')
    assert.equal(status, 200, name)
    if (!lists.includes(name.slice(4))) assert.match(headers.get('etag') ?? '', /^"\d+"$/, name)
  }
})

describe('a change of what somebody else has changed meanwhile is refused and changes nothing', () => {
  for (const [operation, [whole, body, prepare]] of Object.entries(cases)) {
    test(operation, async () => {
      const made = await newService()
      await prepare?.(made)
      const seen = await etagOf(made[whole])
      await changeTheirs(made, whole)
      const was = await stateOf(made)
      const refused = await send(operation, made, body, seen)
      assert.equal(refused.status, 412, JSON.stringify(refused.body))
      assert.equal(refused.body.code, 'lost-update')
      assert.equal((await send(operation, made, body, 'W/"1"')).status, 422)
      assert.deepEqual(await stateOf(made), was)

      const done = await send(operation, made, body, await etagOf(made[whole]))
      assert.ok(done.status < 300, JSON.stringify(done.body))
      assert.notDeepEqual(await stateOf(made), was)
      const isGone = operation.startsWith('DELETE') && new RegExp(`/\\{${whole}(?:Id|Name)\\}$`).test(operation)
      // A stage has a version of its own from its first moment on.
      const now = isGone
        ? null
        : await etagOf(operation.endsWith('/stages') ? `${made.service}/stages/mine` : made[whole])
      assert.equal(done.headers.get('etag'), now)
    })
  }
})

describe('of two who change the same at once one does, and the other is told', () => {
  for (const [operation, [whole, body, prepare]] of Object.entries(cases)) {
    test(operation, async () => {
      const made = await newService()
      await prepare?.(made)
      const seen = await etagOf(made[whole])
      const answers = await Promise.all([1, 2].map(() => send(operation, made, body, seen)))
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
      assert.ok([200, 201, 204].includes(statuses[0] ?? 0), String(statuses))
      // What the one has deleted, the other does not find; the name that the one has taken, the other cannot have.
      assert.ok([412, 404, 409].includes(statuses[1] ?? 0), String(statuses))
    })
  }
})

test('without If-Match, and with *, a change is made whatever was there', async () => {
  const made = await newService()
  await call('PATCH', made.service, { description: 'one' })
  const answer = await send('PATCH /services/{serviceId}', made, { description: 'two' }, '*')
  assert.equal(answer.status, 200)
  assert.equal(answer.body.description, 'two')
})

test('an import does only what was planned: where the service has changed since, nothing', async () => {
  const { service, params } = await newService()
  const document = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'a', version: '1' },
    paths: { '/b': { get: {} } },
  })
  const imported = { service: params.serviceId, document }
  const planned = await call('POST', '/imports', { ...imported, dryRun: true })
  const version = Number(planned.body.baseVersion)
  await call('PATCH', service, { description: 'theirs' })
  const refused = await turnpike.api('POST', '/imports', { ...imported, version })
  assert.equal(refused.status, 412, JSON.stringify(refused.body))
  assert.ok(!JSON.stringify((await call('GET', `${service}/resources`)).body).includes('"/b"'))
  await call('POST', '/imports', { ...imported, version: version + 1 })
  // A service that was not there when it was planned, and is now.
  assert.equal((await turnpike.api('POST', '/imports', { ...imported, version: 0 })).status, 412)
  const fresh = { service: `${params.serviceId}-new`, document }
  assert.equal((await call('POST', '/imports', { ...fresh, dryRun: true })).body.baseVersion, 0)
  await call('POST', '/imports', { ...fresh, version: 0 })
})
