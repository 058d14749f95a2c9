import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  ABORTED,
  BACKEND_TIME,
  BY_GATEWAY,
  BYTES_IN,
  BYTES_OUT,
  REASON,
  STATUS,
  TOTAL_TIME,
  type TrafficDelta,
} from '../model/traffic.ts'
import type { Client } from './exchange.ts'
import { GatewayExchange, SENT, STARTED } from './exchange.ts'
import { SplitSeries } from './split-series.ts'
import type { Route, StageTable } from './table.ts'
import { KeySeries, Series, TrafficRecorder } from './traffic-recorder.ts'

/** A request that is over. */
interface Finished {
  readonly stage: number
  readonly route: number
  readonly status: number
  readonly bytes: number
  readonly hasBackend: boolean
  readonly answeredBy: number
  readonly isAborted: boolean
}

const PLUGINS = ['key-auth', 'mock']
const stages = ['one', 'two'].map((id) => ({
  series: ['', 'a', 'b'].map((route) => new Series(id, 'route', route)),
  keySeries: new KeySeries(id),
  splitSeries: new SplitSeries(id),
  deploymentSeries: null,
})) as unknown as StageTable[]
const x = new GatewayExchange({} as Client)

function finish(
  recorder: TrafficRecorder,
  { stage, route, status, bytes, hasBackend, answeredBy, isAborted }: Finished,
) {
  x.begin(0)
  x.stageTable = stages[stage] ?? null
  x.matched = { index: route, requestPlugins: PLUGINS } as unknown as Route
  x.response.status = status
  x.bytesIn = bytes
  x.bytesOut = bytes * 2
  x.answeredBy = answeredBy
  if (hasBackend) x.times[SENT] = x.times[STARTED] ?? 0
  recorder.count(x, isAborted)
}

/** All that deltas say, added up by stage, route and cell. */
function added(deltas: readonly TrafficDelta[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { series, cells, reasons } of deltas)
    for (let i = 0; i < cells.length; i += 3) {
      const { stageId, id } = series[cells[i] ?? -1] ?? { stageId: '?', id: '?' }
      const cell = cells[i + 1] ?? -1
      const reason = reasons[cell - REASON]
      const isTime = cell < STATUS
      const name = isTime
        ? cell >= BACKEND_TIME
          ? 'backend'
          : 'total'
        : reason === undefined
          ? String(cell)
          : `${reason.plugin} ${reason.code}`
      const key = `${stageId} ${id} ${name}`
      if (name !== '3074' && name !== '3075') sums.set(key, (sums.get(key) ?? 0) + (cells[i + 2] ?? 0))
    }
  return sums
}

/** The same, counted one by one. */
function expected(requests: readonly Finished[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { stage, route, status, bytes, hasBackend, answeredBy, isAborted } of requests) {
    const [stageId, id] = stage === 2 ? ['', ''] : [['one', 'two'][stage], ['', 'a', 'b'][route]]
    const add = (name: string | number, by = 1) => {
      const key = `${stageId} ${id} ${name}`
      if (by !== 0) sums.set(key, (sums.get(key) ?? 0) + by)
    }
    add('total')
    add(STATUS + status)
    add(BYTES_IN, bytes)
    add(BYTES_OUT, bytes * 2)
    if (hasBackend) add('backend')
    if (isAborted) add(ABORTED)
    if (answeredBy === -1) continue
    add(BY_GATEWAY)
    add(`${PLUGINS[answeredBy]} `)
  }
  return sums
}

const finished = fc.record({
  stage: fc.integer({ min: 0, max: 2 }),
  route: fc.integer({ min: 0, max: 2 }),
  status: fc.constantFrom(0, 200, 204, 301, 404, 429, 503, 999),
  bytes: fc.constantFrom(0, 1, 100, 2 ** 40),
  hasBackend: fc.boolean(),
  answeredBy: fc.integer({ min: -1, max: 1 }),
  isAborted: fc.boolean(),
})
const plain = { stage: 0, route: 1, status: 200, bytes: 1, hasBackend: true, answeredBy: -1, isAborted: false }

function recording(now = () => 0) {
  const deltas: TrafficDelta[] = []
  return { deltas, recorder: new TrafficRecorder((delta) => deltas.push(delta), now) }
}

test('whatever is counted, in however many deltas, adds up to what there was', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(finished, fc.constant('flush' as const)), { maxLength: 300 }), (events) => {
      const { deltas, recorder } = recording()
      for (const event of events) event === 'flush' ? recorder.flush() : finish(recorder, event)
      recorder.flush()
      assert.deepEqual([...added(deltas)].sort(), [...expected(events.filter((event) => event !== 'flush'))].sort())
    }),
  )
})

describe('a delta', () => {
  test('names only what something was counted of', () => {
    const { deltas, recorder } = recording()
    finish(recorder, plain)
    recorder.flush()
    assert.deepEqual(deltas[0]?.series, [{ stageId: 'one', kind: 'route', id: 'a' }])
    for (let i = 2; i < (deltas[0]?.cells.length ?? 0); i += 3) assert.notEqual(deltas[0]?.cells[i], 0)
  })

  test('is not made of nothing', () => {
    const { deltas, recorder } = recording()
    recorder.flush()
    assert.deepEqual(deltas, [])
  })

  test('is of one minute', () => {
    let now = 59_999
    const { deltas, recorder } = recording(() => now)
    finish(recorder, plain)
    recorder.turn()
    now = 60_000
    recorder.turn()
    finish(recorder, plain)
    recorder.turn()
    now = 180_000
    recorder.turn()
    finish(recorder, plain)
    recorder.flush()
    assert.deepEqual(
      deltas.map(({ minute }) => minute),
      [0, 1, 3],
    )
  })

  test('is made early where there is much to tell', () => {
    const { deltas, recorder } = recording()
    const table = {
      ...stages[0],
      series: Array.from({ length: 40_000 }, (_, i) => new Series('one', 'route', String(i))),
    }
    for (let i = 0; i < 40_000; i++) {
      x.begin(0)
      x.stageTable = table as unknown as StageTable
      x.matched = { index: i, requestPlugins: [] } as unknown as Route
      x.response.status = 200
      recorder.count(x, false)
    }
    assert.ok(deltas.length > 0)
    recorder.flush()
    const statuses = [...added(deltas)].filter(([name]) => name.endsWith(` ${STATUS + 200}`))
    assert.equal(statuses.length, 40_000)
    assert.ok(statuses.every(([, count]) => count === 1))
  })

  test('counts reasons that there is no cell for together', () => {
    const { deltas, recorder } = recording()
    for (let i = 0; i < 2_000; i++) {
      x.begin(0)
      x.matched = { index: 0, requestPlugins: [`plugin-${i}`] } as unknown as Route
      x.answeredBy = 0
      recorder.count(x, false)
    }
    recorder.flush()
    const { cells = [], reasons = [] } = deltas[0] ?? {}
    const other = [...cells].findIndex((cell, i) => i % 3 === 1 && cell === REASON + reasons.length)
    assert.equal(reasons.length, 895)
    assert.equal(cells[other + 1], 2_000 - 895)
  })

  test('has a series for each side of a split, and for each side of each route', () => {
    const { deltas, recorder } = recording()
    const take = (id: string, split: string | null, status = 200) => {
      x.begin(0)
      x.stageTable = stages[0] ?? null
      x.matched = { id, index: 1, requestPlugins: [] } as unknown as Route
      x.split = split
      x.response.status = status
      recorder.count(x, false)
    }
    for (let i = 0; i < 3; i++) take('a', 'stable')
    recorder.flush()
    take('a', 'next', 503)
    take('b', 'next')
    take('b', null)
    recorder.flush()
    const calls = (delta: TrafficDelta | undefined, status: number) =>
      delta?.series.map(({ kind, id }, place) => {
        const at = delta.cells.findIndex(
          (cell, i) => i % 3 === 0 && cell === place && delta.cells[i + 1] === STATUS + status,
        )
        return `${kind} ${id}: ${at === -1 ? 0 : delta.cells[at + 2]}`
      })
    assert.deepEqual(calls(deltas[0], 200), ['route a: 3', 'side stable: 3', 'route-side a/stable: 3'])
    assert.deepEqual(calls(deltas[1], 200), [
      'route a: 2',
      'side next: 1',
      'route-side a/next: 0',
      'route-side b/next: 1',
    ])
    assert.deepEqual(calls(deltas[1], 503), [
      'route a: 1',
      'side next: 1',
      'route-side a/next: 1',
      'route-side b/next: 0',
    ])
  })

  test('has times as histograms', () => {
    const { deltas, recorder } = recording()
    finish(recorder, plain)
    recorder.flush()
    const cells = [...(deltas[0]?.cells ?? [])].filter((_, i) => i % 3 === 1)
    assert.equal(cells.filter((cell) => cell >= TOTAL_TIME && cell < BACKEND_TIME).length, 1)
    assert.equal(cells.filter((cell) => cell >= BACKEND_TIME && cell < STATUS).length, 1)
  })
})
