/**
 * What has happened in the last seconds, by key, over all workers, in memory that they share: slots found as those of
 * `rate-table.ts` are, but one for each breaker and budget of the snapshots, so that they are few. One slot is
 *
 *     tag      half of the key's hash; 0 for a slot that was never used
 *     usedAt   the second in which it was used last
 *     own      OWN_WORDS words for whoever the slot belongs to
 *     cells    COLUMNS counts for each of BUCKETS parts of the window
 *
 * A cell is a count and the number of the turn (of the window) that it belongs to, in one word: one of an earlier turn is 0
 * without anybody having to clear it. The window slides by a tenth of itself: what is summed up is the part that has begun and
 * the nine before it.
 */

export const BUCKETS = 10
export const COLUMNS = 3
const OWN_WORDS = 3
const USED_AT = 1
const OWN = 2
const CELLS = OWN + OWN_WORDS
const SLOT_WORDS = 40
/** Slots that one key may be in. */
const WINDOW = 16
/** Words before the first slot: how often a slot was taken from another key. */
const HEADER_WORDS = 16
const EVICTIONS = 0
/** Of a cell, the count; above it the turn. */
const COUNT_BITS = 20
const MAX_COUNT = 2 ** COUNT_BITS - 1
const TURN_MASK = 2 ** (32 - COUNT_BITS) - 1
/** Turns come again after 4,096 windows: what nobody has used for longer than any window begins anew. */
const FORGOTTEN_AFTER_S = 120

/** The longest window; a cell holds the calls of a tenth of it. */
export const MAX_WINDOW_MS = 60_000

/** The memory of a table of `slots` keys, a power of two. */
export function windowTableMemory(slots: number): SharedArrayBuffer {
  return new SharedArrayBuffer((HEADER_WORDS + (slots + WINDOW) * SLOT_WORDS) * 4)
}

/** The table as one thread sees it. Slots are places in `words`. */
export class WindowTable {
  readonly words: Int32Array<SharedArrayBuffer>
  private readonly mask: number

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory)
    this.mask = (this.words.length - HEADER_WORDS) / SLOT_WORDS - WINDOW - 1
  }

  /** How often a key lost what was known of it, because there were more of them at once than slots. */
  get evictions(): number {
    return Atomics.load(this.words, EVICTIONS)
  }

  /** The slot of a key, which gets one where it has none. `hint` is where it was the last time. */
  slotOf(hint: number, place: number, hash: number, nowMs: number): number {
    const tag = hash === 0 ? 1 : hash
    const slot = hint !== -1 && Atomics.load(this.words, hint) === tag ? hint : this.find(place, tag)
    this.touch(slot, Math.floor(nowMs / 1_000) | 0)
    return slot
  }

  /** The place of word `i` of those that belong to the owner of a slot. */
  own(slot: number, i: 0 | 1 | 2): number {
    return slot + OWN + i
  }

  /** Counts one in a column. False where the cell is full: then nothing else of that call is to be counted either. */
  add(slot: number, column: number, nowMs: number, bucketMs: number): boolean {
    const { words } = this
    const bucket = Math.floor(nowMs / bucketMs)
    const turn = turnOf(bucket)
    const cell = cellOf(slot, column, bucket)
    for (;;) {
      const word = Atomics.load(words, cell)
      const count = countOf(word, turn)
      if (count === MAX_COUNT) return false
      if (Atomics.compareExchange(words, cell, word, (turn << COUNT_BITS) | (count + 1)) === word) return true
    }
  }

  /** Takes back one that was counted in this part of the window. */
  takeBack(slot: number, column: number, nowMs: number, bucketMs: number): void {
    const bucket = Math.floor(nowMs / bucketMs)
    const cell = cellOf(slot, column, bucket)
    if (countOf(Atomics.load(this.words, cell), turnOf(bucket)) > 0) Atomics.sub(this.words, cell, 1)
  }

  /** What a column has counted within the window. */
  sum(slot: number, column: number, nowMs: number, bucketMs: number): number {
    const last = Math.floor(nowMs / bucketMs)
    let sum = 0
    for (let bucket = last; bucket > last - BUCKETS; bucket--)
      sum += countOf(Atomics.load(this.words, cellOf(slot, column, bucket)), turnOf(bucket))
    return sum
  }

  /** Forgets what was counted. */
  clear(slot: number): void {
    for (let cell = slot + CELLS; cell < slot + CELLS + BUCKETS * COLUMNS; cell++) Atomics.store(this.words, cell, 0)
  }

  private touch(slot: number, second: number): void {
    const { words } = this
    const used = Atomics.load(words, slot + USED_AT)
    if (used === second) return
    // One of several threads that come at once: another could forget what the first has counted already.
    if (Atomics.compareExchange(words, slot + USED_AT, used, second) !== used) return
    // In one that is new there is nothing to forget but what is being counted at this moment.
    if (used !== 0 && ((second - used) | 0) > FORGOTTEN_AFTER_S) this.clear(slot)
  }

  private find(place: number, tag: number): number {
    const { words } = this
    const first = HEADER_WORDS + (place & this.mask) * SLOT_WORDS
    const end = first + WINDOW * SLOT_WORDS
    for (;;) {
      let victim = first
      for (let slot = first; slot < end; slot += SLOT_WORDS) {
        const found = Atomics.compareExchange(words, slot, 0, tag)
        if (found === 0 || found === tag) return slot
        if (((Atomics.load(words, slot + USED_AT) - Atomics.load(words, victim + USED_AT)) | 0) < 0) victim = slot
      }
      if (this.takeOver(victim, tag)) return victim
    }
  }

  /** Gives the slot of one key, the one that was used longest ago, to another. What is counted of it at this very moment is lost. */
  private takeOver(slot: number, tag: number): boolean {
    const { words } = this
    const old = Atomics.load(words, slot)
    if (Atomics.compareExchange(words, slot, old, tag) !== old) return false
    Atomics.add(words, EVICTIONS, 1)
    for (let word = slot + OWN; word < slot + CELLS; word++) Atomics.store(words, word, 0)
    this.clear(slot)
    Atomics.store(words, slot + USED_AT, 0)
    return true
  }
}

function cellOf(slot: number, column: number, bucket: number): number {
  return slot + CELLS + column * BUCKETS + (bucket % BUCKETS)
}

function turnOf(bucket: number): number {
  return Math.floor(bucket / BUCKETS) & TURN_MASK
}

function countOf(word: number, turn: number): number {
  return word >>> COUNT_BITS === turn ? word & MAX_COUNT : 0
}
