import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { accessLog } from './access-log.ts'
import { type ExchangeParts, exchange, fakeEnv, fakeLogs, fakeWriter } from './fake-exchange.ts'
import { logFieldNames } from './log-lines/fields.ts'
import type { LogSink } from './log-sinks.ts'
import type { CredentialPlaces } from './plugin.ts'

type Config = Parameters<typeof accessLog.create>[0]
const usual: Config = { sinks: [{ stdout: {} }], format: 'json', extra: [], sample: 1, always: 'failures' }
const ada = { id: 'k1', name: 'Ada "A" Löve', groups: [] }

interface Logged {
  readonly line: string
  readonly severity: number
  readonly sink: LogSink
}

/** What the plugin writes of requests. */
function log(config: Partial<Config>, requests: readonly ExchangeParts[], credentials?: CredentialPlaces): Logged[] {
  const logged: Logged[] = []
  const env = fakeEnv({
    logs: fakeLogs((sink) => fakeWriter((line, severity) => logged.push({ line, severity, sink }))),
    ...(credentials && { credentials }),
  })
  const { onFinish } = accessLog.create({ ...usual, ...config }, env)
  for (const parts of requests) onFinish?.(exchange(parts))
  return logged
}

const lineOf = (config: Partial<Config>, parts: ExchangeParts, credentials?: CredentialPlaces): string =>
  log(config, [parts], credentials)[0]?.line ?? ''

const request: ExchangeParts = {
  path: '/pets/7',
  pattern: '/pets/{id}',
  query: 'full=1&token=hush',
  status: 200,
  consumer: ada,
  headers: {
    'User-Agent': 'curl/8',
    Referer: 'https://a.example/?code=hush',
  },
  outcome: { traceId: 'a1'.repeat(16), backendMs: 3.2, bytesIn: 100, bytesOut: 2345, upstream: 'http://10.0.0.5:8080' },
}

describe('a JSON line', () => {
  test('has all that is known of a request', () => {
    assert.deepEqual(JSON.parse(lineOf({ fields: logFieldNames }, request)), {
      time: '2026-01-02T03:04:05.000Z',
      level: 'info',
      requestId: '00112233445566778899aabbccddeeff',
      clientIp: '192.0.2.1',
      protocol: 'HTTP/1.1',
      scheme: 'http',
      host: 'api.localhost',
      method: 'GET',
      path: '/pets/7',
      query: 'full=1&token=***',
      route: '/a',
      service: 'pets',
      stage: 'live',
      deployment: '000000000000',
      status: 200,
      totalMs: 12.346,
      backendMs: 3.2,
      bytesIn: 100,
      bytesOut: 2345,
      consumerId: 'k1',
      consumer: ada.name,
      upstream: 'http://10.0.0.5:8080',
      traceId: 'a1'.repeat(16),
      userAgent: 'curl/8',
      referer: 'https://a.example/?code=***',
    })
  })

  test('leaves out what has no value, and says why the gateway answered', () => {
    const error = { type: 'unauthorized', code: 'key-missing', message: 'x' }
    const parts = { status: 401, error, outcome: { answeredByPlugin: 'key-auth', isAborted: true } }
    const { backendMs, consumer, upstream, query, ...line } = JSON.parse(lineOf({}, parts))
    assert.deepEqual([backendMs, consumer, upstream, query], [undefined, undefined, undefined, undefined])
    assert.deepEqual([line.level, line.error, line.answeredBy, line.aborted], ['warn', 'key-missing', 'key-auth', true])
  })

  test('has the fields that are asked for, in their order', () => {
    assert.equal(
      lineOf({ fields: ['status', 'backendMs', 'method'] }, request),
      '{"status":200,"backendMs":3.200,"method":"GET"}',
    )
    assert.equal(lineOf({ fields: ['backendMs', 'error', 'aborted'] }, {}), '{}')
    assert.equal(lineOf({ fields: ['error', 'status'] }, {}), '{"status":0}')
    assert.equal(lineOf({ fields: [], extra: [{ name: 'a', value: 'b' }] }, {}), '{"a":"b"}')
  })

  test('has times as dates write themselves', () => {
    const time = fc.integer({ min: 0, max: 4_102_444_800_000 })
    fc.assert(
      fc.property(fc.array(time), (times) => {
        // Side by side, so that some are of the same second.
        const all = times.flatMap((one) => [one, one + 1, one + 999])
        assert.deepEqual(
          log(
            { fields: ['time'] },
            all.map((receivedAt) => ({ receivedAt })),
          ).map(({ line }) => JSON.parse(line).time),
          all.map((one) => new Date(one).toISOString()),
        )
      }),
    )
  })

  test('has any number of targets', () => {
    const urls = Array.from({ length: 700 }, (_, i) => `http://10.0.0.${i % 300}:8080`)
    assert.deepEqual(
      log(
        { fields: ['upstream'] },
        urls.map((upstream) => ({ outcome: { upstream } })),
      ).map(({ line }) => JSON.parse(line).upstream),
      urls,
    )
  })

  test('has fields of the user’s own', () => {
    const extra = [
      { name: 'tenant', value: 'T-$!{request.header.x-tenant}' },
      { name: 'who', value: '${consumer.name} ${request.queryString.q}' },
    ]
    const parts = { consumer: ada, query: 'q=%C3%A4', headers: { 'x-tenant': Buffer.from('ä"').toString('latin1') } }
    assert.deepEqual(JSON.parse(lineOf({ fields: [], extra }, parts)), { tenant: 'T-ä"', who: `${ada.name} ä` })
  })
})

describe('the common formats', () => {
  test('combined', () =>
    assert.equal(
      lineOf({ format: 'combined' }, request),
      '192.0.2.1 - Ada\\x20\\x22A\\x22\\x20L\\xC3\\xB6ve [02/Jan/2026:03:04:05 +0000] "GET /pets/7?full=1&token=*** HTTP/1.1" 200 2345 "https://a.example/?code=***" "curl/8"',
    ))

  test('common', () =>
    assert.equal(
      lineOf({ format: 'common' }, { status: 404 }),
      '192.0.2.1 - - [02/Jan/2026:03:04:05 +0000] "GET /a HTTP/1.1" 404 0',
    ))
})

/** What ends up in every place that a client can fill. */
const hostile = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), fc.nat(9_000))
  .map(
    ([text, bytes, more]) =>
      `${Buffer.from(text).toString('latin1')}"\\\r\n{}\0${Buffer.from(bytes).toString('latin1')}${'x'.repeat(more)}`,
  )

describe('hostile requests', () => {
  const place = (text: string): ExchangeParts => ({
    path: `/${text}`,
    query: `q=${text}&token=${text}`,
    clientIp: text,
    host: text,
    method: 'GET',
    consumer: { id: text, name: text, groups: [] },
    id: text,
    status: 200,
  })
  // Fields that no codec would let through are put in without its checks.
  const withFields = (text: string) => {
    const x = exchange(place(text))
    for (const name of ['user-agent', 'referer', 'x-own']) x.request.headers.push(name, text)
    return x
  }
  const extra = [{ name: 'own', value: '$!{request.header.x-own} ${request.uri}' }]

  for (const format of ['json', 'combined', 'common'] as const)
    test(`${format}: one line of ASCII each, whatever they send`, () => {
      const lines: string[] = []
      const env = fakeEnv({ logs: fakeLogs(() => fakeWriter((line) => lines.push(line))) })
      const config = { ...usual, format, ...(format === 'json' && { fields: logFieldNames, extra }) }
      const { onFinish } = accessLog.create(config, env)
      fc.assert(
        fc.property(hostile, (text) => {
          lines.length = 0
          onFinish?.(withFields(text))
          const [line = ''] = lines
          assert.match(line, /^[ -~]+$/)
          assert.ok(line.length < 60_000, `${line.length}`)
          if (format === 'json') assert.equal(JSON.parse(line).status, 200)
          else assert.match(line, /^\S+ - \S+ \[[^\]]+\] "GET \S+ HTTP\/1\.1" 200 \d+(?: "[^"]*" "[^"]*")?$/)
        }),
        { numRuns: 200 },
      )
    })
})

describe('credentials', () => {
  const SECRET = 'hush-8e1f'
  const places: CredentialPlaces = { headers: ['x-own-door'], query: ['door'] }
  const parts: ExchangeParts = {
    query: `door=${SECRET}&access_token=${SECRET}&x=1`,
    headers: {
      Authorization: `Bearer ${SECRET}`,
      Cookie: `sid=${SECRET}`,
      'X-Own-Door': SECRET,
      'X-API-Key': SECRET,
      Referer: `https://ada:${SECRET}@a.example/?door=${SECRET}#token=${SECRET}`,
    },
    outcome: { upstream: `http://u:${SECRET}@10.0.0.1/?token=${SECRET}` },
  }
  const extra = [
    'header.authorization',
    'header.Cookie',
    'header.x-own-door',
    'header.x-api-key',
    'queryString.door',
    'queryString.access_token',
    'uri',
    'header.referer',
  ].map((name, i) => ({ name: `e${i}`, value: `\${request.${name}}` }))

  for (const format of ['json', 'combined', 'common'] as const)
    test(`${format} shows none`, () => {
      const line = lineOf({ format, ...(format === 'json' && { fields: logFieldNames, extra }) }, parts, places)
      assert.ok(!line.includes(SECRET), line)
      assert.ok(line.includes('***') && line.includes('x=1'), line)
    })

  test('what is named like one is refused when it is saved', () => {
    const config = {
      ...usual,
      extra: [{ name: 'a', value: 'x ${request.header.Authorization} ${request.queryString.api_key}' }],
    }
    assert.deepEqual(
      accessLog.check?.(config, { pathVariables: [] }).map(({ path, message }) => `${path} ${message.slice(0, 15)}`),
      ['/extra/0/value "Authorization"', '/extra/0/value "api_key" carri'],
    )
  })
})

describe('sampling', () => {
  const statuses = [200, 404, 500, 0].map((status) => ({ status }))
  const kept = (config: Partial<Config>) => log(config, statuses).map(({ line }) => JSON.parse(line).status)

  test('failures are logged always', () => assert.deepEqual(kept({ sample: 0 }), [404, 500, 0]))
  test('or errors of the server', () => assert.deepEqual(kept({ sample: 0, always: 'server-errors' }), [500]))
  test('or nothing', () => assert.deepEqual(kept({ sample: 0, always: 'nothing' }), []))
  test('answers that were broken off are failures', () =>
    assert.equal(log({ sample: 0 }, [{ status: 200, outcome: { isAborted: true } }]).length, 1))

  test('a line says which share it stands for', () => {
    const lines = log(
      { sample: 0.5, fields: ['status'] },
      Array.from({ length: 400 }, (_, i) => ({ status: i % 2 === 0 ? 200 : 500 })),
    )
    assert.equal(lines.filter(({ line }) => line === '{"status":500,"share":1}').length, 200)
    const sampled = lines.filter(({ line }) => line === '{"status":200,"share":0.5}').length
    // 200 throws of a coin: outside of this once in ten billion runs.
    assert.ok(sampled > 50 && sampled < 150, `${sampled}`)
  })
})

describe('sinks', () => {
  test('all of them get the line, with how bad it is', () => {
    const sinks = [
      { stdout: {} },
      { file: { name: 'a', maxBytes: 0, every: 'never', keep: 1, compress: false } },
    ] as const
    const logged = log({ sinks: [...sinks] }, [{ status: 502 }])
    assert.deepEqual(
      logged.map(({ severity, sink }) => [severity, sink.owner, sink.format, Object.keys(sink.settings)[0]]),
      [
        [3, 'pets/live', 'json', 'stdout'],
        [3, 'pets/live', 'json', 'file'],
      ],
    )
  })

  const http = {
    body: 'lines',
    header: 'Authorization',
    batchBytes: 1024,
    batchSeconds: 1,
    timeout: 1,
    retrySeconds: 0,
    compress: false,
  } as const
  const syslog = { port: 514, transport: 'udp', facility: 'local0', appName: 'x' } as const
  const cases: readonly (readonly [title: string, config: Partial<Config>, problem: RegExp | null])[] = [
    [
      'a metadata address of HTTP',
      { sinks: [{ http: { ...http, url: 'http://169.254.169.254/' } }] },
      /^\/sinks\/0\/http\/url .*metadata/,
    ],
    [
      'a password in a URL',
      { sinks: [{ http: { ...http, url: 'http://a:b@c/' } }] },
      /^\/sinks\/0\/http\/url .*"secret"/,
    ],
    [
      'a header that is none',
      { sinks: [{ http: { ...http, url: 'http://a/', header: 'a b' } }] },
      /^\/sinks\/0\/http\/header/,
    ],
    [
      'an array of lines that are no JSON',
      { format: 'common', sinks: [{ http: { ...http, url: 'http://a/', body: 'array' } }] },
      /^\/sinks\/0\/http\/body/,
    ],
    [
      'a metadata address of syslog',
      { sinks: [{ stdout: {} }, { syslog: { ...syslog, host: 'metadata.google.internal' } }] },
      /^\/sinks\/1\/syslog\/host/,
    ],
    ['extra fields of a format that has none', { format: 'combined', extra: [{ name: 'a', value: 'b' }] }, /^\/extra /],
    ['a name that is taken', { extra: [{ name: 'status', value: 'b' }] }, /^\/extra\/0\/name/],
    ['a variable that is none', { extra: [{ name: 'a', value: '${request.nothing}' }] }, /^\/extra\/0\/value/],
    ['nothing', { extra: [{ name: 'a', value: '${request.host}' }] }, null],
  ]
  for (const [title, config, problem] of cases)
    test(`refuses ${title}`, () => {
      const problems = accessLog.check?.({ ...usual, ...config }, { pathVariables: [] }) ?? []
      assert.equal(problems.length, problem === null ? 0 : 1)
      if (problem !== null) assert.match(`${problems[0]?.path} ${problems[0]?.message}`, problem)
    })
})
