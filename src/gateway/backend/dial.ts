import { connect, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'
import type { BackendTls } from '../../model/backend.ts'
import type { Target } from './target.ts'

/** How sockets to one target are made. */
export class Dialler {
  readonly target: Target
  private readonly tls: BackendTls | null
  private readonly lookup: LookupFunction | null
  private readonly context: SecureContext | null
  /** The TLS session of the last connection, which the next one takes up again. */
  private session: Buffer | null = null

  /** `tls` has its key in clear. Throws if its certificates or its key cannot be used. */
  constructor(target: Target, tls: BackendTls | null, lookup: LookupFunction | null) {
    this.target = target
    this.tls = tls
    this.lookup = lookup
    this.context = target.isTls
      ? createSecureContext({
          ...(tls?.ca !== undefined && { ca: tls.ca }),
          ...(tls?.certificate !== undefined && { cert: tls.certificate }),
          ...(tls?.key !== undefined && { key: tls.key }),
        })
      : null
  }

  /**
   * Opens a socket to the target; it is ready when it says `connect`, or `secureConnect` where the target has TLS. `alpn` is
   * what is offered there; with `onread` a plain socket reads into that buffer.
   */
  dial(alpn: readonly string[], onread?: TcpNetConnectOpts['onread']): Socket {
    const { target } = this
    if (target.socketPath !== null) return connect({ path: target.socketPath, ...(onread !== undefined && { onread }) })
    if (target.isTls) return this.dialTls(alpn)
    return connect({
      host: target.hostname,
      port: target.port,
      noDelay: true,
      ...(this.lookup !== null && { lookup: this.lookup }),
      ...(onread !== undefined && { onread }),
    })
  }

  private dialTls(alpn: readonly string[]): Socket {
    const { target, tls, context, session } = this
    // An address is no name to ask for (RFC 6066, section 3); the certificate is checked against it all the same.
    const isAddress = /^[\d.]+$|:/.test(target.hostname)
    const socket = connectTls({
      host: target.hostname,
      port: target.port,
      servername: tls?.serverName ?? (isAddress ? '' : target.hostname),
      rejectUnauthorized: tls?.verify !== false,
      ALPNProtocols: [...alpn],
      ...(context !== null && { secureContext: context }),
      ...(session !== null && { session }),
      ...(this.lookup !== null && { lookup: this.lookup }),
    })
    socket.setNoDelay(true)
    socket.on('session', (taken: Buffer) => {
      this.session = taken
    })
    return socket
  }
}
