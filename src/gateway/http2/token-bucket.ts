import type { TimeWheel } from '../../lib/time-wheel.ts'

/** Counts what may be done so often at once, and so often a second. Its clock is the wheel's: as coarse as that, and free. */
export class TokenBucket {
  private readonly wheel: TimeWheel
  private readonly most: number
  private readonly perSecond: number
  private tokens: number
  private since: number

  constructor(wheel: TimeWheel, most: number, perSecond: number) {
    this.wheel = wheel
    this.most = most
    this.perSecond = perSecond
    this.tokens = most
    this.since = wheel.now
  }

  /** Takes a token. Returns false where there is none. */
  take(): boolean {
    if (this.tokens >= 1) {
      this.tokens--
      return true
    }
    const { now } = this.wheel
    this.tokens = Math.min(this.most, this.tokens + ((now - this.since) / 1_000) * this.perSecond)
    this.since = now
    if (this.tokens < 1) return false
    this.tokens--
    return true
  }

  give(tokens: number): void {
    if (this.tokens < this.most) this.tokens += tokens
  }
}
