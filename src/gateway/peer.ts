import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'

/** The other end of a client's connection, as far as it is known before the first byte of HTTP is read. */
export interface Peer {
  /** Of the client, or of the proxy that speaks for it; without brackets, IPv4 as such. `unix:` over a Unix socket. */
  readonly address: string
  readonly scheme: 'http' | 'https'
  /** What TLS says of it; null on a plain connection. */
  readonly tls: PeerTls | null
}

/** What a TLS handshake has settled. */
export interface PeerTls {
  /** Name that the client asked for (SNI), in lower case; empty where it named none. */
  readonly serverName: string
  /** As Node.js calls it: `TLSv1.3`. */
  readonly version: string
  readonly cipher: string
  /** What came of asking the client for a certificate; null where it was not asked. */
  readonly client: PeerCertificates | null
}

/** What a client has shown of itself. */
export interface PeerCertificates {
  /** The client's own first, then those that it sent along, each the issuer of the one before. Empty where it has shown none. */
  readonly chain: readonly X509Certificate[]
  /** Why TLS does not take the chain (for any of the authorities of this host); null where it does. */
  readonly error: string | null
}

/** The address of peers on a Unix socket, who have none. */
export const UNIX_PEER = 'unix:'

/** The peer of a connection without TLS. */
export function plainPeer(socket: Socket): Peer {
  return { address: plainAddress(socket.remoteAddress ?? ''), scheme: 'http', tls: null }
}

/** The peer of a connection over a Unix socket. */
export const unixPeer: Peer = { address: UNIX_PEER, scheme: 'http', tls: null }

/** IPv4 addresses that come in the IPv6 form, as themselves; those of one link without the name of the interface. */
export function plainAddress(address: string): string {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7)
  const zone = address.indexOf('%')
  return zone === -1 ? address : address.slice(0, zone)
}

/** The address in an entry of `X-Forwarded-For`, which some proxies write with a port: `192.0.2.1:80`, `[2001:db8::1]:80`. */
export function forwardedAddress(entry: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(entry)?.[1]
  if (bracketed !== undefined) return plainAddress(bracketed)
  return plainAddress(/^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(entry)?.[1] ?? entry)
}
