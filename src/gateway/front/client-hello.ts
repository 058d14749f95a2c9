/**
 * The first message of a TLS handshake, read before TLS itself sees it: which name the client asks for and which protocols it
 * speaks decide about the certificate, and whether it is asked for one of its own (RFC 8446, section 4.1.2).
 */
export interface ClientHello {
  /** In lower case; empty where the client names none (RFC 6066, section 3). */
  readonly serverName: string
  /** Application protocols that it speaks (ALPN, RFC 7301). */
  readonly protocols: readonly string[]
  /** The name of the key that the session ticket which it brings was made with, in Latin-1; empty where it brings none. */
  readonly ticketKey: string
}

/** More bytes are needed. */
export const INCOMPLETE = 'incomplete'
/** It is not such a message: TLS itself may say so to the client. */
export const UNREADABLE = 'unreadable'

/** The largest message that is waited for; those of browsers, with keys that withstand quantum computers, have 2 KB. */
export const MAX_HELLO_BYTES = 16_384

const HANDSHAKE = 0x16
const CLIENT_HELLO = 0x01
const RECORD_HEADER = 5
const MESSAGE_HEADER = 4
const SERVER_NAME = 0
const ALPN = 16
const SESSION_TICKET = 35 // RFC 5077, section 3.2
const PRE_SHARED_KEY = 41 // RFC 8446, section 4.2.11: the tickets of TLS 1.3
/** Tickets of OpenSSL begin with it, as RFC 5077, section 4, proposes. */
const TICKET_KEY_NAME_BYTES = 16
const HOST_NAME = 0
const MAX_PROTOCOLS = 32

/** Reads the message at the beginning of `bytes`, which may be spread over several records. */
export function readClientHello(bytes: Buffer): ClientHello | typeof INCOMPLETE | typeof UNREADABLE {
  const message = messageOf(bytes)
  if (typeof message === 'string') return message
  try {
    return readMessage(new Reader(message))
  } catch (error) {
    if (error instanceof OutOfBounds) return UNREADABLE
    throw error
  }
}

/** The content of the first handshake message, without its header. */
function messageOf(bytes: Buffer): Buffer | typeof INCOMPLETE | typeof UNREADABLE {
  const parts: Buffer[] = []
  let length = 0
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== HANDSHAKE || (at + 1 < bytes.length && bytes[at + 1] !== 3)) return UNREADABLE
    if (at + RECORD_HEADER > bytes.length) return INCOMPLETE
    const end = at + RECORD_HEADER + bytes.readUInt16BE(at + 3)
    if (end === at + RECORD_HEADER) return UNREADABLE // records without content could come for ever
    const part = bytes.subarray(at + RECORD_HEADER, end)
    parts.push(part)
    length += part.length
    const whole = parts.length === 1 ? part : Buffer.concat(parts, length)
    if (whole[0] !== undefined && whole[0] !== CLIENT_HELLO) return UNREADABLE
    if (whole.length >= MESSAGE_HEADER) {
      const wanted = MESSAGE_HEADER + whole.readUIntBE(1, 3)
      if (wanted > MAX_HELLO_BYTES) return UNREADABLE
      if (whole.length >= wanted) return whole.subarray(MESSAGE_HEADER, wanted)
    }
    at = end
  }
  return INCOMPLETE
}

function readMessage(message: Reader): ClientHello {
  message.take(2 + 32) // version and random bytes
  message.take(message.number(1)) // session
  message.take(message.number(2)) // ciphers
  message.take(message.number(1)) // compressions
  if (message.isAtEnd) return { serverName: '', protocols: [], ticketKey: '' }
  const extensions = new Reader(message.take(message.number(2)))
  let serverName = ''
  let protocols: readonly string[] = []
  let ticketKey = ''
  while (!extensions.isAtEnd) {
    const type = extensions.number(2)
    const content = new Reader(extensions.take(extensions.number(2)))
    if (type === SERVER_NAME) serverName = readServerName(content)
    else if (type === ALPN) protocols = readProtocols(content)
    else if (type === SESSION_TICKET) ticketKey ||= content.beginning(TICKET_KEY_NAME_BYTES)
    else if (type === PRE_SHARED_KEY) ticketKey = readFirstTicket(content).beginning(TICKET_KEY_NAME_BYTES)
  }
  return { serverName, protocols, ticketKey }
}

function readServerName(content: Reader): string {
  if (content.isAtEnd) return ''
  const list = new Reader(content.take(content.number(2)))
  while (!list.isAtEnd) {
    const type = list.number(1)
    const name = list.take(list.number(2)).toString('latin1')
    if (type === HOST_NAME) return /^[A-Za-z0-9._-]{1,253}$/.test(name) ? name.toLowerCase() : ''
  }
  return ''
}

function readProtocols(content: Reader): string[] {
  const list = new Reader(content.take(content.number(2)))
  const protocols: string[] = []
  while (!list.isAtEnd && protocols.length < MAX_PROTOCOLS) protocols.push(list.take(list.number(1)).toString('latin1'))
  return protocols
}

/** Clients that have several begin with the one that they would rather use. */
function readFirstTicket(content: Reader): Reader {
  const list = new Reader(content.take(content.number(2)))
  return new Reader(list.take(list.number(2)))
}

/** A length that leads out of what it is in. */
class OutOfBounds extends Error {}

class Reader {
  private readonly bytes: Buffer
  private at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length
  }

  number(length: 1 | 2): number {
    return this.take(length).readUIntBE(0, length)
  }

  /** The first bytes, in Latin-1; empty where there are fewer. */
  beginning(length: number): string {
    return length > this.bytes.length ? '' : this.bytes.toString('latin1', 0, length)
  }

  take(length: number): Buffer {
    const end = this.at + length
    if (end > this.bytes.length) throw new OutOfBounds()
    const taken = this.bytes.subarray(this.at, end)
    this.at = end
    return taken
  }
}
