import { ByteReader, ByteWriter } from '../lib/bytes.ts'
import { REASON, type SeriesKey, seriesKinds, type TrafficDelta } from '../model/traffic.ts'
import { reasonKey, Tally } from './tally.ts'
import { decodeTally, encodeTally } from './tally-codec.ts'

/** Tallies by series, before they are in buckets: what came in one minute, in memory and as rows of a journal. */

/** The kinds of series that are kept: those that workers count, and sums of them. A sum has no stage; that of a stage has it as id. */
export const keptKinds = [...seriesKinds, 'stage', 'all'] as const
export type KeptKind = (typeof keptKinds)[number]

/** Names a series that is kept. */
export interface KeptKey {
  readonly stageId: string
  readonly kind: KeptKind
  readonly id: string
}

/** The id of the series that takes in all of a kind for which there was no room. */
export const OTHER = '*'

export const ALL: KeptKey = { stageId: '', kind: 'all', id: '' }
export const stageTotal = (stageId: string): KeptKey => ({ stageId: '', kind: 'stage', id: stageId })

/** A series as one text. */
export function keptName({ stageId, kind, id }: KeptKey): string {
  return `${kind}\n${stageId}\n${id}`
}

export interface GatheredSeries {
  readonly key: SeriesKey
  readonly tally: Tally
}

const VERSION = 1
const writer = new ByteWriter()

/** The series of one minute, as they come. Of one stage and kind there are at most so many; the rest is one, `OTHER`. */
export class Gathered {
  private readonly byName = new Map<string, GatheredSeries>()
  private readonly sizes = new Map<string, number>()
  private readonly maxSeries: number

  constructor(maxSeries: number) {
    this.maxSeries = maxSeries
  }

  get isEmpty(): boolean {
    return this.byName.size === 0
  }

  get size(): number {
    return this.byName.size
  }

  get series(): Iterable<GatheredSeries> {
    return this.byName.values()
  }

  find(key: SeriesKey): Tally | null {
    return this.byName.get(keptName(key))?.tally ?? null
  }

  /** The tally of a series, made if there is room; that of the others if there is none. */
  of(key: SeriesKey): Tally {
    const name = keptName(key)
    const known = this.byName.get(name)
    if (known !== undefined) return known.tally
    const { stageId, kind } = key
    const group = `${kind}\n${stageId}`
    const size = this.sizes.get(group) ?? 0
    if (size >= this.maxSeries && key.id !== OTHER) return this.of({ stageId, kind, id: OTHER })
    this.sizes.set(group, size + 1)
    const tally = new Tally()
    this.byName.set(name, { key, tally })
    return tally
  }

  merge(other: Gathered): void {
    for (const { key, tally } of other.series) this.of(key).merge(tally)
  }

  /** As one row of the journal. */
  encode(): Uint8Array {
    // Strings once, whatever number of series has them.
    const texts = new Map<string, number>()
    const numberOf = (text: string) => {
      const known = texts.get(text)
      if (known !== undefined) return known
      texts.set(text, texts.size)
      return texts.size - 1
    }
    const heads = [...this.series].map(({ key: { stageId, kind, id } }) => [
      numberOf(stageId),
      seriesKinds.indexOf(kind),
      numberOf(id),
    ])
    writer.number(VERSION)
    writer.number(texts.size)
    for (const text of texts.keys()) writer.text(text)
    let i = 0
    for (const { tally } of this.series) {
      for (const number of heads[i++] ?? []) writer.number(number)
      writer.bytes(encodeTally(tally))
    }
    return writer.take()
  }

  /** Adds what `encode` has written. Throws `MalformedBytes`. */
  addEncoded(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes)
    reader.number()
    const texts = Array.from({ length: reader.number() }, () => reader.text())
    while (!reader.isAtEnd) {
      const stageId = texts[reader.number()] ?? ''
      const kind = seriesKinds[reader.number()] ?? 'route'
      const id = texts[reader.number()] ?? ''
      this.of({ stageId, kind, id }).merge(decodeTally(reader))
    }
  }
}

/** Reads the counts of a delta, some at a time, so that a large one holds nothing up. */
export class DeltaReader {
  private readonly delta: TrafficDelta
  private at = 0

  constructor(delta: TrafficDelta) {
    this.delta = delta
  }

  /** Adds up to `most` counts by what `tallyOf` gives for each series. Returns whether that was all. */
  read(most: number, tallyOf: (key: SeriesKey) => readonly Tally[]): boolean {
    const { cells, series, reasons } = this.delta
    const end = Math.min(cells.length, this.at + most * 3)
    const tallies: (readonly Tally[] | undefined)[] = []
    for (; this.at < end; this.at += 3) {
      const place = cells[this.at] ?? 0
      const key = series[place]
      if (key === undefined) continue
      tallies[place] ??= tallyOf(key)
      const [cell, count] = [cells[this.at + 1] ?? 0, cells[this.at + 2] ?? 0]
      for (const tally of tallies[place] ?? [])
        if (cell < REASON) tally.add(cell, count)
        else tally.addReason(reasonKey(reasons[cell - REASON] ?? { plugin: '', code: OTHER }), count)
    }
    return this.at >= cells.length
  }
}
