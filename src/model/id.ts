import { randomBytes } from 'node:crypto'
import { Type } from 'typebox'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** What an id looks like: 20 characters of Crockford's base 32, of which 100 bits are random. */
export const Id = Type.String({
  title: 'Id',
  description: 'Identifier, made by Turnpike.',
  pattern: '^[0-9a-hjkmnp-tv-z]{20}$',
  examples: ['0h6qk2m9w4r8v1t5y3ne'],
})

/** Makes a new id. */
export function newId(): string {
  let id = ''
  for (const byte of randomBytes(20)) id += ALPHABET.charAt(byte & 31)
  return id
}
