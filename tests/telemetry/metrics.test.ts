import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { requireCommands } from '../support/commands.ts'
import { promtoolFindings, scrapeUntil } from '../support/prometheus.ts'
import { rawRequest } from '../support/raw.ts'
import { deployProxy, startTurnpike, type Turnpike } from '../support/turnpike.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/observability.md'), 'utf8')

/** `/metrics`, as Prometheus reads it from the real program. */

let turnpike: Turnpike
let backend: Server
before(async () => {
  backend = createServer((incoming, answer) => {
    answer.statusCode = Number(incoming.url?.split('/')[1]) || 200
    incoming.resume().once('end', () => answer.end('ok'))
  })
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  turnpike = await startTurnpike({ args: ['--workers', '2', '--metrics-max-series', '4'] })
  await deployProxy(turnpike, 'counted', `http://127.0.0.1:${(backend.address() as AddressInfo).port}`)
})
after(async () => {
  await turnpike.stop()
  backend.close()
})

const call = (path: string, host = 'counted.localhost', method = 'GET') =>
  rawRequest(turnpike.gatewayPort, `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)

describe('metrics', () => {
  test('tell exactly what was sent, in a form that a parser and promtool take', {
    skip: requireCommands(['promtool']),
  }, async () => {
    const sent: [string, string, number][] = [
      ['/200', 'counted.localhost', 30],
      ['/404', 'counted.localhost', 7],
      ['/500', 'counted.localhost', 3],
      ['/%2f', 'counted.localhost', 2],
      ['/', 'nobody.example', 5],
    ]
    const calls = sent.flatMap(([path, host, times]) => Array.from({ length: times }, () => call(path, host)))
    await Promise.all(calls)
    const read = await scrapeUntil(
      turnpike.managementPort,
      // Requests, workers and targets are told in messages of their own.
      ({ sum }) =>
        (sum('turnpike_http_requests_total') ?? 0) >= calls.length &&
        (sum('turnpike_worker_requests_total') ?? 0) >= calls.length &&
        (sum('turnpike_worker_active_seconds_total') ?? 0) > 0 &&
        (sum('turnpike_backend_target_requests_total', { service: 'counted' }) ?? 0) >= 40,
      'were all requests counted',
    )
    const { sum } = read
    const own = { service: 'counted', stage: 'live', route: '/{path+}', method: 'ANY' }
    assert.equal(sum('turnpike_http_requests_total'), calls.length)
    assert.equal(sum('turnpike_http_requests_total', { ...own, status: '200' }), 30)
    assert.equal(sum('turnpike_http_requests_total', { ...own, status: '404' }), 7)
    assert.equal(sum('turnpike_gateway_answers_total', { service: 'counted', code: 'invalid-uri' }), 2)
    assert.equal(sum('turnpike_gateway_answers_total', { code: 'unknown-host' }), 5)
    assert.equal(sum('turnpike_worker_requests_total'), calls.length)
    assert.equal(sum('turnpike_workers', { state: 'ready' }), 2)
    assert.equal(sum('turnpike_live_deployment_info', { service: 'counted', stage: 'live' }), 1)
    assert.equal(sum('turnpike_deployments_total', { outcome: 'complete' }), 1)
    assert.equal(sum('turnpike_store_up'), 1)
    assert.equal(sum('turnpike_backend_target_up', { service: 'counted', backend: 'default' }), 1)
    assert.equal(sum('turnpike_backend_target_requests_total', { service: 'counted' }), 40)
    assert.ok((sum('process_resident_memory_bytes') ?? 0) > 1e7)
    assert.ok((sum('turnpike_worker_active_seconds_total') ?? 0) > 0)
    assert.ok(
      read.text.includes(
        `turnpike_http_request_duration_seconds_count{service="counted",stage="live",route="/{path+}",method="ANY"} 40\n`,
      ),
    )
    // One of five sets of labels had no place.
    assert.equal(sum('turnpike_http_requests_total', { service: 'other', route: 'other' }) !== undefined, true)
    assert.ok((sum('turnpike_metrics_series_overflows_total', { metric: 'turnpike_http_requests_total' }) ?? 0) >= 1)
    assert.equal(promtoolFindings(read.text), '')
    const told = [...read.text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)
    const documented = [...guide.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name)
    // Only where a collector is sent anything.
    assert.deepEqual(documented.filter((name) => !name?.includes('_otlp_')).sort(), told.sort())
  })

  test('come as OpenMetrics to a scraper that prefers it', async () => {
    const response = await fetch(`http://127.0.0.1:${turnpike.managementPort}/metrics`, {
      headers: { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1' },
    })
    assert.match(response.headers.get('content-type') ?? '', /^application\/openmetrics-text; version=1\.0\.0/)
    assert.match(await response.text(), /# TYPE turnpike_http_requests counter\n[\s\S]*\n# EOF\n$/)
  })
})

describe('who may read metrics', () => {
  const token = 'metrics-token-of-the-test'
  let withToken: Turnpike
  before(async () => {
    withToken = await startTurnpike({ args: ['--workers', '1'], env: { TURNPIKE_METRICS_TOKEN: token } })
  })
  after(() => withToken.stop())

  const ask = async (path: string, bearer: string | null) => {
    const headers = bearer === null ? {} : { authorization: `Bearer ${bearer}` }
    return (await fetch(`http://127.0.0.1:${withToken.managementPort}${path}`, { headers })).status
  }

  test('where they have a token, this machine needs it too, or one that may read everything', async () => {
    assert.equal(await ask('/metrics', null), 401)
    assert.equal(await ask('/metrics', token.toUpperCase()), 401)
    assert.equal(await ask('/metrics', token), 200)
    assert.equal(await ask('/metrics', withToken.token), 200)
  })

  test('their token opens nothing else', async () => assert.equal(await ask('/api/v1/services', token), 401))

  test('a token for one service is not enough', async () => {
    const { body: service } = await withToken.api('POST', '/services', { name: 'one' })
    const { body } = await withToken.api('POST', '/tokens', {
      name: 'partial',
      serviceRoles: { [String(service.id)]: 'viewer' },
    })
    assert.equal(await ask('/metrics', String(body.value)), 401)
  })
})
