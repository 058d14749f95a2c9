import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sampling, SpanBatch } from '../model/span.ts'
import { type Client, GatewayExchange } from './exchange.ts'
import { Tracing } from './tracing.ts'

const ID = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const target = {
  url: 'http://user:SECRET@backend.example:8080/base',
  isTls: false,
  hostname: 'backend.example',
  port: 8080,
  socketPath: null,
  authority: '',
  versionAndHost: '',
  basePath: '/base',
}

/** A port whose other end takes nothing until it is told to. */
function tracingWith(sampling: Partial<Sampling> = {}) {
  const batches: SpanBatch[] = []
  let onTaken: (taken: number) => void = () => undefined
  const port = {
    postMessage: (batch: SpanBatch) => batches.push(batch),
    on: (_: 'message', listener: (taken: number) => void) => {
      onTaken = listener
    },
  }
  const tracing = new Tracing({ isParentBased: true, ratio: 1, parents: 'all', ...sampling }, port)
  return { tracing, batches, take: (count: number) => onTaken(count) }
}

function exchange(fields: Readonly<Record<string, string>> = {}, { isTrusted = false, target = '/a' } = {}) {
  const x = new GatewayExchange({ address: '192.0.2.1', isTrusted } as Client)
  x.request.method = 'GET'
  x.request.rawTarget = target
  x.request.path = '/a'
  for (const [name, value] of Object.entries(fields)) x.request.headers.add(name, value)
  x.begin(Date.now())
  return x
}

const header = (flags: string) => `00-${ID}-${PARENT}-${flags}`

/** Who decides: [sampling, what came, whether it is recorded, what goes on while nothing is sent]. */
const cases: [string, Partial<Sampling>, Record<string, string>, boolean, string | undefined][] = [
  ['no caller, all', {}, {}, true, undefined],
  ['no caller, none', { ratio: 0 }, {}, false, undefined],
  ['a caller that records', { ratio: 0 }, { traceparent: header('01') }, true, header('01')],
  ['a caller that does not', {}, { traceparent: header('00') }, false, header('00')],
  ['a caller that does not, decided here', { isParentBased: false }, { traceparent: header('00') }, true, header('00')],
  [
    'a caller that records, decided here',
    { isParentBased: false, ratio: 0 },
    { traceparent: header('03') },
    false,
    header('02'),
  ],
  ['a malformed context, all', {}, { traceparent: 'x', tracestate: 'a=1' }, true, undefined],
  ['a malformed context, none', { ratio: 0 }, { traceparent: 'x', tracestate: 'a=1' }, false, undefined],
  [
    'a stranger whose word does not count',
    { parents: 'trusted', ratio: 0 },
    { traceparent: header('01') },
    false,
    undefined,
  ],
]
for (const [what, sampling, fields, isRecorded, onward] of cases)
  test(`${what}: ${isRecorded ? '' : 'not '}recorded`, () => {
    const x = exchange(fields)
    assert.equal(tracingWith(sampling).tracing.begin(x) !== null, isRecorded)
    assert.equal(x.request.headers.get('traceparent'), onward)
    if (onward === undefined) assert.equal(x.request.headers.get('tracestate'), undefined)
  })

test('a trusted proxy is continued where strangers are not', () => {
  const { tracing } = tracingWith({ parents: 'trusted', ratio: 0 })
  assert.equal(tracing.begin(exchange({ traceparent: header('01') }, { isTrusted: true }))?.traceId, ID)
})

test('a ratio is kept, and says the same of a trace wherever it is asked', () => {
  const { tracing } = tracingWith({ ratio: 0.25, isParentBased: false })
  const other = tracingWith({ ratio: 0.25, isParentBased: false }).tracing
  let recorded = 0
  for (let i = 0; i < 10_000; i++) {
    const trace = tracing.begin(exchange())
    if (trace === null) continue
    recorded++
    const continued = other.begin(exchange({ traceparent: `00-${trace.traceId}-${PARENT}-00` }))
    assert.equal(continued?.traceId, trace.traceId)
  }
  // Ten standard deviations.
  assert.ok(Math.abs(recorded - 2_500) < 433, `${recorded} of 10000`)
})

test('each attempt is a span of its own, by which the backend knows us', () => {
  const { tracing, batches } = tracingWith()
  const x = exchange({ traceparent: header('03'), tracestate: 'a=1' })
  const trace = tracing.begin(x)
  assert.ok(trace)
  x.trace = trace
  trace.beginAttempt(x, target)
  const first = x.request.headers.get('traceparent')
  trace.endAttempt('backend-closed')
  x.attempts++
  trace.beginAttempt(x, target)
  trace.answered(200, false)
  trace.endAttempt(null)
  x.response.status = 200
  tracing.finish(x, trace, false)
  tracing.flush()
  const [one, two, own] = batches[0]?.spans ?? []
  assert.equal(first, `00-${ID}-${one?.spanId}-03`)
  assert.equal(x.request.headers.get('traceparent'), `00-${ID}-${two?.spanId}-03`)
  assert.deepEqual([one?.isError, one?.attributes['error.type']], [true, 'backend-closed'])
  assert.deepEqual([two?.isError, two?.attributes['http.request.resend_count']], [false, 1])
  assert.deepEqual([one?.parentId, two?.parentId, own?.parentId], [own?.spanId, own?.spanId, PARENT])
  assert.equal(one?.attributes['url.full'], 'http://backend.example:8080/base')
})

test('what was begun ends with the request, though nobody said so', () => {
  const { tracing, batches } = tracingWith()
  const x = exchange()
  const trace = tracing.begin(x)
  assert.ok(trace)
  trace.beginWait('jwt', 'request')
  trace.beginAttempt(x, target)
  tracing.finish(x, trace, true)
  tracing.flush()
  const [waited, attempt, own] = batches[0]?.spans ?? []
  assert.ok((waited?.end ?? 0) > 0 && (own?.end ?? 0) >= (waited?.end ?? 0))
  assert.equal(attempt?.attributes['error.type'], 'aborted')
  assert.equal(own?.attributes['turnpike.aborted'], true)
})

test('what plugins have put into a request is not told', () => {
  const { tracing, batches } = tracingWith()
  const x = exchange({ 'User-Agent': 'curl' }, { target: '/a/b?page=1&token=SECRET' })
  const trace = tracing.begin(x)
  assert.ok(trace)
  x.request.path = '/SECRET'
  x.request.query = 'page=SECRET'
  x.request.headers.set('User-Agent', 'SECRET')
  tracing.finish(x, trace, false)
  tracing.flush()
  const attributes = batches[0]?.spans[0]?.attributes ?? {}
  assert.deepEqual(
    [attributes['url.path'], attributes['url.query'], attributes['user_agent.original']],
    ['/a/b', 'page=1&token=REDACTED', 'curl'],
  )
  assert.ok(!JSON.stringify(batches).includes('SECRET'))
})

test('a method that nobody knows does not become a name', () => {
  const { tracing, batches } = tracingWith()
  const x = exchange()
  x.request.method = 'X'.repeat(100)
  const trace = tracing.begin(x)
  assert.ok(trace)
  tracing.finish(x, trace, false)
  tracing.flush()
  const own = batches[0]?.spans[0]
  assert.equal(own?.name, 'HTTP')
  assert.deepEqual(
    [own?.attributes['http.request.method'], own?.attributes['http.request.method_original']],
    ['_OTHER', 'X'.repeat(64)],
  )
})

test('spans go in batches, and those that are not taken have a bound', () => {
  const { tracing, batches, take } = tracingWith()
  const record = (count: number) => {
    for (let i = 0; i < count; i++) {
      const x = exchange()
      const trace = tracing.begin(x)
      assert.ok(trace)
      tracing.finish(x, trace, false)
    }
  }
  record(10_000)
  const sent = () => batches.reduce((sum, { spans }) => sum + spans.length, 0)
  const dropped = () => batches.reduce((sum, batch) => sum + batch.dropped, 0)
  assert.equal(sent(), 4_096)
  tracing.flush()
  assert.equal(dropped(), 10_000 - 4_096)
  take(4_096)
  record(10)
  tracing.flush()
  assert.deepEqual([sent(), dropped()], [4_106, 5_904])
})

test('an exchange tells its trace: ours, else its caller’s', () => {
  const x = exchange({ traceparent: header('00') })
  assert.equal(x.traceId, ID)
  assert.equal(exchange({ traceparent: 'x' }).traceId, null)
  assert.equal(exchange().traceId, null)
  const recorded = exchange()
  recorded.trace = tracingWith().tracing.begin(recorded)
  assert.equal(recorded.traceId, recorded.trace?.traceId)
  // It is used again for the next request.
  recorded.begin(Date.now())
  assert.equal(recorded.traceId, null)
})
