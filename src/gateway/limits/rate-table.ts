import { Decision, FULL, LOCKED, type Rate } from './rate.ts'

/**
 * Buckets of all workers, in memory that they share: a table of fixed size, found by 64 bits of hash, of which 32 pick the
 * place and 32 are compared. One slot is four words:
 *
 *     tag      the hash's other half; 0 for a slot that was never used
 *     state    of the bucket (`rate.ts`), or LOCKED
 *     idleAt   from when on the bucket is full, and the slot says nothing any more (in coarse units)
 *     unused
 *
 * A key is in one of the WINDOW slots from its place on. Nothing is ever locked for the one who comes to ask: a state is changed
 * by comparing and exchanging it. Slots are never empty again, but one that says nothing is given to the next key that
 * needs one; where there is none, the one that says least is, and that is counted. To give a slot away its state is exchanged
 * for LOCKED, which fails if anybody has taken a token since it was looked at: so no token is ever lost by it.
 */

const SLOT_WORDS = 4
const STATE = 1
const IDLE_AT = 2
/** Slots that one key may be in. */
const WINDOW = 16
/** Words before the first slot: how often a slot that still said something had to be given away. */
const HEADER_WORDS = 16
const EVICTIONS = 0
const COARSE_MS = 64

/** Slots that are looked at to tell how full a table is. */
const SAMPLE = 4_096

/** The memory of a table of `slots` buckets, a power of two. */
export function rateTableMemory(slots: number): SharedArrayBuffer {
  return new SharedArrayBuffer((HEADER_WORDS + (slots + WINDOW) * SLOT_WORDS) * 4)
}

export class RateTable {
  private readonly words: Int32Array<SharedArrayBuffer>
  private readonly mask: number
  private readonly decision = new Decision()

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory)
    this.mask = (this.words.length - HEADER_WORDS) / SLOT_WORDS - WINDOW - 1
  }

  /** How often a key lost what it had used, because there were more keys at once than slots. */
  get evictions(): number {
    return Atomics.load(this.words, EVICTIONS)
  }

  /** How much of the table says something, from 0 to 1: by a sample, which is as good as all, because hashes spread evenly. */
  fill(nowMs: number): number {
    const { words, mask } = this
    const coarse = coarseTime(nowMs)
    const size = Math.min(SAMPLE, mask + 1)
    const step = (mask + 1) / size
    let used = 0
    for (let i = 0; i < size; i++) {
      const slot = this.slotAt(i * step)
      if (Atomics.load(words, slot) !== 0 && Atomics.load(words, slot + IDLE_AT) - coarse >= 0) used++
    }
    return used / size
  }

  /** Asks for one request of a key. See `Decision.result`. */
  take(rate: Rate, place: number, hash: number, nowMs: number): number {
    const { words, decision } = this
    const tag = hash === 0 ? 1 : hash
    const coarse = coarseTime(nowMs)
    for (;;) {
      const slot = this.find(place, tag) ?? this.claim(place, tag, coarse)
      if (slot === null) continue
      const state = Atomics.load(words, slot + STATE)
      if (state === LOCKED) continue
      // One that says nothing any more may be so old that its state looks like the future.
      const isIdle = Atomics.load(words, slot + IDLE_AT) - coarse < 0
      rate.decide(isIdle ? FULL : state, nowMs, decision)
      if (decision.result < 0) return decision.result
      // Before the state: who looks whether the slot says anything must not find it idle when it is not.
      Atomics.store(words, slot + IDLE_AT, coarseTime(nowMs + decision.fullInMs) + 2)
      if (Atomics.compareExchange(words, slot + STATE, state, decision.next) !== state) continue
      // Given away between finding it and here, and full again: then it was another key's token.
      if (Atomics.load(words, slot) === tag) return decision.result
    }
  }

  /** What `take` would say, without taking. */
  peek(rate: Rate, place: number, hash: number, nowMs: number): number {
    const slot = this.find(place, hash === 0 ? 1 : hash)
    const state = slot === null ? FULL : Atomics.load(this.words, slot + STATE)
    const isIdle = slot === null || state === LOCKED || Atomics.load(this.words, slot + IDLE_AT) - coarseTime(nowMs) < 0
    rate.decide(isIdle ? FULL : state, nowMs, this.decision)
    return this.decision.result
  }

  private find(place: number, tag: number): number | null {
    const { words } = this
    const first = this.slotAt(place)
    for (let slot = first; slot < first + WINDOW * SLOT_WORDS; slot += SLOT_WORDS) {
      const found = Atomics.load(words, slot)
      if (found === tag) return slot
      if (found === 0) return null
    }
    return null
  }

  /** A slot for a key that has none; null where others were faster, and it is to be looked for again. */
  private claim(place: number, tag: number, coarse: number): number | null {
    const { words } = this
    const first = this.slotAt(place)
    let victim = first
    let least = Number.POSITIVE_INFINITY
    for (let slot = first; slot < first + WINDOW * SLOT_WORDS; slot += SLOT_WORDS) {
      const found = Atomics.compareExchange(words, slot, 0, tag)
      if (found === 0 || found === tag) return slot
      const left = Atomics.load(words, slot + IDLE_AT) - coarse
      if (left < least) {
        least = left
        victim = slot
      }
    }
    const state = Atomics.load(words, victim + STATE)
    // Whoever has taken a token of it since has said first until when it counts.
    if (state === LOCKED || Atomics.load(words, victim + IDLE_AT) - coarse !== least) return null
    if (Atomics.compareExchange(words, victim + STATE, state, LOCKED) !== state) return null
    if (least >= 0) Atomics.add(words, EVICTIONS, 1)
    Atomics.store(words, victim, tag)
    Atomics.store(words, victim + IDLE_AT, coarse)
    Atomics.store(words, victim + STATE, FULL)
    return victim
  }

  private slotAt(place: number): number {
    return HEADER_WORDS + (place & this.mask) * SLOT_WORDS
  }
}

/** Goes round after four years. */
function coarseTime(ms: number): number {
  return Math.floor(ms / COARSE_MS) | 0
}
