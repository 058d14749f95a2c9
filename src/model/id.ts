import { Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'

export { newId, orderedId } from '../lib/random-id.ts'

/** What an id looks like: 20 characters of Crockford's base 32, of which 100 bits are random. */
export const Id = Type.String({
  title: 'Id',
  description: 'Identifier, made by Turnpike.',
  pattern: '^[0-9a-hjkmnp-tv-z]{20}$',
  [EXPECTED]: 'an id as Turnpike makes them: 20 lower-case letters and digits',
  examples: ['0h6qk2m9w4r8v1t5y3ne'],
})
