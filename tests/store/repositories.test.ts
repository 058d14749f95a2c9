import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createVault } from '../../src/lib/vault.ts'
import type { ApiToken, User } from '../../src/model/access.ts'
import type { StoredCertificate } from '../../src/model/certificate.ts'
import type { Deployment, DeploymentSettings } from '../../src/model/deployment.ts'
import { newId } from '../../src/model/id.ts'
import type { ApiKey } from '../../src/model/key.ts'
import type { ManagedCertificate } from '../../src/model/managed-certificate.ts'
import { type Method, methodDefaults } from '../../src/model/method.ts'
import type { Model } from '../../src/model/model.ts'
import type { Plan } from '../../src/model/plan.ts'
import { type Policy, policyDefaults } from '../../src/model/policy.ts'
import type { Resource } from '../../src/model/resource.ts'
import type { Revision } from '../../src/model/revision.ts'
import type { Service } from '../../src/model/service.ts'
import { type Stage, stageDefaults } from '../../src/model/stage.ts'
import type { AuditQuery } from '../../src/store/audit.ts'
import type { KeyQuery } from '../../src/store/keys.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import type { ServiceQuery } from '../../src/store/services.ts'
import type { Unit } from '../../src/store/unit.ts'
import { type PostgresServer, startPostgres, withoutPostgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/turnpike.ts'

/** Every repository on every database: one table of stores, the same tests for each. */

const vault = createVault(Buffer.alloc(32, 1))
const silent = { info: () => undefined, warn: () => undefined }
let server: PostgresServer | undefined
const databases = [
  { name: 'SQLite', skip: false, url: async () => '' },
  {
    name: 'PostgreSQL',
    skip: withoutPostgres,
    async url() {
      server = await startPostgres()
      return server.createDatabase()
    },
  },
]
after(() => server?.stop())

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()

const service = (name: string, given: Partial<Service> = {}): Service => ({
  id: newId(),
  name,
  description: '',
  version: 1,
  createdAt: at(0),
  updatedAt: at(0),
  ...given,
})
const resource = (serviceId: string, path: string, given: Partial<Resource> = {}): Resource => ({
  id: newId(),
  serviceId,
  path,
  description: '',
  plugins: [],
  ...given,
})
const method = (resourceId: string, verb: Method['verb'], given: Partial<Method> = {}): Method => ({
  ...methodDefaults,
  id: newId(),
  resourceId,
  verb,
  ...given,
})
const stage = (serviceId: string, name: string, given: Partial<Stage> = {}): Stage => ({
  id: newId(),
  serviceId,
  name,
  ...stageDefaults,
  revisionId: null,
  deploymentId: null,
  baseDeploymentId: null,
  version: 1,
  createdAt: at(0),
  updatedAt: at(0),
  ...given,
})
const deployment = (stageId: string, number: number, given: Partial<Deployment> = {}): Deployment => ({
  id: newId(),
  stageId,
  number,
  hash: `hash-${number}`,
  note: '',
  author: 'ada',
  status: 'complete',
  failure: null,
  revisionId: null,
  createdAt: at(number),
  ...given,
})
const revision = (serviceId: string, number: number, given: Partial<Revision> = {}): Revision => ({
  id: newId(),
  serviceId,
  number,
  hash: `design-${number}`,
  author: 'ada',
  createdAt: at(number),
  ...given,
})
const model = (name: string, given: Partial<Model> = {}): Model => ({
  name,
  description: '',
  dialect: '2020-12',
  schema: { type: 'object' },
  ...given,
})
const user = (name: string, given: Partial<User> = {}): User => ({
  id: newId(),
  name,
  role: 'viewer',
  serviceRoles: {},
  version: 1,
  createdAt: at(0),
  updatedAt: at(0),
  ...given,
})
const token = (name: string, given: Partial<ApiToken> = {}): ApiToken => ({
  id: newId(),
  name,
  role: null,
  serviceRoles: {},
  userId: null,
  expiresAt: null,
  createdAt: at(0),
  ...given,
})
const settings: DeploymentSettings = {
  domains: ['a.example'],
  pathPrefix: '/a',
  trailingSlash: 'ignore',
  https: 'redirect',
  hsts: { maxAgeSeconds: 1, includeSubDomains: true, preload: false },
  backend: null,
  variables: {},
  plugins: [],
  overlay: [],
}
/** Text that a database could spoil: quotes, escapes, other scripts, beyond the basic plane. */
const ODD = `'"\\ %_\n	é ß 한 😀`

/** A unit whose repositories note which of their methods are called. */
function watched(unit: Unit, tried: Set<string>): Unit {
  const watch = (name: string, repository: object) =>
    new Proxy(repository, {
      get(target, key) {
        tried.add(`${name}.${String(key)}`)
        return Reflect.get(target, key)
      },
    })
  const entries = Object.entries(unit).map(([name, part]) => [name, isRepository(part) ? watch(name, part) : part])
  return Object.fromEntries(entries) as Unit
}

function methodsOf(unit: Unit): string[] {
  return Object.entries(unit).flatMap(([name, part]) =>
    isRepository(part)
      ? Object.getOwnPropertyNames(Object.getPrototypeOf(part))
          .filter((method) => method !== 'constructor')
          .map((method) => `${name}.${method}`)
      : [],
  )
}

function isRepository(part: unknown): part is object {
  return typeof part === 'object' && part !== null && Object.getPrototypeOf(part) !== Object.prototype
}

for (const { name, skip, url } of databases) {
  describe(name, { skip }, () => {
    let store: Store
    let last = 0
    before(async () => {
      store = await openStore({ folder: temporaryFolder(), url: await url(), vault, logger: silent })
    })
    after(() => store.close())
    const tried = new Set<string>()
    const inUnit = <T>(work: (unit: Unit) => Promise<T>) =>
      store.inTransaction('ada', (unit) => work(watched(unit, tried)))
    /** A service of its own for a test. */
    const newService = async (given: Partial<Service> = {}) => {
      const made = service(`service-${String(++last).padStart(4, '0')}`, given)
      await inUnit((unit) => unit.services.insert(made))
      return made
    }
    const names = (list: readonly { name: string }[]) => list.map((one) => one.name)

    describe('services', () => {
      test('are found as they were saved, and changed, and gone', async () => {
        const made = await newService({ description: ODD })
        await inUnit(async (unit) => {
          assert.deepEqual(await unit.services.find(made.id), made)
          assert.deepEqual(await unit.services.findByName(made.name), made)
          const changed = { ...made, description: 'other', version: 2 ** 31, updatedAt: at(9) }
          await unit.services.update(changed)
          assert.deepEqual(await unit.services.find(made.id), changed)
          await unit.services.delete(made.id)
          assert.equal(await unit.services.find(made.id), null)
          assert.equal(await unit.services.findByName(made.name), null)
        })
      })

      test('a name is there once', async () => {
        const { name } = await newService()
        await assert.rejects(() => inUnit((unit) => unit.services.insert(service(name))))
      })

      test('keep the gateway responses that they redefine', async () => {
        const { id } = await newService()
        const responses = { 'not-found': { status: 410, headers: { a: ODD }, bodies: [] } }
        await inUnit(async (unit) => {
          assert.deepEqual(await unit.services.gatewayResponses(id), {})
          await unit.services.setGatewayResponses(id, responses)
          assert.deepEqual(await unit.services.gatewayResponses(id), responses)
          assert.deepEqual(await unit.services.gatewayResponses('nobody'), {})
        })
      })

      describe('lists', () => {
        const made = [
          service('list-b', { description: 'Über PREISE 50% off', createdAt: at(1), updatedAt: at(5) }),
          service('list-a', { description: 'a_b', createdAt: at(3), updatedAt: at(5) }),
          service('list-a-b', { description: 'axb', createdAt: at(2), updatedAt: at(4) }),
        ]
        before(() =>
          inUnit(async (unit) => {
            for (const one of made) await unit.services.insert(one)
          }),
        )
        const query: ServiceQuery = {
          search: '',
          sort: 'name',
          isDescending: false,
          after: null,
          limit: 10,
          ids: made.map(({ id }) => id),
        }
        const cases: [what: string, query: Partial<ServiceQuery>, found: string[]][] = [
          ['by name, byte by byte', {}, ['list-a', 'list-a-b', 'list-b']],
          ['by name, backwards', { isDescending: true }, ['list-b', 'list-a-b', 'list-a']],
          ['by creation', { sort: 'createdAt' }, ['list-b', 'list-a-b', 'list-a']],
          ['by change, then name', { sort: 'updatedAt' }, ['list-a-b', 'list-a', 'list-b']],
          ['by change, backwards', { sort: 'updatedAt', isDescending: true }, ['list-b', 'list-a', 'list-a-b']],
          ['some', { limit: 1 }, ['list-a']],
          ['behind a name', { after: { name: 'list-a', time: '' } }, ['list-a-b', 'list-b']],
          ['behind a time and a name', { sort: 'updatedAt', after: { name: 'list-a', time: at(5) } }, ['list-b']],
          [
            'before a time and a name',
            { sort: 'updatedAt', isDescending: true, after: { name: 'list-b', time: at(5) } },
            ['list-a', 'list-a-b'],
          ],
          ['of these ids', { ids: [made[0]?.id ?? ''] }, ['list-b']],
          ['of no ids', { ids: [] }, []],
          ['with a text in the description, in whatever case', { search: 'üBER preise' }, ['list-b']],
          ['with a text in the name', { search: 'LIST-A' }, ['list-a', 'list-a-b']],
          ['with a % that is one', { search: '50%' }, ['list-b']],
          ['with a _ that is one', { search: 'a_b' }, ['list-a']],
          ['with a text that is nowhere', { search: '!' }, []],
        ]
        for (const [what, given, found] of cases)
          test(what, async () =>
            assert.deepEqual(names(await inUnit((unit) => unit.services.list({ ...query, ...given }))), found),
          )

        test('all of them', async () => {
          const all = names(await inUnit((unit) => unit.services.list({ ...query, ids: null, limit: 1000 })))
          assert.deepEqual(all, all.toSorted())
          assert.ok(all.length >= made.length)
        })
      })
    })

    describe('resources', () => {
      test('are found as they were saved, and changed, and gone with their methods', async () => {
        const { id } = await newService()
        const made = resource(id, '/a', {
          description: ODD,
          plugins: [{ plugin: 'request-id', config: { header: 'x-a', trustClient: false, echo: true } }],
        })
        const get = method(made.id, 'GET')
        await inUnit(async (unit) => {
          await unit.resources.insert([made])
          await unit.methods.insert(id, [get])
          assert.deepEqual(await unit.resources.find(id, made.id), made)
          assert.equal(await unit.resources.find('another', made.id), null)
          assert.deepEqual(await unit.resources.findByPath(id, '/a'), made)
          assert.equal(await unit.resources.findByPath(id, '/b'), null)
          const changed = { ...made, description: 'other' }
          await unit.resources.update(changed)
          assert.deepEqual(await unit.resources.find(id, made.id), changed)
          await unit.resources.delete([made.id])
          assert.equal(await unit.resources.find(id, made.id), null)
          assert.equal(await unit.methods.find(id, get.id), null)
        })
      })

      test('are in the order of the bytes of their paths, page by page', async () => {
        const { id } = await newService()
        const paths = ['/', '/A', '/Z', '/_', '/a', '/a-b', '/a/b', '/aa', '/b', '/{x}', '/é', '/한', '/😀']
        await inUnit(async (unit) => {
          await unit.resources.insert(paths.toReversed().map((path) => resource(id, path)))
          const pathsOf = (list: Resource[]) => list.map(({ path }) => path)
          assert.deepEqual(pathsOf(await unit.resources.ofService(id)), paths)
          assert.deepEqual((await unit.resources.pathsOf(id)).toSorted(), paths.toSorted())
          const paged: string[] = []
          for (let page = await unit.resources.page(id, '', 4); page.length > 0; ) {
            paged.push(...pathsOf(page))
            page = await unit.resources.page(id, paged.at(-1) ?? '', 4)
          }
          assert.deepEqual(paged, paths)
        })
      })

      test('a path is there once', async () => {
        const { id } = await newService()
        await inUnit((unit) => unit.resources.insert([resource(id, '/a')]))
        await assert.rejects(() => inUnit((unit) => unit.resources.insert([resource(id, '/a')])))
      })

      test('by the thousand', async () => {
        const { id } = await newService()
        const many = Array.from({ length: 2_500 }, (_, i) => resource(id, `/r${i}`))
        await inUnit(async (unit) => {
          await unit.resources.insert(many)
          await unit.methods.insert(
            id,
            many.map((one) => method(one.id, 'GET')),
          )
          assert.equal((await unit.methods.ofResources(many.map((one) => one.id))).length, many.length)
          await unit.resources.delete(many.map((one) => one.id))
          assert.deepEqual(await unit.methods.ofService(id), [])
        })
      })
    })

    describe('methods', () => {
      test('are found as they were saved, and changed, and gone', async () => {
        const { id } = await newService()
        const parent = resource(id, '/a')
        const made = method(parent.id, 'POST', {
          name: ODD,
          tags: ['x', ODD],
          deprecated: true,
          operationId: 'makeOne',
          backend: { kind: 'mock', status: 204, headers: {}, body: ODD },
        })
        await inUnit(async (unit) => {
          await unit.resources.insert([parent])
          await unit.methods.insert(id, [made, method(parent.id, 'GET')])
          assert.deepEqual(await unit.methods.find(id, made.id), made)
          assert.equal(await unit.methods.find('another', made.id), null)
          assert.equal((await unit.methods.ofService(id)).length, 2)
          const verbs = (await unit.methods.ofResources([parent.id])).map(({ verb }) => verb)
          assert.deepEqual(verbs, ['GET', 'POST'])
          const changed = { ...made, deprecated: false, tags: [] }
          await unit.methods.update(id, changed)
          assert.deepEqual(await unit.methods.find(id, made.id), changed)
          await unit.methods.delete([made.id])
          assert.equal(await unit.methods.find(id, made.id), null)
        })
      })

      test('a verb is there once, and only on a resource that is there', async () => {
        const { id } = await newService()
        const parent = resource(id, '/a')
        await inUnit((unit) => unit.resources.insert([parent]))
        await inUnit((unit) => unit.methods.insert(id, [method(parent.id, 'GET')]))
        await assert.rejects(() => inUnit((unit) => unit.methods.insert(id, [method(parent.id, 'GET')])))
        await assert.rejects(() => inUnit((unit) => unit.methods.insert(id, [method(newId(), 'GET')])))
      })
    })

    test('models are found as they were saved, by name in order, and changed, and gone', async () => {
      const { id } = await newService()
      const [upper, lower] = [model('Pet', { description: ODD }), model('a', { schema: { const: ODD } })]
      await inUnit(async (unit) => {
        await unit.models.insert(id, [lower, upper])
        assert.deepEqual(await unit.models.ofService(id), [upper, lower])
        assert.deepEqual((await unit.models.namesOf(id)).toSorted(), ['Pet', 'a'])
        assert.deepEqual(await unit.models.find(id, 'Pet'), upper)
        assert.equal(await unit.models.find(id, 'pet'), null)
        const changed = { ...upper, schema: true as never }
        await unit.models.update(id, changed)
        assert.deepEqual(await unit.models.find(id, 'Pet'), changed)
        await unit.models.delete(id, ['Pet'])
        assert.deepEqual(await unit.models.ofService(id), [lower])
      })
      await assert.rejects(() => inUnit((unit) => unit.models.insert(id, [lower])))
    })

    test('policies are found as they were saved, by name in order, and changed value by value, and gone', async () => {
      const { id } = await newService()
      const ofOne = (name: string, value: string): Policy => ({
        name,
        description: ODD,
        key: { in: 'header', name: 'x-tenant' },
        requestsPerSecond: null,
        unlisted: 'refuse',
        remainingHeader: 'x-left',
        values: [{ value, requestsPerSecond: 3, networks: { mode: 'deny', list: ['10.0.0.0/8'] } }],
      })
      const [upper, lower] = [ofOne('Tenants', ODD), ofOne('tenants', 'b')]
      await inUnit(async (unit) => {
        await unit.policies.insert(id, [lower, upper])
        assert.deepEqual(await unit.policies.ofService(id), [upper, lower])
        assert.deepEqual(await unit.policies.find(id, 'Tenants'), upper)
        assert.equal(await unit.policies.find(id, 'TENANTS'), null)
        assert.deepEqual((await unit.policies.keysOf(id)).get('tenants'), lower.key)
        const { values: _, ...summary } = upper
        assert.deepEqual((await unit.policies.summariesOf(id))[0], { ...summary, valueCount: 1 })
        const [changed, added] = [
          { value: 'b', requestsPerSecond: null, networks: null },
          { value: 'a', requestsPerSecond: 1_000_000, networks: null },
        ]
        for (const value of [changed, added]) await unit.policies.setValue(id, 'tenants', value)
        assert.deepEqual(await unit.policies.findValue(id, 'tenants', 'b'), changed)
        assert.deepEqual((await unit.policies.find(id, 'tenants'))?.values, [added, changed])
        await unit.policies.deleteValue(id, 'tenants', 'b')
        assert.equal(await unit.policies.findValue(id, 'tenants', 'b'), null)
        const other: Policy = { ...upper, requestsPerSecond: 5, key: { in: 'path-variable', name: 'id' } }
        await unit.policies.update(id, other, null)
        assert.deepEqual(await unit.policies.find(id, 'Tenants'), other)
        await unit.policies.update(id, other, [])
        assert.deepEqual((await unit.policies.find(id, 'Tenants'))?.values, [])
        await unit.policies.delete(id, ['Tenants'])
        assert.deepEqual(await unit.policies.ofService(id), [{ ...lower, values: [added] }])
      })
      await assert.rejects(() => inUnit((unit) => unit.policies.insert(id, [lower])))
      await inUnit((unit) => unit.services.delete(id))
      assert.equal(await inUnit((unit) => unit.policies.findValue(id, 'tenants', 'a')), null)
    })

    test('as many values as a policy can have are saved and found', async () => {
      const { id } = await newService()
      const values = Array.from({ length: 10_000 }, (_, i) => ({
        value: `tenant-${String(i).padStart(5, '0')}`,
        requestsPerSecond: i + 1,
        networks: null,
      }))
      const policy: Policy = { ...policyDefaults, name: 'many', key: { in: 'header', name: 'x-tenant' }, values }
      await inUnit((unit) => unit.policies.insert(id, [policy]))
      assert.deepEqual(await inUnit((unit) => unit.policies.find(id, 'many')), policy)
      assert.equal(await inUnit((unit) => unit.policies.countValues(id, 'many')), 10_000)
    })

    describe('stages', () => {
      test('are found as they were saved, by name in order, and changed, and gone', async () => {
        const { id } = await newService()
        const made = stage(id, 'live', {
          description: ODD,
          isDefault: true,
          domains: ['a.example', 'xn--bcher-kva.example'],
          pathPrefix: `/${ODD}`,
          trailingSlash: 'ignore',
          https: 'required',
          hsts: { maxAgeSeconds: 1, includeSubDomains: true, preload: false },
          backend: { targets: [{ url: 'http://a', weight: 3 }] },
          variables: { a: ODD },
          overlay: [{ path: '/a', verb: 'GET', plugins: [{ plugin: 'request-id', off: true }], backend: null }],
        })
        await inUnit(async (unit) => {
          await unit.stages.insert(made)
          await unit.stages.insert(stage(id, '1st'))
          assert.deepEqual(await unit.stages.find(made.id), made)
          assert.deepEqual(names(await unit.stages.ofService(id)), ['1st', 'live'])
          const changed = { ...made, isDefault: false, backend: null, deploymentId: newId(), version: 2 }
          await unit.stages.update(changed)
          assert.deepEqual(await unit.stages.find(made.id), changed)
          const { id: stageId, name, isDefault, domains, pathPrefix } = changed
          assert.deepEqual(
            (await unit.stages.addresses()).filter((one) => one.id === stageId),
            [{ id: stageId, service: (await unit.services.find(id))?.name, name, isDefault, domains, pathPrefix }],
          )
          await unit.stages.delete(made.id)
          assert.equal(await unit.stages.find(made.id), null)
        })
      })

      test('a name is there once in a service', async () => {
        const [one, other] = [await newService(), await newService()]
        await inUnit((unit) => unit.stages.insert(stage(one.id, 'live')))
        await inUnit((unit) => unit.stages.insert(stage(other.id, 'live')))
        await assert.rejects(() => inUnit((unit) => unit.stages.insert(stage(one.id, 'live'))))
      })
    })

    test('revisions are found by id and hash, are numbered, and go when nothing names them', async () => {
      const { id } = await newService()
      const [first, second, third] = [revision(id, 1), revision(id, 2), revision(id, 10)]
      const live = stage(id, 'live', { revisionId: first.id })
      const design = { resources: [], methods: [], models: [], gatewayResponses: {} }
      await inUnit(async (unit) => {
        assert.equal(await unit.revisions.lastNumber(id), 0)
        for (const one of [first, second, third]) await unit.revisions.insert(one, JSON.stringify(design))
        assert.equal(await unit.revisions.lastNumber(id), 10)
        assert.deepEqual(await unit.revisions.find(second.id), second)
        assert.deepEqual(await unit.revisions.findByHash(id, second.hash), second)
        assert.equal(await unit.revisions.findByHash('another', second.hash), null)
        assert.deepEqual(await unit.revisions.design(second.id), design)
        assert.equal(await unit.revisions.design(newId()), null)
        await unit.stages.insert(live)
        await unit.deployments.insert(
          deployment(live.id, 1, { revisionId: second.id }),
          { hash: 'hash-1', json: '{}' },
          settings,
        )
        await unit.revisions.dropUnused()
        assert.notEqual(await unit.revisions.find(first.id), null)
        assert.notEqual(await unit.revisions.find(second.id), null)
        assert.equal(await unit.revisions.find(third.id), null)
      })
      await assert.rejects(() => inUnit((unit) => unit.revisions.insert(revision(id, 1, { hash: 'other' }), '{}')))
      await assert.rejects(() => inUnit((unit) => unit.revisions.insert(revision(id, 3, { hash: first.hash }), '{}')))
    })

    describe('deployments', () => {
      /** A stage with deployments 1 to `count`. */
      const withDeployments = async (count: number) => {
        const { id } = await newService()
        const made = stage(id, 'live')
        const all = Array.from({ length: count }, (_, i) => deployment(made.id, i + 1))
        await inUnit(async (unit) => {
          await unit.stages.insert(made)
          for (const one of all)
            await unit.deployments.insert(one, { hash: one.hash, json: `{"n":"${one.hash}"}` }, settings)
        })
        return { serviceId: id, stage: made, all }
      }
      const numbers = (list: readonly Deployment[]) => list.map(({ number }) => number)

      test('are found by id and number, the newest first, page by page', async () => {
        const { stage: made, all } = await withDeployments(12)
        await inUnit(async (unit) => {
          assert.deepEqual(await unit.deployments.find(all[3]?.id ?? ''), all[3])
          assert.deepEqual(await unit.deployments.findByNumber(made.id, 4), all[3])
          assert.equal(await unit.deployments.findByNumber(made.id, Number.MAX_SAFE_INTEGER), null)
          assert.equal(await unit.deployments.lastNumber(made.id), 12)
          assert.equal(await unit.deployments.lastNumber(newId()), 0)
          assert.deepEqual(numbers(await unit.deployments.ofStage(made.id, Number.MAX_SAFE_INTEGER, 3)), [12, 11, 10])
          assert.deepEqual(numbers(await unit.deployments.ofStage(made.id, 3, 3)), [2, 1])
          assert.equal((await unit.deployments.olderThan(made.id, 10)).length, 2)
          assert.deepEqual(await unit.deployments.settings(all[0]?.id ?? ''), settings)
          assert.equal(await unit.deployments.settings(newId()), null)
        })
      })

      test('are changed, and fail where they were under way on a node whose program ended', async () => {
        const { all } = await withDeployments(2)
        const [first, second] = all as [Deployment, Deployment]
        await inUnit(async (unit) => {
          await unit.deployments.update({ ...first, status: 'deploying' })
          const pending = { nodeId: 'n2', nodeName: ODD, state: 'pending', failure: null, at: at(1) } as const
          const active = { ...pending, nodeId: 'n1', nodeName: 'a', state: 'active' } as const
          await unit.deployments.setActivation(first.id, pending)
          await unit.deployments.setActivation(first.id, { ...active, state: 'pending' })
          await unit.deployments.setActivation(first.id, active)
          assert.deepEqual(await unit.deployments.activations(first.id), [pending, active])
          await unit.deployments.failUnfinished('n1', ODD)
          assert.deepEqual(await unit.deployments.activations(first.id), [pending, active])
          assert.equal((await unit.deployments.find(first.id))?.status, 'deploying')
          await unit.deployments.failUnfinished('n2', ODD)
          const failed = { ...pending, state: 'failed', failure: ODD }
          assert.deepEqual(await unit.deployments.activations(first.id), [failed, active])
          assert.deepEqual(await unit.deployments.find(first.id), { ...first, status: 'failed', failure: ODD })
          assert.deepEqual(await unit.deployments.find(second.id), second)
        })
      })

      test('serve as canaries, one of a stage, with the terms that they were given', async () => {
        const { stage: made, all } = await withDeployments(2)
        const [first, second] = all as [Deployment, Deployment]
        const canary = {
          deployment: 2,
          deploymentId: second.id,
          share: 12.34,
          by: 'header',
          name: 'x-api-key',
          startedAt: at(1),
        } as const
        await inUnit(async (unit) => {
          await unit.stages.update({ ...made, deploymentId: first.id })
          assert.equal(await unit.canaries.find(made.id), null)
          await unit.canaries.insert(made.id, canary)
          assert.deepEqual(await unit.canaries.find(made.id), canary)
          await unit.canaries.setShare(made.id, 50)
          assert.deepEqual(await unit.canaries.find(made.id), { ...canary, share: 50 })
          const mine = (await unit.canaries.running()).filter(({ snapshot }) => snapshot.hash === second.hash)
          assert.equal(mine.length, 1)
          assert.equal(mine[0]?.snapshot.json, `{"n":"${second.hash}"}`)
          assert.equal(mine[0]?.terms.share, 50)
        })
        await assert.rejects(inUnit((unit) => unit.canaries.insert(made.id, canary)))
        await inUnit(async (unit) => {
          await unit.canaries.delete(made.id)
          assert.equal(await unit.canaries.find(made.id), null)
        })
      })

      test('share the snapshots that are equal, which go when nothing names them', async () => {
        const { stage: made, all } = await withDeployments(1)
        const again = deployment(made.id, 2, { hash: all[0]?.hash ?? '' })
        const snapshot = { hash: again.hash, json: 'not looked at' }
        await inUnit(async (unit) => {
          await unit.deployments.insert(again, snapshot, settings)
          const kept = await unit.deployments.snapshot(again.hash)
          await unit.deployments.delete([all[0]?.id ?? ''])
          await unit.deployments.dropUnusedSnapshots()
          assert.equal(await unit.deployments.snapshot(again.hash), kept)
          assert.equal(await unit.deployments.snapshot('unknown'), null)
        })
      })

      test('a number is there once in a stage', async () => {
        const { stage: made } = await withDeployments(1)
        await assert.rejects(() =>
          inUnit((unit) => unit.deployments.insert(deployment(made.id, 1), { hash: 'hash-1', json: '{}' }, settings)),
        )
      })

      test('those that are live are what the data plane begins with', async () => {
        const { stage: made, all } = await withDeployments(2)
        const isOurs = ({ json }: { json: string }) => json.includes('"hash-2"')
        assert.ok(!(await store.liveDeployments()).some(isOurs))
        await inUnit((unit) => unit.stages.update({ ...made, deploymentId: all[1]?.id ?? null }))
        assert.ok((await store.liveDeployments()).some(isOurs))
        await inUnit((unit) => unit.stages.delete(made.id))
        assert.ok(!(await store.liveDeployments()).some(isOurs))
      })
    })

    test('with a service all that belongs to it is gone, and nothing else', async () => {
      const [gone, kept] = [await newService(), await newService()]
      const made = await inUnit(async (unit) =>
        Promise.all(
          [gone, kept].map(async ({ id }) => {
            const [one, live, past] = [resource(id, '/'), stage(id, 'live'), revision(id, 1)]
            const deployed = deployment(live.id, 1, { hash: 'shared', revisionId: past.id })
            await unit.resources.insert([one])
            await unit.methods.insert(id, [method(one.id, 'GET')])
            await unit.models.insert(id, [model('Pet')])
            await unit.stages.insert(live)
            await unit.revisions.insert(past, '{}')
            await unit.deployments.insert(deployed, { hash: 'shared', json: '{}' }, settings)
            return { id, live, past, deployed }
          }),
        ),
      )
      await inUnit((unit) => unit.services.delete(gone.id))
      await inUnit(async (unit) => {
        for (const { id, live, past, deployed } of made) {
          const expected = id === kept.id ? 1 : 0
          assert.equal((await unit.resources.ofService(id)).length, expected)
          assert.equal((await unit.methods.ofService(id)).length, expected)
          assert.equal((await unit.models.ofService(id)).length, expected)
          assert.equal((await unit.stages.ofService(id)).length, expected)
          assert.equal((await unit.stages.find(live.id)) === null ? 0 : 1, expected)
          assert.equal((await unit.revisions.find(past.id)) === null ? 0 : 1, expected)
          assert.equal((await unit.deployments.find(deployed.id)) === null ? 0 : 1, expected)
        }
      })
    })

    test('users are found as they were saved, by name in order; their sessions end', async () => {
      const [ada, bob] = [user('ada', { role: null, serviceRoles: { s: 'editor' } }), user('Bob')]
      await inUnit(async (unit) => {
        assert.equal(await unit.users.exist(), false)
        await unit.users.insert(ada, 'hash-1')
        assert.equal(await unit.users.exist(), true)
        assert.equal(await unit.users.passwordOf(ada.id), 'hash-1')
        assert.equal(await unit.users.passwordOf(newId()), null)
        await unit.users.insert(bob, 'hash-2')
        assert.deepEqual(await unit.users.list(), [bob, ada])
        assert.deepEqual(await unit.users.find(ada.id), ada)
        assert.deepEqual(await unit.users.findForLogin('ada'), { user: ada, password: 'hash-1' })
        assert.equal(await unit.users.findForLogin('bob'), null)
        const changed: User = { ...ada, role: 'admin', version: 2 }
        await unit.users.update(changed)
        assert.deepEqual(await unit.users.findForLogin('ada'), { user: changed, password: 'hash-1' })

        await unit.users.insertSession('old', ada.id, at(0), at(10))
        assert.deepEqual(await unit.users.findBySession('old', at(9)), changed)
        assert.equal(await unit.users.findBySession('old', at(10)), null)
        await unit.users.insertSession('new', ada.id, at(20), at(30))
        assert.equal(await unit.users.findBySession('old', at(9)), null)
        await unit.users.deleteSession('new')
        assert.equal(await unit.users.findBySession('new', at(21)), null)
        await unit.users.insertSession('again', ada.id, at(20), at(30))
        await unit.users.setPassword(ada.id, 'hash-3')
        assert.equal(await unit.users.findBySession('again', at(21)), null)
        assert.equal((await unit.users.findForLogin('ada'))?.password, 'hash-3')
        await unit.users.insertSession('last', ada.id, at(20), at(30))
        await unit.users.delete(ada.id)
        assert.equal(await unit.users.findBySession('last', at(21)), null)
        assert.equal(await unit.users.find(ada.id), null)
      })
      await assert.rejects(() => inUnit((unit) => unit.users.insert(user('Bob'), 'hash')))
    })

    test('tokens are found by digest, the oldest first, and gone, also with their owners', async () => {
      const [young, old] = [
        token('young', { createdAt: at(2), role: 'editor', expiresAt: at(9) }),
        token('old', { createdAt: at(1), serviceRoles: { s: 'viewer' } }),
      ]
      await inUnit(async (unit) => {
        assert.equal(await unit.tokens.exist(), false)
        await unit.tokens.insert(young, 'digest-1')
        await unit.tokens.insert(old, 'digest-2')
        assert.equal(await unit.tokens.exist(), true)
        assert.deepEqual(await unit.tokens.list(), [old, young])
        assert.deepEqual(await unit.tokens.find(young.id), young)
        assert.deepEqual(await unit.tokens.findByDigest('digest-2'), old)
        assert.equal(await unit.tokens.findByDigest('digest-3'), null)
        await unit.tokens.setServiceRoles(old.id, {})
        assert.deepEqual(await unit.tokens.find(old.id), { ...old, serviceRoles: {} })
        await unit.tokens.delete(young.id)
        assert.deepEqual(await unit.tokens.list(), [{ ...old, serviceRoles: {} }])
      })
      await assert.rejects(() => inUnit((unit) => unit.tokens.insert(token('other'), 'digest-2')))
      const owner = user('owner')
      await inUnit(async (unit) => {
        await unit.users.insert(owner, 'hash')
        const owned = token('owned', { userId: owner.id })
        await unit.tokens.insert(owned, 'digest-4')
        assert.deepEqual(await unit.tokens.find(owned.id), owned)
        await unit.users.delete(owner.id)
        assert.equal(await unit.tokens.find(owned.id), null)
      })
    })

    test('keys are found by id, name and digest, page by page, and as the data plane needs them', async () => {
      const key = (name: string, given: Partial<ApiKey> = {}): ApiKey => ({
        id: newId(),
        name,
        description: '',
        active: true,
        expiresAt: null,
        lastUsedAt: null,
        version: 1,
        createdAt: at(0),
        updatedAt: at(0),
        ...given,
      })
      const [ada, bob, eve] = [
        key('ada', { description: ODD, active: false, expiresAt: at(9), createdAt: at(3) }),
        key('bob', { createdAt: at(1) }),
        key('eve', { createdAt: at(2) }),
      ]
      const digests = (name: string) => ({ primary: `${name}-1`, secondary: `${name}-2` })
      const made = [ada, bob, eve].map((one) => ({ key: one, digests: digests(one.name) }))
      const of = service('with-keys')
      const [live, test] = [stage(of.id, 'live'), stage(of.id, 'test')]
      const plan: Plan = {
        id: newId(),
        name: 'gold',
        description: ODD,
        requestsPerSecond: 5,
        burst: 9,
        quota: { requests: 100, per: 'month' },
        version: 1,
        createdAt: at(0),
        updatedAt: at(0),
      }
      const other: Plan = { ...plan, id: newId(), name: 'free', requestsPerSecond: null, burst: null, quota: null }
      await inUnit(async (unit) => {
        assert.equal(await unit.keys.count(), 0)
        await unit.keys.insert(made)
        assert.equal(await unit.keys.count(), 3)
        assert.deepEqual(await unit.keys.find(ada.id), ada)
        assert.deepEqual(await unit.keys.findByName('bob'), bob)
        assert.equal(await unit.keys.findByName('Bob'), null)
        assert.deepEqual(await unit.keys.takenNames(['bob', 'nobody']), new Set(['bob']))
        assert.deepEqual(
          await unit.keys.ownersOf(['ada-2', 'eve-1', 'x']),
          new Map([
            ['eve-1', eve.id],
            ['ada-2', ada.id],
          ]),
        )
        assert.deepEqual(await unit.keys.digestsOf(bob.id), digests('bob'))
        assert.equal(await unit.keys.digestsOf(newId()), null)
        assert.deepEqual(await unit.keys.digestsOfAll([eve.id, newId()]), new Map([[eve.id, digests('eve')]]))
        assert.deepEqual(await unit.keys.ofNames(['bob', 'nobody']), [bob])

        const page = { search: '', sort: 'name', isDescending: false, after: null, limit: 2 } as const
        const names = async (query: Partial<KeyQuery>) =>
          (await unit.keys.list({ ...page, ...query })).map((one) => one.name)
        assert.deepEqual(await names({}), ['ada', 'bob'])
        assert.deepEqual(await names({ after: { name: 'bob', value: 'bob' } }), ['eve'])
        assert.deepEqual(await names({ sort: 'createdAt' }), ['bob', 'eve'])
        assert.deepEqual(await names({ sort: 'createdAt', after: { name: 'eve', value: at(2) } }), ['ada'])
        assert.deepEqual(await names({ search: 'BO' }), ['bob'])
        await unit.keys.setLastUsed([{ keyId: eve.id, minute: 100 }])
        await unit.keys.setLastUsed([{ keyId: eve.id, minute: 50 }])
        assert.equal((await unit.keys.find(eve.id))?.lastUsedAt, new Date(100 * 60_000).toISOString())
        assert.deepEqual(await names({ sort: 'lastUsedAt', isDescending: true }), ['eve', 'bob'])
        assert.deepEqual(
          await names({ sort: 'lastUsedAt', isDescending: true, after: { name: 'eve', value: '100' } }),
          ['bob', 'ada'],
        )

        const changed = { ...bob, name: 'Bob', version: 2 }
        await unit.keys.update(changed)
        await unit.keys.setDigests(bob.id, { primary: 'new-1', secondary: 'bob-2' })
        assert.deepEqual(await unit.keys.find(bob.id), changed)

        await unit.services.insert(of)
        await unit.stages.insert(live)
        await unit.stages.insert(test)
        await unit.plans.insert(plan)
        await unit.plans.insert(other)
        assert.deepEqual(await unit.plans.list(), [other, plan])
        assert.deepEqual(await unit.plans.find(plan.id), plan)
        assert.deepEqual(await unit.plans.findByName('free'), other)
        await unit.plans.update({ ...other, description: 'Changed' })
        assert.equal((await unit.plans.find(other.id))?.description, 'Changed')
        for (const { id } of [live, test]) await unit.plans.connect(plan.id, id)
        await unit.plans.connect(plan.id, live.id)
        await unit.plans.connect(other.id, live.id)
        assert.equal(await unit.plans.isConnected(other.id, test.id), false)
        assert.deepEqual(await unit.plans.ofStages([live.id]), [
          { plan: 'free', stageId: live.id },
          { plan: 'gold', stageId: live.id },
        ])
        assert.deepEqual(await unit.plans.ofStages([]), [])
        const connections = await unit.plans.connections()
        assert.deepEqual(connections.get(other.id), [{ stageId: live.id, service: 'with-keys', stage: 'live' }])
        assert.deepEqual(
          connections
            .get(plan.id)
            ?.map((one) => one.stage)
            .sort(),
          ['live', 'test'],
        )

        await unit.keys.subscribe(bob.id, live.id, other.id)
        await unit.keys.subscribe(bob.id, live.id, plan.id)
        await unit.keys.subscribe(bob.id, test.id, plan.id)
        await unit.keys.subscribe(eve.id, test.id, plan.id)
        await unit.keys.unsubscribe(eve.id, test.id)
        const subscription = { stageId: live.id, service: 'with-keys', stage: 'live', planId: plan.id, plan: 'gold' }
        assert.deepEqual(await unit.keys.subscriptionsOf(bob.id), [
          subscription,
          { ...subscription, stageId: test.id, stage: 'test' },
        ])
        assert.equal((await unit.keys.subscriptionsOfAll([ada.id, bob.id])).size, 1)
        assert.equal(await unit.plans.countSubscriptions(plan.id, live.id), 1)
        assert.deepEqual(await unit.plans.subscribersOf(plan.id, live.id), ['Bob'])
        assert.deepEqual(await unit.plans.subscribersOf(other.id, live.id), [])
        assert.deepEqual(
          (await unit.plans.stagesOf(plan.id)).map((one) => [one.stage, one.subscriptions]),
          [
            ['live', 1],
            ['test', 1],
          ],
        )

        const used = { keyId: bob.id, stageId: live.id, planId: plan.id, period: 5, used: 7 }
        await unit.keys.saveUsage([used])
        await unit.keys.saveUsage([
          { ...used, used: 8 },
          { ...used, keyId: newId() },
        ])
        const [seen] = await unit.keys.live([bob.id])
        assert.deepEqual(
          { ...seen, subscriptions: seen?.subscriptions.toSorted((a, b) => b.used - a.used) },
          {
            id: bob.id,
            name: 'Bob',
            digests: ['new-1', 'bob-2'],
            isActive: true,
            expiresAt: 0,
            lastUsed: 0,
            subscriptions: [
              { stageId: live.id, planId: plan.id, period: 5, used: 8 },
              { stageId: test.id, planId: plan.id, period: 0, used: 0 },
            ],
          },
        )
        const first = await unit.keys.live({ after: '', limit: 2 })
        const rest = await unit.keys.live({ after: first.at(-1)?.id ?? '', limit: 2 })
        assert.deepEqual(
          [...first, ...rest].map(({ id }) => id),
          [ada.id, bob.id, eve.id].toSorted(),
        )
        assert.equal([...first, ...rest].find(({ id }) => id === ada.id)?.expiresAt, Date.parse(at(9)))
        await unit.keys.dropUsage(plan.id)
        assert.equal((await unit.keys.live([bob.id]))[0]?.subscriptions[0]?.used, 0)
      })
      // What is in use cannot go, whoever asks.
      await assert.rejects(() => inUnit((unit) => unit.keys.delete(bob.id)))
      await assert.rejects(() => inUnit((unit) => unit.plans.disconnect(plan.id, live.id)))
      await assert.rejects(() => inUnit((unit) => unit.stages.delete(live.id)))
      await assert.rejects(() =>
        inUnit((unit) => unit.keys.insert([{ key: key('zoe'), digests: { primary: 'new-1', secondary: 'z' } }])),
      )
      await inUnit(async (unit) => {
        await unit.keys.unsubscribe(bob.id, live.id)
        await unit.keys.unsubscribe(bob.id, test.id)
        for (const { id } of [ada, bob, eve]) await unit.keys.delete(id)
        for (const { id } of [live, test]) await unit.plans.disconnect(plan.id, id)
        await unit.plans.disconnect(other.id, live.id)
        for (const { id } of [plan, other]) await unit.plans.delete(id)
        assert.equal(await unit.keys.count(), 0)
        assert.deepEqual(await unit.plans.list(), [])
      })
    })

    test('what is known of the installation is found by name, and there once', async () => {
      const insert = () => inUnit((unit) => unit.installation.insert('test', ODD))
      await insert()
      assert.equal(await inUnit((unit) => unit.installation.find('test')), ODD)
      assert.equal(await inUnit((unit) => unit.installation.find('other')), null)
      await assert.rejects(insert)
      for (const value of ['first', ODD]) await inUnit((unit) => unit.installation.set('changed', value))
      assert.equal(await inUnit((unit) => unit.installation.find('changed')), ODD)
    })

    test('certificates are found as they were saved, by name in order, and changed, and gone', async () => {
      const made: StoredCertificate = {
        id: newId(),
        name: 'b.example',
        chain: `-----BEGIN\n${ODD}`,
        sealedKey: '$sealed$x',
        isDefault: true,
        source: 'uploaded',
        version: 1,
        createdAt: at(0),
        updatedAt: at(0),
      }
      const other: StoredCertificate = { ...made, id: newId(), name: 'a.example', isDefault: false, source: 'acme' }
      await inUnit(async ({ certificates }) => {
        await certificates.insert(made)
        await certificates.insert(other)
        assert.deepEqual(await certificates.list(), [other, made])
        assert.deepEqual(await certificates.find(made.id), made)
        assert.deepEqual(await certificates.findByName('a.example'), other)
        assert.equal(await certificates.findByName('c.example'), null)
      })
      await assert.rejects(inUnit((unit) => unit.certificates.insert({ ...made, id: newId() })))
      const changed = { ...made, name: 'c.example', chain: 'other', sealedKey: 'x', isDefault: false, version: 2 }
      await inUnit(async ({ certificates }) => {
        await certificates.update(changed)
        await certificates.delete(other.id)
        assert.deepEqual(await certificates.list(), [changed])
        await certificates.delete(made.id)
        assert.equal(await certificates.find(made.id), null)
      })
    })

    test('managed certificates and accounts are found as they were saved, and changed, and gone', async () => {
      const made: ManagedCertificate = {
        id: newId(),
        name: 'b.example',
        domains: ['b.example', 'www.b.example'],
        challenge: 'tls-alpn-01',
        directoryUrl: 'https://acme.example/directory',
        state: 'pending',
        failures: 0,
        lastError: null,
        nextAttemptAt: at(1),
        createdAt: at(0),
      }
      const other = { ...made, id: newId(), name: 'a.example' }
      const account = { directoryUrl: made.directoryUrl, url: 'https://acme.example/1', sealedKey: '$sealed$x' }
      await inUnit(async ({ managedCertificates }) => {
        await managedCertificates.insert(made)
        await managedCertificates.insert(other)
        assert.deepEqual(await managedCertificates.list(), [other, made])
        assert.deepEqual(await managedCertificates.findByName('b.example'), made)
        const failed = { ...made, state: 'failing', failures: 2, lastError: ODD } as const
        await managedCertificates.update(failed)
        await managedCertificates.delete(other.id)
        assert.deepEqual(await managedCertificates.list(), [failed])
        assert.equal(await managedCertificates.account(made.directoryUrl), null)
        await managedCertificates.insertAccount(account)
        assert.deepEqual(await managedCertificates.account(made.directoryUrl), account)
      })
      await assert.rejects(inUnit((unit) => unit.managedCertificates.insert({ ...made, id: newId() })))
    })

    test('the audit log holds who, what, before and after, the newest first', async () => {
      const id = newId()
      await inUnit((unit) =>
        unit.audit.record({ action: 'create', kind: 'service', serviceId: id, id, before: null, after: { text: ODD } }),
      )
      await store.inTransaction('bob', (unit) =>
        unit.audit.record({ action: 'delete', kind: 'key', id, before: { text: ODD }, after: null }),
      )
      const list = async (query: AuditQuery) => (await inUnit((unit) => unit.audit.list(query))) ?? []
      const entries = await list({ limit: 10, objectId: id })
      assert.deepEqual(
        entries
          .map(({ actor, action, kind, before, after }) => ({ actor, action, kind, before, after }))
          .toSorted((a, b) => (a.action < b.action ? -1 : 1)),
        [
          { actor: 'ada', action: 'create', kind: 'service', before: null, after: { text: ODD } },
          { actor: 'bob', action: 'delete', kind: 'key', before: { text: ODD }, after: null },
        ],
      )
      assert.equal((await list({ limit: 1 })).length, 1)
      const [newer, older] = entries
      assert.deepEqual(await inUnit((unit) => unit.audit.find(newer?.id ?? '')), newer)
      assert.equal(await inUnit((unit) => unit.audit.find(newId())), null)
      const idsOf = async (query: object) =>
        (await list({ limit: 10, objectId: id, ...query })).map((entry) => entry.id)
      assert.deepEqual(await idsOf({ before: newer?.id }), [older?.id])
      assert.deepEqual(await idsOf({ before: older?.id }), [])
      assert.equal(await inUnit((unit) => unit.audit.list({ limit: 10, before: newId() })), null)
      for (const query of [{ actor: 'bob' }, { action: 'delete' }, { kind: 'key' }])
        assert.deepEqual(
          await idsOf(query),
          entries.flatMap((entry) => (entry.kind === 'key' ? entry.id : [])),
        )
      assert.deepEqual(
        await idsOf({ serviceId: id }),
        entries.flatMap((entry) => (entry.serviceId === id ? entry.id : [])),
      )
      assert.equal((await idsOf({ serviceId: id })).length, 1)
      assert.deepEqual(await idsOf({ serviceId: newId() }), [])
      assert.deepEqual(await idsOf({ kind: 'other' }), [])
    })

    test('what statistics call things by is found by their ids', async () => {
      const { id } = await newService()
      const made = { stage: stage(id, 'live'), resource: resource(id, '/pets') }
      const called = method(made.resource.id, 'GET')
      const one = deployment(made.stage.id, 1)
      await inUnit(async (unit) => {
        await unit.stages.insert(made.stage)
        await unit.resources.insert([made.resource])
        await unit.methods.insert(id, [called])
        await unit.deployments.insert(one, { hash: one.hash, json: '{}' }, settings)
        assert.deepEqual([...(await unit.methods.labels([called.id, newId()]))], [[called.id, 'GET /pets']])
        assert.deepEqual([...(await unit.deployments.numbersOf(made.stage.id, [one.hash, 'none']))], [[one.hash, 1]])
        assert.deepEqual(
          (await unit.services.all([id, newId()])).map((found) => found.id),
          [id],
        )
        assert.ok((await unit.services.all(null)).length > 1)
        assert.deepEqual(await unit.stages.ofServices([id]), [made.stage])
        assert.deepEqual([...(await unit.keys.namesOf([newId()]))], [])
      })
    })

    test('alert rules are found as they were saved, by name in order, and go with their stage', async () => {
      const { id } = await newService()
      const made = stage(id, 'live')
      const alert = (name: string) => ({
        stageId: made.id,
        name,
        rule: {
          kind: 'latency' as const,
          threshold: 99.5,
          windowMinutes: 5,
          forMinutes: 2,
          minCalls: 20,
          webhook: `http://a/${ODD}`,
        },
        secret: null,
        standing: { state: 'firing' as const, since: 5, turnedAt: null, value: 0.5 },
        told: '',
        version: 1,
      })
      await inUnit(async (unit) => {
        await unit.stages.insert(made)
        for (const name of ['b', 'a']) await unit.alerts.put(alert(name))
        const changed = { ...alert('a'), secret: 'sealed', told: 'firing@5', version: 2 }
        await unit.alerts.put(changed)
        assert.deepEqual(await unit.alerts.find(made.id, 'a'), changed)
        assert.deepEqual(await unit.alerts.list(made.id), [changed, alert('b')])
        assert.ok((await unit.alerts.list(null)).length >= 2)
        await unit.alerts.delete(made.id, 'a')
        assert.equal(await unit.alerts.find(made.id, 'a'), null)
        assert.deepEqual(await unit.keys.mostUsed(made.id), [])
        await unit.stages.delete(made.id)
        assert.deepEqual(await unit.alerts.list(made.id), [])
      })
    })

    test('statistics are kept by group, block and bucket, and go bucket by bucket', async () => {
      const stageId = newId()
      const bytes = (...all: number[]) => new Uint8Array(all)
      const plain = (all: readonly { readonly data: Uint8Array }[]) => all.map(({ data }) => [...data])
      await inUnit(async ({ statistics }) => {
        const keys = ['a', 'b', ODD, 'a'].map((one) => ({ stageId, kind: 'route', id: one }))
        const places = await statistics.placesOf([...keys, { stageId, kind: 'key', id: 'a' }], 100)
        assert.deepEqual(
          places.map(({ place }) => place),
          [0, 1, 2, 0, 0],
        )
        const group = (await statistics.findGroup(stageId, 'route')) ?? 0
        assert.ok(group > 0 && places[4]?.group !== group)
        assert.equal(await statistics.findGroup(stageId, 'plan'), null)
        assert.equal(await statistics.sizeOf(group), 3)
        assert.deepEqual([...(await statistics.placesIn(group, ['b', 'z']))], [['b', 1]])
        assert.deepEqual([...(await statistics.idsAt(group, [2, 9]))], [[2, ODD]])
        // One that was seen later stays.
        await statistics.placesOf(keys.slice(0, 1), 105)
        await statistics.dropUnseen(105)
        assert.deepEqual([...(await statistics.placesIn(group, ['a', 'b']))], [['a', 0]])

        const row = { id: newId(), nodeId: 'n', batch: 2 ** 47, minute: 5, data: bytes(1, 0, 255) }
        for (let i = 0; i < 2; i++) await statistics.append(row)
        assert.deepEqual(await statistics.batches(), [{ batch: 2 ** 47, minute: 5, nodeId: 'n' }])
        assert.deepEqual(
          (await statistics.journalOf(2 ** 47)).map((data) => [...data]),
          [[1, 0, 255]],
        )
        await statistics.dropBatch(2 ** 47)
        assert.deepEqual(await statistics.batches(), [])

        const block = { width: 1, start: 5, group, block: 0, batch: 7, data: bytes(1) }
        await statistics.put([block, { ...block, block: 1 }, { ...block, block: -1 }, { ...block, start: 6 }])
        await statistics.put([{ ...block, data: bytes(2) }])
        assert.deepEqual(plain(await statistics.blocks(1, [5], group, [0])), [[2]])
        assert.equal((await statistics.blocks(1, [5, 6], group, 'all')).length, 3)
        assert.deepEqual(await statistics.blocks(1, [5], group, []), [])
        assert.deepEqual(await statistics.blocksIn(1, [5, 6]), [
          { group, block: 0 },
          { group, block: 1 },
        ])
        assert.equal(await statistics.expire(1, 5), false)
        assert.equal(await statistics.expire(1, 9), true)
        assert.deepEqual(await statistics.blocksIn(1, [5, 6]), [{ group, block: 0 }])

        for (let i = 0; i < 2; i++) await statistics.setDue([{ width: 10, start: 0 }])
        const [due] = await statistics.due()
        assert.deepEqual(due, { width: 10, start: 0, version: 2 })
        await statistics.setDone({ width: 10, start: 0, version: 1 })
        assert.equal((await statistics.due()).length, 1)
        await statistics.setDone({ width: 10, start: 0, version: 2 })
        assert.deepEqual(await statistics.due(), [])
      })
    })

    test('what fails leaves nothing behind', async () => {
      const made = service('half-made')
      const failing = inUnit(async (unit) => {
        await unit.services.insert(made)
        throw new Error('in the middle')
      })
      await assert.rejects(failing, /in the middle/)
      assert.equal(await inUnit((unit) => unit.services.find(made.id)), null)
    })

    test('every method of every repository has been tried', async () => {
      const all = await store.inTransaction('ada', async (unit) => methodsOf(unit))
      assert.ok(all.length > 50, `${all.length} methods`)
      // The data plane begins with them: tried through the store itself.
      assert.deepEqual(
        all.filter((name) => !tried.has(name)),
        ['deployments.live'],
      )
    })
  })
}
