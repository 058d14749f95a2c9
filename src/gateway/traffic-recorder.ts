import { bucketOf } from '../lib/log-histogram.ts'
import {
  ABORTED,
  BACKEND_MICROS,
  BACKEND_TIME,
  BY_GATEWAY,
  BYTES_IN,
  BYTES_OUT,
  CELLS,
  MAX_REASONS,
  REASON,
  type Reason,
  type SeriesKey,
  type SeriesKind,
  STATUS,
  TOTAL_MICROS,
  TOTAL_TIME,
  type TrafficDelta,
} from '../model/traffic.ts'
import { ANSWERED, ENDED, type GatewayExchange, SENT, STARTED } from './exchange.ts'
import { KeyConsumer } from './keys/admission.ts'

/** Counts requests in one worker: a few additions each, in arrays, handed over as differences. */

/** Something that is counted by itself. Whoever has it keeps it; the recorder gives it a slot for as long as a delta lasts. */
export class Series implements SeriesKey {
  readonly stageId: string
  readonly kind: SeriesKind
  readonly id: string
  /** Its place in the delta that is being made, from 1; 0 while nothing of it was counted. */
  slot = 0

  constructor(stageId: string, kind: SeriesKind, id: string) {
    this.stageId = stageId
    this.kind = kind
    this.id = id
  }
}

/** The series of the API keys and plans of one stage that were used since the last delta. */
export class KeySeries {
  readonly stageId: string
  /** By the number that the key has in the table of keys, and by the number of the plan. */
  readonly byKey = new Map<number, Series>()
  readonly byPlan = new Map<number, Series>()

  constructor(stageId: string) {
    this.stageId = stageId
  }
}

/** Sums that every request adds to, side by side. */
const SUMS = [BYTES_IN, BYTES_OUT, TOTAL_MICROS, BACKEND_MICROS, BY_GATEWAY, ABORTED] as const
const BYTES_IN_SUM = 0
const BYTES_OUT_SUM = 1
const TOTAL_SUM = 2
const BACKEND_SUM = 3
const BY_GATEWAY_SUM = 4
const ABORTED_SUM = 5
const SUMS_PER_SERIES = 8

/** Places for counts of which a series has many kinds: statuses, times, reasons. 1.5 MiB with the list of those that are taken. */
const PLACES = 1 << 17
/** Where half of them are taken a delta is made early, so that finding one stays a step or two. */
const MOST_PLACES = PLACES / 2
/** The same for series; what one request adds is never cut. */
const MOST_SERIES = 1 << 16
const MINUTE_MS = 60_000
const NO_STAGE = new Series('', 'route', '')

/** What counts the requests of one worker. `post` is given each delta. */
export class TrafficRecorder {
  private readonly post: (delta: TrafficDelta) => void
  private readonly now: () => number
  private active: Series[] = []
  private readonly used: KeySeries[] = []
  private sums = new Float64Array(256 * SUMS_PER_SERIES)
  /** Two numbers of each place, side by side, so that they are found together: which series and cell it counts, and how many. */
  private readonly places = new Int32Array(PLACES * 2)
  /** Which places are taken, in the order of their taking. */
  private readonly taken = new Int32Array(PLACES)
  private placesTaken = 0
  private readonly reasons: Reason[] = []
  private readonly reasonCells = new Map<string, Map<string, number>>()
  private minute: number

  /** `now` gives milliseconds since the Unix epoch. */
  constructor(post: (delta: TrafficDelta) => void, now: () => number) {
    this.post = post
    this.now = now
    this.minute = Math.floor(now() / MINUTE_MS)
  }

  /** Counts an exchange that is over. */
  count(x: GatewayExchange, isAborted: boolean): void {
    const { times } = x
    const ended = times[ENDED] || performance.now()
    const micros = (ended - (times[STARTED] ?? ended)) * 1_000
    const sent = times[SENT] ?? 0
    const backendMicros = sent === 0 ? -1 : ((times[ANSWERED] || ended) - sent) * 1_000
    const isByGateway = x.answeredBy !== -1 || x.error !== null
    const reason = isByGateway ? this.reasonOf(x) : 0
    const table = x.stageTable
    this.add(
      table === null ? NO_STAGE : (table.series[x.route.index] ?? NO_STAGE),
      x,
      micros,
      backendMicros,
      reason,
      isAborted,
    )
    if (table === null) return
    if (table.deploymentSeries !== null) this.add(table.deploymentSeries, x, micros, backendMicros, reason, isAborted)
    if (x.split !== null) {
      const { splitSeries } = table
      this.add(splitSeries.ofSide(x.split), x, micros, backendMicros, reason, isAborted)
      this.add(splitSeries.ofRoute(x.route.id, x.split), x, micros, backendMicros, reason, isAborted)
    }
    if (x.consumer instanceof KeyConsumer) {
      const { record, plan } = x.consumer
      this.add(this.seriesOfKey(table.keySeries, record, x.consumer), x, micros, backendMicros, reason, isAborted)
      this.add(this.seriesOfPlan(table.keySeries, plan.number, plan.id), x, micros, backendMicros, reason, isAborted)
    }
    if (this.placesTaken > MOST_PLACES || this.active.length > MOST_SERIES) this.flush()
  }

  /** Hands over what was counted in a minute that is over. To be called often: what is late is counted in the minute before. */
  turn(): void {
    if (Math.floor(this.now() / MINUTE_MS) !== this.minute) this.flush()
  }

  /** Hands over what was counted. */
  flush(): void {
    const { minute } = this
    this.minute = Math.floor(this.now() / MINUTE_MS)
    if (this.active.length === 0) return
    const series = this.active.map(({ stageId, kind, id }) => ({ stageId, kind, id }))
    this.post({ minute, series, cells: this.takeCells(), reasons: [...this.reasons] })
    for (const one of this.active) one.slot = 0
    this.active = []
    for (const one of this.used) {
      one.byKey.clear()
      one.byPlan.clear()
    }
    this.used.length = 0
  }

  private add(
    series: Series,
    x: GatewayExchange,
    micros: number,
    backendMicros: number,
    reason: number,
    isAborted: boolean,
  ): void {
    const slot = series.slot === 0 ? this.open(series) : series.slot
    const { sums } = this
    const at = slot * SUMS_PER_SERIES
    sums[at + BYTES_IN_SUM] = (sums[at + BYTES_IN_SUM] ?? 0) + x.bytesIn
    sums[at + BYTES_OUT_SUM] = (sums[at + BYTES_OUT_SUM] ?? 0) + x.bytesOut
    sums[at + TOTAL_SUM] = (sums[at + TOTAL_SUM] ?? 0) + micros
    this.increment(slot, STATUS + x.response.status)
    this.increment(slot, TOTAL_TIME + bucketOf(micros))
    if (backendMicros >= 0) {
      sums[at + BACKEND_SUM] = (sums[at + BACKEND_SUM] ?? 0) + backendMicros
      this.increment(slot, BACKEND_TIME + bucketOf(backendMicros))
    }
    if (reason !== 0) {
      sums[at + BY_GATEWAY_SUM] = (sums[at + BY_GATEWAY_SUM] ?? 0) + 1
      this.increment(slot, reason)
    }
    if (isAborted) sums[at + ABORTED_SUM] = (sums[at + ABORTED_SUM] ?? 0) + 1
  }

  private open(series: Series): number {
    series.slot = this.active.push(series)
    if ((series.slot + 1) * SUMS_PER_SERIES > this.sums.length) {
      const larger = new Float64Array(this.sums.length * 2)
      larger.set(this.sums)
      this.sums = larger
    }
    return series.slot
  }

  private increment(slot: number, cell: number): void {
    const { places } = this
    const key = slot * CELLS + cell
    let at = (Math.imul(key, 0x9e37_79b1) >>> 15) * 2
    while (places[at] !== key) {
      if (places[at] === 0) {
        places[at] = key
        this.taken[this.placesTaken++] = at
        break
      }
      at = (at + 2) & (PLACES * 2 - 1)
    }
    places[at + 1] = (places[at + 1] as number) + 1
  }

  private seriesOfKey(of: KeySeries, record: number, { id }: KeyConsumer): Series {
    return of.byKey.get(record) ?? this.keep(of, of.byKey, record, new Series(of.stageId, 'key', id))
  }

  private seriesOfPlan(of: KeySeries, number: number, id: string): Series {
    return of.byPlan.get(number) ?? this.keep(of, of.byPlan, number, new Series(of.stageId, 'plan', id))
  }

  private keep(of: KeySeries, among: Map<number, Series>, number: number, series: Series): Series {
    if (of.byKey.size === 0 && of.byPlan.size === 0) this.used.push(of)
    among.set(number, series)
    return series
  }

  /** The cell of why the gateway answered by itself. */
  private reasonOf(x: GatewayExchange): number {
    const plugin = x.answeredBy === -1 ? '' : (x.route.requestPlugins[x.answeredBy] ?? '')
    const code = x.error?.code ?? ''
    return this.reasonCells.get(plugin)?.get(code) ?? this.newReason(plugin, code)
  }

  private newReason(plugin: string, code: string): number {
    if (this.reasons.length === MAX_REASONS - 1) return REASON + MAX_REASONS - 1
    const cell = REASON + this.reasons.push({ plugin, code }) - 1
    const ofPlugin = this.reasonCells.get(plugin) ?? new Map<string, number>()
    this.reasonCells.set(plugin, ofPlugin.set(code, cell))
    return cell
  }

  /** All cells that are not 0, by place of their series, cell and count; they begin anew. */
  private takeCells(): Float64Array {
    const { sums, active, places } = this
    const cells = new Float64Array((this.placesTaken + active.length * SUMS.length) * 3)
    let at = 0
    for (let i = 0; i < this.placesTaken; i++) {
      const place = this.taken[i] ?? 0
      const key = places[place] ?? 0
      cells[at++] = Math.floor(key / CELLS) - 1
      cells[at++] = key % CELLS
      cells[at++] = places[place + 1] ?? 0
      places[place] = 0
      places[place + 1] = 0
    }
    this.placesTaken = 0
    for (let series = 0; series < active.length; series++) {
      const from = (series + 1) * SUMS_PER_SERIES
      for (const [i, cell] of SUMS.entries()) {
        const sum = sums[from + i] ?? 0
        if (sum === 0) continue
        cells[at++] = series
        cells[at++] = cell
        cells[at++] = Math.round(sum)
      }
      sums.fill(0, from, from + SUMS_PER_SERIES)
    }
    return cells.slice(0, at)
  }
}
