/**
 * The one canonical form of a request path, computed once, before routing, and used by router, plugins, logs and backend
 * alike, so that no two of them can read the same bytes in two ways (RFC 3986, section 6.2.2).
 *
 * Percent-encoded unreserved characters are decoded, other triplets get upper-case digits, dot segments and empty segments
 * are removed, a trailing slash stays.
 */

/** Cheap test for paths that may need work: all others are canonical as they are. */
const SUSPECT = /[%;\\]|\/\/|\/\./

/** Refused outright: what backends are known to decode once more into a separator or the end of a string. */
const DANGEROUS_TRIPLETS = new Set(['2F', '5C', '00'])

/** `..;` and its kin: a path parameter on a dot segment, which some servers strip before they resolve the dots. */
const DOT_SEGMENT_WITH_PARAMETER = /^\.{1,2}(?:;|%3B)/

/**
 * Returns the canonical form of a path that begins with `/`, or null where it must be refused: `%2F`, `%5C`, `%00`, `\`,
 * `..;`, invalid percent or UTF-8 sequences, and paths that climb over the root.
 */
export function canonicalPath(path: string): string | null {
  if (!SUSPECT.test(path)) return path
  if (path.includes('\\')) return null
  const decoded = path.includes('%') ? normaliseTriplets(path) : path
  return decoded === null ? null : removeDotSegments(decoded)
}

/** Decodes what is unreserved and upper-cases the digits of the rest. */
function normaliseTriplets(path: string): string | null {
  let result = ''
  let end = 0
  for (let at = path.indexOf('%'); at !== -1; at = path.indexOf('%', end)) {
    const digits = path.slice(at + 1, at + 3).toUpperCase()
    if (!/^[0-9A-F]{2}$/.test(digits) || DANGEROUS_TRIPLETS.has(digits)) return null
    const character = String.fromCharCode(Number.parseInt(digits, 16))
    result += path.slice(end, at) + (/[A-Za-z0-9\-._~]/.test(character) ? character : `%${digits}`)
    end = at + 3
  }
  result += path.slice(end)
  return isUtf8(result) ? result : null
}

function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false // the only error that decodeURIComponent has: a sequence that is not UTF-8
  }
}

/** RFC 3986, section 5.2.4, with empty segments dropped too; null if `..` climbs over the root. */
function removeDotSegments(path: string): string | null {
  const kept: string[] = []
  const segments = path.split('/')
  for (const segment of segments) {
    if (DOT_SEGMENT_WITH_PARAMETER.test(segment)) return null
    if (segment === '..' && kept.pop() === undefined) return null
    if (segment !== '' && segment !== '.' && segment !== '..') kept.push(segment)
  }
  const last = segments.at(-1)
  const isFolder = last === '' || last === '.' || last === '..'
  return kept.length === 0 ? '/' : `/${kept.join('/')}${isFolder ? '/' : ''}`
}
