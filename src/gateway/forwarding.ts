import type { HeaderList } from '../lib/headers/header-list.ts'
import { forwardedAddress } from './peer.ts'

/** Where a request comes from, as backends are told. */
export interface Origin {
  readonly clientIp: string
  readonly scheme: 'http' | 'https'
  readonly lines: string
}

/**
 * What a trusted proxy at `address` says of the client: the last address in its chain that is not a trusted proxy's own is the
 * client. `version` is what the proxy speaks.
 */
export function claimedOrigin(
  claims: HeaderList,
  address: string,
  host: string,
  version: string,
  isTrusted: (address: string) => boolean,
): Origin {
  const chain = (claims.get('x-forwarded-for') ?? '')
    .split(',')
    .flatMap((entry) => forwardedAddress(entry.trim()) || [])
  const clientIp = chain.findLast((entry) => !isTrusted(entry)) ?? chain[0] ?? address
  const scheme = claims.get('x-forwarded-proto') === 'https' ? 'https' : 'http'
  const claimedHost = claims.get('x-forwarded-host') ?? host
  return { clientIp, scheme, lines: forwardingLines([...chain, address].join(', '), scheme, claimedHost, version) }
}

/** The fields that tell the backend where a request comes from. Flat, so that writing them is one copy. */
export function forwardingLines(chain: string, scheme: string, host: string, version: string): string {
  const lines = `X-Forwarded-For: ${chain}\r\nX-Forwarded-Proto: ${scheme}\r\nX-Forwarded-Host: ${host}\r\nVia: ${version} gateway\r\n`
  return Buffer.from(lines, 'latin1').toString('latin1')
}
