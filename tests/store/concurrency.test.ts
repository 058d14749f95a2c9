import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { applyDraft } from '../../src/control/apply-draft.ts'
import { createResource } from '../../src/control/create-resource.ts'
import { createService } from '../../src/control/create-service.ts'
import { createStage } from '../../src/control/create-stage.ts'
import { deleteService } from '../../src/control/delete-service.ts'
import { Deployer } from '../../src/control/deploy-stage.ts'
import { findService } from '../../src/control/find.ts'
import type { Publisher } from '../../src/control/publisher.ts'
import { ensureAdminToken } from '../../src/control/tokens.ts'
import { updateService } from '../../src/control/update-service.ts'
import { createVault } from '../../src/lib/vault.ts'
import { Conflict, LostUpdate } from '../../src/model/errors.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { type PostgresServer, startPostgres, withoutPostgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/turnpike.ts'

/**
 * Use cases that get into one another's way, from two stores on one database as two processes have them (the embedded
 * database takes one): the outcome is always one that they could have had one after the other.
 */

const vault = createVault(Buffer.alloc(32, 1))
const silent = { info: () => undefined, warn: () => undefined }
let server: PostgresServer | undefined
const databases = [
  { name: 'SQLite', skip: false, stores: 1, url: async () => '' },
  {
    name: 'PostgreSQL',
    skip: withoutPostgres,
    stores: 2,
    async url() {
      server = await startPostgres()
      return server.createDatabase()
    },
  },
]
after(() => server?.stop())

const ROUNDS = 8
const AT_ONCE = 12

const idle: Publisher = {
  node: { id: 'node', name: 'node' },
  publish: async () => undefined,
  publishCanary: async () => undefined,
  withdrawCanary: async () => undefined,
  sides: () => null,
  withdraw: async () => undefined,
  backends: () => [],
  status: () => ({
    workers: [],
    memory: { residentBytes: 0, heapUsedBytes: 0 },
    snapshots: [],
    requests: 0,
    routes: {},
    accessLogs: [],
  }),
}

for (const { name, skip, url, stores: count } of databases) {
  describe(name, { skip }, () => {
    let stores: Store[] = []
    let last = 0
    before(async () => {
      const shared = await url()
      // All at once: who comes first migrates, the others wait for it.
      stores = await Promise.all(
        Array.from({ length: count }, () =>
          openStore({ folder: temporaryFolder(), url: shared, vault, logger: silent }),
        ),
      )
    })
    after(() => Promise.all(stores.map((store) => store.close())))

    /** Runs work `AT_ONCE` times at once, spread over the stores; gives back what came of each. */
    const atOnce = <T>(work: (store: Store, i: number) => Promise<T>) =>
      Promise.allSettled(Array.from({ length: AT_ONCE }, (_, i) => work(stores[i % stores.length] ?? assert.fail(), i)))
    const onFirst: Store['inTransaction'] = (actor, work) => (stores[0] ?? assert.fail()).inTransaction(actor, work)
    const newService = () => onFirst('ada', (unit) => createService(unit, { name: `service-${++last}` }))
    const values = <T>(settled: readonly PromiseSettledResult<T>[]): T[] =>
      settled.map((one) => (one.status === 'fulfilled' ? one.value : assert.fail(String(one.reason))))
    const failures = (settled: readonly PromiseSettledResult<unknown>[]) =>
      settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

    test('of editors who have read the same version one changes it, and the others are told', async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const { id, version } = await newService()
        const settled = await atOnce((store, i) =>
          store.inTransaction('ada', (unit) => updateService(unit, id, { description: `by ${i}` }, version)),
        )
        assert.ok(failures(settled).every((error) => error instanceof LostUpdate))
        const [winner, ...others] = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
        assert.deepEqual(others, [])
        assert.deepEqual(await onFirst('ada', (unit) => findService(unit, id)), winner)
      }
    })

    test('changes of one design are all there, and counted', async () => {
      const { id } = await newService()
      values(
        await atOnce((store, i) =>
          store.inTransaction('ada', (unit) => createResource(unit, id, { path: `/shared/${i}` }, null)),
        ),
      )
      await onFirst('ada', async (unit) => {
        assert.equal((await findService(unit, id)).version, 1 + AT_ONCE)
        // The root, "/shared", which all of them need and one has made, and theirs.
        assert.equal((await unit.resources.pathsOf(id)).length, 2 + AT_ONCE)
      })
    })

    test('a name is given once, and who comes too late is told to choose another', async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const settled = await atOnce((store) =>
          store.inTransaction('ada', (unit) => createService(unit, { name: `taken-${round}` })),
        )
        const refused = failures(settled)
        assert.equal(refused.length, AT_ONCE - 1)
        for (const error of refused) {
          assert.ok(error instanceof Conflict, String(error))
          assert.match(error.message, /choose another name/)
        }
      }
    })

    test('services that have nothing to do with one another are all made', async () => {
      values(
        await atOnce((store, i) => store.inTransaction('ada', (unit) => createService(unit, { name: `own-${i}` }))),
      )
    })

    test('deployments are numbered without a gap or a double', async () => {
      const { id } = await newService()
      const stage = await onFirst('ada', (unit) => createStage(unit, id, { name: 'live' }))
      const deployers = stores.map((store) => new Deployer(store, idle, 'localhost'))
      const settled = await atOnce((_, i) =>
        (deployers[i % deployers.length] ?? assert.fail()).deploy('ada', id, 'live', { note: '', apply: true }),
      )
      const numbers = values(settled).map(({ deployment }) => deployment.number)
      assert.deepEqual(
        numbers.toSorted((a, b) => a - b),
        upTo(AT_ONCE),
      )
      await onFirst('ada', async (unit) => {
        const all = await unit.deployments.ofStage(stage.id, AT_ONCE + 1, 100)
        assert.deepEqual(new Set(all.map(({ status }) => status)), new Set(['complete']))
        const live = (await unit.stages.find(stage.id))?.deploymentId
        assert.ok(all.some((one) => one.id === live))
      })
    })

    test('revisions are numbered without a double while the design changes', async () => {
      const { id } = await newService()
      for (let i = 0; i < AT_ONCE; i++) await onFirst('ada', (unit) => createStage(unit, id, { name: `s${i}` }))
      const applied = values(
        await atOnce(async (store, i) => {
          await store.inTransaction('ada', (unit) => createResource(unit, id, { path: `/r${i}` }, null))
          return store.inTransaction('ada', (unit) => applyDraft(unit, id, `s${i}`, null))
        }),
      )
      const ids = new Map(applied.map(({ revision }) => [revision.number, revision.id]))
      assert.equal(ids.size, new Set(applied.map(({ revision }) => revision.id)).size)
      assert.deepEqual(
        [...ids.keys()].toSorted((a, b) => a - b),
        upTo(ids.size),
      )
    })

    test('what is added to a service while it is deleted is there before, or not at all', async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const { id } = await newService()
        const settled = await atOnce((store, i) =>
          store.inTransaction('ada', async (unit) => {
            if (i === AT_ONCE >> 1) await deleteService(unit, id, null)
            else await createResource(unit, id, { path: `/r${i}` }, null)
          }),
        )
        for (const error of failures(settled)) assert.match(String(error), /There is no service/)
        assert.equal(await onFirst('ada', (unit) => unit.services.find(id)), null)
        assert.deepEqual(await onFirst('ada', (unit) => unit.resources.ofService(id)), [])
      }
    })

    test('the first admin token is made once', async () => {
      const made = values(await atOnce(ensureAdminToken)).filter((token) => token !== null)
      assert.equal(made.length, 1)
    })
  })
}
