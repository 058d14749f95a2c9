/** How a batch fared: how many of it were refused, and why; null for no reason. */
export interface Sent {
  readonly refused: number
  readonly reason: string | null
}

interface Options<T> {
  /** Items that may wait. */
  readonly maxQueue: number
  readonly maxBatch: number
  /** How long the first item of a batch waits for others. */
  readonly delayMs: number
  /** Sends a batch, and tries again as it sees fit; never rejects. */
  readonly send: (batch: readonly T[]) => Promise<Sent>
}

/**
 * Sends items to somebody who may be slow or gone: in batches, one at a time. What waits has a bound; what finds no room is dropped,
 * and counted, as is what was sent in vain.
 */
export class BatchSender<T> {
  private readonly options: Options<T>
  private queue: T[] = []
  private timer: NodeJS.Timeout | null = null
  private sending: Promise<void> | null = null
  sent = 0
  /** Items that found no room. */
  dropped = 0
  /** Items that the receiver did not take. */
  failed = 0
  /** Why the last batch was not taken; null where it was. */
  trouble: string | null = null

  constructor(options: Options<T>) {
    this.options = options
  }

  /** How many items wait. */
  get waiting(): number {
    return this.queue.length
  }

  add(items: readonly T[]): void {
    const room = Math.max(0, this.options.maxQueue - this.queue.length)
    for (const item of items.slice(0, room)) this.queue.push(item)
    this.dropped += Math.max(0, items.length - room)
    this.schedule()
  }

  /** Sends all that waits, for at most so long. What is left then is dropped. */
  async close(timeoutMs: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, timeoutMs)
    await Promise.race([this.drain(), late])
    clearTimeout(timer)
    this.dropped += this.queue.length
    this.queue = []
    if (this.timer !== null) clearTimeout(this.timer)
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0 || this.sending !== null) {
      this.sendNext()
      await this.sending
    }
  }

  private schedule(): void {
    if (this.queue.length >= this.options.maxBatch) return this.sendNext()
    if (this.queue.length === 0 || this.timer !== null) return
    this.timer = setTimeout(() => {
      this.timer = null
      this.sendNext()
    }, this.options.delayMs)
  }

  private sendNext(): void {
    if (this.sending !== null || this.queue.length === 0) return
    const batch = this.queue.splice(0, this.options.maxBatch)
    this.sending = this.send(batch).finally(() => {
      this.sending = null
      this.schedule()
    })
  }

  private async send(batch: readonly T[]): Promise<void> {
    const { refused, reason } = await this.options.send(batch)
    this.sent += batch.length - refused
    this.failed += refused
    this.trouble = reason
  }
}
