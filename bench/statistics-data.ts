import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { bucketOf } from '../src/lib/log-histogram.ts'
import {
  BACKEND_MICROS,
  BACKEND_TIME,
  BYTES_IN,
  BYTES_OUT,
  STATUS,
  TOTAL_MICROS,
  TOTAL_TIME,
} from '../src/model/traffic.ts'
import { type Granularity, granularities, MINUTES } from '../src/stats/granularity.ts'
import { sumOf, Tally } from '../src/stats/tally.ts'
import { BLOCK, encodeBlock, Summary } from '../src/stats/tally-codec.ts'
import { TimeIndexWriter } from '../src/stats/time-index.ts'
import { type SeriesPlace, SUMMARY, TIMES } from '../src/store/statistics.ts'

/** Fills a store with the statistics of many routes, as they would be after months: a few are called often, most seldom. */

const REQUESTS_PER_MINUTE = 6_000
/** Buckets of one width that are different; the others are the same again, which no query can see. */
const VARIANTS: Readonly<Record<Granularity, number>> = { '1m': 8, '10m': 4, '1h': 2, '1d': 2 }
/** Times that are drawn of one series and bucket at most; a histogram of more looks the same. */
const MAX_SAMPLES = 400
const DAY = 1_440

export interface FilledStore {
  /** Where the series of the routes are, in the order of how often they are called. */
  readonly routes: readonly SeriesPlace[]
  readonly stage: SeriesPlace
  readonly all: SeriesPlace
  /** The days that routes have buckets of; sums have those of 90 days. */
  readonly days: Readonly<Record<Granularity, number>>
}

/** Writes buckets up to a minute into the database of a program that does not run. Returns the bytes of the routes' data by width. */
export function fillStatistics(
  folder: string,
  until: number,
  { routes, stage, all, days }: FilledStore,
): Record<Granularity, number> {
  const database = new DatabaseSync(join(folder, 'turnpike.db'))
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000')
  const insert = database.prepare(
    'insert into statistics_buckets (width, start, group_number, block, batch, data) values (?, ?, ?, ?, 0, ?)',
  )
  const bytes = { '1m': 0, '10m': 0, '1h': 0, '1d': 0 }
  for (const granularity of granularities) {
    const width = MINUTES[granularity]
    const variants = Array.from({ length: VARIANTS[granularity] }, (_, i) => variantOf(routes, width, i))
    const end = Math.floor(until / width) * width
    database.exec('begin')
    for (let start = end - 90 * DAY; start < end; start += width) {
      const variant = variants[(start / width) % variants.length]
      if (variant === undefined || (width < 60 && start < end - days[granularity] * DAY)) continue
      for (const { group, place } of [stage, all])
        insert.run(
          width,
          start,
          group,
          Math.floor(place / BLOCK),
          encodeBlock(new Map([[place % BLOCK, variant.total]])),
        )
      if (start < end - days[granularity] * DAY) continue
      for (const { block, data } of variant.blocks) {
        insert.run(width, start, routes[0]?.group ?? 0, block, data)
        bytes[granularity] += data.length
      }
    }
    database.exec('commit')
  }
  database.close()
  return bytes
}

interface Variant {
  readonly total: Tally
  readonly blocks: readonly { readonly block: number; readonly data: Uint8Array }[]
}

function variantOf(routes: readonly SeriesPlace[], width: number, seed: number): Variant {
  const random = randomFrom(seed + width)
  const harmonic = routes.reduce((sum, _, i) => sum + 1 / (i + 1), 0)
  const byBlock = new Map<number, Map<number, Tally>>()
  const summary = Summary.of(Math.max(...routes.map(({ place }) => place)) + 1)
  const tallies: Tally[] = []
  const byPlace = new Map<number, Tally>()
  for (const [rank, { place }] of routes.entries()) {
    const expected = (REQUESTS_PER_MINUTE * width) / ((rank + 1) * harmonic)
    const calls = Math.floor(expected) + (random() < expected % 1 ? 1 : 0)
    if (calls === 0) continue
    const tally = tallyOf(calls, random, 2 + (rank % 50))
    tallies.push(tally)
    byPlace.set(place, tally)
    summary.addTally(place, tally)
    const block = Math.floor(place / BLOCK)
    const ofBlock = byBlock.get(block) ?? new Map<number, Tally>()
    byBlock.set(block, ofBlock.set(place % BLOCK, tally))
  }
  const blocks = [...byBlock].map(([block, ofBlock]) => ({ block, data: encodeBlock(ofBlock) }))
  if (width > 1) blocks.push({ block: SUMMARY, data: summary.encode() })
  if (width >= MINUTES['1h']) blocks.push(...timesOf(byPlace))
  return { total: sumOf(tallies), blocks }
}

function timesOf(tallies: ReadonlyMap<number, Tally>): { block: number; data: Uint8Array }[] {
  const times = new TimeIndexWriter()
  for (const [place, tally] of [...tallies].sort(([a], [b]) => a - b)) times.add(place, tally)
  const rows = times.take()
  return [
    { block: TIMES, data: Uint8Array.from(rows, ({ row }) => row) },
    ...rows.map(({ row, data }) => ({ block: TIMES - 1 - row, data })),
  ]
}

/** Log-normal times around a middle, a few failures, and what goes with them. */
function tallyOf(calls: number, random: () => number, middleMs: number): Tally {
  const tally = new Tally()
  const samples = Math.min(calls, MAX_SAMPLES)
  for (let i = 0; i < samples; i++) {
    const times = Math.floor((calls * (i + 1)) / samples) - Math.floor((calls * i) / samples)
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const backend = Math.round(middleMs * 1_000 * Math.exp(normal * 0.6))
    const total = backend + 80 + Math.round(random() * 100)
    const chance = random()
    tally.add(STATUS + (chance < 0.96 ? 200 : chance < 0.985 ? 404 : chance < 0.995 ? 429 : 502), times)
    tally.add(TOTAL_TIME + bucketOf(total), times)
    tally.add(BACKEND_TIME + bucketOf(backend), times)
    tally.add(TOTAL_MICROS, total * times)
    tally.add(BACKEND_MICROS, backend * times)
  }
  tally.add(BYTES_IN, calls * 410)
  tally.add(BYTES_OUT, calls * 1_730)
  return tally
}

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
