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
    // Few into many: each finds its place; otherwise both are walked through once.
    if (other.cells.length * 8 < this.cells.length)
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
    const [cells, counts]: [number[], number[]] = [[], []]
    let [a, b] = [0, 0]
    for (;;) {
      const [cellA = REASON, cellB = REASON] = [this.cells[a], other.cells[b]]
      const cell = cellA < cellB ? cellA : cellB
      if (cell === REASON) break
      cells.push(cell)
      counts.push((cellA === cell ? (this.counts[a++] ?? 0) : 0) + (cellB === cell ? (other.counts[b++] ?? 0) : 0))
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

/** The sum of several tallies. */
export function sumOf(tallies: Iterable<Tally>): Tally {
  const sum = new Tally()
  for (const tally of tallies) sum.merge(tally)
  return sum
}
