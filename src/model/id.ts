import { randomBytes } from 'node:crypto'
import { Type } from 'typebox'
import { EXPECTED } from '../lib/expected.ts'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** What an id looks like: 20 characters of Crockford's base 32, of which 100 bits are random. */
export const Id = Type.String({
  title: 'Id',
  description: 'Identifier, made by Turnpike.',
  pattern: '^[0-9a-hjkmnp-tv-z]{20}$',
  [EXPECTED]: 'an id as Turnpike makes them: 20 lower-case letters and digits',
  examples: ['0h6qk2m9w4r8v1t5y3ne'],
})

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
