import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bucketOf } from '../lib/log-histogram.ts'
import {
  ABORTED,
  BACKEND_MICROS,
  BACKEND_TIME,
  BY_GATEWAY,
  BYTES_IN,
  BYTES_OUT,
  REASON,
  type Reason,
  type SeriesKey,
  STATUS,
  TOTAL_MICROS,
  TOTAL_TIME,
  type TrafficDelta,
} from '../model/traffic.ts'
import { expose } from './exposition.ts'
import { type NamedStage, RouteNames } from './names.ts'
import { TrafficTotals } from './traffic-totals.ts'

const stage = (routes: readonly string[], name = 'live'): NamedStage => ({
  stage: { id: `stage-${name}`, service: 'pets', name },
  routes: routes.map((pattern) => ({ id: `id-${pattern}`, pattern, method: 'GET' })),
})

function totalsOf(stages: NamedStage[], maxSeries = 100) {
  const live = { version: 1, stages }
  let at = 0
  const totals = new TrafficTotals({ maxSeries, names: new RouteNames(live), now: () => at })
  return {
    totals,
    deploy(next: NamedStage[]) {
      live.version++
      live.stages = next
    },
    later(ms: number) {
      at += ms
    },
    lines: () => [...expose(totals.families(), 'text')].join('').split('\n'),
    line: (start: string) =>
      [...expose(totals.families(), 'text')]
        .join('')
        .split('\n')
        .find((line) => line.startsWith(start)),
  }
}

const route = (id: string, stageId = 'stage-live'): SeriesKey => ({ stageId, kind: 'route', id })

function delta(series: SeriesKey[], cells: [number, number, number][], reasons: Reason[] = []): TrafficDelta {
  return { minute: 0, series, cells: Float64Array.from(cells.flat()), reasons }
}

test('every cell finds its metric', () => {
  const { totals, lines } = totalsOf([stage(['/a'])])
  const keyOf = { stageId: 'stage-live', kind: 'key', id: 'k' } as const
  const cells: [number, number, number][] = [
    [0, STATUS + 200, 3],
    [0, STATUS + 429, 2],
    [0, TOTAL_TIME + bucketOf(700), 4],
    [0, TOTAL_TIME + bucketOf(30_000_000), 1],
    [0, TOTAL_MICROS, 30_002_800],
    [0, BACKEND_TIME + bucketOf(2_000), 3],
    [0, BACKEND_MICROS, 6_000],
    [0, BYTES_IN, 500],
    [0, BYTES_OUT, 900],
    [0, BY_GATEWAY, 2],
    [0, ABORTED, 1],
    [0, REASON, 2],
    [1, STATUS + 200, 77],
    [2, STATUS + 404, 5],
    [3, STATUS + 404, 6],
  ]
  const limit = { plugin: 'rate-limit', code: 'rate-limited' }
  const given = delta([route('id-/a'), keyOf, route(''), route('', '')], cells, [limit])
  totals.add(given)
  totals.add(given)
  const own = 'service="pets",stage="live",route="/a",method="GET"'
  for (const line of [
    `turnpike_http_requests_total{${own},status="200"} 6`,
    `turnpike_http_requests_total{${own},status="429"} 4`,
    'turnpike_http_requests_total{service="pets",stage="live",status="404"} 10',
    'turnpike_http_requests_total{status="404"} 12',
    `turnpike_http_request_duration_seconds_bucket{${own},le="0.001"} 8`,
    `turnpike_http_request_duration_seconds_bucket{${own},le="10.0"} 8`,
    `turnpike_http_request_duration_seconds_bucket{${own},le="+Inf"} 10`,
    `turnpike_http_request_duration_seconds_sum{${own}} 60.0056`,
    `turnpike_http_request_duration_seconds_count{${own}} 10`,
    `turnpike_http_backend_duration_seconds_bucket{${own},le="0.001"} 0`,
    `turnpike_http_backend_duration_seconds_bucket{${own},le="0.0025"} 6`,
    `turnpike_http_backend_duration_seconds_sum{${own}} 0.012`,
    `turnpike_http_request_bytes_total{${own}} 1000`,
    `turnpike_http_response_bytes_total{${own}} 1800`,
    `turnpike_http_aborted_requests_total{${own}} 2`,
    'turnpike_gateway_answers_total{service="pets",stage="live",plugin="rate-limit",code="rate-limited"} 4',
  ])
    assert.ok(lines().includes(line), `${line}\n in \n${lines().join('\n')}`)
  assert.ok(!lines().some((line) => line.includes('77')), 'what is of a key is not counted again')
})

test('the coarse buckets count what lies below their bounds, but for the width of a fine one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000_000 }), { maxLength: 200 }), (micros) => {
      const { totals } = totalsOf([stage(['/a'])])
      totals.add(
        delta(
          [route('id-/a')],
          micros.map((one) => [0, TOTAL_TIME + bucketOf(one), 1]),
        ),
      )
      const [, times] = totals.families()
      assert.ok(times?.type === 'histogram')
      for (const [, { counts }] of times.points) {
        let below = 0
        for (const [i, bound] of times.bounds.entries()) {
          below += counts[i] ?? 0
          const inside = (factor: number): number => micros.filter((one) => one <= bound * 1e6 * factor).length
          assert.ok(below >= inside(1 - 1 / 32) && below <= inside(1 + 1 / 32), `${below} up to ${bound}`)
        }
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          micros.length,
        )
      }
    }),
  )
})

test('beyond the most series the rest is summed up, by status, and nothing is lost', () => {
  const patterns = Array.from({ length: 50 }, (_, i) => `/p${i}`)
  const { totals, lines, line } = totalsOf([stage(patterns)], 10)
  for (let round = 0; round < 3; round++)
    totals.add(
      delta(
        patterns.map((pattern) => route(`id-${pattern}`)),
        patterns.map((_, i) => [i, STATUS + (i % 2 ? 200 : 500), 1]),
      ),
    )
  const requests = lines().filter((one) => one.startsWith('turnpike_http_requests_total'))
  assert.equal(requests.length, 12)
  const sum = requests.reduce((total, one) => total + Number(one.split(' ').at(-1)), 0)
  assert.equal(sum, 150)
  const other = 'service="other",stage="other",route="other",method="other"'
  assert.ok(requests.includes(`turnpike_http_requests_total{${other},status="200"} 60`))
  assert.equal(
    line('turnpike_metrics_series_overflows_total{metric="turnpike_http_requests_total"}')?.split(' ').at(-1),
    '40',
  )
  assert.equal(line('turnpike_metrics_series{metric="turnpike_http_requests_total"}')?.split(' ').at(-1), '10')
})

test('where all places are taken, a route that is live gets that of one which is no longer', () => {
  const { totals, lines, deploy, later } = totalsOf([stage(['/old'])], 1)
  totals.add(delta([route('id-/old')], [[0, STATUS + 200, 1]]))
  deploy([stage(['/new'])])
  totals.add(delta([route('id-/new')], [[0, STATUS + 200, 1]]))
  assert.ok(lines().some((line) => line.includes('route="other"')))
  later(61_000)
  totals.add(delta([route('id-/new')], [[0, STATUS + 200, 1]]))
  assert.ok(lines().some((line) => line.includes('route="/new"')))
  assert.ok(!lines().some((line) => line.includes('route="/old"')))
})

test('a route that moves counts on under its new name; its last requests under the old one when it is gone', () => {
  const { totals, lines, deploy } = totalsOf([stage(['/a'])])
  const one = delta([route('id-/a')], [[0, STATUS + 200, 1]])
  totals.add(one)
  deploy([{ ...stage([]), routes: [{ id: 'id-/a', pattern: '/b', method: 'GET' }] }])
  totals.add(one)
  deploy([])
  totals.add(one)
  const requests = lines().filter((line) => line.startsWith('turnpike_http_requests_total'))
  assert.deepEqual(requests, [
    'turnpike_http_requests_total{service="pets",stage="live",route="/a",method="GET",status="200"} 1',
    'turnpike_http_requests_total{service="pets",stage="live",route="/b",method="GET",status="200"} 2',
  ])
})

test('a route that was made again at the same place goes on where the first one stood', () => {
  const { totals, line, deploy } = totalsOf([stage(['/a'])])
  totals.add(delta([route('id-/a')], [[0, STATUS + 200, 1]]))
  deploy([{ ...stage([]), routes: [{ id: 'other-id', pattern: '/a', method: 'GET' }] }])
  totals.add(delta([route('other-id')], [[0, STATUS + 200, 1]]))
  assert.match(line('turnpike_http_requests_total') ?? '', / 2$/)
})
