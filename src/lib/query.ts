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

function isNamed(query: string, start: number, end: number, name: string): boolean {
  if (end - start === name.length && query.startsWith(name, start) && !isEncoded(name)) return true
  const written = query.slice(start, end)
  return isEncoded(written) && decoded(written) === name
}

function isEncoded(text: string): boolean {
  return text.includes('%') || text.includes('+')
}

function decoded(text: string): string {
  // Only a pair of nothing but a value can hold any text: in a name, "=" would end it.
  return isEncoded(text) ? (new URLSearchParams(`=${text}`).get('') ?? '') : text
}
