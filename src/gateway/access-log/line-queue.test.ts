import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { HeaderList } from '../../lib/headers/header-list.ts'
import { LineBytes } from '../../lib/line-bytes.ts'
import { accessLog } from '../../plugins/access-log.ts'
import { fakeEnv, fakeWriter } from '../../plugins/fake-exchange.ts'
import { logFieldNames } from '../../plugins/log-lines/fields.ts'
import type { LineMaker } from '../../plugins/plugin.ts'
import { type Client, ENDED, GatewayExchange, noRoute, SENT, STARTED } from '../exchange.ts'
import { RecentRequests } from '../recent/requests.ts'
import type { StageTable } from '../table.ts'
import { LineQueue } from './line-queue.ts'

const ROW = 32

/** A worker's queue, with what remembers its requests. */
function begin(capacity = 100) {
  const recent = new RecentRequests(0, capacity)
  const failures: unknown[] = []
  const queue = new LineQueue(recent, (error) => failures.push(error))
  return {
    recent,
    queue,
    failures,
    /** What the end of a request does. */
    finish(x: GatewayExchange, maker: LineMaker | null, rest = ''): void {
      if (maker !== null) x.wantLine(maker, rest)
      end(x)
    },
    end,
  }

  function end(x: GatewayExchange): void {
    const caller = recent.record(x)
    if (x.lineMaker !== null) queue.add(x, x.lineMaker, caller)
  }
}

/** Keeps the ids, paths and rests of requests as the lines that are made of them. */
function keeping(lines: string[]): LineMaker {
  return {
    make(request, rest) {
      const line = new LineBytes()
      request.writeId(line)
      line.text(' ')
      request.writePath(line, 2_048)
      lines.push(`${line.bytes.toString('latin1', 0, line.length)}${rest}`)
    },
  }
}

function exchangeOf(path: string, id: string | null = path.slice(1)): GatewayExchange {
  const x = new GatewayExchange({} as Client)
  x.begin(0)
  x.request.path = path
  if (id !== null) x.id = id
  return x
}

test('lines are made some in a row, in their order, and all when they are asked for', () => {
  const { queue, finish } = begin()
  const lines: string[] = []
  const maker = keeping(lines)
  const sizes = [ROW - 1, 1, 5].map((count, step) => {
    for (let i = 0; i < count; i++) finish(exchangeOf(`/${step}-${i}`), maker, ` ${i}`)
    return lines.length
  })
  assert.deepEqual(sizes, [0, ROW, ROW])
  queue.makeAll()
  queue.makeAll()
  assert.equal(lines.length, ROW + 5)
  assert.deepEqual([lines[0], lines[ROW], lines.at(-1)], ['0-0 /0-0 0', '2-0 /2-0 0', '2-4 /2-4 4'])
})

test('a line is of its own request, however many others are remembered before it is made', () => {
  for (const capacity of [0, 1, 64, 100])
    for (const others of [0, 1, 63, 64, 99, 100, 1_000]) {
      const { queue, finish } = begin(capacity)
      const lines: string[] = []
      finish(exchangeOf('/mine'), keeping(lines))
      for (let i = 0; i < others; i++) finish(exchangeOf(`/other-${i}`), null)
      queue.makeAll()
      assert.deepEqual(lines, ['mine /mine'], `${capacity}, ${others}`)
    }
})

test('an id that a line has is the same everywhere', () => {
  const { recent, queue, finish } = begin()
  const lines: string[] = []
  const known = exchangeOf('/known', null)
  const { id } = known
  finish(known, keeping(lines))
  finish(exchangeOf('/unknown', null), keeping(lines))
  queue.makeAll()
  assert.equal(lines[0], `${id} /known`)
  for (const line of lines) {
    const [written = '', path] = line.split(' ')
    assert.match(written, /^[0-9a-f]{32}$/)
    assert.equal(recent.find(written)?.request.path, path)
  }
})

test('a path that is longer than what is remembered is written all the same', () => {
  const { queue, finish } = begin()
  const lines: string[] = []
  const paths = [255, 256, 257, 1_000, 9_000].map((length) => `/"${'x'.repeat(length - 2)}`)
  for (const path of paths) finish(exchangeOf(path, 'id'), keeping(lines))
  queue.makeAll()
  assert.deepEqual(
    lines,
    paths.map((path) => `id ${path.slice(0, 2_048).replace('"', '\\"')}`),
  )
})

test('two that log a request both do', () => {
  const { queue, finish, end } = begin()
  const lines: string[] = []
  const x = exchangeOf('/a')
  for (const rest of [' one', ' two', ' three']) x.wantLine(keeping(lines), rest)
  end(x)
  x.begin(0)
  finish(x, null)
  queue.makeAll()
  assert.deepEqual(lines, ['a /a one', 'a /a two', 'a /a three'])
})

test('a maker that throws is told of, and the others go on', () => {
  const { queue, finish, failures } = begin()
  const lines: string[] = []
  const broken: LineMaker = {
    make() {
      throw new Error('broken')
    },
  }
  for (const [i, maker] of [keeping(lines), broken, keeping(lines)].entries()) finish(exchangeOf(`/${i}`), maker)
  queue.makeAll()
  assert.deepEqual(lines, ['0 /0', '2 /2'])
  assert.equal(failures.length, 1)
})

/** Fields as they are when they came over a wire: places in a text. */
function asCame(headers: HeaderList, fields: readonly (readonly [string, string])[]): void {
  headers.clear()
  let text = ''
  for (const [name, value] of fields) {
    const valueAt = text.length + name.length + 2
    headers.pushPlaces(text.length, text.length + name.length, valueAt, valueAt + value.length)
    text += `${name}: ${value}\r\n`
  }
  headers.readFrom(text)
}

const few = (...values: readonly string[]) => fc.constantFrom(...values)
const field = fc.option(few('a', 'b', 'a"\\', 'https://a.example/?token=hush&x=1'), { nil: undefined })
const consumers = ['k1', 'k2'].flatMap((id) => ['Blüe "B"', 'Ada'].map((name) => ({ id, name, groups: [] })))
const traceOf = (pair: string) => `00-${pair.repeat(16)}-${pair.repeat(8)}-01`
const stages = ['live', 'beta'].map(
  (name) => ({ hash: `h-${name}`, stage: { id: name, service: 's', name } }) as unknown as StageTable,
)
const routes = ['/pets/{id}', '/'].map((pattern) => ({ ...noRoute, id: pattern, pattern, kinds: [] }))
const request = fc.record({
  stage: fc.nat(1),
  route: fc.nat(1),
  consumer: fc.constantFrom(null, ...consumers),
  clientIp: few('192.0.2.1', '2001:db8::1'),
  host: few('a.example', 'b.example'),
  method: few('GET', 'POST', 'ALONGMETHODOFACLIENT'),
  path: few('/', '/pets/7', '/pets/"', `/${'x'.repeat(300)}`),
  query: few('', 'a=1&token=hush'),
  status: fc.constantFrom(200, 404, 500),
  error: few('', 'not-found'),
  upstream: few('', 'http://10.0.0.1', 'http://u:hush@10.0.0.2/?token=hush'),
  protocol: few('HTTP/1.1', 'HTTP/2'),
  scheme: few('http', 'https'),
  isAborted: fc.boolean(),
  userAgent: fc.option(few('a', 'b"\\', 'long '.repeat(400)), { nil: undefined }),
  referer: field,
  traceparent: fc.option(few('nonsense', traceOf('a1'), traceOf('b2')), { nil: undefined }),
  isAsCame: fc.boolean(),
})
type Parts = typeof request extends fc.Arbitrary<infer T> ? T : never

/** Requests of which each is like the one before but for one thing. */
const requests = fc
  .array(fc.record({ other: request, field: fc.nat() }), { minLength: 2, maxLength: 50 })
  .map((steps) => {
    let last = steps[0]?.other ?? assert.fail()
    return steps.map(({ other, field: which }) => {
      const names = Object.keys(last) as (keyof Parts)[]
      const name = names[which % names.length] ?? assert.fail()
      last = { ...last, [name]: other[name] }
      return last
    })
  })

/** Makes an exchange one that is over. */
function become(x: GatewayExchange, parts: Parts, id: string): void {
  const { userAgent, referer, traceparent, error, upstream } = parts
  x.begin(Date.UTC(2026, 0, 1))
  x.id = id
  x.stageTable = stages[parts.stage] ?? null
  x.matched = routes[parts.route] ?? null
  x.consumer = parts.consumer
  x.clientIp = parts.clientIp
  x.protocol = parts.protocol
  const { method, path, query, host, scheme } = parts
  Object.assign(x.request, { method, path, query, host, scheme })
  const fields = Object.entries({ 'User-Agent': userAgent, Referer: referer, Traceparent: traceparent }).flatMap(
    ([name, value]) => (value === undefined ? [] : ([[name, value]] as const)),
  )
  asCame(x.request.headers, fields)
  if (!parts.isAsCame) x.request.headers = x.request.headers.clone()
  x.response.status = parts.status
  x.error = error === '' ? null : { type: 'x', code: 'not-found', message: 'x' }
  x.pool = upstream === '' ? null : ({ target: { url: upstream } } as unknown as GatewayExchange['pool'])
  x.isAborted = parts.isAborted
  x.times[STARTED] = 1
  x.times[SENT] = upstream === '' ? 0 : 2
  x.times[ENDED] = 4.5
}

/** What each of a row of requests has for a line: on connections that were used before, or on new ones. */
function linesOf(all: readonly Parts[], connections: number): string[] {
  const { queue, end } = begin()
  const written: string[] = []
  const logOf = (stage: string, pattern: string) =>
    accessLog.create(
      {
        sinks: [{ stdout: {} }],
        format: 'json',
        fields: logFieldNames,
        extra: [{ name: 'own', value: '$!{request.header.referer}' }],
        sample: 1,
        always: 'failures',
      },
      fakeEnv({
        scope: { ...fakeEnv().scope, stage, pattern },
        logs: {
          open: () => fakeWriter((line) => written.push(line)),
          later: (x, maker, rest) => (x as GatewayExchange).wantLine(maker, rest),
        },
      }),
    )
  const logs = stages.map(({ stage }) => routes.map(({ pattern }) => logOf(stage.name, pattern)))
  const exchanges = Array.from({ length: connections }, () => new GatewayExchange({} as Client))
  for (const [i, parts] of all.entries()) {
    const x = exchanges[i % connections] ?? assert.fail()
    become(x, parts, `id-${i}`)
    logs[parts.stage]?.[parts.route]?.onFinish?.(x)
    end(x)
  }
  queue.makeAll()
  return written
}

test('a line says the same of a request, whatever came before it, on its connection and on others', () => {
  fc.assert(
    fc.property(requests, fc.constantFrom(1, 3), (all, connections) => {
      const alone = all.map((parts, i) => linesOf([parts], 1)[0]?.replace('"id-0"', `"id-${i}"`))
      const lines = linesOf(all, connections)
      assert.deepEqual(lines, alone)
      for (const line of lines) {
        assert.doesNotMatch(line, /hush/)
        JSON.parse(line)
      }
    }),
    { numRuns: 60 },
  )
})
