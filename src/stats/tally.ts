import type { HistogramPart } from '../lib/log-histogram.ts'
import type { Reason } from '../model/traffic.ts'
import { BACKEND_TIME, REASON, STATUS } from '../model/traffic.ts'

/** What was counted of a series: cells of `model/traffic.ts` that are not 0. Adding up is all that is ever done with it. */
export class Tally {
  /** Rising. None from `REASON` on: those are in `reasons`, as what they stand for is another in each delta. */
  cells: number[] = []
  /** Of the cell at the same place. */
  counts: number[] = []
  /** By `reasonKey`; null for none. */
  reasons: Map<string, number> | null = null

  add(cell: number, count: number): void {
    const { cells, counts } = this
    const place = this.placeOf(cell)
    if (cells[place] === cell) counts[place] = (counts[place] ?? 0) + count
    else {
      cells.splice(place, 0, cell)
      counts.splice(place, 0, count)
    }
  }

  addReason(reason: string, count: number): void {
    this.reasons ??= new Map()
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + count)
  }

  merge(other: Tally): void {
    if (this.cells.length === 0) {
      this.cells = other.cells.slice()
      this.counts = other.counts.slice()
    }
    // Few into many: each finds its place; otherwise both are walked through once.
    else if (other.cells.length * 8 < this.cells.length)
      for (let i = 0; i < other.cells.length; i++) this.add(other.cells[i] ?? 0, other.counts[i] ?? 0)
    else this.mergeCells(other)
    if (other.reasons !== null) for (const [reason, count] of other.reasons) this.addReason(reason, count)
  }

  /** The count of a cell. */
  of(cell: number): number {
    const place = this.placeOf(cell)
    return this.cells[place] === cell ? (this.counts[place] ?? 0) : 0
  }

  /** Calls `visit` for the cells from `first` up to but not including `end`, with their distance from `first`. */
  each(first: number, end: number, visit: (offset: number, count: number) => void): void {
    for (let place = this.placeOf(first); (this.cells[place] ?? end) < end; place++)
      visit((this.cells[place] ?? 0) - first, this.counts[place] ?? 0)
  }

  /** The cells from `first` up to but not including `end`, as a histogram that begins with `first`. */
  part(first: number, end: number): HistogramPart {
    return { buckets: this.cells, counts: this.counts, from: this.placeOf(first), to: this.placeOf(end), base: first }
  }

  /** The sum of the cells from `first` up to but not including `end`. */
  sum(first: number, end: number): number {
    let sum = 0
    for (let place = this.placeOf(first); (this.cells[place] ?? end) < end; place++) sum += this.counts[place] ?? 0
    return sum
  }

  /** All requests. */
  get calls(): number {
    return this.sum(STATUS, STATUS + 1_000)
  }

  /** Requests that a backend was sent. */
  get backendCalls(): number {
    return this.sum(BACKEND_TIME, STATUS)
  }

  /** The first place whose cell is `cell` or higher. */
  private placeOf(cell: number): number {
    const { cells } = this
    let [low, high] = [0, cells.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((cells[middle] ?? 0) < cell) low = middle + 1
      else high = middle
    }
    return low
  }

  private mergeCells(other: Tally): void {
    const { cells: ours, counts: ourCounts } = this
    const { cells: theirs, counts: theirCounts } = other
    const cells: number[] = []
    const counts: number[] = []
    let a = 0
    let b = 0
    while (a < ours.length || b < theirs.length) {
      const cellA = a < ours.length ? (ours[a] as number) : REASON
      const cellB = b < theirs.length ? (theirs[b] as number) : REASON
      let count = 0
      if (cellA <= cellB) count = ourCounts[a++] as number
      if (cellB <= cellA) count += theirCounts[b++] as number
      cells.push(cellA < cellB ? cellA : cellB)
      counts.push(count)
    }
    this.cells = cells
    this.counts = counts
  }
}

/** A reason as one text, and back. Neither part has a line feed: they are names in this program. */
export function reasonKey({ plugin, code }: Reason): string {
  return `${plugin}\n${code}`
}

export function reasonOf(key: string): Reason {
  const [plugin = '', code = ''] = key.split('\n')
  return { plugin, code }
}

/** The sum of several tallies: they may be many, so each cell has its place from the beginning. */
export function sumOf(tallies: Iterable<Tally>): Tally {
  const sums = new Float64Array(REASON)
  const isSet = new Uint8Array(REASON)
  const sum = new Tally()
  for (const { cells, counts, reasons } of tallies) {
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] as number
      sums[cell] = (sums[cell] as number) + (counts[i] as number)
      isSet[cell] = 1
    }
    if (reasons !== null) for (const [reason, count] of reasons) sum.addReason(reason, count)
  }
  for (let cell = 0; cell < REASON; cell++) {
    if (isSet[cell] === 0) continue
    sum.cells.push(cell)
    sum.counts.push(sums[cell] as number)
  }
  return sum
}
