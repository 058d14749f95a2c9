import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, before, beforeEach, test } from 'node:test'
import {
  JsonTraceSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { createExporter } from '../../src/telemetry/otlp-exporter.ts'
import type { OtlpSettings } from '../../src/telemetry/otlp-settings.ts'
import { hrTime, toReadableSpan } from '../../src/telemetry/otlp-spans.ts'
import { type Collector, startCollector } from '../support/otlp.ts'

let collector: Collector
before(async () => {
  collector = await startCollector()
})
after(() => collector.close())
beforeEach(() => {
  collector.respond = null
  collector.requests.length = 0
})

const exporterTo = (url: string, protocol: OtlpSettings['protocol'] = 'http/protobuf') =>
  createExporter({
    name: 'TRACES',
    url,
    protocol,
    serializer: protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer,
    helper: TraceExporterMetricsHelper,
  })
const exporter = (protocol?: OtlpSettings['protocol']) => exporterTo(`${collector.url}/v1/traces`, protocol)

const span = toReadableSpan(
  {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    parentId: '',
    isParentRemote: false,
    tracestate: '',
    kind: 'server',
    name: 'GET /a',
    start: 1_700_000_000_000.25,
    end: 1_700_000_000_001.5,
    isError: false,
    attributes: { text: 'x', whole: 7, fraction: 0.5, flag: true },
  },
  resourceFromAttributes({ 'service.name': 'test' }),
  { name: 'turnpike', version: '1' },
)

test('a collector has what it was sent, to the microsecond', async () => {
  assert.deepEqual(await exporter()([span]), { refused: 0, reason: null })
  const [received] = collector.spans
  assert.deepEqual(
    [received?.name, received?.startTimeUnixNano, received?.endTimeUnixNano],
    ['GET /a', 1_700_000_000_000_250_000n, 1_700_000_000_001_500_000n],
  )
  assert.deepEqual(received?.attributes, { text: 'x', whole: 7, fraction: 0.5, flag: true })
})

test('it can be JSON', async () => {
  assert.deepEqual(await exporter('http/json')([span]), { refused: 0, reason: null })
  const body = JSON.parse(String(collector.bodies.at(-1)))
  assert.equal(body.resourceSpans[0].scopeSpans[0].spans[0].name, 'GET /a')
})

/** A message `partial_success { rejected_spans: 1, error_message: "no" }`. */
const PARTIAL = Buffer.from([0x0a, 0x06, 0x08, 0x01, 0x12, 0x02, 0x6e, 0x6f])

const cases: [string, (request: IncomingMessage, response: ServerResponse) => void, number, RegExp | null][] = [
  [
    'refuses it for good',
    (_, response) => response.writeHead(400).end('SECRET of the collector'),
    2,
    /^it answers 400 Bad Request$/,
  ],
  ['knows us not', (_, response) => response.writeHead(401).end(), 2, /^it answers 401 /],
  ['takes a part', (_, response) => response.writeHead(200).end(PARTIAL), 1, /^it refuses a part: no$/],
  ['answers nonsense, but takes it', (_, response) => response.writeHead(200).end('\xff\xff\xff'), 0, null],
  ['hangs up', (request) => request.socket.destroy(), 2, /./],
  ['wants us to wait too long', (_, response) => response.writeHead(503, { 'retry-after': '3600' }).end(), 2, /./],
]
for (const [what, respond, refused, reason] of cases)
  test(`what becomes of a batch when the collector ${what}`, { timeout: 60_000 }, async () => {
    collector.respond = respond
    const sent = await exporter()([span, span])
    assert.equal(sent.refused, refused)
    if (reason === null) assert.equal(sent.reason, null)
    else assert.match(sent.reason ?? '', reason)
  })

test('one that cannot take it now is tried again', async () => {
  let tries = 0
  collector.respond = (_, response) => {
    if (++tries === 3) collector.respond = null
    response.writeHead(tries === 3 ? 200 : 503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }).end()
  }
  assert.deepEqual(await exporter()([span]), { refused: 0, reason: null })
  assert.equal(tries, 3)
})

for (const [milliseconds, time] of [
  [0, [0, 0]],
  [1.5, [0, 1_500_000]],
  [999.9999999, [0, 999_999_999]],
  [1_700_000_000_123.25, [1_700_000_000, 123_250_000]],
] as const)
  test(`${milliseconds} ms are ${time.join(' s and ')} ns`, () => assert.deepEqual(hrTime(milliseconds), time))
