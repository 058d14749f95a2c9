import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { defaultBackendLimits } from '../../src/gateway/backend/pool.ts'
import { defaultClientLimits } from '../../src/gateway/http1/connection.ts'
import { defaultHeadLimits } from '../../src/gateway/http1/head.ts'
import { Supervisor } from '../../src/gateway/supervisor.ts'
import { createVault } from '../../src/lib/vault.ts'
import { newId } from '../../src/model/id.ts'
import type { LiveKey } from '../../src/model/key.ts'
import type { Plan } from '../../src/model/plan.ts'
import { plainFront } from '../support/front.ts'
import { RawBackend, RawClient, rawRequest, statuses } from '../support/raw.ts'
import { snapshotOf } from '../support/snapshots.ts'
import { freePort } from '../support/turnpike.ts'

/** Counting by several workers, while some of them die. */

const STAGE = 'stage-w'
const WORKERS = 3
const secretKey = randomBytes(32)
const { digest } = createVault(secretKey)
const at = new Date(0).toISOString()

const planOf = (more: Partial<Plan>): Plan => ({
  id: newId(),
  name: 'plan',
  description: '',
  requestsPerSecond: null,
  burst: null,
  quota: null,
  version: 1,
  createdAt: at,
  updatedAt: at,
  ...more,
})
const keyOf = (value: string, planId: string): LiveKey => ({
  id: newId(),
  name: value,
  digests: [digest(value), digest(`${value}-2`)],
  isActive: true,
  expiresAt: 0,
  lastUsed: 0,
  subscriptions: [{ stageId: STAGE, planId, period: 0, used: 0 }],
})

let supervisor: Supervisor
let port: number
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
before(async () => {
  port = await freePort()
  supervisor = new Supervisor(
    {
      workers: WORKERS,
      front: plainFront(port),
      trustedProxies: [],
      permissions: { socketFolders: [] },
      dnsServers: [],
      node: { id: 'n1', name: 'node' },
      secretKey: secretKey.toString('base64'),
      maxKeys: 1_000,
      logFolder: '',
      recentRequests: 100,
      maxConnections: 1_000,
      client: { ...defaultHeadLimits, ...defaultClientLimits },
      backend: defaultBackendLimits,
    },
    { warn: () => undefined, error: () => undefined },
  )
  await supervisor.start([
    snapshotOf('w', [
      { plugin: 'key-auth', config: { header: 'x-api-key', keep: false, headers: false } },
      { plugin: 'concurrency-limit', config: { requests: 1_000, scope: 'route', by: 'all', withoutKey: 'pass' } },
      { plugin: 'mock', config: { status: 200, headers: {}, body: 'ok' } },
    ]),
  ])
})
after(async () => {
  agent.destroy()
  await supervisor.stop(1_000)
})

/** The status of one call; 0 where its worker died. */
function call(value: string): Promise<number> {
  return new Promise((resolve) => {
    const headers = { host: 'w.localhost', 'x-api-key': value }
    const sent = request({ port, host: '127.0.0.1', path: '/a', headers, agent }, (answer) => {
      answer.resume().once('close', () => resolve(answer.complete ? (answer.statusCode ?? 0) : 0))
    })
    sent.once('error', () => resolve(0))
    sent.end()
  })
}

async function hammer(value: string, count: number): Promise<number[]> {
  const statuses: number[] = []
  let sent = 0
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (sent++ < count) statuses.push(await call(value))
    }),
  )
  return statuses
}

describe('keys', () => {
  test('what was counted survives the workers that counted it; a new one begins with all keys and plans', async () => {
    const plan = planOf({ quota: { requests: 3_000, per: 'month' } })
    await supervisor.keys.putPlan(plan)
    const key = keyOf('survivor', plan.id)
    supervisor.keys.putKey(key)
    const killing = (async () => {
      for (let round = 0; round < 2; round++)
        for (let worker = 0; worker < WORKERS; worker++) {
          await supervisor.killWorker(worker)
          while (supervisor.status().workers[worker]?.state !== 'ready')
            await new Promise<void>((resolve) => setTimeout(resolve, 10))
        }
    })()
    let passed = 0
    let lost = 0
    const count = (statuses: readonly number[]) => {
      passed += statuses.filter((status) => status === 200).length
      lost += statuses.filter((status) => status === 0).length
    }
    count(await hammer('survivor', 2_000))
    await killing
    count(await hammer('survivor', 3_000))
    // A worker may have counted a request whose answer died with it, and no other.
    assert.ok(passed <= 3_000 && passed + lost >= 3_000, `${passed} passed, ${lost} lost`)
    assert.equal(supervisor.keys.stateOf(key.id).subscriptions[0]?.used, 3_000)
    assert.equal(await call('survivor'), 429)
  })
})

describe('requests under way', () => {
  test('what the dead had under way is given back', async () => {
    const backend = await RawBackend.start()
    const limit = {
      plugin: 'concurrency-limit',
      config: { requests: 4, scope: 'route', by: 'all', withoutKey: 'pass' },
    } as const
    await supervisor.publish(snapshotOf('slow', [limit], backend.url))
    const clients: RawClient[] = []
    /** Fills all places; resolves when each request has come to the backend. */
    const fill = async () => {
      const before = backend.connections.length
      for (let i = 0; i < 4; i++) {
        const client = new RawClient(port)
        client.write('GET /a HTTP/1.1\r\nHost: slow.localhost\r\n\r\n')
        clients.push(client)
      }
      await backend.connection(before + 4)
    }
    const one = () => rawRequest(port, 'GET /a HTTP/1.1\r\nHost: slow.localhost\r\nConnection: close\r\n\r\n')
    await fill()
    assert.deepEqual(statuses(await one()), [429])
    for (let worker = 0; worker < WORKERS; worker++) await supervisor.killWorker(worker)
    while (supervisor.status().workers.some(({ state }) => state !== 'ready'))
      await new Promise<void>((resolve) => setTimeout(resolve, 10))
    await fill()
    assert.deepEqual(statuses(await one()), [429])
    for (const client of clients) client.close()
    await backend.close()
  })
})
