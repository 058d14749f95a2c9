/**
 * All API keys of a process, in memory that its threads share. The main thread alone writes what keys there are
 * (`key-writer.ts`); every worker reads them, and counts (`admission.ts`). Nothing is ever locked, moved or built anew: each part
 * is as large as it may get from the start, and the system gives memory only to what is used.
 *
 *     index    open addressing, linear probing: a word for each of the two values of a key, by its digest, and one for its
 *              id. It holds the number of the record (22 bits), which of the three it is (2), and a part of the digest (8).
 *     records  one per key
 *     entries  one per subscription: a list per key
 *     names    in cells of whole words: their length in two bytes, then UTF-8
 *
 * Of a digest's 128 bits 80 are compared: 64 in the record, 8 in its flags, 8 in the index. Among a million keys a guess hits
 * one of them once in 2^59 times.
 *
 * What a key no longer needs (record, entry, name) is only used again after a while, so that who has just found it can still read
 * it, and what was counted last can still be written down: see `QUARANTINE_MS`.
 */

export const RECORD_WORDS = 12
/** Words of a record. The digest of the primary value is at 0 and 1, of the secondary at 2 and 3. */
export const ID = 4
/**
 * The last word of the id, of which that needs 4 bits. Above them: whether it is active (1), and more of the digests (8 and 8).
 */
export const FLAGS = 7
/** Seconds since the Unix epoch, as an unsigned number; 0 for never. */
export const EXPIRES = 8
/** Minutes since the Unix epoch; 0 for never. The only word of a record that workers write. */
export const LAST_USED = 9
/** Number of the first entry; 0 for none. */
export const FIRST_ENTRY = 10
export const NAME = 11

const ID_BITS_IN_FLAGS = 0xf
export const ACTIVE = 0x10
const CHECK_SHIFT = 5

export const ENTRY_WORDS = 4
/** Words of an entry: the numbers of stage (upper 16 bits) and plan (lower 16). */
export const LINK = 0
/** Number of the next entry of the key; 0 for none. */
export const NEXT = 1
/** The state of the rate (`limits/rate.ts`). */
export const RATE = 2
/** What was used of the quota (`used.ts`). */
export const USED = 3

/** A word of the index that stands for nothing. */
const EMPTY = 0
/** The third kind of a word of the index, beside 0 and 1 for the two values. */
const BY_ID = 2

/** The most keys that records have numbers for. */
export const maxKeys = 2 ** 22 - 2

const REFUSAL_SLOTS = 65_536
const REFUSAL_WORDS = 4

/** How long nothing is used again: a look takes less than a millisecond, writing counts down a second. */
export const QUARANTINE_MS = 5_000

/** The memory. It is handed to each worker at its start. */
export interface KeyMemory {
  readonly index: SharedArrayBuffer
  /** Counts the moves of words in the index; odd while there is one. */
  readonly moves: SharedArrayBuffer
  readonly records: SharedArrayBuffer
  readonly entries: SharedArrayBuffer
  readonly names: SharedArrayBuffer
  /** A bit for each record that was used in another minute than before. */
  readonly touched: SharedArrayBuffer
  /** A bit for each entry that was counted. */
  readonly counted: SharedArrayBuffer
  /** The last refusals: record, stage, second since the Unix epoch, reason. By the record's number, the last one stays. */
  readonly refusals: SharedArrayBuffer
}

/** Makes the memory for so many keys, each with a few subscriptions. */
export function createKeyMemory(keys: number): KeyMemory {
  // Three words a key; at most four fifths full.
  const slots = 2 ** Math.ceil(Math.log2(Math.max(64, keys * 3.75)))
  const [records, entries] = [keys + 1, keys * 4 + 1]
  return {
    index: new SharedArrayBuffer(slots * 4),
    moves: new SharedArrayBuffer(4),
    records: new SharedArrayBuffer(records * RECORD_WORDS * 4),
    entries: new SharedArrayBuffer(entries * ENTRY_WORDS * 4),
    names: new SharedArrayBuffer(keys * 128 + 65_536),
    touched: new SharedArrayBuffer(((records + 31) >>> 5) * 4),
    counted: new SharedArrayBuffer(((entries + 31) >>> 5) * 4),
    refusals: new SharedArrayBuffer(REFUSAL_SLOTS * REFUSAL_WORDS * 4),
  }
}

export type Words = Int32Array<SharedArrayBuffer>

/** The digest of a value, as the table compares it. */
export interface DigestWords {
  readonly low: number
  readonly high: number
  readonly fingerprint: number
  readonly check: number
}

/** What was found last for a digest, and how many moves there had been before. Whoever asks keeps it. */
export interface LastFound {
  digest: string
  record: number
  moves: number
}

/** Views of the memory, and how it is read. */
export class KeyView {
  readonly index: Words
  private readonly moves: Words
  readonly records: Words
  readonly entries: Words
  readonly nameBytes: Buffer
  readonly touched: Words
  readonly counted: Words
  private readonly refusals: Words
  private readonly digits = Buffer.alloc(ID_DIGITS)

  constructor(memory: KeyMemory) {
    this.index = new Int32Array(memory.index)
    this.moves = new Int32Array(memory.moves)
    this.records = new Int32Array(memory.records)
    this.entries = new Int32Array(memory.entries)
    this.nameBytes = Buffer.from(memory.names)
    this.touched = new Int32Array(memory.touched)
    this.counted = new Int32Array(memory.counted)
    this.refusals = new Int32Array(memory.refusals)
  }

  /**
   * The number of the record that has a value of this digest (`Vault.digest`); 0 for none. What was found last on the same
   * connection (`last`) is still right where no word of the index has gone since.
   */
  find(digest: string, last: LastFound | null = null): number {
    for (;;) {
      const moves = Atomics.load(this.moves, 0)
      if (last !== null && last.moves === moves && last.digest === digest) return last.record
      const record = this.search(digest)
      if (last !== null && record !== 0 && (moves & 1) === 0) {
        last.digest = digest
        last.record = record
        last.moves = moves
      }
      // Whatever is found is right. What is not found may just have been moved from where we would come to where we had been.
      if (record !== 0 || ((moves & 1) === 0 && Atomics.load(this.moves, 0) === moves)) return record
    }
  }

  private search(digest: string): number {
    const { index, records } = this
    const low = wordAt(digest, 0)
    const high = wordAt(digest, 8)
    const fingerprint = byteAt(digest, 16)
    const check = byteAt(digest, 18)
    const mask = index.length - 1
    for (let slot = placeOf(high) & mask; ; slot = (slot + 1) & mask) {
      const word = Atomics.load(index, slot)
      if (word === EMPTY) return 0
      const which = (word >>> 8) & 3
      if ((word & 0xff) !== fingerprint || which === BY_ID) continue
      const record = word >>> 10
      const at = record * RECORD_WORDS
      if (records[at + which * 2] !== low || records[at + which * 2 + 1] !== high || record === 0) continue
      if (checkOf(Atomics.load(records, at + FLAGS), which) === check) return record
    }
  }

  /** The number of the record of an id; 0 for none. */
  findById(id: string): number {
    const { index, records } = this
    const words = idWords(id)
    const mask = index.length - 1
    for (let slot = placeOf(words[0]) & mask; ; slot = (slot + 1) & mask) {
      const word = Atomics.load(index, slot)
      if (word === EMPTY) return 0
      const record = word >>> 10
      if (
        ((word >>> 8) & 3) === BY_ID &&
        record !== 0 &&
        words.every((bits, i) => wordOfId(records, record, i) === bits)
      )
        return record
    }
  }

  /** Puts the words of a record, which has been filled, into the index. Only the writer may. */
  addToIndex(record: number, digests: readonly DigestWords[]): void {
    for (const [which, { fingerprint }] of digests.entries()) this.addWord((record << 10) | (which << 8) | fingerprint)
    this.addWord((record << 10) | (BY_ID << 8))
  }

  /** Takes the words of a record out of the index. Only the writer may. */
  removeFromIndex(record: number): void {
    for (const which of [0, 1, BY_ID]) this.removeWord((record << 10) | (which << 8))
  }

  private addWord(word: number): void {
    const { index } = this
    const mask = index.length - 1
    let slot = this.homeOf(word)
    while (Atomics.load(index, slot) !== EMPTY) slot = (slot + 1) & mask
    Atomics.store(index, slot, word)
  }

  /** Takes a word out, whose fingerprint need not be known, and moves those behind it that would not be found any more. */
  private removeWord(word: number): void {
    const { index, moves } = this
    const mask = index.length - 1
    let hole = this.homeOf(word)
    while ((Atomics.load(index, hole) ^ word) >>> 8 !== 0) hole = (hole + 1) & mask
    Atomics.add(moves, 0, 1)
    for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      const behind = Atomics.load(index, slot)
      if (behind === EMPTY) break
      // It stays where its search would not come by the hole.
      if (((slot - this.homeOf(behind)) & mask) < ((slot - hole) & mask)) continue
      Atomics.store(index, hole, behind)
      hole = slot
    }
    Atomics.store(index, hole, EMPTY)
    Atomics.add(moves, 0, 1)
  }

  /** Where the search for a word of the index begins. */
  private homeOf(word: number): number {
    const at = (word >>> 10) * RECORD_WORDS
    const which = (word >>> 8) & 3
    return placeOf(this.records[which === BY_ID ? at + ID : at + which * 2 + 1] ?? 0) & (this.index.length - 1)
  }

  /** The id of a record's key. */
  idOf(record: number): string {
    const { records, digits } = this
    let word = 0
    let bits = wordOfId(records, record, 0)
    // How many bits are left of the word that is being read.
    let left = 32
    for (let at = 0; at < ID_DIGITS; at++) {
      let digit = bits & 31
      if (left > 5) {
        bits >>>= 5
        left -= 5
      } else {
        const next = wordOfId(records, record, ++word)
        digit = (digit | (next << left)) & 31
        bits = next >>> (5 - left)
        left += 27
      }
      digits[at] = ALPHABET.charCodeAt(digit)
    }
    return digits.toString('latin1', 0, ID_DIGITS)
  }

  /** Where the name of a record's key stands: another place for another name. */
  namePlaceOf(record: number): number {
    return Atomics.load(this.records, record * RECORD_WORDS + NAME)
  }

  /** The name of a record's key. */
  nameOf(record: number): string {
    const start = this.namePlaceOf(record) * 4
    const length = this.nameBytes.readUInt16LE(start)
    return this.nameBytes.toString('utf8', start + 2, start + 2 + length)
  }

  /** The entry of a key for a stage; 0 for none. Read plainly: an entry that is taken out meanwhile stays what it was for a while. */
  entryFor(record: number, stage: number): number {
    const { entries } = this
    let entry = this.records[record * RECORD_WORDS + FIRST_ENTRY] as number
    while (entry !== 0 && (entries[entry * ENTRY_WORDS + LINK] as number) >>> 16 !== stage)
      entry = entries[entry * ENTRY_WORDS + NEXT] as number
    return entry
  }

  /** Notes a refusal, so that whoever has the key can be told why. */
  noteRefusal(record: number, stage: number, reason: number, ms: number): void {
    const at = (record & (REFUSAL_SLOTS - 1)) * REFUSAL_WORDS
    const { refusals } = this
    Atomics.store(refusals, at, 0)
    Atomics.store(refusals, at + 1, stage)
    Atomics.store(refusals, at + 2, Math.floor(ms / 1_000) | 0)
    Atomics.store(refusals, at + 3, reason)
    Atomics.store(refusals, at, record)
  }

  /** The last refusal of a record, if it is still remembered. */
  refusalOf(record: number): { stage: number; reason: number; ms: number } | null {
    const at = (record & (REFUSAL_SLOTS - 1)) * REFUSAL_WORDS
    if (Atomics.load(this.refusals, at) !== record) return null
    const [stage = 0, seconds = 0, reason = 0] = this.refusals.subarray(at + 1, at + REFUSAL_WORDS)
    return { stage, reason, ms: (seconds >>> 0) * 1_000 }
  }
}

const ID_DIGITS = 20
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
/** The value of each character, by its code; -1 for those that no id has. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)))
/** The value of each digit of hexadecimal text, by its code. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => Number.parseInt(String.fromCharCode(code), 16) || 0)

/** The words of an id; the last has 4 bits. Throws for what is no id. */
export function idWords(id: string): readonly [number, number, number, number] {
  const words: [number, number, number, number] = [0, 0, 0, 0]
  if (id.length !== 20) throw new RangeError(`"${id}" is not the id of a key`)
  for (let character = 0; character < 20; character++) {
    const value = VALUES[id.charCodeAt(character)] ?? -1
    if (value === -1) throw new RangeError(`"${id}" is not the id of a key`)
    const word = (character * 5) >>> 5
    const shift = (character * 5) & 31
    words[word as 0 | 1 | 2 | 3] |= value << shift
    if (shift > 27) words[(word + 1) as 1 | 2 | 3] |= value >>> (32 - shift)
  }
  return words
}

/** What the table compares of a digest in hexadecimal. */
export function digestWords(hex: string): DigestWords {
  return { low: wordAt(hex, 0), high: wordAt(hex, 8), fingerprint: byteAt(hex, 16), check: byteAt(hex, 18) }
}

/** 32 bits of a text in hexadecimal, from a place on. */
function wordAt(hex: string, at: number): number {
  return byteAt(hex, at) | (byteAt(hex, at + 2) << 8) | (byteAt(hex, at + 4) << 16) | (byteAt(hex, at + 6) << 24)
}

function byteAt(hex: string, at: number): number {
  return ((DIGITS[hex.charCodeAt(at)] ?? 0) << 4) | (DIGITS[hex.charCodeAt(at + 1)] ?? 0)
}

/** The flags of a record. */
export function flagsOf(
  lastIdWord: number,
  isActive: boolean,
  [primary, secondary]: readonly [DigestWords, DigestWords],
): number {
  const checks = primary.check | (secondary.check << 8)
  return lastIdWord | (isActive ? ACTIVE : 0) | (checks << CHECK_SHIFT)
}

function checkOf(flags: number, which: number): number {
  return (flags >>> (CHECK_SHIFT + which * 8)) & 0xff
}

function wordOfId(records: Words, record: number, word: number): number {
  const value = records[record * RECORD_WORDS + ID + word] ?? 0
  return word === 3 ? value & ID_BITS_IN_FLAGS : value
}

/** Where in the index the search begins. Digests are random already, ids are not always. */
function placeOf(word: number): number {
  return Math.imul(word ^ (word >>> 16), 0x45d9f3b) >>> 8
}

/** Puts a bit of a map in place. Most times it is there already, and reading is cheaper. */
export function setBit(map: Words, number: number): void {
  const bit = 1 << (number & 31)
  if ((Atomics.load(map, number >>> 5) & bit) === 0) Atomics.or(map, number >>> 5, bit)
}

/** Takes all bits of a map that are set, up to `most` or a few more, beginning at `from`. Returns where to go on; 0 at the end. */
export function takeBits(map: Words, from: number, most: number, into: number[]): number {
  for (let word = from; word < map.length; word++) {
    if (into.length >= most) return word
    if (Atomics.load(map, word) === 0) continue
    let bits = Atomics.exchange(map, word, 0)
    while (bits !== 0) {
      const bit = 31 - Math.clz32(bits & -bits)
      into.push(word * 32 + bit)
      bits &= bits - 1
    }
  }
  return 0
}
