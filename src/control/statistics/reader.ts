import { BUCKETS } from '../../lib/log-histogram.ts'
import { type SeriesKey, TOTAL_TIME } from '../../model/traffic.ts'
import { Gathered, type KeptKey } from '../../stats/gathered.ts'
import { type Bucket, cover, type Granularity, granularities, MINUTES } from '../../stats/granularity.ts'
import type { Span } from '../../stats/points.ts'
import { Tally } from '../../stats/tally.ts'
import { BLOCK, decodePlaces, eachTotalTime, Summary, type SummaryColumn } from '../../stats/tally-codec.ts'
import { SlowestSeries } from '../../stats/time-index.ts'
import { SUMMARY, TIMES } from '../../store/statistics.ts'
import type { Unit } from '../../store/unit.ts'
import { partsOf, type TrafficCollector } from './collector.ts'

/**
 * Reads statistics in one transaction: buckets, and what is not in buckets yet. A batch is in one of the two, as the journal says:
 * as long as that has it, its buckets do not count.
 */
export class StatisticsReader {
  private readonly unit: Unit
  private readonly live: readonly LiveBatch[]
  private readonly unfinished: ReadonlySet<number>
  private readonly due: ReadonlySet<string>

  private constructor(
    unit: Unit,
    live: readonly LiveBatch[],
    unfinished: ReadonlySet<number>,
    due: ReadonlySet<string>,
  ) {
    this.unit = unit
    this.live = live
    this.unfinished = unfinished
    this.due = due
  }

  /** Looks at what is not in buckets yet: of this node in memory, of others in the journal. */
  static async open(unit: Unit, collector: Pick<TrafficCollector, 'pending'>): Promise<StatisticsReader> {
    const { statistics } = unit
    // First of all: what is made buckets of from here on is not seen by this transaction.
    const pending = collector.pending()
    const batches = await statistics.batches()
    const unfinished = new Set(batches.map(({ batch }) => batch))
    const live: LiveBatch[] = pending
      .filter(({ batch, hasRows }) => !hasRows || unfinished.has(batch.number))
      .map(({ batch }) => ({ minute: batch.minute, parts: partsOf(batch) }))
    const own = new Set(pending.map(({ batch }) => batch.number))
    for (const { batch, minute } of batches) {
      if (own.has(batch)) continue
      const gathered = new Gathered(Number.POSITIVE_INFINITY)
      for (const row of await statistics.journalOf(batch)) gathered.addEncoded(row)
      live.push({ minute, parts: [gathered] })
    }
    const due = new Set((await statistics.due()).map(({ width, start }) => `${width}/${start}`))
    return new StatisticsReader(unit, live, unfinished, due)
  }

  /** What some series together come to in each span. Spans are in order, and whole buckets that are still kept. */
  async sums(keys: readonly KeptKey[], spans: readonly Span[]): Promise<Tally[]> {
    const sums = spans.map(() => new Tally())
    await this.visit(keys, spans, (span, _, tally) => sums[span]?.merge(tally))
    return sums
  }

  /** What each of some series comes to in one span. */
  async each(keys: readonly KeptKey[], span: Span): Promise<Tally[]> {
    const sums = keys.map(() => new Tally())
    await this.visit(keys, [span], (_, key, tally) => sums[key]?.merge(tally))
    return sums
  }

  /** Some figures of all series of a stage and kind in one span, and what their places stand for. */
  async summary(
    stageId: string,
    kind: KeptKey['kind'],
    span: Span,
    columns: readonly SummaryColumn[],
  ): Promise<GroupSummary> {
    const { statistics } = this.unit
    const group = await statistics.findGroup(stageId, kind)
    const live = this.liveOf(stageId, kind, span)
    const liveAt = new Map<number, Tally>()
    const known = group === null ? new Map<string, number>() : await statistics.placesIn(group, [...live.keys()])
    const size = group === null ? 0 : await statistics.sizeOf(group)
    // Those that were never in a bucket come behind all that were.
    const fresh = [...live.keys()].filter((id) => !known.has(id))
    for (const [i, id] of fresh.entries()) known.set(id, size + i)
    const summary = Summary.of(size + fresh.length)
    for (const [id, tally] of live) {
      const place = known.get(id) ?? size
      summary.addTally(place, tally)
      liveAt.set(place, tally)
    }
    if (group !== null) await this.addBuckets(summary, group, span, columns)
    const idsAt = async (places: readonly number[]) => {
      const ids = group === null ? new Map<number, string>() : await statistics.idsAt(group, places)
      return places.map((place) => ids.get(place) ?? fresh[place - size] ?? '')
    }
    return { summary, idsAt, group, live: liveAt }
  }

  /**
   * The series of a group whose percentile (`share` 0.95: p95) is the highest, by place: the cell of `lib/log-histogram.ts` that it
   * is in. They are at least so many, or all that are of interest, and none that is left out is in a higher cell.
   */
  async slowest(
    { group, summary, live }: GroupSummary,
    span: Span,
    share: number,
    { isWanted, least }: { readonly isWanted: (place: number) => boolean; readonly least: number },
  ): Promise<ReadonlyMap<number, number>> {
    const slowest = new SlowestSeries(summary.size, share, (place) =>
      isWanted(place) ? summary.value(place, 'calls') : 0,
    )
    for (const [place, tally] of live)
      tally.each(TOTAL_TIME, TOTAL_TIME + BUCKETS, (cell, count) => slowest.add(place, cell, count))
    const indexed = group === null ? noTimes : await this.addTimes(slowest, group, span)
    const rows = [...new Set([...indexed.rows, ...slowest.looseRows])].sort((a, b) => b - a)
    for (const row of rows) {
      if (slowest.found.size >= least) break
      const ofBuckets: Uint8Array[] = []
      for (const [width, starts] of indexed.starts)
        for (const { data } of await this.unit.statistics.blocks(width, starts, group ?? 0, [TIMES - 1 - row]))
          ofBuckets.push(data)
      slowest.takeRow(row, ofBuckets)
    }
    return slowest.found
  }

  /** Adds the times of buckets that do not have them by what they are. Returns the others. */
  private async addTimes(slowest: SlowestSeries, group: number, span: Span): Promise<IndexedTimes> {
    const { statistics } = this.unit
    const indexed = { starts: new Map<number, number[]>(), rows: new Set<number>() }
    for (const [granularity, buckets] of Map.groupBy(this.cover(span), (bucket) => bucket.granularity)) {
      const width = MINUTES[granularity]
      const starts = buckets.map(({ start }) => start)
      const names = await statistics.blocks(width, starts, group, [TIMES])
      for (const { data } of names) for (const row of data) indexed.rows.add(row)
      const named = new Set(names.map(({ start }) => start))
      if (named.size > 0) indexed.starts.set(width, [...named])
      const rest = starts.filter((start) => !named.has(start))
      for (const { block, batch, data } of await statistics.blocks(width, rest, group, 'all'))
        if (!this.unfinished.has(batch))
          eachTotalTime(block * BLOCK, data, (place, cell, count) => slowest.add(place, cell, count))
    }
    return indexed
  }

  private async addBuckets(
    summary: Summary,
    group: number,
    span: Span,
    columns: readonly SummaryColumn[],
  ): Promise<void> {
    for (const [granularity, buckets] of Map.groupBy(this.cover(span), (bucket) => bucket.granularity)) {
      const width = MINUTES[granularity]
      const starts = buckets.map(({ start }) => start)
      const summaries = width === 1 ? [] : await this.unit.statistics.blocks(width, starts, group, [SUMMARY])
      for (const { data } of summaries) summary.addEncoded(data, columns)
      // Of few series there is no summary: what there is, is one block.
      const summed = new Set(summaries.map(({ start }) => start))
      const rest = starts.filter((start) => !summed.has(start))
      for (const { block, batch, data } of await this.unit.statistics.blocks(width, rest, group, 'all'))
        if (!this.unfinished.has(batch)) summary.addBlock(block * BLOCK, data)
    }
  }

  /** Calls `take` with everything that is known of some series in some spans, piece by piece. */
  private async visit(
    keys: readonly KeptKey[],
    spans: readonly Span[],
    take: (span: number, key: number, tally: Tally) => void,
  ): Promise<void> {
    this.visitLive(keys, spans, take)
    const spanOf = new Map<Granularity, Map<number, number>>(granularities.map((one) => [one, new Map()]))
    for (const [i, span] of spans.entries())
      for (const { granularity, start } of this.cover(span)) spanOf.get(granularity)?.set(start, i)
    const keyOf = await this.placesOf(keys)
    for (const [group, byPlace] of keyOf) {
      const blocks = Map.groupBy(byPlace.keys(), (place) => Math.floor(place / BLOCK))
      const wanted = new Map(
        [...blocks].map(([block, places]) => [block, new Set(places.map((place) => place % BLOCK))]),
      )
      for (const [granularity, starts] of spanOf) {
        const rows = await this.unit.statistics.blocks(MINUTES[granularity], [...starts.keys()], group, [
          ...blocks.keys(),
        ])
        for (const { start, block, batch, data } of rows) {
          if (this.unfinished.has(batch)) continue
          for (const [place, tally] of decodePlaces(data, wanted.get(block) ?? new Set()))
            take(starts.get(start) ?? 0, byPlace.get(block * BLOCK + place) ?? 0, tally)
        }
      }
    }
  }

  private visitLive(
    keys: readonly KeptKey[],
    spans: readonly Span[],
    take: (span: number, key: number, tally: Tally) => void,
  ): void {
    const stages = new Map(keys.flatMap(({ kind, id }, i) => (kind === 'stage' ? [[id, i] as const] : [])))
    const all = keys.findIndex(({ kind }) => kind === 'all')
    for (const { minute, parts } of this.live) {
      const span = spans.findIndex(({ from, to }) => from <= minute && minute < to)
      if (span === -1) continue
      for (const part of parts) {
        for (const [i, key] of keys.entries()) {
          const tally = isPlain(key) ? part.find(key) : null
          if (tally !== null) take(span, i, tally)
        }
        if (all === -1 && stages.size === 0) continue
        for (const { key, tally } of part.series) {
          if (key.kind !== 'route') continue
          const stage = stages.get(key.stageId)
          if (stage !== undefined) take(span, stage, tally)
          if (all !== -1) take(span, all, tally)
        }
      }
    }
  }

  /** What is not in buckets yet of a stage and kind, by id. */
  private liveOf(stageId: string, kind: KeptKey['kind'], { from, to }: Span): Map<string, Tally> {
    const sums = new Map<string, Tally>()
    for (const { minute, parts } of this.live) {
      if (minute < from || minute >= to) continue
      for (const { key, tally } of parts.flatMap((part) => [...part.series])) {
        const isWanted = kind === 'stage' ? key.kind === 'route' : key.kind === kind && key.stageId === stageId
        if (!isWanted) continue
        const id = kind === 'stage' ? key.stageId : key.id
        const sum = sums.get(id) ?? new Tally()
        sums.set(id, sum)
        sum.merge(tally)
      }
    }
    return sums
  }

  /** Which of `keys` is at which place of which group, as far as they were ever counted. */
  private async placesOf(keys: readonly KeptKey[]): Promise<Map<number, Map<number, number>>> {
    const found = new Map<number, Map<number, number>>()
    const groups = Map.groupBy(keys.entries(), ([, { stageId, kind }]) => `${kind}\n${stageId}`)
    for (const entries of groups.values()) {
      const [first] = entries
      if (first === undefined) continue
      const [, { stageId, kind }] = first
      const group = await this.unit.statistics.findGroup(stageId, kind)
      if (group === null) continue
      const ids = entries.map(([, { id }]) => id)
      const places = await this.unit.statistics.placesIn(group, ids)
      const byPlace = new Map(
        entries.flatMap(([i, { id }]) => {
          const place = places.get(id)
          return place === undefined ? [] : [[place, i] as const]
        }),
      )
      found.set(group, byPlace)
    }
    return found
  }

  private cover({ from, to }: Span): Bucket[] {
    return cover(from, to, ({ granularity, start }) => !this.due.has(`${MINUTES[granularity]}/${start}`))
  }
}

/** The buckets that have their times by what they are: their starts by their width, and which rows there are. */
interface IndexedTimes {
  readonly starts: ReadonlyMap<number, readonly number[]>
  readonly rows: ReadonlySet<number>
}

const noTimes: IndexedTimes = { starts: new Map(), rows: new Set() }

/** The figures of all series of a group. */
export interface GroupSummary {
  readonly summary: Summary
  /** Its number; null where nothing of it is in buckets. */
  readonly group: number | null
  /** By place: what is not in buckets yet. */
  readonly live: ReadonlyMap<number, Tally>
  idsAt(places: readonly number[]): Promise<string[]>
}

interface LiveBatch {
  readonly minute: number
  readonly parts: readonly Gathered[]
}

function isPlain(key: KeptKey): key is SeriesKey {
  return key.kind !== 'stage' && key.kind !== 'all'
}
