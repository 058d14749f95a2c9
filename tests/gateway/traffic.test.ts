import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { StatisticsReader } from '../../src/control/statistics/reader.ts'
import { StatisticsService } from '../../src/control/statistics/service.ts'
import { defaultBackendLimits } from '../../src/gateway/backend/pool.ts'
import { defaultClientLimits } from '../../src/gateway/http1/connection.ts'
import { defaultHeadLimits } from '../../src/gateway/http1/head.ts'
import { Supervisor } from '../../src/gateway/supervisor.ts'
import { createVault } from '../../src/lib/vault.ts'
import { freeze } from '../../src/snapshot/hash.ts'
import { stageTotal } from '../../src/stats/gathered.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { plainFront } from '../support/front.ts'
import { sendLoad } from '../support/load.ts'
import { freePort, temporaryFolder } from '../support/turnpike.ts'

/** What is counted while workers die: all that they had told. */

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
/** A worker tells once a second; a loaded machine may be late. */
const TOLD_AFTER_MS = 2_500
const STATISTICS = {
  statisticsMinutes: 7,
  statisticsTenMinutes: 30,
  statisticsHours: 90,
  statisticsDays: 90,
  statisticsSeries: 1_000,
}

let store: Store
let statistics: StatisticsService
let supervisor: Supervisor
let port: number
before(async () => {
  const vault = createVault(Buffer.alloc(32, 1))
  store = await openStore({ folder: temporaryFolder(), url: '', vault, logger: silent })
  statistics = new StatisticsService({ store, nodeId: 'n1', log: silent, now: Date.now }, STATISTICS)
  port = await freePort()
  supervisor = new Supervisor(
    {
      workers: 2,
      front: plainFront(port),
      trustedProxies: [],
      permissions: { socketFolders: [] },
      dnsServers: [],
      recentRequests: 100,
      logFolder: temporaryFolder(),
      node: { id: 'n1', name: 'node' },
      secretKey: randomBytes(32).toString('base64'),
      maxKeys: 1_000,
      maxConnections: 100,
      client: { ...defaultHeadLimits, ...defaultClientLimits },
      backend: defaultBackendLimits,
    },
    silent,
    statistics.collector.take,
  )
  const routes = ['/a', '/b'].map((pattern) => ({
    id: `route${pattern}`,
    pattern,
    method: 'GET',
    plugins: [{ plugin: 'mock' as const, config: { status: 200, headers: {}, body: pattern } }],
    backend: null,
  }))
  const stage = { id: 'stage', service: 'w', name: 'live', hosts: ['w.localhost'], variables: {} }
  await supervisor.start([freeze({ format: 1, stage, backends: {}, responses: {}, routes })])
  statistics.start()
})
after(async () => {
  await supervisor.stop(1_000)
  await statistics.stop()
  await store.close()
})

async function counted(): Promise<number> {
  const span = { from: Math.floor(Date.now() / 60_000) - 60, to: Math.floor(Date.now() / 60_000) + 1 }
  const [sum] = await store.inTransaction('test', async (unit) =>
    (await StatisticsReader.open(unit, statistics.collector)).sums([stageTotal('stage')], [span]),
  )
  return sum?.calls ?? 0
}

async function until(calls: number): Promise<number> {
  for (const end = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const now = await counted()
    if (now === calls || Date.now() > end) return now
  }
}

test('a worker that dies takes along what it had not told, and nothing else', async () => {
  const load = (count: number, onAnswer: () => void = () => undefined) =>
    sendLoad(port, 'w.localhost', ['/a', '/b', '/nothing'], count, { onAnswer })
  // 1. Told, then killed: nothing is missing.
  await load(15_000)
  assert.equal(await until(15_000), 15_000)
  await supervisor.killWorker(0)
  assert.equal(await counted(), 15_000)

  // 2. Killed in the middle, twice: no more than was sent, and no less than was told.
  const answers: number[] = []
  const running = load(1_000_000, () => void answers.push(performance.now()))
  const began = performance.now()
  for (const worker of [1, 0]) {
    while (performance.now() - began < 3_500 * (2 - worker)) await new Promise((resolve) => setTimeout(resolve, 10))
    await supervisor.killWorker(worker)
  }
  const { sent } = await running
  const told = answers.filter((at) => at < began + 3_500 - TOLD_AFTER_MS).length
  await new Promise((resolve) => setTimeout(resolve, TOLD_AFTER_MS))
  const between = (await counted()) - 15_000
  assert.ok(between >= told && between <= sent, `${between} counted, ${told} told in time, ${sent} sent`)

  // 3. Those that were started again count to the last request.
  for (const end = Date.now() + 60_000; supervisor.readiness.ready < 2 && Date.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 20))
  const { statuses } = await load(15_000)
  assert.deepEqual([statuses.get(200), statuses.get(404)], [10_000, 5_000])
  assert.equal(await until(15_000 + between + 15_000), 15_000 + between + 15_000)
})
