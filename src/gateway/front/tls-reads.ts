import { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { readBuffer } from '../read-buffer.ts'

/**
 * What `node:net` keeps of the `onread` option of a socket. Sockets of TLS that stand on others are not given that option, but
 * read in the same way: their reads go into one buffer too once they have what the option would have left on them. It saves the
 * buffer of each read, and a sixth of the CPU time of each request beside the stream's own way.
 */
interface ReadSlots {
  readonly buffer: symbol
  readonly callback: symbol
}

/** What is told of a read: how many bytes of `readBuffer`. */
type OnRead = (size: number) => void

const slots = findSlots()

/** Whether this Node.js has what `readTlsInto` counts on. Where it does not, bytes come by the stream, and are copied. */
export const hasFastReads = slots !== null

/**
 * Makes a TLS socket whose handshake is complete read into `readBuffer`, calling `onRead` with the number of bytes. Nothing may
 * have been read of it.
 */
export function readTlsInto(socket: TLSSocket, onRead: OnRead): void {
  const handle = (socket as unknown as { _handle: { useUserBuffer?(buffer: Buffer): void } | null })._handle
  if (slots === null || typeof handle?.useUserBuffer !== 'function') return readByStream(socket, onRead)
  const own = socket as unknown as Record<symbol, unknown>
  own[slots.buffer] = readBuffer
  own[slots.callback] = (size: number) => {
    onRead(size)
    return true
  }
  handle.useUserBuffer(readBuffer)
  // What came along with the last message of the handshake may be in the stream already.
  for (let early = socket.read(); early !== null; early = socket.read()) copyInto(early, onRead)
  socket.resume()
}

function readByStream(socket: TLSSocket, onRead: OnRead): void {
  socket.on('data', (chunk: Buffer) => copyInto(chunk, onRead))
}

function copyInto(chunk: Buffer, onRead: OnRead): void {
  for (let at = 0; at < chunk.length; at += readBuffer.length) onRead(chunk.copy(readBuffer, 0, at))
}

function findSlots(): ReadSlots | null {
  const probe = new Socket({ onread: { buffer: Buffer.alloc(1), callback: () => true } })
  const symbols = Object.getOwnPropertySymbols(probe)
  probe.destroy()
  const named = (name: string) => symbols.find(({ description }) => description === name)
  const [buffer, callback] = [named('kBuffer'), named('kBufferCb')]
  return buffer === undefined || callback === undefined ? null : { buffer, callback }
}
