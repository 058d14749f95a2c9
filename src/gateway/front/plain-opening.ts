import type { Socket } from 'node:net'
import { Timed } from '../../lib/time-wheel.ts'
import { readBuffer } from '../read-buffer.ts'
import * as proxy from './proxy-protocol.ts'

/** A plain connection of a balancer, until the header of the PROXY protocol has been read. */
export class PlainOpening extends Timed {
  private readonly socket: Socket
  private readonly onHeader: (address: string | null, rest: Buffer) => void
  private readonly onEnded: () => void
  private kept: Buffer | null = null

  /** `onHeader` is called with the client's address (null for that of the peer itself) and what came behind the header; `onEnded` where nothing comes of it. */
  constructor(socket: Socket, onHeader: (address: string | null, rest: Buffer) => void, onEnded: () => void) {
    super()
    this.socket = socket
    this.onHeader = onHeader
    this.onEnded = onEnded
    socket.on('error', this.end)
    socket.on('end', this.end)
    socket.on('close', this.end)
  }

  override onDeadline(): void {
    this.end()
  }

  /** Takes the first `size` bytes of the worker's read buffer. */
  read(size: number): void {
    const chunk = readBuffer.subarray(0, size)
    const bytes = Buffer.concat(this.kept === null ? [chunk] : [this.kept, chunk])
    const header = proxy.readProxyHeader(bytes)
    if (header === proxy.MALFORMED) return this.end()
    if (header === proxy.INCOMPLETE) {
      this.kept = bytes
      return
    }
    this.leave()
    this.onHeader(header.address, bytes.subarray(header.length))
  }

  private readonly end = () => {
    this.leave()
    this.socket.destroy()
    this.onEnded()
  }

  private leave(): void {
    this.socket.off('error', this.end).off('end', this.end).off('close', this.end)
  }
}
