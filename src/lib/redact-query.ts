/** Words in the names of parameters whose values are nobody's business, whatever reads them. */
const TELLING =
  /^(?:pass|passphrase|pwd|auth|authorization|sig|sid|code|otp|pin)$|(?:key|token|secret|password|passwd|signature|credentials?|jwt)$|^(?:session|token|secret|passw)/

const REDACTED = 'REDACTED'

/**
 * A query that can be told: the values of parameters with telling names, and of those that `names` has, are left out. Its
 * parts stay in their order.
 */
export function redactQuery(query: string, names: ReadonlySet<string>): string {
  if (query === '') return query
  return query
    .split('&')
    .map((part) => {
      const mark = part.indexOf('=')
      // A name alone may be a credential just as well: `?SECRET`.
      if (mark === -1) return part === '' ? part : REDACTED
      const written = part.slice(0, mark)
      const name = decoded(written)
      const isSecret = name === null || names.has(name) || wordsOf(name).some((word) => TELLING.test(word))
      return isSecret ? `${written}=${REDACTED}` : part
    })
    .join('&')
}

/** `apiKey`, `api-key` and `API_KEY` alike are two words. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
}

/** Null for what cannot be decoded. */
function decoded(name: string): string | null {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return null // a % that is not followed by two hexadecimal digits, or bytes that are not UTF-8
  }
}
