import type { LastFound } from './key-memory.ts'

/** The most characters of a value that is kept: keys are shorter. */
const MOST_LENGTH = 256

/**
 * The digest of the value that a connection showed last. Most show one key again and again, and the digest of it costs more than
 * all else that is done with it.
 */
export class LastDigest {
  private value = ''
  private digest = ''
  /** Where it was found. */
  readonly found: LastFound = { digest: '', record: 0, moves: -1 }

  /** The digest of a value: `make` makes it where it is another one than last. */
  of(value: string, make: (value: string) => string): string {
    if (value === '' || value.length > MOST_LENGTH) return make(value)
    if (isSame(value, this.value)) return this.digest
    this.digest = make(value)
    // A copy: what came is a part of the head of its request, all of which it would hold on to.
    this.value = Buffer.from(value, 'latin1').toString('latin1')
    return this.digest
  }
}

/**
 * Compares in a time that does not tell how much is the same: on a connection of a proxy there are keys of many clients, and one
 * of them could try those of another.
 */
function isSame(value: string, other: string): boolean {
  if (value.length !== other.length) return false
  let difference = 0
  for (let i = 0; i < value.length; i++) difference |= value.charCodeAt(i) ^ other.charCodeAt(i)
  return difference === 0
}
