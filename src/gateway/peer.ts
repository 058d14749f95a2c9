import type { Socket } from 'node:net'
import type { ExchangeTls } from '../plugins/plugin.ts'

/** The other end of a client's connection, as far as it is known before the first byte of HTTP is read. */
export interface Peer {
  /** Of the client, or of the proxy that speaks for it; without brackets, IPv4 as such. `unix:` over a Unix socket. */
  readonly address: string
  readonly scheme: 'http' | 'https'
  /** What TLS says of it; null on a plain connection. */
  readonly tls: PeerTls | null
}

/** What a TLS handshake has settled. */
export interface PeerTls extends ExchangeTls {
  /** As standards call it: `TLS_AES_128_GCM_SHA256`. */
  readonly cipher: string
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
