import { ALL, Gathered, type KeptKey, keptName, stageTotal } from '../../stats/gathered.ts'
import {
  childrenOf,
  type Granularity,
  granularities,
  MINUTES,
  parentsOf,
  type Retention,
} from '../../stats/granularity.ts'
import { Tally } from '../../stats/tally.ts'
import { BLOCK, decodeBlock, encodeBlock, Summary } from '../../stats/tally-codec.ts'
import { TimeIndexWriter } from '../../stats/time-index.ts'
import { type BucketBlock, type DueBucket, type SeriesPlace, SUMMARY, TIMES } from '../../store/statistics.ts'
import type { Unit } from '../../store/unit.ts'
import type { CollectorParts, TrafficCollector } from './collector.ts'

/** How long after its end buckets are made of a minute: what workers count is here by then. */
const GRACE_MS = 5_000
/** The same for wider buckets: the minutes are made by then. What comes later makes them be made again. */
const ROLL_UP_GRACE_MS = 15_000
/** The journal of another node is taken over so long after its minutes: that node is gone. */
const TAKE_OVER_MINUTES = 60
/** Blocks that are written, or made of finer ones, in one transaction: a few milliseconds. */
const WRITE_SLICE = 16
const ROLL_UP_SLICE = 4
/** Buckets of so many minutes have their times by what they are, too; of finer ones no list is made of more than some at its ends. */
const TIMES_FROM = MINUTES['1h']
/** Series that are looked up in one transaction. */
const PLACE_SLICE = 250
/** Series that are put in their blocks in one go. */
const SORT_SLICE = 1_000
const MINUTE_MS = 60_000
const TICK_MS = 1_000
const DAY = 1_440

/**
 * Makes buckets of what the collector has gathered, wider ones of finer ones, and deletes what is old. Each step can be done
 * again with the same result, and what it is made of goes with its last transaction: so it may be killed at any moment.
 */
export class StatisticsKeeper {
  private readonly parts: CollectorParts
  private readonly collector: TrafficCollector
  private readonly retention: Retention
  private readonly places = new PlaceBook()
  private timer: NodeJS.Timeout | null = null
  private isEnding = false
  private running: Promise<void> = Promise.resolve()
  private lookedAt = 0
  private tidiedOn = 0
  private hasFailed = false

  constructor(parts: CollectorParts, collector: TrafficCollector, retention: Retention) {
    this.parts = parts
    this.collector = collector
    this.retention = retention
  }

  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.tick().then(() => {
        if (!this.isEnding) this.start()
      })
    }, TICK_MS)
    this.timer.unref()
  }

  /** Ends with the transaction that is under way. */
  async stop(): Promise<void> {
    this.isEnding = true
    if (this.timer !== null) clearTimeout(this.timer)
    await this.running
  }

  /** Does all that is due. */
  async tick(): Promise<void> {
    try {
      await this.work()
      this.hasFailed = false
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (!this.hasFailed) this.parts.log.warn(`Statistics cannot be put in order, and it is tried again: ${reason}`)
      this.hasFailed = true
    }
  }

  private async work(): Promise<void> {
    const now = this.parts.now()
    await this.collector.close(now - GRACE_MS)
    for (const { batch } of this.collector.pending()) {
      if (!batch.isClosed || this.isEnding) continue
      await this.fold(batch, batch.saved)
      this.collector.forget(batch)
    }
    if (now - this.lookedAt >= MINUTE_MS) {
      await this.foldLeftBehind(now)
      this.lookedAt = now
    }
    await this.rollUp(now)
  }

  /** Makes the buckets of a minute, then takes its batch from the journal. */
  private async fold({ number, minute }: { number: number; minute: number }, gathered: Gathered): Promise<void> {
    const blocks = await this.blocksOf(number, minute, gathered)
    for (let i = 0; i < blocks.length && !this.isEnding; i += WRITE_SLICE)
      await this.inTransaction(({ statistics }) => statistics.put(blocks.slice(i, i + WRITE_SLICE)))
    if (this.isEnding) return
    await this.inTransaction(async ({ statistics }) => {
      await statistics.dropBatch(number)
      await statistics.setDue(
        parentsOf(minute).map(({ granularity, start }) => ({ width: MINUTES[granularity], start })),
      )
    })
  }

  private async blocksOf(batch: number, minute: number, gathered: Gathered): Promise<BucketBlock[]> {
    const series = await withTotals(gathered)
    const keys = series.map(({ key }) => key)
    const day = this.today()
    const places = await this.places.of(keys, day, (missing) =>
      this.inTransaction(({ statistics }) => statistics.placesOf(missing, day)),
    )
    const byBlock = new Map<string, { group: number; block: number; tallies: Map<number, Tally> }>()
    for (const [i, { key, tally }] of series.entries()) {
      const { group, place } = places.get(keptName(key)) ?? { group: 0, place: 0 }
      const block = Math.floor(place / BLOCK)
      const name = `${group}/${block}`
      const known = byBlock.get(name) ?? { group, block, tallies: new Map<number, Tally>() }
      byBlock.set(name, known)
      known.tallies.set(place % BLOCK, tally)
      if (i % SORT_SLICE === SORT_SLICE - 1) await breath()
    }
    const blocks: BucketBlock[] = []
    for (const { group, block, tallies } of byBlock.values()) {
      blocks.push({ width: 1, start: minute, group, block, batch, data: encodeBlock(tallies) })
      if (blocks.length % WRITE_SLICE === 0) await breath()
    }
    return blocks.sort((a, b) => a.group - b.group || a.block - b.block)
  }

  /** Makes buckets of what a run before this one, or a node that is gone, has left in the journal. */
  private async foldLeftBehind(now: number): Promise<void> {
    const own = new Set(this.collector.pending().map(({ batch }) => batch.number))
    const batches = await this.inTransaction(({ statistics }) => statistics.batches())
    for (const { batch, minute, nodeId } of batches) {
      const isLeft = nodeId === this.parts.nodeId ? !own.has(batch) : minute < now / MINUTE_MS - TAKE_OVER_MINUTES
      if (!isLeft || this.isEnding) continue
      const gathered = new Gathered(this.parts.maxSeries)
      for (const row of await this.inTransaction(({ statistics }) => statistics.journalOf(batch)))
        gathered.addEncoded(row)
      await this.fold({ number: batch, minute }, gathered)
    }
  }

  /** Makes the wider buckets that are over, the finer first, then deletes what is old. */
  private async rollUp(now: number): Promise<void> {
    for (;;) {
      const all = await this.inTransaction(({ statistics }) => statistics.due())
      const over = all.filter(({ width, start }) => (start + width) * MINUTE_MS + ROLL_UP_GRACE_MS <= now)
      const next = over.find((one) => !hasFinerDue(one, all))
      if (next === undefined) break
      if (this.isEnding) return
      await this.makeBucket(next)
    }
    await this.expire(now)
  }

  private async makeBucket(due: DueBucket): Promise<void> {
    const { granularity, starts } = childrenOf({ granularity: ofWidth(due.width), start: due.start })
    const finer = MINUTES[granularity]
    const blocks = await this.inTransaction(({ statistics }) => statistics.blocksIn(finer, starts))
    for (const [group, ofGroup] of Map.groupBy(blocks, (block) => block.group)) {
      const times = ofGroup.length > 1 && due.width >= TIMES_FROM ? new TimeIndexWriter() : null
      const summary = ofGroup.length > 1 ? Summary.of(((ofGroup.at(-1)?.block ?? 0) + 1) * BLOCK) : null
      for (let i = 0; i < ofGroup.length; i += ROLL_UP_SLICE) {
        if (this.isEnding) return
        await this.inTransaction(async ({ statistics }) => {
          // What is still in the journal will come, and make this be made again.
          const unfinished = new Set((await statistics.batches()).map(({ batch }) => batch))
          const numbers = ofGroup.slice(i, i + ROLL_UP_SLICE).map(({ block }) => block)
          const children = await statistics.blocks(finer, starts, group, numbers)
          const made = numbers.map((block) => {
            const tallies = mergedBlock(children.filter((one) => one.block === block && !unfinished.has(one.batch)))
            return { width: due.width, start: due.start, group, block, batch: 0, tallies }
          })
          await statistics.put(made.map(({ tallies, ...block }) => ({ ...block, data: encodeBlock(tallies) })))
          return made
        }).then((made) => {
          for (const { block, tallies } of made)
            for (const [place, tally] of [...tallies].sort(([a], [b]) => a - b)) {
              summary?.addTally(block * BLOCK + place, tally)
              times?.add(block * BLOCK + place, tally)
            }
        })
      }
      if (summary !== null) {
        const data = summary.encode()
        await this.inTransaction(({ statistics }) =>
          statistics.put([{ width: due.width, start: due.start, group, block: SUMMARY, batch: 0, data }]),
        )
      }
      if (times !== null) await this.writeTimes(due, group, times)
    }
    await this.inTransaction(({ statistics }) => statistics.setDone(due))
  }

  /** Writes the times of a bucket by what they are. */
  private async writeTimes({ width, start }: DueBucket, group: number, times: TimeIndexWriter): Promise<void> {
    const rows = times.take()
    const blocks = rows.map(({ row, data }) => ({ width, start, group, block: TIMES - 1 - row, batch: 0, data }))
    const names = { width, start, group, block: TIMES, batch: 0, data: Uint8Array.from(rows, ({ row }) => row) }
    await this.inTransaction(({ statistics }) => statistics.put([names, ...blocks]))
  }

  /** Deletes buckets that are too old, one at a time, but none that a wider one is yet to be made of. */
  private async expire(now: number): Promise<void> {
    const minute = Math.floor(now / MINUTE_MS)
    const due = await this.inTransaction(({ statistics }) => statistics.due())
    const earliestDue = Math.min(...due.map(({ start }) => start))
    for (const granularity of granularities) {
      // By their ends: the bucket that what is kept begins in is kept.
      const before = Math.min(minute - this.retention[granularity] - MINUTES[granularity], earliestDue)
      while (
        !this.isEnding &&
        (await this.inTransaction(({ statistics }) => statistics.expire(MINUTES[granularity], before)))
      );
    }
    if (this.tidiedOn === this.today()) return
    this.tidiedOn = this.today()
    const oldest = this.tidiedOn - Math.ceil(Math.max(...Object.values(this.retention)) / DAY) - 1
    await this.inTransaction(({ statistics }) => statistics.dropUnseen(oldest))
  }

  private today(): number {
    return Math.floor(this.parts.now() / MINUTE_MS / DAY)
  }

  private async inTransaction<T>(work: (unit: Unit) => Promise<T>): Promise<T> {
    const result = await this.parts.store.inTransaction('system', work)
    // With an embedded store nothing in a transaction waits for anything, so that others would never have their turn.
    await breath()
    return result
  }
}

/** The places of series, asked for once a day: whoever is asked for is not forgotten by the store that day. */
class PlaceBook {
  private known = new Map<string, SeriesPlace>()
  private day = 0

  /** The places of series by their names, with at least those of `keys`. */
  async of(
    keys: readonly KeptKey[],
    day: number,
    find: (missing: readonly KeptKey[]) => Promise<SeriesPlace[]>,
  ): Promise<ReadonlyMap<string, SeriesPlace>> {
    if (day !== this.day) this.known = new Map()
    this.day = day
    const missing = keys.filter((key) => !this.known.has(keptName(key)))
    for (let i = 0; i < missing.length; i += PLACE_SLICE) {
      const some = missing.slice(i, i + PLACE_SLICE)
      const places = await find(some)
      for (const [place, key] of some.entries()) {
        const found = places[place]
        if (found !== undefined) this.known.set(keptName(key), found)
      }
    }
    return this.known
  }
}

/** The series of a minute, with the sums of each stage and of all. */
async function withTotals(gathered: Gathered): Promise<{ key: KeptKey; tally: Tally }[]> {
  const all = new Tally()
  const stages = new Map<string, Tally>()
  let count = 0
  for (const { key, tally } of gathered.series) {
    if (key.kind !== 'route') continue
    const stage = stages.get(key.stageId) ?? new Tally()
    stages.set(key.stageId, stage)
    stage.merge(tally)
    if (++count % SORT_SLICE === 0) await breath()
  }
  for (const stage of stages.values()) all.merge(stage)
  return [
    ...gathered.series,
    ...[...stages].map(([stageId, tally]) => ({ key: stageTotal(stageId), tally })),
    { key: ALL, tally: all },
  ]
}

function mergedBlock(blocks: readonly { readonly data: Uint8Array }[]): Map<number, Tally> {
  const merged = new Map<number, Tally>()
  for (const { data } of blocks)
    for (const [place, tally] of decodeBlock(data)) {
      const known = merged.get(place)
      if (known === undefined) merged.set(place, tally)
      else known.merge(tally)
    }
  return merged
}

function hasFinerDue({ width, start }: DueBucket, all: readonly DueBucket[]): boolean {
  return all.some((one) => one.width < width && one.start >= start && one.start < start + width)
}

function ofWidth(width: number): Granularity {
  return granularities.find((one) => MINUTES[one] === width) ?? '1d'
}

/** Lets others have their turn. */
function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
