import type { Store } from '../store/open.ts'

/** How often the store is tried. */
const EVERY_MS = 5_000
/** Who asks more often is told what came of the last try. */
const LEAST_MS = 1_000
/** A store that takes longer is as one that cannot be used. */
const PATIENCE_MS = 2_000

/** Whether the store could be used when it was last tried, and how long that took. */
export interface StoreState {
  readonly isUp: boolean
  readonly latencyMs: number
}

/** Looks whether the store can be used: now and then, and when somebody wants to know. */
export class StoreWatch {
  private readonly store: Pick<Store, 'inTransaction'>
  private readonly timer: NodeJS.Timeout
  private triedAt = Number.NEGATIVE_INFINITY
  private trying: Promise<void> | null = null
  /** The program starts with a store that can be used, or not at all. */
  last: StoreState = { isUp: true, latencyMs: 0 }

  constructor(store: Pick<Store, 'inTransaction'>) {
    this.store = store
    this.timer = setInterval(() => void this.look(), EVERY_MS).unref()
  }

  stop(): void {
    clearInterval(this.timer)
  }

  /** The state as of now, or of a moment ago. */
  async look(): Promise<StoreState> {
    if (this.trying === null && performance.now() - this.triedAt >= LEAST_MS) {
      this.trying = this.try().finally(() => {
        this.trying = null
      })
    }
    const { trying } = this
    // A try may hang for as long as a system waits for a server that is gone; nobody here does.
    if (trying !== null) await Promise.race([trying, this.outOfPatience(trying)])
    return this.last
  }

  private async try(): Promise<void> {
    this.triedAt = performance.now()
    let isUp = true
    try {
      await this.store.inTransaction('system', (unit) => unit.installation.find('key-check'))
    } catch {
      isUp = false // whatever the reason, that is what is asked here; use cases that fail for it say why
    }
    this.last = { isUp, latencyMs: performance.now() - this.triedAt }
  }

  private async outOfPatience(trying: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, Math.max(0, this.triedAt + PATIENCE_MS - performance.now())).unref()
    await promise
    if (this.trying === trying) this.last = { isUp: false, latencyMs: performance.now() - this.triedAt }
  }
}
