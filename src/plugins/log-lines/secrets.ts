import { isCredentialName, MASK, maskUrl } from '../../lib/credential-names.ts'
import type { CredentialPlaces, Exchange } from '../plugin.ts'
import { resolveVariable } from '../variables.ts'

/** What no line of the access log shows. */

/** Names of secrets of requests, and whether a field or a parameter is one. */
export interface SecretNames {
  isHeader(name: string): boolean
  isQuery(name: string): boolean
}

export function secretNames({ headers, query }: CredentialPlaces): SecretNames {
  const ofHeaders = new Set(headers.map((name) => name.toLowerCase()))
  const ofQuery = new Set(query)
  return {
    isHeader: (name) => ofHeaders.has(name.toLowerCase()) || isCredentialName(name),
    isQuery: (name) => ofQuery.has(name) || isCredentialName(name),
  }
}

/** The `Referer` as it may be shown. */
export function refererOf(x: Exchange, secrets: SecretNames): string | undefined {
  const referer = x.request.headers.get('referer')
  return referer === undefined ? undefined : maskUrl(referer, secrets.isQuery)
}

const HEADER = 'request.header.'
const QUERY = 'request.queryString.'

/** How a context variable is read for a log: those that hold credentials are masked, whatever else they hold. */
export function loggedVariable(variable: string, secrets: SecretNames): ReturnType<typeof resolveVariable> {
  const read = resolveVariable(variable)
  if (read === null) return null
  const masked = (x: Exchange) => (read(x) === undefined ? undefined : MASK)
  if (variable.startsWith(HEADER)) {
    const header = variable.slice(HEADER.length)
    if (secrets.isHeader(header)) return masked
    // A field that holds a URL can hold a credential in its query.
    if (header.toLowerCase() === 'referer') return (x) => refererOf(x, secrets)
  }
  if (variable.startsWith(QUERY) && secrets.isQuery(variable.slice(QUERY.length))) return masked
  if (variable === 'request.uri') return (x) => maskUrl(x.request.rawTarget, secrets.isQuery)
  return read
}

/** The context variable of a template that names a credential by what it is called; null where none does. */
export function credentialVariable(variable: string): string | null {
  for (const family of [HEADER, QUERY])
    if (variable.startsWith(family) && isCredentialName(variable.slice(family.length)))
      return variable.slice(family.length)
  return null
}
