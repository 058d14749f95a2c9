import { QUARANTINE_MS } from './key-memory.ts'

/** Hands out numbers from 1 on, and those that came back, but not at once. Throws `KeyTableFull` when there is none left. */
export class Numbers {
  private readonly most: number
  private readonly what: string
  private readonly now: () => number
  private fresh = 1
  private head = 0
  private readonly waiting: { readonly number: number; readonly since: number }[] = []

  constructor(most: number, what: string, now: () => number) {
    this.most = most
    this.what = what
    this.now = now
  }

  take(): number {
    const used = this.takeUsed()
    if (used !== null) return used
    if (this.fresh > this.most) throw new KeyTableFull(this.what, this.most)
    return this.fresh++
  }

  /** One that came back, if it was long enough ago. */
  takeUsed(): number | null {
    const first = this.waiting[this.head]
    if (first === undefined || this.now() - first.since < QUARANTINE_MS) return null
    this.head++
    // What was handed out is forgotten now and then, and not each time: that would move all that wait.
    if (this.head > 1_024 && this.head * 2 > this.waiting.length) {
      this.waiting.splice(0, this.head)
      this.head = 0
    }
    return first.number
  }

  giveBack(number: number): void {
    this.waiting.push({ number, since: this.now() })
  }

  /** The numbers that have ever been handed out are below this. */
  get end(): number {
    return this.fresh
  }
}

/** There is no room for another one. */
export class KeyTableFull extends Error {
  constructor(what: string, most: number) {
    super(`This gateway has room for ${most} ${what}: raise --max-keys.`)
  }
}
