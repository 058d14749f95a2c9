import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Timed } from '../../lib/time-wheel.ts'
import type { PeerCertificates } from '../../plugins/plugin.ts'
import { type Peer, plainPeer } from '../peer.ts'
import type { Identity } from './certificates.ts'
import { type ClientHello, INCOMPLETE, MAX_HELLO_BYTES, readClientHello, UNREADABLE } from './client-hello.ts'
import * as proxy from './proxy-protocol.ts'

/** What a connection that is about to speak TLS needs of its worker. */
export interface TlsOpeningContext {
  /** The certificate and protocols for what a client asks; null where there is none, and the connection ends. */
  choose(hello: ClientHello): TlsChoice | null
  /** The handshake is complete. The socket has not been read from. */
  onSecure(socket: TLSSocket, peer: Peer): void
  /** Called once, when the handshake is complete or has failed. */
  onSettled(opening: TlsOpening): void
}

/** How a handshake is to go on. */
export interface TlsChoice {
  readonly identity: Identity
  readonly protocols: readonly string[]
}

const NO_HELLO: ClientHello = { serverName: '', protocols: [], ticketKey: '' }

/** With the header of a balancer before it. */
const MAX_BYTES = MAX_HELLO_BYTES * 2 + proxy.MAX_HEADER_BYTES

/**
 * A connection from its first byte to the end of its TLS handshake:
 *
 *   (PROXY header) ──► ClientHello ──► handshake ──► onSecure
 *
 * All of it has to be done by one deadline.
 */
export class TlsOpening extends Timed {
  private readonly accepted: Socket
  private readonly context: TlsOpeningContext
  private isHeaderDue: boolean
  /** Of the client, where the balancer has said it. */
  private address: string
  private readonly chunks: Buffer[] = []
  private received = 0
  private secured: TLSSocket | null = null
  private isSettled = false

  /** `hasHeader`: whether the peer is a balancer, which begins with a header of the PROXY protocol. */
  constructor(accepted: Socket, hasHeader: boolean, context: TlsOpeningContext) {
    super()
    this.accepted = accepted
    this.context = context
    this.isHeaderDue = hasHeader
    this.address = plainPeer(accepted).address
    accepted.on('data', this.onData)
    // What matters of an error is that the connection is gone, which `close` tells.
    accepted.on('error', () => accepted.destroy())
    accepted.on('end', this.onEnd)
    accepted.on('close', () => this.settle())
    accepted.resume()
  }

  override onDeadline(): void {
    this.end()
  }

  private readonly onEnd = () => {
    this.end()
  }

  private readonly onData = (chunk: Buffer) => {
    this.chunks.push(chunk)
    this.received += chunk.length
    if (this.received > MAX_BYTES) return this.end()
    const [first = chunk] = this.chunks
    const bytes = this.chunks.length === 1 ? first : Buffer.concat(this.chunks, this.received)
    const rest = this.isHeaderDue ? this.withoutHeader(bytes) : bytes
    if (rest === null || rest.length === 0) return
    const hello = readClientHello(rest)
    if (hello !== INCOMPLETE) this.shakeHands(hello === UNREADABLE ? NO_HELLO : hello, rest)
  }

  /** What follows the header of the balancer; null where there is nothing to go on with. */
  private withoutHeader(bytes: Buffer): Buffer | null {
    const header = proxy.readProxyHeader(bytes)
    if (header === proxy.INCOMPLETE) return null
    if (header === proxy.MALFORMED) {
      this.end()
      return null
    }
    this.isHeaderDue = false
    this.address = header.address ?? this.address
    const rest = bytes.subarray(header.length)
    this.chunks.splice(0, this.chunks.length, rest)
    this.received = rest.length
    return rest
  }

  /** Hands the connection to TLS, from its first byte on. */
  private shakeHands(hello: ClientHello, bytes: Buffer): void {
    const { accepted } = this
    accepted.off('data', this.onData)
    accepted.off('end', this.onEnd)
    accepted.pause()
    const choice = this.context.choose(hello)
    if (choice === null) return this.end()
    accepted.unshift(bytes)
    const { identity, protocols } = choice
    const secured = new TLSSocket(accepted, {
      isServer: true,
      secureContext: identity.context,
      ALPNProtocols: [...protocols],
      requestCert: identity.isClientAsked,
      // Who shows none, or a bad one, is told so by HTTP, where it can be read.
      rejectUnauthorized: false,
    })
    this.secured = secured
    secured.on('error', () => secured.destroy())
    secured.once('close', () => this.settle())
    secured.once('secure', () => this.onSecure(secured, hello, identity))
  }

  private onSecure(secured: TLSSocket, { serverName }: ClientHello, { isClientAsked }: Identity): void {
    if (this.isSettled) return
    this.settle()
    const tls = {
      serverName,
      version: secured.getProtocol() ?? '',
      cipher: secured.getCipher().standardName,
      client: isClientAsked ? certificatesOf(secured) : null,
    }
    this.context.onSecure(secured, { address: this.address, scheme: 'https', tls })
  }

  private end(): void {
    ;(this.secured ?? this.accepted).destroy()
    this.accepted.destroy()
    this.settle()
  }

  private settle(): void {
    if (this.isSettled) return
    this.isSettled = true
    this.context.onSettled(this)
  }
}

/** What the client has shown, and what TLS thinks of it. */
function certificatesOf(secured: TLSSocket): PeerCertificates {
  const chain: X509Certificate[] = []
  for (let one = secured.getPeerX509Certificate(); one !== undefined; one = one.issuerCertificate) {
    // A root is its own issuer.
    if (chain.some(({ fingerprint256 }) => fingerprint256 === one?.fingerprint256)) break
    chain.push(one)
  }
  // `authorized` is set by `tls.Server` alone; this is what it is set from.
  const handle = (secured as unknown as { _handle: { verifyError(): (Error & { code?: string }) | null } })._handle
  const error = handle.verifyError()
  return { chain, error: chain.length === 0 || error === null ? null : (error.code ?? error.message) }
}
