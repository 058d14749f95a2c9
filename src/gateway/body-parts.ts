import type { Socket } from 'node:net'
import { readBuffer } from './read-buffer.ts'

/**
 * Writing of bodies. What has been read is only valid until the next read, so it is copied; the copies of large parts are
 * used again and again, because the collector frees them much later than a fast transfer makes them.
 */

/** Below this a copy comes from Node's own pool, which is as cheap. */
const LARGE_BYTES = 4_096
/** Parts kept per worker: more than this are in use only while many transfers wait for slow readers. */
const MAX_KEPT = 64

const kept: Part[] = []

/** A buffer that is written from, and returns to the others when the system has taken its bytes. */
export class Part {
  readonly buffer = Buffer.allocUnsafeSlow(readBuffer.length)

  readonly written = (error?: Error | null): void => {
    // After an error the system may still hold the bytes: this buffer is left to the collector.
    if (!error && kept.length < MAX_KEPT) kept.push(this)
  }
}

/** A part to write into. */
export function takePart(): Part {
  return kept.pop() ?? new Part()
}

/** Writes `chunk` from `start` to `end`. Returns false if the socket has enough for now. */
export function writePart(socket: Socket, chunk: Buffer, start: number, end: number): boolean {
  const size = end - start
  if (size < LARGE_BYTES || size > readBuffer.length) return socket.write(Buffer.from(chunk.subarray(start, end)))
  const part = takePart()
  chunk.copy(part.buffer, 0, start, end)
  return socket.write(part.buffer.subarray(0, size), part.written)
}

/** Writes `chunk` from `start` to `end` as one chunk of the chunked coding (RFC 9112, section 7.1). Returns as `writePart` does. */
export function writeChunk(socket: Socket, chunk: Buffer, start: number, end: number): boolean {
  socket.cork()
  socket.write(`${(end - start).toString(16)}\r\n`, 'latin1')
  writePart(socket, chunk, start, end)
  const hasRoom = socket.write('\r\n', 'latin1')
  socket.uncork()
  return hasRoom
}
