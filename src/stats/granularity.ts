/** The widths of buckets of time, and which of them a span is shown in. Times are minutes since the Unix epoch. */

export const granularities = ['1m', '10m', '1h', '1d'] as const
export type Granularity = (typeof granularities)[number]

export const MINUTES: Readonly<Record<Granularity, number>> = { '1m': 1, '10m': 10, '1h': 60, '1d': 1_440 }

/** The next finer one, which buckets are made of; null for the finest. */
export function finerThan(granularity: Granularity): Granularity | null {
  return granularities[granularities.indexOf(granularity) - 1] ?? null
}

/** How long buckets are kept, in minutes. */
export type Retention = Readonly<Record<Granularity, number>>

/** The most points of one answer: a day in minutes. */
export const MAX_POINTS = 1_500

/** Up to an hour in minutes, up to a day in tens of minutes, up to a week in hours, more in days; coarser where the finer are gone. */
export function granularityFor(from: number, to: number, now: number, retention: Retention): Granularity {
  const span = to - from
  const wanted = span <= 60 ? '1m' : span <= 1_440 ? '10m' : span <= 7 * 1_440 ? '1h' : '1d'
  const fitting = granularities
    .slice(granularities.indexOf(wanted))
    .find((one) => isKept(one, from, now, retention) && span / MINUTES[one] <= MAX_POINTS)
  return fitting ?? '1d'
}

/** Whether buckets from a time on are still there. */
export function isKept(granularity: Granularity, from: number, now: number, retention: Retention): boolean {
  return from >= now - retention[granularity]
}

export function floorTo(minutes: number, width: number): number {
  return Math.floor(minutes / width) * width
}

export function ceilTo(minutes: number, width: number): number {
  return Math.ceil(minutes / width) * width
}

/** A bucket of time. */
export interface Bucket {
  readonly granularity: Granularity
  readonly start: number
}

/** The buckets that a minute is a part of, but for its own. */
export function parentsOf(minute: number): Bucket[] {
  return granularities.slice(1).map((granularity) => ({ granularity, start: floorTo(minute, MINUTES[granularity]) }))
}

/** The starts of the finer buckets that a bucket is made of. */
export function childrenOf({ granularity, start }: Bucket): { granularity: Granularity; starts: number[] } {
  const finer = finerThan(granularity) ?? granularity
  const width = MINUTES[finer]
  return {
    granularity: finer,
    starts: Array.from({ length: MINUTES[granularity] / width }, (_, i) => start + i * width),
  }
}

/**
 * The fewest buckets that are exactly the time from one minute up to but not including another. `isReady` says whether a bucket has
 * all that the finer ones have; those of a minute always are.
 */
export function cover(from: number, to: number, isReady: (bucket: Bucket) => boolean): Bucket[] {
  const buckets: Bucket[] = []
  const widestFirst = granularities.toReversed()
  for (let at = from; at < to; ) {
    const granularity =
      widestFirst.find((one) => {
        const width = MINUTES[one]
        return at % width === 0 && at + width <= to && (one === '1m' || isReady({ granularity: one, start: at }))
      }) ?? '1m'
    buckets.push({ granularity, start: at })
    at += MINUTES[granularity]
  }
  return buckets
}
