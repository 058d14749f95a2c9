/**
 * The time of day, told from a monotonic clock that has been read anyway: one reading of the system's clock serves for a while,
 * so that a request costs none.
 */
export class WallClock {
  private readonly read: () => number
  /** What is added to the monotonic clock, and until when. */
  private offsetMs = 0
  private until = Number.NEGATIVE_INFINITY

  /** `read` gives milliseconds since the Unix epoch. */
  constructor(read: () => number) {
    this.read = read
  }

  /** Milliseconds since the Unix epoch, in whole ones, when the monotonic clock shows `now`. A clock that is set is followed within a tenth of a second. */
  at(now: number): number {
    if (now >= this.until) {
      this.offsetMs = this.read() - now
      this.until = now + LASTS_MS
    }
    return Math.round(now + this.offsetMs)
  }
}

const LASTS_MS = 100
