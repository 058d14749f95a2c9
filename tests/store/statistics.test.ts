import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import type { Actor } from '../../src/control/access.ts'
import type { UnitRunner } from '../../src/control/context.ts'
import { type StatisticsLog, TrafficCollector } from '../../src/control/statistics/collector.ts'
import { StatisticsKeeper } from '../../src/control/statistics/keeper.ts'
import { StatisticsReader } from '../../src/control/statistics/reader.ts'
import { readTop } from '../../src/control/statistics/top.ts'
import { bucketOf } from '../../src/lib/log-histogram.ts'
import { createVault } from '../../src/lib/vault.ts'
import { Unavailable } from '../../src/model/errors.ts'
import type { TopOrder } from '../../src/model/statistics.ts'
import { STATUS, TOTAL_MICROS, TOTAL_TIME, type TrafficDelta } from '../../src/model/traffic.ts'
import { arbitraryDelta, countsOf } from '../../src/stats/arbitrary-traffic.ts'
import { latencyOf } from '../../src/stats/figures.ts'
import { ALL, DeltaReader, Gathered, type KeptKey, OTHER, stageTotal } from '../../src/stats/gathered.ts'
import type { Span } from '../../src/stats/points.ts'
import { Tally } from '../../src/stats/tally.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import type { Unit } from '../../src/store/unit.ts'
import { type PostgresServer, startPostgres, withoutPostgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/turnpike.ts'

/** Statistics from what workers post to what is read, on every database, with a clock of the test's own. */

const vault = createVault(Buffer.alloc(32, 1))
const silent: StatisticsLog = { info: () => undefined, warn: () => undefined }
const DAY = 1_440
const RETENTION = { '1m': 2 * DAY, '10m': 3 * DAY, '1h': 10 * DAY, '1d': 10 * DAY }
const MINUTE_MS = 60_000

let server: PostgresServer | undefined
const databases = [
  { name: 'SQLite', skip: false, runs: 15, url: async () => '' },
  {
    name: 'PostgreSQL',
    skip: withoutPostgres,
    runs: 5,
    async url() {
      server ??= await startPostgres()
      return server.createDatabase()
    },
  },
]
after(() => server?.stop())

/** A store that can be told to fail: before or after so many transactions more, as when the program is killed. */
class Fragile implements UnitRunner {
  private readonly store: Store
  left = Number.POSITIVE_INFINITY
  constructor(store: Store) {
    this.store = store
  }

  async inTransaction<T>(actor: string, work: (unit: Unit) => Promise<T>): Promise<T> {
    if (this.left-- <= 0) throw new Unavailable('killed')
    return this.store.inTransaction(actor, work)
  }
}

/** One node: what it has in memory goes when it is killed. */
class Node {
  readonly store: Fragile
  readonly collector: TrafficCollector
  readonly keeper: StatisticsKeeper
  constructor(store: Store, now: () => number, { nodeId = 'node-a', maxSeries = 100, log = silent } = {}) {
    this.store = new Fragile(store)
    const parts = { store: this.store, nodeId, log, now, maxSeries }
    this.collector = new TrafficCollector(parts)
    this.keeper = new StatisticsKeeper(parts, this.collector, RETENTION)
  }
}

/** The slow reference: every delta that was taken, added up for what is asked. */
function referenceOf(deltas: readonly TrafficDelta[], key: KeptKey, span: Span): Tally {
  const sum = new Tally()
  for (const delta of deltas) {
    if (delta.minute < span.from || delta.minute >= span.to) continue
    const gathered = new Gathered(1_000)
    while (!new DeltaReader(delta).read(1e6, (one) => [gathered.of(one)]));
    for (const { key: one, tally } of gathered.series) {
      const isOf =
        key.kind === 'all'
          ? one.kind === 'route'
          : key.kind === 'stage'
            ? one.kind === 'route' && one.stageId === key.id
            : one.kind === key.kind && one.stageId === key.stageId && one.id === key.id
      if (isOf) sum.merge(tally)
    }
  }
  return sum
}

const asked: readonly KeptKey[] = [
  ALL,
  stageTotal('stage-a'),
  stageTotal(''),
  { stageId: 'stage-a', kind: 'route', id: 'r1' },
  { stageId: 'stage-b', kind: 'route', id: '' },
  { stageId: 'stage-a', kind: 'key', id: 'k1' },
]

async function assertSame(store: Store, node: Node, taken: readonly TrafficDelta[], spans: readonly Span[]) {
  for (const key of asked) {
    const sums = await store.inTransaction('test', async (unit) =>
      (await StatisticsReader.open(unit, node.collector)).sums([key], spans),
    )
    for (const [i, span] of spans.entries())
      assert.deepEqual(
        countsOf(sums[i] ?? new Tally()),
        countsOf(referenceOf(taken, key, span)),
        `${JSON.stringify(key)} from ${span.from} to ${span.to}`,
      )
  }
}

const admin: Actor = {
  role: 'admin',
  serviceRoles: {},
  userId: null,
  tokenId: null,
  expiresAt: null,
  name: 'local',
  isCookie: false,
}

const calls = (minute: number, id: string, count: number): TrafficDelta => ({
  minute,
  series: [{ stageId: 'stage-a', kind: 'route', id }],
  cells: new Float64Array([0, STATUS + 200, count]),
  reasons: [],
})

for (const { name, skip, runs, url } of databases) {
  describe(`statistics on ${name}`, { skip }, async () => {
    const open = async () => openStore({ folder: temporaryFolder(), url: await url(), vault, logger: silent })

    test('whatever comes, whenever it is killed and started again, is told exactly', async () => {
      // What happens: traffic comes, time goes on, and the program is killed within so many transactions.
      const event = fc.oneof(
        { weight: 4, arbitrary: arbitraryDelta({ min: -3, max: 0 }).map((delta) => ({ delta })) },
        { weight: 3, arbitrary: fc.constantFrom(1, 2, 9, 61, 1_500).map((minutes) => ({ minutes })) },
        { weight: 2, arbitrary: fc.nat({ max: 12 }).map((killedAfter) => ({ killedAfter })) },
      )
      // Each run is some months after the one before: what is left of that is old.
      const store = await open()
      let day = 20_000
      await fc.assert(
        fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 12 }), async (events) => {
          day += 100
          const start = day * DAY + 1_425
          let now = start * MINUTE_MS + 1_000
          const clock = () => now
          let node = new Node(store, clock)
          const taken: TrafficDelta[] = []
          for (const one of events) {
            if ('delta' in one) {
              const delta = { ...one.delta, minute: Math.floor(now / MINUTE_MS) + one.delta.minute }
              taken.push(delta)
              node.collector.take(delta)
              await node.collector.flush()
            } else if ('minutes' in one) {
              now += one.minutes * MINUTE_MS
              await node.keeper.tick()
            } else {
              node.store.left = one.killedAfter
              now += 2 * MINUTE_MS
              await node.keeper.tick()
              node = new Node(store, clock)
            }
          }
          const minute = Math.floor(now / MINUTE_MS)
          // Odd ends, whole days, and everything; as far as what it is told by is kept.
          const from = Math.max(start - 3, minute - RETENTION['1m'] + DAY)
          const spans = [
            { from, to: Math.floor((from + minute) / 2) },
            { from: Math.floor((from + minute) / 2), to: minute + 1 },
          ]
          await assertSame(store, node, taken, spans)
          await node.keeper.tick()
          await assertSame(store, node, taken, spans)
          now += 2 * DAY * MINUTE_MS
          await node.keeper.tick()
          await assertSame(store, node, taken, [{ from: day * DAY, to: (day + 10) * DAY }])
          await node.collector.stop()
        }),
        { numRuns: runs },
      )
      await store.close()
    })

    test('old buckets go, and series that nothing is left of', async () => {
      const store = await open()
      let now = 20_000 * DAY * MINUTE_MS
      const node = new Node(store, () => now)
      node.collector.take(calls(20_000 * DAY, 'old', 5))
      await node.collector.flush()
      const counts = () =>
        store.inTransaction('test', async ({ statistics }) => {
          const group = (await statistics.findGroup('stage-a', 'route')) ?? 0
          const of = async (width: number) => (await statistics.blocks(width, [20_000 * DAY], group, 'all')).length
          return [
            await of(1),
            await of(10),
            await of(60),
            await of(DAY),
            (await statistics.placesIn(group, ['old'])).size,
          ]
        })
      const seen: Record<number, number[]> = {}
      for (let day = 0; day <= 14; day++) {
        await node.keeper.tick()
        seen[day] = await counts()
        now += DAY * MINUTE_MS
      }
      assert.deepEqual(seen[0], [0, 0, 0, 0, 0])
      assert.deepEqual(seen[2], [1, 1, 1, 1, 1])
      assert.deepEqual(seen[4], [0, 0, 1, 1, 1])
      assert.deepEqual(seen[14], [0, 0, 0, 0, 0])
      await store.close()
    })

    test('two nodes tell the same, and what one has left behind is taken over', async () => {
      const store = await open()
      let now = (20_000 * DAY + 5) * MINUTE_MS
      const [a, b] = [new Node(store, () => now), new Node(store, () => now, { nodeId: 'node-b' })]
      const taken = [calls(20_000 * DAY + 5, 'r1', 3), calls(20_000 * DAY + 5, 'r1', 4)]
      for (const [i, node] of [a, b].entries()) {
        const delta = taken[i]
        if (delta !== undefined) node.collector.take(delta)
        await node.collector.flush()
      }
      const all = [{ from: 20_000 * DAY, to: 20_001 * DAY }]
      for (const node of [a, b]) await assertSame(store, node, taken, all)
      // The second one is never heard of again.
      now += 2 * MINUTE_MS
      await a.keeper.tick()
      await assertSame(store, a, taken, all)
      now += 70 * MINUTE_MS
      await a.keeper.tick()
      await assertSame(store, a, taken, all)
      assert.deepEqual(await store.inTransaction('test', ({ statistics }) => statistics.batches()), [])
      await store.close()
    })

    test('what another node has only begun to make buckets of is not rolled up, and told once', async () => {
      const store = await open()
      // Wherever the other one is killed, on a day of its own each time.
      for (let left = 0; left < 6; left++) {
        const first = (20_000 + left) * DAY
        let now = (first + 5) * MINUTE_MS
        const clock = () => now
        const [a, b] = [new Node(store, clock, { nodeId: `a${left}` }), new Node(store, clock, { nodeId: `b${left}` })]
        const taken = [calls(first + 4, 'r1', 3), calls(first + 5, 'r1', 4)]
        for (const [i, delta] of taken.entries()) {
          const node = i === 0 ? a : b
          node.collector.take(delta)
          await node.collector.flush()
        }
        now += 2 * MINUTE_MS
        b.store.left = left
        await b.keeper.tick()
        // Ten minutes are made a bucket of, with that of the minute of the one and without that of the other.
        now += 10 * MINUTE_MS
        await a.keeper.tick()
        const whole = [{ from: first, to: first + 10 }]
        await assertSame(store, a, taken, whole)
        // Then what was left behind is taken over, and they are made anew.
        now += 70 * MINUTE_MS
        await a.keeper.tick()
        await assertSame(store, a, taken, whole)
        await a.collector.stop()
      }
      await store.close()
    })

    test('lists of many series are the same from memory, from minutes and from days', async () => {
      const store = await open()
      const first = 20_000 * DAY
      let now = first * MINUTE_MS
      const node = new Node(store, () => now, { maxSeries: 150 })
      const many = Array.from({ length: 200 }, (_, i) => i)
      node.collector.take({
        minute: first,
        series: many.map((i) => ({ stageId: 'stage-a', kind: 'key' as const, id: `key-${i}` })),
        cells: new Float64Array(many.flatMap((i) => [i, STATUS + (i % 2 === 0 ? 200 : 404), i + 1])),
        reasons: [],
      })
      await node.collector.flush()
      const read = () =>
        store.inTransaction('test', async (unit) => {
          const reader = await StatisticsReader.open(unit, node.collector)
          const span = { from: first, to: first + DAY }
          const { summary, idsAt } = await reader.summary('stage-a', 'key', span, ['calls', 'clientErrors'])
          const places = Array.from({ length: summary.size }, (_, i) => i)
          const ids = await idsAt(places)
          return new Map(
            places.map((place) => [ids[place], [summary.value(place, 'calls'), summary.value(place, 'clientErrors')]]),
          )
        })
      const wanted = new Map(many.slice(0, 150).map((i) => [`key-${i}`, [i + 1, i % 2 === 0 ? 0 : i + 1]]))
      const rest = many.slice(150)
      wanted.set(OTHER, [rest.reduce((sum, i) => sum + i + 1, 0), rest.reduce((sum, i) => sum + (i % 2) * (i + 1), 0)])
      for (const minutes of [0, 2, 20, 3 * DAY]) {
        now += minutes * MINUTE_MS
        await node.keeper.tick()
        assert.deepEqual(await read(), wanted, `${minutes} minutes later`)
      }
      await store.close()
    })

    test('lists go by the average, and by percentiles, which may be another order', async () => {
      const store = await open()
      const minute = 20_000 * DAY
      let now = minute * MINUTE_MS
      const node = new Node(store, () => now)
      // Always slow; slow for two in a hundred; slow for six in a hundred, and less so.
      const times: readonly [stageId: string, quick: number, slow: number, slowMicros: number][] = [
        ['always', 0, 100, 900_000],
        ['rarely', 98, 2, 9_000_000],
        ['sometimes', 94, 6, 2_000_000],
      ]
      for (const [stageId, quick, slow, slowMicros] of times)
        node.collector.take({
          minute,
          series: [{ stageId, kind: 'route', id: 'r1' }],
          cells: new Float64Array([
            ...[0, TOTAL_TIME + bucketOf(1_000), quick, 0, TOTAL_TIME + bucketOf(slowMicros), slow],
            ...[0, STATUS + 200, quick + slow, 0, TOTAL_MICROS, quick * 1_000 + slow * slowMicros],
          ]),
          reasons: [],
        })
      await node.collector.flush()
      const top = (sort: TopOrder, limit = 3) =>
        store.inTransaction('test', async (unit) => {
          const source = { collector: node.collector, retention: RETENTION, now: () => now }
          const query = { from: '2h', to: undefined, by: 'stage', sort, limit } as const
          const { items } = await readTop(unit, admin, source, {}, query)
          return items.map(({ id }) => id)
        })
      // From memory and from buckets.
      for (const minutes of [1, 61]) {
        now += minutes * MINUTE_MS
        await node.keeper.tick()
        assert.deepEqual(await top('latency'), ['always', 'rarely', 'sometimes'])
        assert.deepEqual(await top('p95'), ['sometimes', 'always', 'rarely'])
        assert.deepEqual(await top('p99'), ['rarely', 'sometimes', 'always'])
        assert.deepEqual(await top('p99', 1), ['rarely'])
      }
      await store.close()
    })

    test('lists of many by percentiles are exact, from memory, journal and buckets of every width', async () => {
      const store = await open()
      const start = 20_000 * DAY
      let now = start * MINUTE_MS + 1_000
      const node = new Node(store, () => now, { maxSeries: 1_000 })
      const series = Array.from({ length: 300 }, (_, i) => ({ stageId: `stage-${i}`, kind: 'route' as const, id: 'r' }))
      const sums = series.map(() => new Tally())
      const random = fc.sample(fc.integer({ min: 1, max: 1_000_000 }), { numRuns: 3_000, seed: 7 })
      let at = 0
      const next = (below: number) => (random[at++ % random.length] ?? 0) % below
      const send = async (minute: number) => {
        const cells: number[] = []
        for (const [place, sum] of sums.entries()) {
          if (next(3) === 0) continue
          // All take about as long, and the average says nothing of the slowest: few are far slower now and then.
          const times = [[1_000 + next(40), 1 + next(400)] as const, [2 ** (10 + next(15)), next(6)] as const]
          const calls = times.reduce((all, [, count]) => all + count, 0)
          for (const [micros, count] of times) {
            if (count > 0) cells.push(place, TOTAL_TIME + bucketOf(micros), count)
            sum.add(TOTAL_TIME + bucketOf(micros), count)
          }
          cells.push(place, STATUS + 200, calls, place, TOTAL_MICROS, calls * (1_000 + next(1_000)))
          sum.add(STATUS + 200, calls)
        }
        node.collector.take({ minute, series, cells: new Float64Array(cells), reasons: [] })
        await node.collector.flush()
      }
      const check = async (what: string) => {
        for (const sort of ['p95', 'p99'] as const) {
          const value = (sum: Tally | undefined) => (sum === undefined ? 0 : (latencyOf(sum)[`${sort}Ms`] ?? 0))
          const wanted = sums.map(value).sort((a, b) => b - a)
          for (const limit of [1, 50]) {
            const { items, count } = await store.inTransaction('test', async (unit) => {
              const source = { collector: node.collector, retention: RETENTION, now: () => now }
              return readTop(unit, admin, source, {}, { from: '2d', by: 'stage', sort, limit })
            })
            const found = items.map(({ latency }) => latency[`${sort}Ms`])
            assert.deepEqual(found, wanted.slice(0, limit), `${sort}, ${limit}, ${what}`)
            assert.equal(count, sums.filter(({ cells }) => cells.length > 0).length)
            for (const { id, latency } of items)
              assert.equal(latency[`${sort}Ms`], value(sums[Number(id.slice('stage-'.length))]), id)
          }
        }
      }
      await send(start)
      await check('memory')
      // Over an end of a day, so that there are buckets of every width.
      for (const minutes of [1, 61, DAY, 71]) {
        now += minutes * MINUTE_MS
        await node.keeper.tick()
        await check(`after ${minutes} minutes`)
        await send(Math.floor(now / MINUTE_MS))
        await check(`after ${minutes} minutes, and more`)
      }
      await node.collector.stop()
      await store.close()
    })

    test('while the store is away everything is kept, and written when it is back', async () => {
      const store = await open()
      const now = 20_000 * DAY * MINUTE_MS
      const told: string[] = []
      const log = { info: (text: string) => told.push(text), warn: (text: string) => told.push(text) }
      const node = new Node(store, () => now, { log })
      const taken = [1, 2, 3].map((count) => calls(20_000 * DAY, 'r1', count))
      node.store.left = 0
      for (const delta of taken) {
        node.collector.take(delta)
        await node.collector.flush()
      }
      await assertSame(store, node, taken, [{ from: 20_000 * DAY, to: 20_000 * DAY + 1 }])
      node.store.left = Number.POSITIVE_INFINITY
      await node.collector.stop()
      const again = new Node(store, () => now)
      await assertSame(store, again, taken, [{ from: 20_000 * DAY, to: 20_000 * DAY + 1 }])
      assert.deepEqual(told.length, 2)
      assert.match(told[1] ?? '', /nothing was lost/)
      await store.close()
    })
  })
}
