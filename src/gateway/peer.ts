import type { Socket } from 'node:net'

/** The other end of a client's connection, as far as it is known before the first byte of HTTP is read. */
export interface Peer {
  /** Of the client, or of the proxy that speaks for it; without brackets, IPv4 as such. */
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
}

/** The peer of a connection without TLS. */
export function plainPeer(socket: Socket): Peer {
  return { address: plainAddress(socket.remoteAddress ?? ''), scheme: 'http', tls: null }
}

/** IPv4 addresses that come in the IPv6 form, as themselves. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
