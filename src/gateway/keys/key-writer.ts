import type { LiveKey } from '../../model/key.ts'
import { FULL } from '../limits/rate.ts'
import { KeyTableFull, Numbers } from './cells.ts'
import {
  type DigestWords,
  digestWords,
  ENTRY_WORDS,
  EXPIRES,
  FIRST_ENTRY,
  FLAGS,
  flagsOf,
  ID,
  idWords,
  type KeyMemory,
  KeyView,
  LAST_USED,
  LINK,
  NAME,
  NEXT,
  RATE,
  RECORD_WORDS,
  USED,
} from './key-memory.ts'

/** A subscription in the numbers of the table. */
export interface EntryValue {
  readonly stage: number
  readonly plan: number
  /** As `used.ts` writes it; what was counted since is kept where the entry is there already. */
  readonly used: number
}

/** Puts keys into the table and takes them out, each in place and at once. Only one thread may have a writer. */
export class KeyWriter {
  readonly view: KeyView
  private readonly records: Numbers
  private readonly entries: Numbers
  private readonly names: NameCells
  /** Of each entry, the record that it is or was of. */
  private readonly owners: Int32Array
  private count = 0

  constructor(memory: KeyMemory, now: () => number = () => performance.now()) {
    this.view = new KeyView(memory)
    this.records = new Numbers(this.view.records.length / RECORD_WORDS - 1, 'keys', now)
    this.entries = new Numbers(this.view.entries.length / ENTRY_WORDS - 1, 'subscriptions', now)
    this.owners = new Int32Array(new SharedArrayBuffer(this.view.entries.byteLength / ENTRY_WORDS))
    this.names = new NameCells(this.view.nameBytes, now)
  }

  /** How many keys there are. */
  get size(): number {
    return this.count
  }

  /** The numbers of records and entries that have ever been used are below these. */
  get ends(): { readonly records: number; readonly entries: number } {
    return { records: this.records.end, entries: this.entries.end }
  }

  /** Puts a key in, or brings it up to date. Throws `KeyTableFull`, and then nothing has changed. */
  put(key: LiveKey, subscriptions: readonly EntryValue[]): void {
    const digests = [digestWords(key.digests[0]), digestWords(key.digests[1])] as const
    const known = this.view.findById(key.id)
    if (known === 0) this.insert(key, digests, subscriptions)
    else this.update(known, key, digests, subscriptions)
  }

  /** Puts in a key that is not there yet. Throws `KeyTableFull`. */
  add(key: LiveKey, subscriptions: readonly EntryValue[]): void {
    this.insert(key, [digestWords(key.digests[0]), digestWords(key.digests[1])], subscriptions)
  }

  /** Takes a key out. */
  remove(id: string): void {
    const { view } = this
    const record = view.findById(id)
    if (record === 0) return
    const at = record * RECORD_WORDS
    view.removeFromIndex(record)
    this.count--
    this.names.free(Atomics.load(view.records, at + NAME))
    for (const entry of this.entriesOf(record)) this.entries.giveBack(entry)
    this.records.giveBack(record)
  }

  /** The record that an entry is of, or was until lately. */
  ownerOf(entry: number): number {
    return this.owners[entry] ?? 0
  }

  /** The entries of a record. */
  entriesOf(record: number): number[] {
    const found: number[] = []
    let entry = Atomics.load(this.view.records, record * RECORD_WORDS + FIRST_ENTRY)
    for (; entry !== 0; entry = Atomics.load(this.view.entries, entry * ENTRY_WORDS + NEXT)) found.push(entry)
    return found
  }

  private insert(
    key: LiveKey,
    digests: readonly [DigestWords, DigestWords],
    subscriptions: readonly EntryValue[],
  ): void {
    const { records } = this.view
    const record = this.records.take()
    const room = this.reserve(key.name, subscriptions.length, () => this.records.giveBack(record))
    const at = record * RECORD_WORDS
    const [first, second, third, last] = idWords(key.id)
    this.setDigests(at, digests)
    records[at + ID] = first
    records[at + ID + 1] = second
    records[at + ID + 2] = third
    records[at + EXPIRES] = seconds(key.expiresAt)
    records[at + LAST_USED] = key.lastUsed
    records[at + NAME] = room.name ?? 0
    records[at + FIRST_ENTRY] = 0
    this.setEntries(record, [], subscriptions, room.entries)
    Atomics.store(records, at + FLAGS, flagsOf(last, key.isActive, digests))
    this.view.addToIndex(record, digests)
    this.count++
  }

  private update(
    record: number,
    key: LiveKey,
    digests: readonly [DigestWords, DigestWords],
    subscriptions: readonly EntryValue[],
  ): void {
    const { view } = this
    const { records, entries } = view
    const has = (entry: number, value: EntryValue) => entries[entry * ENTRY_WORDS + LINK] === linkOf(value)
    const before = this.entriesOf(record)
    const kept = before.filter((entry) => subscriptions.some((value) => has(entry, value)))
    const fresh = subscriptions.filter((value) => !kept.some((entry) => has(entry, value)))
    const room = this.reserve(view.nameOf(record) === key.name ? null : key.name, fresh.length)

    const at = record * RECORD_WORDS
    const flags = Atomics.load(records, at + FLAGS)
    const [, , , last] = idWords(key.id)
    const written = flagsOf(last, key.isActive, digests)
    const hasNewValues =
      digests.some(({ low, high }, which) => records[at + which * 2] !== low || records[at + which * 2 + 1] !== high) ||
      ((written ^ flags) & CHECKS) !== 0
    if (hasNewValues) {
      // The old values are gone before the new ones are there: for a moment neither is known.
      view.removeFromIndex(record)
      this.setDigests(at, digests)
    }
    Atomics.store(records, at + EXPIRES, seconds(key.expiresAt))
    if (room.name !== null) {
      const old = Atomics.exchange(records, at + NAME, room.name)
      this.names.free(old)
    }
    if (fresh.length > 0 || kept.length < before.length) this.setEntries(record, kept, fresh, room.entries)
    for (const entry of before) if (!kept.includes(entry)) this.entries.giveBack(entry)
    Atomics.store(records, at + FLAGS, written)
    if (hasNewValues) view.addToIndex(record, digests)
  }

  private setDigests(at: number, [primary, secondary]: readonly [DigestWords, DigestWords]): void {
    const { records } = this.view
    records[at] = primary.low
    records[at + 1] = primary.high
    records[at + 2] = secondary.low
    records[at + 3] = secondary.high
  }

  /** Takes all that a change needs before it begins. Throws `KeyTableFull`, and then has taken nothing. */
  private reserve(
    name: string | null,
    count: number,
    undo: () => void = () => undefined,
  ): { readonly name: number | null; readonly entries: number[] } {
    const entries: number[] = []
    if (count === 0 && name === null) return { name, entries }
    try {
      while (entries.length < count) entries.push(this.entries.take())
      return { name: name === null ? null : this.names.write(name), entries }
    } catch (error) {
      for (const entry of entries) this.entries.giveBack(entry)
      undo()
      throw error
    }
  }

  /** Makes a record's list of entries: fresh ones in front of those that stay, which keep what they have counted. */
  private setEntries(
    record: number,
    kept: readonly number[],
    fresh: readonly EntryValue[],
    numbers: readonly number[],
  ): void {
    const { records, entries } = this.view
    for (const [i, value] of fresh.entries()) {
      const entry = numbers[i] ?? 0
      const at = entry * ENTRY_WORDS
      entries[at + LINK] = linkOf(value)
      entries[at + RATE] = FULL
      entries[at + USED] = value.used
      this.owners[entry] = record
    }
    const list = [...numbers, ...kept]
    // Those in use are only ever linked past others: whoever walks the list meets all that stay.
    for (const [i, entry] of list.entries()) Atomics.store(entries, entry * ENTRY_WORDS + NEXT, list[i + 1] ?? 0)
    Atomics.store(records, record * RECORD_WORDS + FIRST_ENTRY, list[0] ?? 0)
  }
}

/** The bits of the flags that belong to digests. */
const CHECKS = flagsOf(0, false, [{ check: 0xff }, { check: 0xff }] as [DigestWords, DigestWords])

export function linkOf({ stage, plan }: Pick<EntryValue, 'stage' | 'plan'>): number {
  return (stage << 16) | plan
}

/** As the record keeps it: up to the year 2106, rounded up, so that a key holds as long as it says. */
function seconds(ms: number): number {
  return Math.min(0xffff_ffff, Math.ceil(ms / 1_000)) | 0
}

/** Cells for names, by their size: what is given back is used for another of that size. */
class NameCells {
  private readonly bytes: Buffer
  private readonly now: () => number
  private readonly bySize = new Map<number, Numbers>()
  private end = 1

  constructor(bytes: Buffer, now: () => number) {
    this.bytes = bytes
    this.now = now
  }

  /** Writes a name into a cell of its own. Returns the number of the cell. */
  write(name: string): number {
    const length = Buffer.byteLength(name)
    const words = wordsFor(length)
    const cell = this.reuse(words) ?? this.grow(words)
    this.bytes.writeUInt16LE(length, cell * 4)
    this.bytes.write(name, cell * 4 + 2)
    return cell
  }

  free(cell: number): void {
    const words = wordsFor(this.bytes.readUInt16LE(cell * 4))
    const cells = this.bySize.get(words) ?? new Numbers(0, 'names', this.now)
    this.bySize.set(words, cells)
    cells.giveBack(cell)
  }

  private reuse(words: number): number | null {
    return this.bySize.get(words)?.takeUsed() ?? null
  }

  private grow(words: number): number {
    const cell = this.end
    if ((cell + words) * 4 > this.bytes.length) throw new KeyTableFull('bytes of names', this.bytes.length)
    this.end += words
    return cell
  }
}

/** Few sizes, so that what one name leaves behind fits another. The largest has room for 100 characters of four bytes. */
const CELL_WORDS = [3, 4, 6, 8, 12, 16, 32, 101]

function wordsFor(bytes: number): number {
  return CELL_WORDS.find((words) => words * 4 >= bytes + 2) ?? (bytes + 5) >>> 2
}
