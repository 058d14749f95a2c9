import { BUCKETS, bucketMiddle } from '../lib/log-histogram.ts'

/** Histograms of times in the few buckets of a classic Prometheus histogram, made of the many of `lib/log-histogram.ts`. */

/** In seconds: Prometheus's own, and two below for what a gateway in front of fast backends does. */
export const timeBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** Where the counts of each fine bucket go. One that a bound lies in goes where its middle is: it is 1/32 wide at most. */
const coarse = Uint8Array.from({ length: BUCKETS }, (_, fine) => {
  const seconds = bucketMiddle(fine) / 1e6
  const at = timeBounds.findIndex((bound) => seconds <= bound)
  return at === -1 ? timeBounds.length : at
})

/** Times of one series. */
export class TimeHistogram {
  readonly counts = new Float64Array(timeBounds.length + 1)
  private micros = 0

  /** In seconds. */
  get sum(): number {
    return this.micros / 1e6
  }

  /** Adds values of a bucket of `lib/log-histogram.ts`, in microseconds. */
  add(bucket: number, count: number): void {
    const at = coarse[bucket] ?? timeBounds.length
    this.counts[at] = (this.counts[at] ?? 0) + count
  }

  /** Adds to the sum. */
  addMicros(micros: number): void {
    this.micros += micros
  }
}
