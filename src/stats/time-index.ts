import { ByteReader, ByteWriter } from '../lib/bytes.ts'
import { BUCKETS } from '../lib/log-histogram.ts'
import { TOTAL_TIME } from '../model/traffic.ts'
import type { Tally } from './tally.ts'

/**
 * The total times of many series by what they are, and not by whose: so those whose percentile is the highest are found without
 * reading the times of all. A bucket has one row for each power of two in which there are times:
 *
 *     for each series: distance from the place before, how many of its cells follow, then for each: which, and its count
 *
 * A percentile of a sum of buckets is found from above: the slowest row of all buckets first, then the next, until of every series
 * that matters so many requests were seen that its percentile is among them.
 */

/** Cells of `lib/log-histogram.ts` in one row. */
const ROW = 32

/** Writes the rows of one bucket, of series that come in the order of their places. */
export class TimeIndexWriter {
  private readonly rows = new Map<number, { readonly writer: ByteWriter; last: number }>()
  private readonly pairs: number[] = []

  add(place: number, tally: Tally): void {
    let row = -1
    tally.each(TOTAL_TIME, TOTAL_TIME + BUCKETS, (cell, count) => {
      const own = Math.floor(cell / ROW)
      if (own !== row) this.end(row, place)
      row = own
      this.pairs.push(cell % ROW, count)
    })
    this.end(row, place)
  }

  /** The rows by their numbers, the slowest last. */
  take(): { readonly row: number; readonly data: Uint8Array }[] {
    return [...this.rows].sort(([a], [b]) => a - b).map(([row, { writer }]) => ({ row, data: writer.take() }))
  }

  private end(row: number, place: number): void {
    const { pairs } = this
    if (pairs.length === 0) return
    const own = this.rows.get(row) ?? { writer: new ByteWriter(), last: 0 }
    this.rows.set(row, own)
    own.writer.number(place - own.last)
    own.writer.number(pairs.length / 2)
    for (const number of pairs) own.writer.number(number)
    own.last = place
    pairs.length = 0
  }
}

/** What rows are read into. */
let numbers = new Float64Array(65_536)

/** Finds the series whose percentile is the highest, row by row from the slowest. */
export class SlowestSeries {
  /** By place: the cell in which the percentile lies. */
  readonly found = new Map<number, number>()
  /** By place: how many requests, from the slowest on, the percentile is the last of; 0 for series that do not matter. */
  private readonly needed: Float64Array
  private readonly counts: Float64Array
  /** What is in no row: place, cell within its row, count, one after the other, by the row that it would be in. */
  private readonly loose = new Map<number, number[]>()

  /** `callsOf` are the requests of each series that is of interest, 0 for others; `share` is 0.95 for p95. */
  constructor(size: number, share: number, callsOf: (place: number) => number) {
    this.needed = new Float64Array(size)
    this.counts = new Float64Array(size * ROW)
    for (let place = 0; place < size; place++) {
      const calls = callsOf(place)
      // By nearest rank, as `percentiles` has it.
      if (calls > 0) this.needed[place] = calls - Math.max(1, Math.ceil(share * calls)) + 1
    }
  }

  /** The numbers of the rows in which there are times that were added by themselves. */
  get looseRows(): Iterable<number> {
    return this.loose.keys()
  }

  /** Adds times of a series that are in no row of a bucket. */
  add(place: number, cell: number, count: number): void {
    const row = Math.floor(cell / ROW)
    const own = this.loose.get(row) ?? []
    if (own.length === 0) this.loose.set(row, own)
    own.push(place, cell % ROW, count)
  }

  /** Takes in one row of all buckets: those above it have been taken in before. Throws `MalformedBytes`. */
  takeRow(row: number, ofBuckets: readonly Uint8Array[]): void {
    const { counts, needed } = this
    counts.fill(0)
    for (const data of ofBuckets) this.addRow(data)
    const loose = this.loose.get(row) ?? []
    for (let i = 0; i < loose.length; i += 3) this.count(loose[i] ?? 0, loose[i + 1] ?? 0, loose[i + 2] ?? 0)
    for (let place = 0; place < needed.length; place++) {
      let left = needed[place] ?? 0
      if (left === 0) continue
      for (let cell = ROW - 1; cell >= 0 && left > 0; cell--) {
        left -= counts[place * ROW + cell] ?? 0
        if (left <= 0) this.found.set(place, row * ROW + cell)
      }
      needed[place] = Math.max(0, left)
    }
  }

  private addRow(data: Uint8Array): void {
    const reader = new ByteReader(data)
    if (numbers.length < reader.left) numbers = new Float64Array(reader.left * 2)
    const end = reader.allNumbers(numbers)
    for (let i = 0, place = 0; i < end; ) {
      place += numbers[i++] ?? 0
      for (let left = numbers[i++] ?? 0; left > 0; left--) {
        this.count(place, numbers[i] ?? 0, numbers[i + 1] ?? 0)
        i += 2
      }
    }
  }

  private count(place: number, cell: number, count: number): void {
    // What is beyond the end is of series that are forgotten.
    const at = place * ROW + cell
    if (at < this.counts.length) this.counts[at] = (this.counts[at] ?? 0) + count
  }
}
