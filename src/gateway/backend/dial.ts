import { connect, isIP, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net'
import { normalize } from 'node:path'
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'
import { ForbiddenAddress } from '../../lib/checked-lookup.ts'
import { isForbiddenAddress } from '../../lib/forbidden-address.ts'
import type { BackendTls } from '../../model/backend.ts'
import type { Target } from './target.ts'

/** What the operator of the process lets backends be. */
export interface BackendPermissions {
  /** Folders whose Unix sockets may be backends. */
  readonly socketFolders: readonly string[]
}

/** A name that is watched: `lookup` gives its addresses. */
export interface WatchedName {
  readonly lookup: LookupFunction
  /** Ends the watching. */
  close(): void
}

/** What makes the sockets to one target. */
export interface DiallerParts {
  readonly target: Target
  /** With the key in clear. */
  readonly tls: BackendTls | null
  /** Null for an address, and for the system's own way. */
  readonly name: WatchedName | null
  readonly permissions: BackendPermissions
}

/** Why a target may not be connected to; null where it may. */
export function refusalOf({ socketPath, hostname }: Target, { socketFolders }: BackendPermissions): string | null {
  if (socketPath !== null) {
    const isAllowed = socketFolders.some((folder) => normalize(socketPath).startsWith(`${folder.replace(/\/+$/, '')}/`))
    return isAllowed
      ? null
      : `the Unix socket ${socketPath} may not be a backend here: allow its folder with --unix-backends, or use another backend`
  }
  return isIP(hostname) !== 0 && isForbiddenAddress(hostname) ? new ForbiddenAddress(hostname).message : null
}

/** How sockets to one target are made. */
export class Dialler {
  readonly target: Target
  private readonly tls: BackendTls | null
  private readonly name: WatchedName | null
  private readonly refusal: string | null
  private readonly context: SecureContext | null
  /** The TLS session of the last connection, which the next one takes up again. */
  private session: Buffer | null = null

  /** Throws if the certificates or the key cannot be used. */
  constructor({ target, tls, name, permissions }: DiallerParts) {
    this.target = target
    this.tls = tls
    this.name = name
    this.refusal = refusalOf(target, permissions)
    this.context = target.isTls ? secureContext(tls) : null
  }

  /**
   * Opens a socket to the target; it is ready when it says `connect`, or `secureConnect` where the target has TLS. `alpn` is
   * what is offered there; with `onread` a plain socket reads into that buffer.
   */
  dial(alpn: readonly string[], onread?: TcpNetConnectOpts['onread']): Socket {
    const { target, refusal } = this
    const reading = onread === undefined ? {} : { onread }
    if (refusal !== null) return refusedSocket(refusal)
    if (target.socketPath !== null) return connect({ path: target.socketPath, ...reading })
    if (target.isTls) return this.dialTls(alpn)
    return connect({ host: target.hostname, port: target.port, noDelay: true, ...this.finding, ...reading })
  }

  /** Ends the watching of the target's name. */
  close(): void {
    this.name?.close()
  }

  private get finding() {
    return this.name === null ? {} : { lookup: this.name.lookup }
  }

  private dialTls(alpn: readonly string[]): Socket {
    const { target, tls, context, session } = this
    const socket = connectTls({
      host: target.hostname,
      port: target.port,
      // An address is no name to ask for (RFC 6066, section 3); the certificate is checked against it all the same.
      servername: tls?.serverName ?? (isIP(target.hostname) === 0 ? target.hostname : ''),
      rejectUnauthorized: tls?.verify !== false,
      ALPNProtocols: [...alpn],
      ...(context !== null && { secureContext: context }),
      ...(session !== null && { session }),
      ...this.finding,
    })
    socket.setNoDelay(true)
    socket.on('session', (taken: Buffer) => {
      this.session = taken
    })
    return socket
  }
}

function secureContext(tls: BackendTls | null): SecureContext {
  return createSecureContext({
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.certificate !== undefined && { cert: tls.certificate }),
    ...(tls?.key !== undefined && { key: tls.key }),
  })
}

/** A socket that fails as one does that cannot be connected: its users need to know of no other way. */
function refusedSocket(reason: string): Socket {
  return connect({
    host: 'refused',
    port: 1,
    lookup: (_host, _options, done) => done(new Error(reason), ''),
  })
}
