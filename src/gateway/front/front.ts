import { createServer, type Server as NetServer, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type NetworkSet, networkSet } from '../../lib/network-set.ts'
import type { TimeWheel } from '../../lib/time-wheel.ts'
import { type Peer, plainPeer, UNIX_PEER, unixPeer } from '../peer.ts'
import { readBuffer, readInto } from '../read-buffer.ts'
import { PROTOCOLS } from './alpn.ts'
import type { Certificates, TlsOptions } from './certificates.ts'
import { ACME_TLS, type Challenges } from './challenges.ts'
import type { ClientHello } from './client-hello.ts'
import { PlainOpening } from './plain-opening.ts'
import { type TlsChoice, TlsOpening, type TlsOpeningContext } from './tls-opening.ts'
import { readTlsInto } from './tls-reads.ts'

/** Where connections come from. */
export interface FrontSettings {
  readonly host: string
  readonly port: number
  /** Of TLS; null for none. */
  readonly tls: (TlsOptions & { readonly host: string; readonly port: number }) | null
  /** A Unix socket that is listened on as well; null for none. */
  readonly socketPath: string | null
  /** Balancers that begin with a header of the PROXY protocol: addresses, CIDR ranges, `unix`. */
  readonly proxyProtocol: readonly string[]
  /** From a connection to the end of its TLS handshake. */
  readonly handshakeTimeoutMs: number
  /** Most handshakes under way; more connections are closed at once. */
  readonly maxHandshakes: number
}

/** Takes what has come from a client: the first `size` bytes of `chunk`, which are only valid during the call. */
export type TakeBytes = (chunk: Buffer, size: number) => void

/** What accepting needs of its worker. */
export interface FrontContext {
  /** What authorities are answered; null where none is expected. */
  readonly challenges: Challenges | null
  readonly wheel: TimeWheel
  /** Whether one more connection may be taken. */
  hasRoom(): boolean
  /** Takes a connection that is ready for HTTP, of the version that was agreed on, or that its first bytes tell. */
  open(socket: Socket, peer: Peer): TakeBytes
  /** The authorities, in PEM, by one of which clients of a host are to have a certificate. */
  authoritiesOf(host: string): readonly string[]
  /** Whether a stage is served under a host. */
  isServed(host: string): boolean
  /** A connection that was being opened is not any more. */
  onSettled(): void
}

/** Accepts the connections of a worker: plain ones and those of TLS, by TCP and by a Unix socket, with or without a balancer before them. */
export class Front implements TlsOpeningContext {
  private readonly settings: FrontSettings
  private readonly context: FrontContext
  private readonly certificates: Certificates | null
  private readonly balancers: PeerSet
  private readonly listeners: NetServer[] = []
  private readonly plainOpenings = new Set<PlainOpening>()
  private readonly tlsOpenings = new Set<TlsOpening>()

  constructor(settings: FrontSettings, certificates: Certificates | null, context: FrontContext) {
    this.settings = settings
    this.certificates = certificates
    this.context = context
    this.balancers = new PeerSet(settings.proxyProtocol)
  }

  /** Begins to listen. Resolves when all listeners accept connections. */
  async listen({ isPortShared, hasSocket }: { isPortShared: boolean; hasSocket: boolean }): Promise<void> {
    const { host, port, tls, socketPath } = this.settings
    const shared = { reusePort: isPortShared, backlog: BACKLOG }
    await Promise.all([
      this.listenOn({ host, port, ...shared }, (accepted) => this.acceptPlain(accepted, plainPeer(accepted))),
      ...(tls === null ? [] : [this.listenOn({ host: tls.host, port: tls.port, ...shared }, this.acceptTls)]),
      ...(socketPath === null || !hasSocket
        ? []
        : [this.listenOn({ path: socketPath, backlog: BACKLOG }, (accepted) => this.acceptPlain(accepted, unixPeer))]),
    ])
  }

  /** Accepts no more. What is being opened goes on. */
  close(): void {
    for (const listener of this.listeners) listener.close()
  }

  /** Connections that are not ready for HTTP yet. */
  get openings(): number {
    return this.plainOpenings.size + this.tlsOpenings.size
  }

  private async listenOn(at: object, accept: (accepted: Socket) => void): Promise<void> {
    const listener = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, accept)
    this.listeners.push(listener)
    const { promise, resolve } = Promise.withResolvers<void>()
    listener.listen(at, resolve)
    await promise
  }

  private acceptPlain(accepted: Socket, peer: Peer): void {
    if (!this.context.hasRoom()) return void accepted.destroy()
    if (!this.balancers.isEmpty && this.balancers.has(peer.address)) return this.awaitHeader(accepted, peer)
    const socket = readInto(accepted, (size) => take(readBuffer, size))
    const take = this.context.open(socket, peer)
  }

  private awaitHeader(accepted: Socket, peer: Peer): void {
    let read = (size: number) => opening.read(size)
    const socket = readInto(accepted, (size) => read(size))
    const settle = () => {
      this.context.wheel.remove(opening)
      this.plainOpenings.delete(opening)
      this.context.onSettled()
    }
    const onHeader = (address: string | null, rest: Buffer) => {
      const take = this.context.open(socket, { ...peer, address: address ?? peer.address })
      read = (size) => take(readBuffer, size)
      settle()
      if (rest.length > 0) take(rest, rest.length)
    }
    const opening = new PlainOpening(socket, onHeader, settle)
    this.plainOpenings.add(opening)
    this.context.wheel.schedule(opening, this.settings.handshakeTimeoutMs)
  }

  private readonly acceptTls = (accepted: Socket) => {
    const isFull = this.tlsOpenings.size >= this.settings.maxHandshakes
    if (isFull || !this.context.hasRoom()) return void accepted.destroy()
    const hasHeader = !this.balancers.isEmpty && this.balancers.has(plainPeer(accepted).address)
    const opening = new TlsOpening(accepted, hasHeader, this)
    this.tlsOpenings.add(opening)
    this.context.wheel.schedule(opening, this.settings.handshakeTimeoutMs)
  }

  choose(hello: ClientHello): TlsChoice | null {
    const { context } = this
    const { serverName, ticketKey } = hello
    const challenge = context.challenges?.choiceFor(hello) ?? null
    if (challenge !== null) return challenge
    const identity = this.certificates?.find(
      serverName,
      context.authoritiesOf(serverName),
      context.isServed(serverName),
      ticketKey,
    )
    return identity ? { identity, protocols: PROTOCOLS } : null
  }

  onSecure(socket: TLSSocket, peer: Peer): void {
    // An authority has seen what it came for.
    if (socket.alpnProtocol === ACME_TLS) return void socket.destroySoon()
    const take = this.context.open(socket, peer)
    readTlsInto(socket, (size) => take(readBuffer, size))
  }

  onSettled(opening: TlsOpening): void {
    this.context.wheel.remove(opening)
    this.tlsOpenings.delete(opening)
    this.context.onSettled()
  }
}

/** More than any burst of connections that one worker takes between two turns of its loop. */
const BACKLOG = 4096

/** Peers by their addresses, `unix` for those on a Unix socket. */
export class PeerSet {
  readonly isEmpty: boolean
  private readonly networks: NetworkSet
  private readonly hasUnix: boolean

  constructor(list: readonly string[]) {
    this.isEmpty = list.length === 0
    this.hasUnix = list.includes('unix')
    this.networks = networkSet(list.filter((entry) => entry !== 'unix'))
  }

  has(address: string): boolean {
    return address === UNIX_PEER ? this.hasUnix : this.networks.has(address)
  }
}
