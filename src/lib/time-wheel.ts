/** Something with a deadline. The wheel owns the fields in the second half; initialise them as `Deadline` does. */
export abstract class Timed {
  /** Milliseconds on the wheel's clock; Infinity while nothing is due. */
  deadline = Number.POSITIVE_INFINITY
  /** Tick at which the wheel will look at this entry; never later than the deadline. */
  slotTick = -1
  previous: Timed | null = null
  next: Timed | null = null

  /** Called once when the deadline has passed. */
  abstract onDeadline(): void
}

/**
 * One coarse timer for all time-outs of a worker.
 *
 * A deadline that moves later, which nearly all do (each request pushes its connection's idle deadline on), is one number
 * written: the entry stays where it is, and is filed again when its old slot comes by. Only a deadline that moves earlier
 * moves the entry. So a request costs no timer, no closure and no list operation.
 */
export class TimeWheel {
  /** Milliseconds on a monotonic clock, as of the last tick. */
  now: number
  private readonly slots: (Timed | null)[]
  private readonly clock: () => number
  private readonly resolutionMs: number
  private tickNumber: number

  /**
   * `resolutionMs` is how late a deadline may fire; 100 is fine for time-outs of seconds. `slotCount` only spreads the
   * entries: one that is due beyond a full turn is filed again when its slot comes by.
   */
  constructor(clock: () => number, resolutionMs = 100, slotCount = 512) {
    this.clock = clock
    this.resolutionMs = resolutionMs
    this.now = clock()
    this.tickNumber = Math.floor(this.now / resolutionMs)
    this.slots = new Array<Timed | null>(slotCount).fill(null)
  }

  /** Lets `entry` fire `delayMs` from now; replaces its former deadline. */
  schedule(entry: Timed, delayMs: number): void {
    const deadline = this.now + delayMs
    entry.deadline = deadline
    const tick = Math.ceil(deadline / this.resolutionMs)
    if (entry.slotTick !== -1) {
      if (tick >= entry.slotTick) return
      this.unlink(entry)
    }
    this.link(entry, tick)
  }

  /** Forgets the deadline; cheap, the entry leaves its slot when that comes by. */
  cancel(entry: Timed): void {
    entry.deadline = Number.POSITIVE_INFINITY
  }

  /** Takes the entry out, so that the wheel no longer holds it. */
  remove(entry: Timed): void {
    entry.deadline = Number.POSITIVE_INFINITY
    if (entry.slotTick !== -1) this.unlink(entry)
  }

  /** Reads the clock and fires what is due. To be called every `resolutionMs`; late calls catch up. */
  tick(): void {
    this.now = this.clock()
    const last = Math.floor(this.now / this.resolutionMs)
    // After a long stall one turn of the wheel visits every slot; more turns would visit them again.
    this.tickNumber = Math.max(this.tickNumber, last - this.slots.length)
    while (this.tickNumber < last) {
      this.tickNumber++
      this.visit(this.tickNumber % this.slots.length)
    }
  }

  private visit(slot: number): void {
    // All are taken out before any fires: what fires may remove or schedule the others.
    const entries: Timed[] = []
    for (let entry = this.slots[slot] ?? null; entry !== null; entry = entry.next) entries.push(entry)
    this.slots[slot] = null
    for (const entry of entries) {
      entry.previous = null
      entry.next = null
      entry.slotTick = -1
    }
    for (const entry of entries) if (entry.slotTick === -1) this.settle(entry)
  }

  private settle(entry: Timed): void {
    if (entry.deadline === Number.POSITIVE_INFINITY) return
    if (entry.deadline > this.now) {
      this.link(entry, Math.ceil(entry.deadline / this.resolutionMs))
      return
    }
    entry.deadline = Number.POSITIVE_INFINITY
    entry.onDeadline()
  }

  private link(entry: Timed, tick: number): void {
    // A tick that has passed would wait for a full turn.
    const due = Math.max(tick, this.tickNumber + 1)
    const slot = due % this.slots.length
    const head = this.slots[slot] ?? null
    entry.slotTick = due
    entry.previous = null
    entry.next = head
    if (head !== null) head.previous = entry
    this.slots[slot] = entry
  }

  private unlink(entry: Timed): void {
    if (entry.previous !== null) entry.previous.next = entry.next
    else this.slots[entry.slotTick % this.slots.length] = entry.next
    if (entry.next !== null) entry.next.previous = entry.previous
    entry.previous = null
    entry.next = null
    entry.slotTick = -1
  }
}
