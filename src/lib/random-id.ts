import { randomBytes } from 'node:crypto'

/** Identifiers of our making. Apart from their schema (`model/id.ts`), so that a command line loads no schemas. */

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Makes a new id. */
export function newId(): string {
  return randomText(20)
}

/** Makes an id that sorts by `ordinal`, below 2^20, before its 80 random bits. */
export function orderedId(ordinal: number): string {
  const prefix = [15, 10, 5, 0].map((shift) => ALPHABET.charAt((ordinal >>> shift) & 31)).join('')
  return prefix + randomText(16)
}

function randomText(length: number): string {
  let text = ''
  for (const byte of randomBytes(length)) text += ALPHABET.charAt(byte & 31)
  return text
}
