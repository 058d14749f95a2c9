/**
 * How many requests of a key are under way, over all workers, in memory that they share: slots of two words, found as those of
 * `rate-table.ts` are.
 *
 *     tag      half of the key's hash; 0 for a slot that was never used
 *     count    requests under way, or LOCKED while the slot is given to another key
 *
 * Beside it each worker has its ledger: what it holds of each slot. When a worker dies, what it held is given back.
 */

const SLOT_WORDS = 2
const COUNT = 1
const WINDOW = 16
const LOCKED = -1

/** What `take` says where there is no place. */
export const NO_PLACE = -1

/** The memory of a table of `slots` keys, a power of two, for so many workers. */
export function placeTableMemory(slots: number, workers: number): SharedArrayBuffer {
  const all = slots + WINDOW
  return new SharedArrayBuffer((all * SLOT_WORDS + all * workers) * 4)
}

/** The table as one worker sees it. */
export class PlaceTable {
  private readonly words: Int32Array<SharedArrayBuffer>
  private readonly ledger: Int32Array<SharedArrayBuffer>
  private readonly mask: number

  constructor(memory: SharedArrayBuffer, slots: number, worker: number) {
    const all = slots + WINDOW
    this.words = new Int32Array(memory, 0, all * SLOT_WORDS)
    this.ledger = new Int32Array(memory, (all * SLOT_WORDS + all * worker) * 4, all)
    this.mask = slots - 1
  }

  /** Takes one of `most` places of a key. Returns what to give to `release`, or `NO_PLACE`. */
  take(place: number, hash: number, most: number): number {
    const { words } = this
    const tag = hash === 0 ? 1 : hash
    for (;;) {
      const slot = this.slotOf(place, tag)
      const count = Atomics.load(words, slot + COUNT)
      if (count === LOCKED) continue
      if (count >= most) return NO_PLACE
      if (Atomics.compareExchange(words, slot + COUNT, count, count + 1) !== count) continue
      const number = slot / SLOT_WORDS
      Atomics.add(this.ledger, number, 1)
      return number
    }
  }

  /** How many of a key are under way. */
  count(place: number, hash: number): number {
    const tag = hash === 0 ? 1 : hash
    const first = (place & this.mask) * SLOT_WORDS
    for (let slot = first; slot < first + WINDOW * SLOT_WORDS; slot += SLOT_WORDS)
      if (Atomics.load(this.words, slot) === tag) return Math.max(0, Atomics.load(this.words, slot + COUNT))
    return 0
  }

  /** Gives a place back. */
  release(number: number): void {
    Atomics.sub(this.ledger, number, 1)
    Atomics.sub(this.words, number * SLOT_WORDS + COUNT, 1)
  }

  /** Gives back all that the worker of this table holds: after its death, before another has its number. */
  releaseAll(): void {
    for (let number = 0; number < this.ledger.length; number++) {
      const held = Atomics.exchange(this.ledger, number, 0)
      if (held !== 0) Atomics.sub(this.words, number * SLOT_WORDS + COUNT, held)
    }
  }

  /**
   * The slot of a key. Where all that it may have are in use by others, it shares one of theirs, always the same: then there
   * are fewer places for both, never more.
   */
  private slotOf(place: number, tag: number): number {
    const { words } = this
    const first = (place & this.mask) * SLOT_WORDS
    const end = first + WINDOW * SLOT_WORDS
    for (let slot = first; slot < end; slot += SLOT_WORDS) {
      const found = Atomics.load(words, slot)
      if (found === tag) return slot
      if (found === 0) break
    }
    for (let slot = first; slot < end; slot += SLOT_WORDS) {
      const found = Atomics.compareExchange(words, slot, 0, tag)
      if (found === 0 || found === tag) return slot
      if (Atomics.compareExchange(words, slot + COUNT, 0, LOCKED) !== 0) continue
      Atomics.store(words, slot, tag)
      Atomics.store(words, slot + COUNT, 0)
      return slot
    }
    return first
  }
}
