import { isIPv4, isIPv6 } from 'node:net'
import { plainAddress } from '../peer.ts'

/**
 * The PROXY protocol, versions 1 and 2: what a balancer says of the client before the client's own bytes
 * (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt).
 */
export interface ProxyHeader {
  /** How many bytes it takes. */
  readonly length: number
  /** Of the client; null where the balancer speaks for itself (a health check), or does not know. */
  readonly address: string | null
}

/** More bytes are needed. */
export const INCOMPLETE = 'incomplete'
/** It is no such header. There is no telling what the rest is, so the connection ends. */
export const MALFORMED = 'malformed'

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const PREFIX = Buffer.from('PROXY ', 'latin1')
/** The longest line of version 1, with CR and LF. */
const MAX_LINE_BYTES = 107
const FIXED_BYTES = 16
/** What follows the addresses in version 2 is not read, but waited for. */
const MAX_VARIABLE_BYTES = 4096

/** The most bytes that have to be kept until a header is whole. */
export const MAX_HEADER_BYTES = FIXED_BYTES + MAX_VARIABLE_BYTES

/** Reads the header at the beginning of `bytes`. */
export function readProxyHeader(bytes: Buffer): ProxyHeader | typeof INCOMPLETE | typeof MALFORMED {
  if (startsAlike(bytes, SIGNATURE)) return bytes.length < FIXED_BYTES ? INCOMPLETE : readBinary(bytes)
  if (startsAlike(bytes, PREFIX)) return readLine(bytes)
  return MALFORMED
}

/** Whether bytes begin as a mark does, as far as they go. */
function startsAlike(bytes: Buffer, mark: Buffer): boolean {
  const length = Math.min(bytes.length, mark.length)
  return bytes.compare(mark, 0, length, 0, length) === 0
}

function readLine(bytes: Buffer): ProxyHeader | typeof INCOMPLETE | typeof MALFORMED {
  const end = bytes.subarray(0, MAX_LINE_BYTES).indexOf('\r\n', 0, 'latin1')
  if (end === -1) return bytes.length < MAX_LINE_BYTES ? INCOMPLETE : MALFORMED
  const length = end + 2
  const words = bytes.toString('latin1', PREFIX.length, end).split(' ')
  // Whatever follows UNKNOWN is to be ignored.
  if (words[0] === 'UNKNOWN') return { length, address: null }
  const [family, source = '', destination = '', ...ports] = words
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : null
  const isWhole = isAddress?.(source) === true && isAddress(destination) && ports.length === 2 && ports.every(isPort)
  return isWhole && !source.includes('%') ? { length, address: plainAddress(source) } : MALFORMED
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535
}

const LOCAL = 0x20
const PROXY = 0x21
/** Bytes of both addresses and, for the internet families, both ports. */
const INET_BYTES = 12
const INET6_BYTES = 36
const UNIX_BYTES = 216

function readBinary(bytes: Buffer): ProxyHeader | typeof INCOMPLETE | typeof MALFORMED {
  const [command, family] = [bytes[12], bytes[13] ?? 0]
  const variable = bytes.readUInt16BE(14)
  if ((command !== LOCAL && command !== PROXY) || variable > MAX_VARIABLE_BYTES) return MALFORMED
  const length = FIXED_BYTES + variable
  if (bytes.length < length) return INCOMPLETE
  if (command === LOCAL) return { length, address: null }
  const content = bytes.subarray(FIXED_BYTES, length)
  switch (family) {
    case 0x00: // unspecified
      return { length, address: null }
    case 0x11: // TCP over IPv4
      return variable < INET_BYTES ? MALFORMED : { length, address: content.subarray(0, 4).join('.') }
    case 0x21: // TCP over IPv6
      return variable < INET6_BYTES ? MALFORMED : { length, address: plainAddress(ipv6Text(content)) }
    case 0x31: // a stream over a Unix socket
      return variable < UNIX_BYTES ? MALFORMED : { length, address: null }
    default:
      return MALFORMED
  }
}

/** The address of the first 16 bytes, in the form of RFC 5952. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16))
  const isMapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff'
  if (isMapped) return `::ffff:${bytes.subarray(12, 16).join('.')}`
  // The platform knows the form: it writes the host of a URL so.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
