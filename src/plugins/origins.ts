import type { Problem } from './plugin.ts'

/** Origins as settings name them: exact ones, all sub-domains of a host, or all. */

const ANY = '*'
/** Up to here a list is asked: a set has to hash every origin, which is a new text with each request. */
const FEW = 16

/** Makes the test whether an origin is allowed. Sub-domains are told by what stands before and behind the wildcard. */
export function originTest(origins: readonly string[]): (origin: string) => boolean {
  if (origins.includes(ANY)) return () => true
  const exact = origins.filter((origin) => !origin.includes(ANY))
  const isExact = exact.length > FEW ? hasTest(new Set(exact)) : (origin: string) => exact.includes(origin)
  const wildcards = origins
    .filter((origin) => origin.includes(ANY))
    .map((origin) => {
      const star = origin.indexOf(ANY)
      return { before: origin.slice(0, star), behind: origin.slice(star + 1) }
    })
  return (origin) =>
    isExact(origin) ||
    wildcards.some(
      ({ before, behind }) =>
        origin.length > before.length + behind.length &&
        origin.startsWith(before) &&
        origin.endsWith(behind) &&
        /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(origin.slice(before.length, origin.length - behind.length)),
    )
}

function hasTest(origins: ReadonlySet<string>): (origin: string) => boolean {
  return (origin) => origins.has(origin)
}

/** An origin as a browser writes it (RFC 6454, section 6.2): scheme, host in lower case, port unless it is the usual one. */
export function checkOrigin(origin: string, all: readonly string[], path: string): Problem[] {
  const problem = (message: string) => [{ path, message }]
  if (origin === ANY) return all.length > 1 ? problem('"*" allows all origins: leave the others out.') : []
  if (origin === 'null') return []
  const wildcard = /^([a-z][a-z0-9+.-]*:\/\/)\*\.(.+)$/.exec(origin)
  const plain = wildcard === null ? origin : `${wildcard[1]}${wildcard[2]}`
  const url = URL.parse(plain)
  if (url === null || plain.includes(ANY))
    return problem(
      `"${origin}" is not an origin: write https://app.example.com, or https://*.example.com for all its sub-domains.`,
    )
  const right = url.host === '' ? plain : `${url.protocol}//${url.host}`
  return right === plain
    ? []
    : problem(
        `"${origin}" is not as browsers write it: write "${origin.includes(ANY) ? right.replace('//', '//*.') : right}".`,
      )
}
