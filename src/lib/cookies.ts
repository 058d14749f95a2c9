/** The value of a cookie of that name in a `Cookie` field (RFC 6265, section 5.4); undefined if it is not there. The first of several counts. */
export function cookieValue(field: string, name: string): string | undefined {
  for (const pair of field.split(';')) {
    const equals = pair.indexOf('=')
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}
