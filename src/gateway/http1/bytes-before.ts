import { readBuffer } from '../read-buffer.ts'

/**
 * A part of the message before, to be compared with the next one. Most clients send the same fields again and again, and
 * most answers of a backend within a second differ in nothing but their bodies; comparing costs a tenth of reading. Kept only where two
 * in a row were equally long, and for a while no longer tried where they differ all the same.
 */
export class BytesBefore {
  private kept: KeptBytes | null = null
  /** Whether others have them too: then they are never written over. */
  private isShared = false
  private isKept = false
  /** Of the one that was read last. */
  private length = -1
  private misses = 0
  /** How many have not been kept since there were too many misses. */
  private passed = 0

  /** Where the same bytes stand at `start`, their end; else -1. */
  match(bytes: Buffer, start: number, end: number): number {
    const { kept } = this
    if (!this.isKept || kept === null || start + kept.bytes.length > end) return -1
    const { bytes: before, view } = kept
    const { length } = before
    const other = bytes === readBuffer ? readView : viewOf(bytes)
    let at = 0
    // Eight bytes at a time. Two numbers are equal only where their bytes are: what is kept has no NUL, so it is neither of the two zeros.
    while (at + 8 <= length && view.getFloat64(at) === other.getFloat64(start + at)) at += 8
    while (at < length && before[at] === bytes[start + at]) at++
    if (at === length) {
      this.misses = 0
      return start + length
    }
    this.misses++
    return -1
  }

  /** Remembers what stands from `start` to `end`, which has been read and found good. Returns whether it has. */
  keep(bytes: Buffer, start: number, end: number): boolean {
    const length = end - start
    const isLikely = length === this.length && length <= MAX_KEPT_BYTES && this.isWorthTrying()
    this.length = length
    if (!isLikely) return false
    if (this.kept === null || this.isShared || this.kept.bytes.length !== length) {
      const own = Buffer.allocUnsafe(length)
      this.kept = { bytes: own, view: viewOf(own) }
      this.isShared = false
    }
    bytes.copy(this.kept.bytes, 0, start, end)
    this.isKept = true
    return true
  }

  /** Gives what is kept, and has just matched, to others too. */
  share(): KeptBytes {
    if (this.kept === null) throw new Error('nothing is kept')
    this.isShared = true
    return this.kept
  }

  /** Compares with these from now on, which are the same as what is kept. */
  use(bytes: KeptBytes): void {
    this.kept = bytes
    this.isShared = true
  }

  private isWorthTrying(): boolean {
    if (this.misses < MAX_MISSES) return true
    if (++this.passed < REST) return false
    this.passed = 0
    this.misses = 0
    return true
  }

  /** Drops it: what has been read since is something else. */
  forget(): void {
    this.isKept = false
  }
}

/** Bytes that messages are compared with. */
export interface KeptBytes {
  readonly bytes: Buffer
  readonly view: DataView
}

const MAX_KEPT_BYTES = 2_048
const MAX_MISSES = 8
/** So many messages later it is tried again. */
const REST = 1_000

const readView = viewOf(readBuffer)

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}
