import {
  ABORTED,
  BACKEND_MICROS,
  BACKEND_TIME,
  BYTES_IN,
  BYTES_OUT,
  REASON,
  type Reason,
  type SeriesKey,
  STATUS,
  TOTAL_MICROS,
  type TrafficDelta,
} from '../model/traffic.ts'
import { CappedSeries } from './capped-series.ts'
import { type Family, Labels } from './metric.ts'
import type { RouteNames, SeriesNames } from './names.ts'
import { TimeHistogram, timeBounds } from './time-buckets.ts'

/** What has been added up of one series; an object, so that who adds needs to look it up once. */
class Sum {
  value = 0
}

const newSum = () => new Sum()
const newTimes = () => new TimeHistogram()

/** Of a route that was gone before anything of it was heard. */
const UNKNOWN: SeriesNames = { service: '', stage: '', route: '', method: '' }

/** Where the cells of one route go, looked up once for each deployment. */
class RouteTotals {
  readonly names: SeriesNames
  private readonly labels: Labels
  /** Of what was live when the names were last looked at. */
  version: number
  readonly times: TimeHistogram
  readonly bytesIn: Sum
  readonly bytesOut: Sum
  /** Made with the first request that a backend is sent. */
  backendTimes: TimeHistogram | null = null
  readonly byStatus = new Map<number, Sum>()
  private readonly totals: TrafficTotals

  constructor(totals: TrafficTotals, names: SeriesNames, version: number) {
    this.totals = totals
    this.names = names
    this.version = version
    this.labels = new Labels({ ...names })
    this.times = totals.times.of(this.labels)
    this.bytesIn = totals.bytesIn.of(this.labels)
    this.bytesOut = totals.bytesOut.of(this.labels)
  }

  /** Adds to one cell of the route's series. */
  add(cell: number, count: number, reasons: readonly Reason[]): void {
    if (cell < BACKEND_TIME) this.times.add(cell, count)
    else if (cell < STATUS) this.backend().add(cell - BACKEND_TIME, count)
    else if (cell < BYTES_IN) this.status(cell - STATUS).value += count
    else if (cell >= REASON) this.reason(reasons[cell - REASON]).value += count
    else if (cell === BYTES_IN) this.bytesIn.value += count
    else if (cell === BYTES_OUT) this.bytesOut.value += count
    else if (cell === TOTAL_MICROS) this.times.addMicros(count)
    else if (cell === BACKEND_MICROS) this.backend().addMicros(count)
    else if (cell === ABORTED) this.totals.aborted.of(this.labels).value += count
  }

  private backend(): TimeHistogram {
    this.backendTimes ??= this.totals.backendTimes.of(this.labels)
    return this.backendTimes
  }

  private status(status: number): Sum {
    const found = this.byStatus.get(status)
    if (found !== undefined) return found
    const sum = this.totals.requests.of(new Labels({ ...this.names, status: String(status) }))
    this.byStatus.set(status, sum)
    return sum
  }

  private reason(reason: Reason | undefined): Sum {
    const { service, stage } = this.names
    const { plugin, code } = reason ?? { plugin: 'other', code: 'other' }
    return this.totals.answers.of(new Labels({ service, stage, plugin, code }))
  }
}

/** How seldom room is made, where all places are taken. */
const DROP_EVERY_MS = 60_000

/**
 * What the data plane has counted since the program started, added up of the deltas of its workers: so it only ever rises,
 * whatever becomes of a worker. A request counts under the name that its route has at that moment.
 */
export class TrafficTotals {
  readonly requests: CappedSeries<Sum>
  readonly times: CappedSeries<TimeHistogram>
  readonly backendTimes: CappedSeries<TimeHistogram>
  readonly bytesIn: CappedSeries<Sum>
  readonly bytesOut: CappedSeries<Sum>
  readonly aborted: CappedSeries<Sum>
  readonly answers: CappedSeries<Sum>
  private readonly names: RouteNames
  private readonly now: () => number
  private readonly maxSeries: number
  private readonly routes = new Map<string, RouteTotals>()
  private droppedAt = Number.NEGATIVE_INFINITY

  /** `maxSeries` is for each metric; a histogram counts as one. */
  constructor({ maxSeries, names, now }: { maxSeries: number; names: RouteNames; now: () => number }) {
    this.names = names
    this.now = now
    this.maxSeries = maxSeries
    this.requests = new CappedSeries(maxSeries, newSum)
    this.times = new CappedSeries(maxSeries, newTimes)
    this.backendTimes = new CappedSeries(maxSeries, newTimes)
    this.bytesIn = new CappedSeries(maxSeries, newSum)
    this.bytesOut = new CappedSeries(maxSeries, newSum)
    this.aborted = new CappedSeries(maxSeries, newSum)
    this.answers = new CappedSeries(maxSeries, newSum)
  }

  /** Adds what a worker has counted. */
  add({ series, cells, reasons }: TrafficDelta): void {
    this.makeRoom()
    const routes = series.map((key) => (key.kind === 'route' ? this.routeOf(key) : null))
    for (let i = 0; i < cells.length; i += 3) routes[cells[i] ?? 0]?.add(cells[i + 1] ?? 0, cells[i + 2] ?? 0, reasons)
  }

  families(): Family[] {
    const all = this.byMetric()
    return [
      {
        name: 'turnpike_http_requests',
        help: 'Requests that were answered, by the status of their answer; 0 where the client went before it had one.',
        type: 'counter',
        points: values(this.requests),
      },
      {
        name: 'turnpike_http_request_duration_seconds',
        help: 'From the head of a request to the end of its answer.',
        unit: 'seconds',
        type: 'histogram',
        bounds: timeBounds,
        points: this.times,
      },
      {
        name: 'turnpike_http_backend_duration_seconds',
        help: "From sending a request to its backend to the end of the backend's answer.",
        unit: 'seconds',
        type: 'histogram',
        bounds: timeBounds,
        points: this.backendTimes,
      },
      {
        name: 'turnpike_http_request_bytes',
        help: 'Bytes of requests, heads and bodies.',
        unit: 'bytes',
        type: 'counter',
        points: values(this.bytesIn),
      },
      {
        name: 'turnpike_http_response_bytes',
        help: 'Bytes of answers, heads and bodies.',
        unit: 'bytes',
        type: 'counter',
        points: values(this.bytesOut),
      },
      {
        name: 'turnpike_http_aborted_requests',
        help: 'Requests whose client went away before the answer was complete.',
        type: 'counter',
        points: values(this.aborted),
      },
      {
        name: 'turnpike_gateway_answers',
        help: 'Requests that the gateway answered by itself, by the plugin that did (none: the gateway) and the code of the answer.',
        type: 'counter',
        points: values(this.answers),
      },
      {
        name: 'turnpike_metrics_series_overflows',
        help: 'How often a new set of labels found no place, and is summed up under "other".',
        type: 'counter',
        points: all.map(([metric, { overflows }]) => [new Labels({ metric }), overflows]),
      },
      {
        name: 'turnpike_metrics_series',
        help: 'Sets of labels that have a series of their own.',
        type: 'gauge',
        points: all.map(([metric, { size }]) => [new Labels({ metric }), size]),
      },
    ]
  }

  /** Where all places are taken, those of what is no longer live are free again: as the series of a program that has ended. */
  private makeRoom(): void {
    if (this.now() - this.droppedAt < DROP_EVERY_MS) return
    this.droppedAt = this.now()
    const full = this.byMetric().filter(([, series]) => series.size >= this.maxSeries)
    if (full.length === 0 && this.routes.size < this.maxSeries) return
    const isLive = this.names.liveLabels()
    for (const [, series] of full) series.drop(isLive)
    // Each looks for its place anew.
    this.routes.clear()
  }

  private byMetric() {
    return [
      ['turnpike_http_requests_total', this.requests],
      ['turnpike_http_request_duration_seconds', this.times],
      ['turnpike_http_backend_duration_seconds', this.backendTimes],
      ['turnpike_http_request_bytes_total', this.bytesIn],
      ['turnpike_http_response_bytes_total', this.bytesOut],
      ['turnpike_http_aborted_requests_total', this.aborted],
      ['turnpike_gateway_answers_total', this.answers],
    ] as const
  }

  private routeOf({ stageId, id }: SeriesKey): RouteTotals {
    const key = `${stageId}\n${id}`
    const known = this.routes.get(key)
    const { version } = this.names
    if (known?.version === version) return known
    // The last requests of what is no longer live keep the name that it had.
    const names = this.names.find(stageId, id) ?? known?.names ?? UNKNOWN
    const totals = known !== undefined && isSame(known.names, names) ? known : new RouteTotals(this, names, version)
    totals.version = version
    this.routes.set(key, totals)
    return totals
  }
}

function isSame(a: SeriesNames, b: SeriesNames): boolean {
  return a.route === b.route && a.method === b.method && a.stage === b.stage && a.service === b.service
}

function* values(series: Iterable<readonly [Labels, Sum]>): Generator<readonly [Labels, number]> {
  for (const [labels, { value }] of series) yield [labels, value]
}
