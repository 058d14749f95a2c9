/**
 * Histograms on a logarithmic scale: each power of two has 32 buckets of one width, so that a value is known to 1/64, 1.6 %, by
 * the middle of its bucket. They are merged by adding up bucket by bucket, and nothing is lost by that.
 */

/** Buckets per power of two, as a power of two. */
const PRECISION = 5
const PER_OCTAVE = 1 << PRECISION
const MAX_VALUE = 0x7fff_ffff

/** How many buckets there are: 0 to 2³¹ − 1. */
export const BUCKETS = 864

/** The bucket of a value; what is below 0 or above 2³¹ − 1 is in the first or the last. */
export function bucketOf(value: number): number {
  const whole = value < MAX_VALUE ? value | 0 : MAX_VALUE
  if (whole < PER_OCTAVE) return whole < 0 ? 0 : whole
  const shift = 31 - PRECISION - Math.clz32(whole)
  return shift * PER_OCTAVE + (whole >>> shift)
}

/** The smallest whole value of a bucket. */
export function bucketStart(bucket: number): number {
  if (bucket < 2 * PER_OCTAVE) return bucket
  const shift = (bucket >> PRECISION) - 1
  return ((bucket & (PER_OCTAVE - 1)) + PER_OCTAVE) * 2 ** shift
}

/** The value that stands for a bucket: its middle. */
export function bucketMiddle(bucket: number): number {
  return (bucketStart(bucket) + bucketStart(bucket + 1) - 1) / 2
}

/** A histogram as a part of two arrays, from one place up to but not including another: buckets, which rise, and their counts. */
export interface HistogramPart {
  readonly buckets: readonly number[]
  readonly counts: readonly number[]
  readonly from: number
  readonly to: number
  /** What is taken from each of `buckets`. */
  readonly base: number
}

/**
 * The values below which a share of all lies (0.5: the median), by nearest rank; `shares` rise. Null where nothing was counted.
 */
export function percentiles(part: HistogramPart, shares: readonly number[]): (number | null)[] {
  const { buckets, counts, from, to, base } = part
  let total = 0
  for (let at = from; at < to; at++) total += counts[at] ?? 0
  let at = from
  let below = counts[at] ?? 0
  return shares.map((share) => {
    if (total === 0) return null
    const rank = Math.max(1, Math.ceil(share * total))
    while (below < rank && at < to - 1) below += counts[++at] ?? 0
    return bucketMiddle((buckets[at] ?? base) - base)
  })
}
