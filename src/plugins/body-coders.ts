import {
  type BrotliCompress,
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  type Gzip,
  gzipSync,
  type ZstdCompress,
  zstdCompressSync,
} from 'node:zlib'
import type { BodyCoder, BodyCoderEvents } from './plugin.ts'

/** The content codings that bodies can be given, from Node.js's zlib: whole ones at once, streams in its pool of threads. */

/** In the order of what they cost: zstd gains as much as brotli in two thirds of its time, and gzip the least. */
export const codingNames = ['zstd', 'br', 'gzip'] as const
export type CodingName = (typeof codingNames)[number]

/** How hard each coding tries. */
export type CodingLevels = Readonly<Record<CodingName, number>>

/** One coding, with its level. */
export interface ContentCoding {
  readonly name: CodingName
  whole(body: Buffer): Buffer
  /** `onClosed` is called once, when the stream holds nothing any more. */
  stream(events: BodyCoderEvents, onClosed: () => void): BodyCoder
}

/**
 * A window of 256 KiB: what a body repeats over more than that is not worth the memory, which a stream holds for as long as
 * it lasts. Browsers take up to 8 MiB (RFC 9659).
 */
const WINDOW_BITS = 18
/** Two reads of a socket: while one is coded the next may come. */
const IN_FLIGHT_BYTES = 131_072

/** Makes the codings ready. */
export function contentCodings(levels: CodingLevels): Readonly<Record<CodingName, ContentCoding>> {
  const gzip = { level: levels.gzip, highWaterMark: IN_FLIGHT_BYTES }
  const brotli = {
    highWaterMark: IN_FLIGHT_BYTES,
    params: { [constants.BROTLI_PARAM_QUALITY]: levels.br, [constants.BROTLI_PARAM_LGWIN]: WINDOW_BITS },
  }
  const zstd = {
    highWaterMark: IN_FLIGHT_BYTES,
    params: { [constants.ZSTD_c_compressionLevel]: levels.zstd, [constants.ZSTD_c_windowLog]: WINDOW_BITS },
  }
  // A context of the size that a small body needs is made faster than one of the size that streams have.
  const zstdWhole = { params: { [constants.ZSTD_c_compressionLevel]: levels.zstd } }
  return {
    gzip: {
      name: 'gzip',
      whole: (body) => gzipSync(body, gzip),
      stream: (events, onClosed) => new StreamCoder(createGzip(gzip), constants.Z_SYNC_FLUSH, events, onClosed),
    },
    br: {
      name: 'br',
      whole: (body) => brotliCompressSync(body, brotli),
      stream: (events, onClosed) =>
        new StreamCoder(createBrotliCompress(brotli), constants.BROTLI_OPERATION_FLUSH, events, onClosed),
    },
    zstd: {
      name: 'zstd',
      whole: (body) => zstdCompressSync(body, zstdWhole),
      stream: (events, onClosed) => new StreamCoder(createZstdCompress(zstd), constants.ZSTD_e_flush, events, onClosed),
    },
  }
}

/** Codes a stream and holds nothing back: when there is no more to code at a moment, what there is goes out. */
class StreamCoder implements BodyCoder {
  private readonly stream: Gzip | BrotliCompress | ZstdCompress
  private readonly flushKind: number
  private readonly onClosed: () => void
  /** Parts that are not coded yet. */
  private waiting = 0
  private isEnding = false
  private isClosed = false

  constructor(
    stream: Gzip | BrotliCompress | ZstdCompress,
    flushKind: number,
    events: BodyCoderEvents,
    onClosed: () => void,
  ) {
    this.stream = stream
    this.flushKind = flushKind
    this.onClosed = onClosed
    stream.on('data', (part: Buffer) => {
      if (!this.isClosed) events.onPart(part)
    })
    stream.on('drain', () => events.onRoom())
    stream.on('end', () => {
      if (this.isClosed) return
      this.close()
      events.onEnd()
    })
    stream.on('error', (error) => {
      if (this.isClosed) return
      this.close()
      events.onError(error)
    })
  }

  write(part: Buffer): boolean {
    this.waiting++
    return this.stream.write(part, this.onCoded)
  }

  end(): void {
    this.isEnding = true
    this.stream.end()
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.stream.destroy()
    this.onClosed()
  }

  private readonly onCoded = (): void => {
    if (--this.waiting === 0 && !this.isEnding && !this.isClosed) this.stream.flush(this.flushKind)
  }
}
