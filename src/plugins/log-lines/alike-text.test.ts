import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { HeaderList } from '../../lib/header-list.ts'
import { accessLog } from '../access-log.ts'
import { type ExchangeParts, exchange, fakeEnv } from '../fake-exchange.ts'
import { logFieldNames } from './fields.ts'

/** Fields as they are when they came over a wire: places in a text. */
function asCame(headers: HeaderList): void {
  const fields = Array.from({ length: headers.length }, (_, i) => [headers.nameAt(i), headers.valueAt(i)] as const)
  headers.clear()
  let text = ''
  for (const [name, value] of fields) {
    const valueAt = text.length + name.length + 2
    headers.pushPlaces(text.length, text.length + name.length, valueAt, valueAt + value.length)
    text += `${name}: ${value}\r\n`
  }
  headers.readFrom(text)
}

/** Handlers of two attachments, and what they have written. */
function twoLogs(): { finish(x: ReturnType<typeof exchange>, which: number): void; written: string[] } {
  const written: string[] = []
  const logOf = (stage: string) =>
    accessLog.create(
      { sinks: [{ stdout: {} }], format: 'json', fields: logFieldNames, extra: [], sample: 1, always: 'failures' },
      fakeEnv({
        scope: { ...fakeEnv().scope, stage },
        logs: { open: () => ({ write: (line) => written.push(line.bytes.toString('latin1', 0, line.length)) }) },
      }),
    )
  const logs = [logOf('live'), logOf('beta')]
  return { finish: (x, which) => logs[which]?.onFinish?.(x), written }
}

const few = (...values: readonly string[]) => fc.constantFrom(...values)
const field = fc.option(few('a', 'b', 'a"\\', 'https://a.example/?token=hush&x=1'), { nil: undefined })
const consumers = ['k1', 'k2'].flatMap((id) => ['Blüe "B"', 'Ada'].map((name) => ({ id, name, groups: [] })))
/** What is told of a request that is recorded here: its trace is ours. */
const ownTrace = (pair: string) => ({ ownTraceId: pair.repeat(16), traceId: pair.repeat(16) })
const traceOf = (pair: string) => `00-${pair.repeat(16)}-${pair.repeat(8)}-01`
const request = fc.record({
  parts: fc.record({
    consumer: fc.constantFrom(null, ...consumers),
    clientIp: few('192.0.2.1', '2001:db8::1'),
    host: few('a.example', 'b.example'),
    method: few('GET', 'POST'),
    path: few('/', '/pets/7'),
    status: fc.constantFrom(200, 404, 500),
    outcome: fc.constantFrom({}, ...['c3', 'd4'].map(ownTrace)),
  }),
  userAgent: field,
  referer: field,
  traceparent: fc.option(few('nonsense', traceOf('a1'), traceOf('b2')), { nil: undefined }),
  isAsCame: fc.boolean(),
  which: fc.nat({ max: 1 }),
})

/** Requests of a connection, of which each is like the one before but for one thing. */
const requests = fc
  .array(fc.record({ other: request, field: fc.nat() }), { minLength: 2, maxLength: 24 })
  .map((steps) => {
    let last = steps[0]?.other ?? assert.fail()
    return steps.map(({ other, field: which }) => {
      const ofParts = Object.keys(last.parts) as (keyof typeof last.parts)[]
      const ofRest = (Object.keys(last) as (keyof typeof last)[]).filter((name) => name !== 'parts')
      const part = ofParts[which % (ofParts.length + ofRest.length)]
      const rest = ofRest[(which % (ofParts.length + ofRest.length)) - ofParts.length]
      if (part !== undefined) last = { ...last, parts: { ...last.parts, [part]: other.parts[part] } }
      if (rest !== undefined) last = { ...last, [rest]: other[rest] }
      return last
    })
  })

function made({ parts, isAsCame, ...rest }: typeof request extends fc.Arbitrary<infer T> ? T : never) {
  const headers: Record<string, string> = {}
  if (rest.traceparent !== undefined) headers.Traceparent = rest.traceparent
  if (rest.userAgent !== undefined) headers['User-Agent'] = rest.userAgent
  if (rest.referer !== undefined) headers.Referer = rest.referer
  const x = exchange({ ...parts, headers } satisfies ExchangeParts)
  if (isAsCame) asCame(x.request.headers)
  return x
}

test('a line says the same of a request, whatever came before it on the connection', () => {
  const { finish, written } = twoLogs()
  fc.assert(
    fc.property(requests, (all) => {
      let memo: object | null = null
      for (const one of all) {
        const alone = made(one)
        const next = made(one)
        next.memo = memo
        written.length = 0
        finish(alone, one.which)
        finish(next, one.which)
        memo = next.memo
        assert.equal(written[1], written[0])
      }
    }),
  )
})

test('what another handler keeps there is left alone', () => {
  const { finish, written } = twoLogs()
  const x = exchange({ host: 'a.example' })
  x.memo = { owner: 'another' }
  finish(x, 0)
  assert.equal(JSON.parse(written[0] ?? '{}').host, 'a.example')
})
