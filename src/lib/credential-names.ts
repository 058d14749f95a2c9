/**
 * Names under which requests carry credentials, as far as they can be known from the name alone. What is found here is never
 * shown: too much that is hidden costs somebody a look elsewhere, too little costs an account.
 */

/** Parts of names that say so wherever they stand: `x-auth-token`, `clientSecret`, `session_id`. */
const TELLING =
  /token|secret|passw|passphrase|credential|authori[sz]ation|signature|cookie|session|api[-_.]?key|apikey|access[-_.]?key|private[-_.]?key|jwt|bearer|assertion/
/** Names that only say so as a whole. */
const NAMES = new Set(['auth', 'code', 'key', 'sig', 'sid', 'pwd', 'pass', 'pin', 'otp', 'x-auth', 'nonce', 'x-key'])

/** Words that say so wherever they stand between others: `subscription-key`, `userPwd`, `x_otp`. */
const TELLING_WORD = /^(?:pass|pwd|auth|sig|sid|code|otp|pin)$|key$/
/** What only looks like one: it names a request, and lets nobody in. */
const HARMLESS = new Set(['idempotency-key', 'x-idempotency-key'])

/** Whether a field or a query parameter of this name carries a credential. */
export function isCredentialName(name: string): boolean {
  const lower = name.toLowerCase()
  if (NAMES.has(lower) || TELLING.test(lower)) return true
  return !HARMLESS.has(lower) && wordsOf(name).some((word) => TELLING_WORD.test(word))
}

/** `userPwd`, `user-pwd` and `USER_PWD` alike are two words. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
}

/** What stands in the place of a credential. */
export const MASK = '***'

/** A query (without its question mark) whose values under names that `isSecret` names are masked, and parts without a name; all else stays as it is written. */
export function maskQuery(query: string, isSecret: (name: string) => boolean, mask = MASK): string {
  if (query === '') return query
  let masked = ''
  for (let start = 0; start <= query.length; ) {
    const next = query.indexOf('&', start)
    const end = next === -1 ? query.length : next
    const sign = query.indexOf('=', start)
    const nameEnd = sign === -1 || sign > end ? end : sign
    const name = query.slice(start, nameEnd)
    if (start > 0) masked += '&'
    // A part without a value may be a credential just as well: `?SECRET`.
    if (nameEnd === end) masked += name === '' ? '' : mask
    else masked += isSecretName(name, isSecret) ? `${name}=${mask}` : query.slice(start, end)
    start = end + 1
  }
  return masked
}

/** A URL, or a part of one from its path on, with the query masked, and without user name, password and fragment. */
export function maskUrl(url: string, isSecret: (name: string) => boolean): string {
  if (!MAY_SHOW.test(url)) return url
  const bare = url.replace(USER_INFO, '$1').replace(FRAGMENT, '')
  const mark = bare.indexOf('?')
  return mark === -1 ? bare : `${bare.slice(0, mark + 1)}${maskQuery(bare.slice(mark + 1), isSecret)}`
}

/** What every query, fragment and user name has. */
const MAY_SHOW = /[?#@]/
const FRAGMENT = /#.*$/s
const USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/|\/\/)[^/?#]*@/i

/** Decoded only where there is something to decode; what cannot be decoded is taken for one. */
function isSecretName(name: string, isSecret: (name: string) => boolean): boolean {
  if (!name.includes('%') && !name.includes('+')) return isSecret(name)
  try {
    return isSecret(decodeURIComponent(name.replaceAll('+', ' ')))
  } catch {
    return true // a % that is not followed by two hexadecimal digits, or bytes that are not UTF-8
  }
}
