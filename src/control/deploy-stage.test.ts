import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, beforeEach, describe, test } from 'node:test'
import { createVault } from '../lib/vault.ts'
import type { Deployment } from '../model/deployment.ts'
import { LostUpdate, Unavailable } from '../model/errors.ts'
import { openStore, type Store } from '../store/open.ts'
import { createService } from './create-service.ts'
import { createStage } from './create-stage.ts'
import { deleteStage } from './delete-stage.ts'
import { Deployer } from './deploy-stage.ts'
import { findService, findStage } from './find.ts'
import type { Publisher } from './publisher.ts'
import { findDeployment } from './read-deployments.ts'

/** What becomes of deployments when store, gateway or other people get in their way. */

const vault = createVault(Buffer.alloc(32, 1))
const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

let store: Store
let open: () => Promise<Store>
/** The node that deploys. */
let node: { id: string; name: string }
let isDown: boolean
let published: string[]
let whenPublished: () => void | Promise<void>
let deployer: Deployer

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'turnpike-deployer-'))
  folders.push(folder)
  open = () => openStore({ folder, url: '', vault, logger: { info: () => undefined, warn: () => undefined } })
  store = await open()
  node = { id: store.nodeId, name: 'node' }
  isDown = false
  published = []
  whenPublished = () => undefined
  const publisher: Publisher = {
    get node() {
      return node
    },
    backends: () => [],
    async publish({ json }) {
      published.push(JSON.parse(json).stage.id)
      await whenPublished()
    },
    publishCanary: async () => undefined,
    withdrawCanary: async () => undefined,
    sides: () => null,
    withdraw: async (stageId) => {
      published = published.filter((id) => id !== stageId)
    },
    status: () => ({
      workers: [],
      memory: { residentBytes: 0, heapUsedBytes: 0 },
      snapshots: [],
      requests: 0,
      routes: {},
      accessLogs: [],
    }),
  }
  const unreliable: Store = {
    ...store,
    inTransaction: async (actor, work) => {
      if (isDown) throw new Unavailable('The database cannot be used now.')
      return store.inTransaction(actor, work)
    },
  }
  deployer = new Deployer(unreliable, publisher, 'localhost')
  await store.inTransaction('ada', async (unit) => {
    await createService(unit, { name: 'shop' })
    await createStage(unit, 'shop', { name: 'live' })
  })
})
afterEach(() => store.close())

const deploy = async (expected: number | null = null) =>
  (await deployer.deploy('ada', 'shop', 'live', { note: '', apply: false, expected })).deployment
const stage = () => store.inTransaction('ada', async (unit) => findStage(unit, await findService(unit, 'shop'), 'live'))
const statusOf = async ({ number }: Pick<Deployment, 'number'>) =>
  (await store.inTransaction('ada', (unit) => findDeployment(unit, 'shop', 'live', number))).status

describe('the store is gone when a deployment has become live', () => {
  const deployWithoutStore = async () => {
    whenPublished = () => {
      isDown = true
    }
    await assert.rejects(deploy(), (error) => {
      assert.ok(error instanceof Unavailable)
      return /^Deployment 1 is live, but that could not be recorded yet/.test(error.message)
    })
    whenPublished = () => undefined
    assert.equal(await statusOf({ number: 1 }), 'deploying')
  }

  test('it is recorded before the next one', async () => {
    await deployWithoutStore()
    await assert.rejects(deploy(), /^Error: The database cannot be used now/)
    isDown = false
    const second = await deploy()
    assert.deepEqual([await statusOf({ number: 1 }), await statusOf(second)], ['complete', 'complete'])
    assert.equal((await stage()).deploymentId, second.id)
  })

  test('it is recorded by itself when the store is back', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    await deployWithoutStore()
    context.mock.timers.tick(2_000)
    await deployer.rollBack('ada', 'shop', 'live', 1).catch(() => undefined)
    assert.equal(await statusOf({ number: 1 }), 'deploying')
    isDown = false
    while ((await statusOf({ number: 1 })) !== 'complete') {
      context.mock.timers.tick(2_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.notEqual((await stage()).deploymentId, null)
  })
})

for (const [what, id, status] of [
  ['has failed when the program starts again', '', 'failed'],
  ['goes on when another node starts', 'another', 'deploying'],
] as const)
  test(`what is under way ${what}`, async () => {
    if (id !== '') node = { id, name: id }
    whenPublished = () => {
      isDown = true
    }
    await assert.rejects(deploy(), Unavailable)
    await store.close()
    store = await open()
    assert.equal(await statusOf({ number: 1 }), status)
  })

test('a stage that is deleted while it is deployed is taken off the gateway again', async () => {
  whenPublished = async () => {
    await store.inTransaction('ada', (unit) => deleteStage(unit, 'shop', 'live', null))
  }
  await assert.rejects(deploy(), /^Error: The stage was deleted while deployment 1 was made live/)
  assert.deepEqual(published, [])
})

test('a deployment that the gateway refuses is failed, with the reason, and what ran before stays', async () => {
  const first = await deploy()
  whenPublished = () => {
    throw new Error('worker 0: no')
  }
  await assert.rejects(deploy(), /^Error: Deployment 2 failed on node node \(worker 0: no\)/)
  assert.deepEqual([await statusOf(first), await statusOf({ number: 2 })], ['complete', 'failed'])
  assert.equal((await stage()).deploymentId, first.id)
})

test('who has not seen what was deployed meanwhile neither deploys nor rolls back', async () => {
  const { version } = await stage()
  await deploy(version)
  await assert.rejects(deploy(version), LostUpdate)
  await assert.rejects(deployer.rollBack('ada', 'shop', 'live', 1, version), LostUpdate)
  assert.equal(published.length, 1)
  const now = (await stage()).version
  await deployer.rollBack('ada', 'shop', 'live', 1, now)
  assert.equal((await stage()).version, now + 1)
})
