import { ByteReader, ByteWriter, MalformedBytes } from '../lib/bytes.ts'
import {
  BACKEND_MICROS,
  BACKEND_TIME,
  BY_GATEWAY,
  BYTES_IN,
  BYTES_OUT,
  STATUS,
  TOTAL_MICROS,
  TOTAL_TIME,
} from '../model/traffic.ts'
import { Tally } from './tally.ts'

/**
 * Tallies as bytes. A block holds those of up to `BLOCK` neighbours among the series of a group:
 *
 *     version, then for each: place in the block, length of what follows, statuses and sums, reasons, times
 *
 * so that one tally, or the figures of all without their histograms, are read without looking at the rest.
 */

/** Series in one block: few enough that one is cheap to read, enough that rows are few. */
export const BLOCK = 32

const VERSION = 1
const writer = new ByteWriter()
const inner = new ByteWriter()

/** Writes tallies by their places in the block. */
export function encodeBlock(tallies: ReadonlyMap<number, Tally>): Uint8Array {
  writer.number(VERSION)
  for (const [place, tally] of [...tallies].sort(([a], [b]) => a - b)) {
    writer.number(place)
    const bytes = encodeTally(tally)
    writer.number(bytes.length)
    writer.bytes(bytes)
  }
  return writer.take()
}

/** Reads all tallies of a block. Throws `MalformedBytes`. */
export function decodeBlock(bytes: Uint8Array): Map<number, Tally> {
  const tallies = new Map<number, Tally>()
  eachOf(bytes, (place, reader) => tallies.set(place, decodeTally(reader)))
  return tallies
}

/** Reads a part of the tallies of a block. Throws `MalformedBytes`. */
export function decodePlaces(bytes: Uint8Array, places: ReadonlySet<number>): Map<number, Tally> {
  const tallies = new Map<number, Tally>()
  eachOf(bytes, (place, reader) => {
    if (places.has(place)) tallies.set(place, decodeTally(reader))
  })
  return tallies
}

/** Calls `visit` with the total times of all tallies of a block that begins with the place `first`. Throws `MalformedBytes`. */
export function eachTotalTime(
  first: number,
  bytes: Uint8Array,
  visit: (place: number, cell: number, count: number) => void,
): void {
  eachOf(bytes, (place, reader) => {
    for (let left = reader.number() * 2; left > 0; left--) reader.number()
    for (let left = reader.number(); left > 0; left--) {
      reader.text()
      reader.number()
    }
    let cell = 0
    for (let left = reader.number(); left > 0; left--) {
      cell += reader.number()
      const count = reader.number()
      if (cell >= BACKEND_TIME) return
      visit(first + place, cell - TOTAL_TIME, count)
    }
  })
}

/** Writes one tally. */
export function encodeTally({ cells, counts, reasons }: Tally): Uint8Array {
  const firstOfFigures = cells.findIndex((cell) => cell >= STATUS)
  const split = firstOfFigures === -1 ? cells.length : firstOfFigures
  writePairs(cells, counts, split, cells.length, STATUS)
  inner.number(reasons?.size ?? 0)
  if (reasons !== null)
    for (const [reason, count] of reasons) {
      inner.text(reason)
      inner.number(count)
    }
  writePairs(cells, counts, 0, split, 0)
  return inner.take()
}

/** Reads one tally from where the reader is. */
export function decodeTally(reader: ByteReader): Tally {
  const tally = new Tally()
  const figures: [cells: number[], counts: number[]] = [[], []]
  readPairs(reader, STATUS, ...figures)
  for (let left = reader.number(); left > 0; left--) {
    const reason = reader.text()
    tally.addReason(reason, reader.number())
  }
  readPairs(reader, 0, tally.cells, tally.counts)
  tally.cells.push(...figures[0])
  tally.counts.push(...figures[1])
  return tally
}

/** What lists of many series need of each; sums, in this order. */
export const summaryColumns = [
  'calls',
  'clientErrors',
  'serverErrors',
  'byGateway',
  'bytesIn',
  'bytesOut',
  'totalMicros',
  'backendMicros',
] as const
export type SummaryColumn = (typeof summaryColumns)[number]

/** Sums of many series by their places in the group, in columns that grow. */
export class Summary {
  readonly columns: readonly Float64Array[]
  private constructor(columns: readonly Float64Array[]) {
    this.columns = columns
  }

  /** One with room for `size` series. */
  static of(size: number): Summary {
    return new Summary(summaryColumns.map(() => new Float64Array(size)))
  }

  get size(): number {
    return this.columns[0]?.length ?? 0
  }

  add(place: number, column: number, value: number): void {
    const values = this.columns[column]
    if (values !== undefined && place < values.length) values[place] = (values[place] ?? 0) + value
  }

  value(place: number, column: SummaryColumn): number {
    return this.columns[summaryColumns.indexOf(column)]?.[place] ?? 0
  }

  /** Adds one series. */
  addTally(place: number, tally: Tally): void {
    tally.each(STATUS, STATUS + 4_096, (offset, count) => this.addFigure(place, STATUS + offset, count))
  }

  /** Adds all of a block that begins with the place `first`, without reading histograms. Throws `MalformedBytes`. */
  addBlock(first: number, bytes: Uint8Array): void {
    eachOf(bytes, (place, reader) => {
      let cell = STATUS
      for (let left = reader.number(); left > 0; left--) {
        cell += reader.number()
        this.addFigure(first + place, cell, reader.number())
      }
    })
  }

  /** Adds some columns of what `encode` has written; the others are not looked at. Throws `MalformedBytes`. */
  addEncoded(bytes: Uint8Array, wanted: readonly SummaryColumn[] = summaryColumns): void {
    const reader = new ByteReader(bytes)
    assertVersion(reader)
    const values = new Float64Array(reader.number())
    reader.numbers(values)
    const places = new Int32Array(values.length)
    for (let i = 0, place = 0; i < places.length; i++) {
      place += values[i] ?? 0
      places[i] = place
    }
    for (const [i, name] of summaryColumns.entries()) {
      const length = reader.number()
      if (!wanted.includes(name)) reader.skip(length)
      else {
        reader.numbers(values)
        addAt(this.columns[i], places, values)
      }
    }
  }

  /** Those that have calls, as bytes: how many, their places as differences, then each column after its length. */
  encode(): Uint8Array {
    const [calls = new Float64Array()] = this.columns
    const places: number[] = []
    for (let place = 0; place < calls.length; place++) if (calls[place] !== 0) places.push(place)
    writer.number(VERSION)
    writer.number(places.length)
    for (const [i, place] of places.entries()) writer.number(place - (places[i - 1] ?? 0))
    for (const column of this.columns) {
      for (const place of places) inner.number(column[place] ?? 0)
      const bytes = inner.take()
      writer.number(bytes.length)
      writer.bytes(bytes)
    }
    return writer.take()
  }

  private addFigure(place: number, cell: number, count: number): void {
    if (cell < STATUS + 1_000) {
      this.add(place, 0, count)
      const statusClass = ((cell - STATUS) / 100) | 0
      if (statusClass === 4) this.add(place, 1, count)
      else if (statusClass === 5) this.add(place, 2, count)
    } else if (cell === BY_GATEWAY) this.add(place, 3, count)
    else if (cell === BYTES_IN) this.add(place, 4, count)
    else if (cell === BYTES_OUT) this.add(place, 5, count)
    else if (cell === TOTAL_MICROS) this.add(place, 6, count)
    else if (cell === BACKEND_MICROS) this.add(place, 7, count)
  }
}

function addAt(column: Float64Array | undefined, places: Int32Array, values: Float64Array): void {
  if (column === undefined) return
  for (let i = 0; i < values.length; i++) {
    const place = places[i] ?? 0
    // What is beyond the end is of series that are forgotten.
    if (place < column.length) column[place] = (column[place] ?? 0) + (values[i] ?? 0)
  }
}

function writePairs(cells: readonly number[], counts: readonly number[], from: number, to: number, base: number): void {
  inner.number(to - from)
  let last = base
  for (let i = from; i < to; i++) {
    const cell = cells[i] ?? 0
    inner.number(cell - last)
    inner.number(counts[i] ?? 0)
    last = cell
  }
}

function readPairs(reader: ByteReader, base: number, cells: number[], counts: number[]): void {
  const count = reader.number()
  // Each number is a byte at least.
  if (count * 2 > reader.left) throw new MalformedBytes('They end too early.')
  if (numbers.length < count * 2) numbers = new Float64Array(count * 2)
  reader.numbers(numbers, count * 2)
  let cell = base
  for (let i = 0; i < count; i++) {
    cell += numbers[i * 2] as number
    cells.push(cell)
    counts.push(numbers[i * 2 + 1] as number)
  }
}

/** What `readPairs` reads into. */
let numbers = new Float64Array(2_048)

function eachOf(bytes: Uint8Array, visit: (place: number, reader: ByteReader) => void): void {
  const reader = new ByteReader(bytes)
  assertVersion(reader)
  while (!reader.isAtEnd) {
    const place = reader.number()
    const length = reader.number()
    const start = reader.at
    visit(place, reader)
    reader.at = start
    reader.skip(length)
  }
}

function assertVersion(reader: ByteReader): void {
  const version = reader.number()
  if (version !== VERSION) throw new MalformedBytes(`They are of version ${version}, which this program does not know.`)
}
