import type { Socket } from 'node:net'
import { Timed } from '../lib/time-wheel.ts'
import { ClientConnection, type ConnectionContext, type FrontConnection } from './http1/connection.ts'
import { PREFACE } from './http2/protocol.ts'
import { Http2Connection } from './http2/server.ts'
import type { Peer } from './peer.ts'

/**
 * Takes a connection that is ready for HTTP, and keeps it in `connections` for as long as it lasts (`onClosed` takes it out). Over
 * TLS the version was agreed on; a plain one says it with its first bytes. All that is read of it goes to what this gives back.
 */
export function openConnection(
  socket: Socket,
  context: ConnectionContext,
  peer: Peer,
  connections: Set<FrontConnection>,
): FrontConnection {
  const isHttp2 = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2'
  const connection: FrontConnection = isHttp2
    ? new Http2Connection(socket, context, peer)
    : peer.tls !== null
      ? new ClientConnection(socket, context, peer)
      : new FirstBytes(socket, context, peer, (decided) => {
          connections.delete(connection)
          connections.add(decided)
        })
  connections.add(connection)
  return connection
}

/**
 * A plain connection that has not said yet which version of HTTP it speaks. Who knows that we speak HTTP/2 begins with its
 * preface (RFC 9113, section 3.3), which no request of HTTP/1 begins with; a version is never changed on the way (`Upgrade`).
 */
export class FirstBytes extends Timed implements FrontConnection {
  private readonly socket: Socket
  private readonly context: ConnectionContext
  private readonly peer: Peer
  private readonly decided: (connection: FrontConnection) => void
  /** The beginning of a preface, perhaps. */
  private held = 0
  private isOver = false
  /** What has taken this one's place. */
  private chosen: FrontConnection | null = null

  /** `decided` is told of the connection that takes this one's place, before that reads anything. */
  constructor(socket: Socket, context: ConnectionContext, peer: Peer, decided: (connection: FrontConnection) => void) {
    super()
    this.socket = socket
    this.context = context
    this.peer = peer
    this.decided = decided
    context.wheel.schedule(this, context.limits.idleTimeoutMs)
    socket.on('end', this.close)
    socket.on('error', this.close)
    socket.on('close', this.close)
  }

  serves(): boolean {
    return false
  }

  drain(): void {
    this.close()
  }

  read(chunk: Buffer, size: number): void {
    const { held } = this
    if (this.chosen !== null) return this.chosen.read(chunk, size)
    const compared = Math.min(size, PREFACE.length - held)
    const isPreface = PREFACE.compare(chunk, 0, compared, held, held + compared) === 0
    if (isPreface && held + compared < PREFACE.length) {
      if (held === 0) this.context.wheel.schedule(this, this.context.limits.headTimeoutMs)
      this.held += compared
      return
    }
    this.leave()
    const { socket, context, peer } = this
    const connection: FrontConnection = isPreface
      ? new Http2Connection(socket, context, peer)
      : new ClientConnection(socket, context, peer)
    this.chosen = connection
    this.decided(connection)
    // What is held is the beginning of a preface, whatever has come of it.
    if (held > 0) connection.read(PREFACE.subarray(0, held), held)
    connection.read(chunk, size)
  }

  override onDeadline(): void {
    this.close()
  }

  private leave(): void {
    this.isOver = true
    this.context.wheel.remove(this)
    for (const event of ['end', 'error', 'close']) this.socket.off(event, this.close)
  }

  private readonly close = (): void => {
    if (this.isOver) return
    this.leave()
    // An error that comes yet says nothing more.
    this.socket.on('error', () => undefined)
    this.socket.destroy()
    this.context.onClosed(this)
  }
}
