import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { defaultBackendLimits } from '../../src/gateway/backend/pool.ts'
import { defaultClientLimits } from '../../src/gateway/http1/connection.ts'
import { defaultHeadLimits } from '../../src/gateway/http1/head.ts'
import { Supervisor } from '../../src/gateway/supervisor.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { RouteNames } from '../../src/telemetry/names.ts'
import { ProcessMetrics } from '../../src/telemetry/process-metrics.ts'
import { TrafficTotals } from '../../src/telemetry/traffic-totals.ts'
import { plainFront } from '../support/front.ts'
import { readScrape } from '../support/prometheus.ts'
import { rawRequest } from '../support/raw.ts'
import { snapshotOf } from '../support/snapshots.ts'
import { freePort, temporaryFolder } from '../support/turnpike.ts'

/** Metrics while workers die: what was counted stays counted. */

let supervisor: Supervisor
let metrics: Metrics
let port: number
const processMetrics = new ProcessMetrics()
before(async () => {
  port = await freePort()
  const names = new RouteNames({
    get version() {
      return supervisor.liveVersion
    },
    get stages() {
      return supervisor.liveSnapshots()
    },
  })
  const traffic = new TrafficTotals({ maxSeries: 100, names, now: () => performance.now() })
  supervisor = new Supervisor(
    {
      workers: 2,
      front: plainFront(port),
      trustedProxies: [],
      node: { id: 'n1', name: 'node' },
      secretKey: randomBytes(32).toString('base64'),
      maxKeys: 1_000,
      maxConnections: 100,
      permissions: { socketFolders: [] },
      dnsServers: [],
      recentRequests: 100,
      logFolder: temporaryFolder(),
      client: { ...defaultHeadLimits, ...defaultClientLimits },
      backend: defaultBackendLimits,
    },
    { warn: () => undefined, error: () => undefined },
    (delta) => traffic.add(delta),
  )
  metrics = new Metrics({
    version: '1',
    traffic,
    gateway: () => supervisor.vitals(),
    process: processMetrics,
    store: () => ({ isUp: true, latencyMs: 1 }),
    more: () => [],
  })
  await supervisor.start([snapshotOf('m', [{ plugin: 'mock', config: { status: 200, headers: {}, body: 'x' } }])])
})
after(async () => {
  processMetrics.close()
  await supervisor.stop(1_000)
})

/** Counters and parts of histograms, by their series. */
function counters(text: string): Map<string, number> {
  const lines = text
    .split('\n')
    .flatMap((line) => /^([a-z_]+_(?:total|bucket|sum|count)(?:\{.*\})?) (.*)$/.exec(line) ?? [])
  const found = new Map<string, number>()
  for (let i = 0; i < lines.length; i += 3) found.set(lines[i + 1] ?? '', Number(lines[i + 2]))
  return found
}

const call = () => rawRequest(port, 'GET /a HTTP/1.1\r\nHost: m.localhost\r\nConnection: close\r\n\r\n')
const text = () => [...metrics.expose('text')].join('')
const counted = () => readScrape(text()).sum('turnpike_http_requests_total', { service: 'm', status: '200' }) ?? 0

/** Waits until every worker has told all that it has counted so far. */
async function untilTold(): Promise<void> {
  const reports = new Map<string, Set<number>>()
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 10))) {
    for (const [series, value] of counters(text())) {
      if (!series.startsWith('turnpike_worker_active_seconds_total')) continue
      reports.set(series, (reports.get(series) ?? new Set()).add(value))
    }
    // The first is what was known before, the second may have been on its way.
    if ([...reports.values()].every((values) => values.size > 2)) return
  }
  throw new Error('the workers do not report')
}

test('no counter ever goes down while workers die, and what comes after is counted to the last request', async () => {
  let last = new Map<string, number>()
  const look = () => {
    const now = counters(text())
    assert.ok(now.size > 10)
    for (const [series, value] of last)
      assert.ok((now.get(series) ?? -1) >= value, `${series}: ${value}, then ${now.get(series)}`)
    last = now
  }
  const restarts = () => readScrape(text()).sum('turnpike_worker_restarts_total') ?? 0
  for (let death = 1; death <= 3; death++) {
    for (let i = 0; i < 50; i++) {
      await call()
      look()
    }
    await supervisor.killWorker(death % 2)
    while (restarts() < death || supervisor.readiness.ready < 2) {
      look()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  await untilTold()
  const before = counted()
  for (let i = 0; i < 100; i++) assert.match(await call(), /^HTTP\/1\.1 200 /)
  await untilTold()
  look()
  assert.equal(counted(), before + 100)
})
