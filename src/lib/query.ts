/**
 * The values of a query parameter by its decoded name, joined by commas; undefined where there is none. Decodes as forms
 * do (WHATWG URL, application/x-www-form-urlencoded), and only where there is something to decode.
 */
export function queryValues(query: string, name: string): string | undefined {
  let found: string | undefined
  for (let start = 0; start < query.length; ) {
    const next = query.indexOf('&', start)
    const end = next === -1 ? query.length : next
    const sign = query.indexOf('=', start)
    const nameEnd = sign === -1 || sign > end ? end : sign
    if (end > start && isNamed(query, start, nameEnd, name)) {
      const value = decoded(query.slice(Math.min(nameEnd + 1, end), end))
      found = found === undefined ? value : `${found},${value}`
    }
    start = end + 1
  }
  return found
}

/** Compares in place: a client may send thousands of names that look as if they had to be decoded. */
function isNamed(query: string, start: number, end: number, name: string): boolean {
  let at = start
  for (let i = 0; i < name.length; i++) {
    const wanted = name.charCodeAt(i)
    if (wanted > LAST_ASCII) return decoded(query.slice(start, end)) === name
    if (at >= end) return false
    let code = query.charCodeAt(at)
    const byte = code === PERCENT ? hexByte(query, at + 1, end) : -1
    if (byte !== -1) code = byte
    else if (code === PLUS) code = SPACE
    // A byte beyond ASCII is part of a character that is none.
    if (code !== wanted) return false
    at += byte === -1 ? 1 : 3
  }
  return at === end
}

/** The byte that two hexadecimal digits stand for; -1 where there are none. */
function hexByte(text: string, at: number, end: number): number {
  if (at + 2 > end) return -1
  const [high, low] = [hexDigit(text.charCodeAt(at)), hexDigit(text.charCodeAt(at + 1))]
  return high === -1 || low === -1 ? -1 : high * 16 + low
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

const PERCENT = 0x25
const PLUS = 0x2b
const SPACE = 0x20
const LAST_ASCII = 0x7f

function isEncoded(text: string): boolean {
  return text.includes('%') || text.includes('+')
}

function decoded(text: string): string {
  // Only a pair of nothing but a value can hold any text: in a name, "=" would end it.
  return isEncoded(text) ? (new URLSearchParams(`=${text}`).get('') ?? '') : text
}
