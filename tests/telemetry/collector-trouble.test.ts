import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import type { MessagePort } from 'node:worker_threads'
import type { Span } from '../../src/model/span.ts'
import { Telemetry } from '../../src/telemetry/telemetry.ts'
import { type Collector, startCollector } from '../support/otlp.ts'

/** What becomes of spans while the collector does not take them: nothing that grows. */

const QUEUE = 1_000
const BATCH = 100

let collector: Collector
let telemetry: Telemetry
let port: MessagePort
const log: string[] = []
before(async () => {
  // The thread reads it as any program's: a try may take so long, with all that come after it.
  process.env.OTEL_EXPORTER_OTLP_TIMEOUT = '200'
  collector = await startCollector()
  telemetry = new Telemetry(
    {
      tracesUrl: `${collector.url}/v1/traces`,
      metricsUrl: null,
      protocol: 'http/protobuf',
      sampling: { isParentBased: true, ratio: 1, parents: 'all' },
      metricsIntervalMs: 60_000,
      queue: { maxQueue: QUEUE, maxBatch: BATCH, delayMs: 10 },
      resource: { 'service.name': 'test' },
    },
    {
      info: (line) => log.push(`info ${line}`),
      warn: (line) => log.push(`warn ${line}`),
      error: (line) => log.push(`error ${line}`),
    },
  )
  port = telemetry.openPort()
})
after(async () => {
  port.close()
  await telemetry.close(() => [])
  await collector.close()
})

const span = (i: number): Span => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: i.toString(16).padStart(16, '0'),
  parentId: '',
  isParentRemote: false,
  tracestate: '',
  kind: 'server',
  name: 'GET',
  start: 1_000,
  end: 1_001,
  isError: false,
  attributes: {},
})

/** Hands over spans as a worker does, and waits until they are taken. */
async function hand(count: number): Promise<void> {
  const taken = once(port, 'message')
  port.postMessage({ spans: Array.from({ length: count }, (_, i) => span(i + 1)), dropped: 0 })
  assert.deepEqual(await taken, [count])
}

function count(metric: string, outcome?: string): number {
  const family = telemetry.families().find(({ name }) => name === metric)
  assert.ok(family !== undefined && family.type !== 'histogram')
  return [...family.points].find(([{ values }]) => values.outcome === outcome)?.[1] ?? Number.NaN
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 60_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 10)))
    if (Date.now() > end) throw new Error(`never: ${what}; ${log.join('\n')}`)
}

const outcomes = () => ['sent', 'dropped', 'failed'].map((outcome) => count('turnpike_otlp_spans', outcome))

for (const [trouble, respond, told] of [
  ['hangs', () => undefined, /./],
  ['fails', (_, response) => response.writeHead(503).end(), /./],
  ['refuses', (_, response) => response.writeHead(400).end('secret'), /it answers 400 Bad Request/],
] as const satisfies readonly (readonly [string, Collector['respond'], RegExp])[]) {
  test(`while the collector ${trouble}, what waits has a bound, and what is lost is counted and told once`, async () => {
    log.length = 0
    collector.respond = respond
    const before = outcomes().reduce((sum, one) => sum + one, 0)
    for (let i = 0; i < 50; i++) await hand(200)
    await until(() => count('turnpike_otlp_spans', 'failed') > 0 && log.length > 0, 'a batch failed')
    assert.ok(count('turnpike_otlp_waiting_spans') <= QUEUE)
    await until(() => outcomes().reduce((sum, one) => sum + one, 0) >= before + 10_000 - QUEUE - BATCH, 'all counted')
    assert.equal(log.length, 1)
    assert.match(log[0] ?? '', /^warn Traces do not reach the OpenTelemetry collector: /)
    assert.match(log[0] ?? '', told)
    assert.ok(!log.join().includes('secret'))

    // It comes back, and so do they.
    collector.respond = null
    collector.spans.length = 0
    await until(() => count('turnpike_otlp_waiting_spans') === 0, 'all that waited is gone')
    await hand(5)
    await collector.until(() => collector.spans.length >= 5, 'spans again')
    await until(() => outcomes().reduce((sum, one) => sum + one, 0) === before + 10_005, 'every span has an outcome')
    await until(() => log.length === 2, 'the end of the trouble is told')
    assert.match(log[1] ?? '', /^info Traces reach the OpenTelemetry collector again\.$/)
  })
}
