import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { CLIENT, type Collector, INTERNAL, type ReceivedSpan, SERVER, startCollector } from '../support/otlp.ts'
import { scrapeUntil } from '../support/prometheus.ts'
import { rawRequest, statuses } from '../support/raw.ts'
import { deployProxy, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Traces of the real program, as a collector and a backend see them. */

const SECRET = 'planted-secret-4711'
const ID = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'

let collector: Collector
let backend: Server
let authServer: Server
let turnpike: Turnpike
let backendUrl: string
/** What the backend was sent, the last at the end. */
const seen: IncomingMessage[] = []

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const call = (path: string, fields: readonly string[] = [], host = 'traced.localhost') =>
  rawRequest(
    turnpike.gatewayPort,
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`,
  )

before(async () => {
  collector = await startCollector()
  backend = createServer((request, response) => {
    seen.push(request)
    if (request.url?.startsWith('/broken')) request.socket.destroy()
    else response.writeHead(Number(request.url?.split(/[/?]/)[2]) || 200).end('ok')
  })
  authServer = createServer((_, response) => response.writeHead(204).end())
  const authUrl = await listen(authServer)
  backendUrl = await listen(backend)
  turnpike = await startTurnpike({
    args: ['--workers', '2', '--trace-sample-ratio', '1', '--otlp-service-name', 'edge'],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: `x-tenant=${SECRET}`,
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,region=here%20and%20there',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  })
  await deployProxy(turnpike, 'traced', backendUrl)
  await turnpike.api('PATCH', '/services/traced/stages/live', {
    plugins: [
      { plugin: 'request-id', config: {} },
      { plugin: 'forward-auth', config: { url: `${authUrl}/check` } },
    ],
  })
  const { status, body } = await turnpike.api('POST', '/services/traced/stages/live/deployments', {})
  assert.equal(status, 201, JSON.stringify(body))
})
after(async () => {
  await turnpike.stop()
  await collector.close()
  backend.close()
  authServer.close()
})
beforeEach(() => {
  seen.length = 0
  collector.spans.length = 0
})

/** The spans of one request, when all have come: its own comes with the others. */
async function spansOf(path: string): Promise<ReceivedSpan[]> {
  const own = () => collector.spans.find(({ kind, attributes }) => kind === SERVER && attributes['url.path'] === path)
  await collector.until(() => own() !== undefined, `a request of ${path}`)
  return collector.spans.filter(({ traceId }) => traceId === own()?.traceId)
}

describe('a trace', () => {
  test('has the request, the plugin that waited and the backend, which is told its span', async () => {
    await call('/pets/201?page=2', [
      'User-Agent: test',
      `Traceparent: 00-${ID}-${PARENT}-01`,
      'Tracestate: a=1',
      'tracestate: b=2',
    ])
    const spans = await spansOf('/pets/201')
    const [own, waited, sent] = [SERVER, INTERNAL, CLIENT].map((kind) => spans.find((span) => span.kind === kind))
    assert.equal(spans.length, 3)
    assert.ok(own && waited && sent)
    assert.deepEqual([own.traceId, own.parentSpanId, own.traceState], [ID, PARENT, 'a=1,b=2'])
    assert.equal(own.name, 'GET /{path+}')
    assert.equal(own.status, 0)
    const { 'turnpike.request_id': requestId, 'turnpike.deployment': hash, ...attributes } = own.attributes
    assert.deepEqual(attributes, {
      'http.request.method': 'GET',
      'http.route': '/{path+}',
      'http.response.status_code': 201,
      'url.scheme': 'http',
      'url.path': '/pets/201',
      'url.query': 'page=2',
      'server.address': 'traced.localhost',
      'client.address': '127.0.0.1',
      'network.peer.address': '127.0.0.1',
      'network.protocol.name': 'http',
      'user_agent.original': 'test',
      'turnpike.service': 'traced',
      'turnpike.stage': 'live',
    })
    assert.match(String(hash), /^[0-9a-f]{64}$/)
    assert.equal(seen.at(-1)?.headers['x-request-id'], requestId)
    assert.deepEqual([waited.parentSpanId, waited.name], [own.spanId, 'forward-auth'])
    assert.deepEqual([sent.parentSpanId, sent.name], [own.spanId, 'GET'])
    assert.equal(sent.attributes['http.response.status_code'], 201)
    assert.equal(seen.at(-1)?.headers.traceparent, `00-${ID}-${sent.spanId}-01`)
    assert.equal(seen.at(-1)?.headers.tracestate, 'a=1, b=2')
    for (const child of [waited, sent]) {
      assert.ok(child.startTimeUnixNano >= own.startTimeUnixNano)
      assert.ok(child.endTimeUnixNano <= own.endTimeUnixNano)
      assert.ok(child.endTimeUnixNano > child.startTimeUnixNano)
    }
    assert.ok(waited.endTimeUnixNano <= sent.startTimeUnixNano)
    assert.ok(Math.abs(Number(own.endTimeUnixNano / 1_000_000n) - Date.now()) < 60_000)
    assert.deepEqual(own.resource, {
      'service.name': 'edge',
      'service.version': own.resource['service.version'],
      'service.instance.id': own.resource['service.instance.id'],
      'host.name': own.resource['host.name'],
      'deployment.environment.name': 'test',
      region: 'here and there',
    })
  })

  test('has the id by which the request is found, also where nobody has asked for one', async () => {
    await deployProxy(turnpike, 'plain', backendUrl)
    await call('/plain', [], 'plain.localhost')
    const own = (await spansOf('/plain')).find(({ kind }) => kind === SERVER)
    const { status, body } = await turnpike.api('GET', `/requests/${own?.attributes['turnpike.request_id']}`)
    assert.deepEqual([status, body.path], [200, '/plain'])
  })

  test('begins here where the caller has none, and the backend is told of it', async () => {
    await call('/fresh')
    const spans = await spansOf('/fresh')
    const own = spans.find(({ kind }) => kind === SERVER)
    assert.equal(own?.parentSpanId, '')
    assert.match(own?.traceId ?? '', /^[0-9a-f]{32}$/)
    const sent = spans.find(({ kind }) => kind === CLIENT)
    assert.equal(seen.at(-1)?.headers.traceparent, `00-${own?.traceId}-${sent?.spanId}-01`)
  })

  test('is not recorded where the caller does not record, and goes on as it came', async () => {
    const given = `00-${ID}-${PARENT}-00`
    await call('/unsampled', [`traceparent: ${given}`, 'tracestate: a=1'])
    assert.equal(seen.at(-1)?.headers.traceparent, given)
    assert.equal(seen.at(-1)?.headers.tracestate, 'a=1')
    await call('/after')
    await spansOf('/after')
    assert.ok(!collector.spans.some(({ traceId }) => traceId === ID))
  })

  for (const [what, fields] of [
    ['malformed', [`traceparent: 00-${ID}-${PARENT}`, 'tracestate: a=1']],
    ['of zeros', [`traceparent: 00-${'0'.repeat(32)}-${PARENT}-01`, 'tracestate: a=1']],
    ['given twice', [`traceparent: 00-${ID}-${PARENT}-01`, `traceparent: 00-${ID}-${PARENT}-01`]],
    ['only a state', ['tracestate: a=1']],
  ] as const)
    test(`begins anew where the context is ${what}`, async () => {
      const path = `/anew-${what.replaceAll(' ', '-')}`
      await call(path, fields)
      const [span] = await spansOf(path)
      assert.notEqual(span?.traceId, ID)
      assert.equal(seen.at(-1)?.headers.traceparent?.slice(3, 35), span?.traceId)
      assert.equal(seen.at(-1)?.headers.tracestate, undefined)
    })

  test('goes on without a state that is malformed', async () => {
    await call('/stateless', [`traceparent: 00-${ID}-${PARENT}-01`, 'tracestate: a=1,a=2'])
    const [span] = await spansOf('/stateless')
    assert.deepEqual([span?.traceId, span?.traceState], [ID, ''])
    assert.equal(seen.at(-1)?.headers.tracestate, undefined)
  })

  test('tells errors: of the backend, of the way to it, and of requests for nobody', async () => {
    await call('/fails/500')
    const failed = await spansOf('/fails/500')
    assert.deepEqual(
      failed
        .filter(({ kind }) => kind !== INTERNAL)
        .map(({ status, attributes }) => [status, attributes['error.type']]),
      [
        [2, '500'],
        [2, '500'],
      ],
    )
    assert.deepEqual(statuses(await call('/broken')), [502])
    const broken = await spansOf('/broken')
    const attempts = broken.filter(({ kind }) => kind === CLIENT)
    assert.ok(attempts.every(({ status, attributes }) => status === 2 && attributes['error.type'] === 'backend-closed'))
    assert.equal(broken.find(({ kind }) => kind === SERVER)?.attributes['turnpike.reply'], 'backend-closed')
    await call('/lost', [], 'nobody.example')
    const [lost, ...others] = await spansOf('/lost')
    assert.deepEqual([lost?.name, lost?.status, lost?.attributes['turnpike.reply']], ['GET', 0, 'unknown-host'])
    assert.deepEqual(others, [])
  })

  test('never has a credential', async () => {
    await turnpike.api('PATCH', '/services/traced/stages/live', {
      plugins: [{ plugin: 'key-auth', config: { query: 'ticket', keep: true } }],
    })
    await turnpike.api('POST', '/services/traced/stages/live/deployments', {})
    const answer = await call(`/secrets?ticket=${SECRET}&access_token=${SECRET}&page=7&${SECRET}`, [
      `Authorization: Bearer ${SECRET}`,
      `X-Api-Key: ${SECRET}`,
      `Cookie: session=${SECRET}`,
      `Referer: https://a.example/?token=${SECRET}`,
      `X-Custom: ${SECRET}`,
    ])
    assert.deepEqual(statuses(answer), [401])
    const [span] = await spansOf('/secrets')
    assert.equal(span?.attributes['url.query'], 'ticket=REDACTED&access_token=REDACTED&page=7&REDACTED')
    assert.equal(span?.attributes['turnpike.answered_by'], 'key-auth')
    const told = [...collector.bodies.map(String), turnpike.output()].join('\n')
    assert.ok(told.includes('turnpike.answered_by'))
    assert.ok(!told.includes(SECRET))
    // It went where it belongs.
    assert.equal(collector.requests.at(-1)?.headers['x-tenant'], SECRET)
  })
})

describe('metrics by OTLP', () => {
  test('are those of /metrics', async () => {
    const requests = () =>
      collector.points
        .filter(({ name, attributes }) => name === 'turnpike_http_requests' && attributes.service === 'traced')
        .reduce((sum, { value }) => sum + value, 0)
    const { sum } = await scrapeUntil(
      turnpike.managementPort,
      (read) => (read.sum('turnpike_otlp_spans_total', { outcome: 'sent' }) ?? 0) > 0,
      'were spans sent',
    )
    const count = sum('turnpike_http_requests_total', { service: 'traced' }) ?? 0
    assert.ok(count > 5)
    await collector.until(() => requests() >= count, `${count} requests`)
    assert.equal(requests(), count)
    const times = collector.points.find(({ name }) => name === 'turnpike_http_request_duration_seconds')
    assert.equal(times?.kind, 'histogram')
    assert.equal(times?.bucketCounts.length, (times?.bounds.length ?? 0) + 1)
    assert.equal(
      times?.bucketCounts.reduce((total, one) => total + one, 0),
      times?.value,
    )
    assert.equal(sum('turnpike_otlp_spans_total', { outcome: 'dropped' }), 0)
  })
})
