import { HeaderList } from '../../lib/headers/header-list.ts'
import { CR, LF } from './characters.ts'
import { readFields, SpecialFields } from './field-lines.ts'
import { isForwardableTrailer } from './fields.ts'

/** What is given the content of a body as it comes. */
export interface BodySink {
  /** `chunk` from `start` to `end` is content; it is only valid during the call. */
  onBody(chunk: Buffer, start: number, end: number): void
}

const SIZE = 0
const EXTENSION = 1
const SIZE_LF = 2
const DATA = 3
const DATA_CR = 4
const DATA_LF = 5
const TRAILERS = 6
const DONE = 7

/** 2^52 bytes is more than anybody sends; one digit more would leave the safe integers. */
const MAX_SIZE_DIGITS = 13
const MAX_EXTENSION_BYTES = 256
const MAX_TRAILER_BYTES = 8192
const MAX_TRAILERS = 32

const EXTENSIONS =
  /^(?:[ \t]*;[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)+$/

/** Reads a chunked body strictly (RFC 9112, section 7.1): from any cut of its bytes, the same content and the same verdict. */
export class ChunkedReader {
  /** The trailer fields that may be passed on, once the body is complete. */
  readonly trailers = new HeaderList()
  private state = SIZE
  private digits = 0
  private remaining = 0
  private text = ''

  /** Forgets the last body. */
  reset(): void {
    this.trailers.clear()
    this.state = SIZE
    this.digits = 0
    this.remaining = 0
    this.text = ''
  }

  /** True once the last byte of the body has been read. */
  get isDone(): boolean {
    return this.state === DONE
  }

  /** Reads on from `start` and hands the content to `sink`. Returns where it stopped: `end`, or behind the body; -1 if malformed. */
  read(chunk: Buffer, start: number, end: number, sink: BodySink): number {
    let at = start
    while (at < end && this.state !== DONE) {
      at =
        this.state === DATA
          ? this.readData(chunk, at, end, sink)
          : this.state === TRAILERS
            ? this.readTrailers(chunk, at, end)
            : this.readByte(chunk[at] ?? 0, at)
      if (at === -1) return -1
    }
    return at
  }

  private readData(chunk: Buffer, at: number, end: number, sink: BodySink): number {
    const taken = Math.min(this.remaining, end - at)
    this.remaining -= taken
    if (this.remaining === 0) this.state = DATA_CR
    sink.onBody(chunk, at, at + taken)
    return at + taken
  }

  /** Everything but content and trailers, a byte at a time. Returns the next position, or -1. */
  private readByte(byte: number, at: number): number {
    switch (this.state) {
      case SIZE:
        return this.readSize(byte) ? at + 1 : -1
      case EXTENSION:
        return this.readExtension(byte) ? at + 1 : -1
      case SIZE_LF:
        if (byte !== LF) return -1
        this.state = this.remaining === 0 ? TRAILERS : DATA
        this.digits = 0
        return at + 1
      case DATA_CR:
        this.state = DATA_LF
        return byte === CR ? at + 1 : -1
      default:
        this.state = SIZE
        return byte === LF ? at + 1 : -1
    }
  }

  private readSize(byte: number): boolean {
    const value = hexValue(byte)
    if (value !== -1) {
      if (++this.digits > MAX_SIZE_DIGITS) return false
      this.remaining = this.remaining * 16 + value
      return true
    }
    if (this.digits === 0) return false
    if (byte === CR) {
      this.state = SIZE_LF
      return true
    }
    if (byte !== 0x3b) return false
    this.state = EXTENSION
    this.text = ';'
    return true
  }

  private readExtension(byte: number): boolean {
    if (byte !== CR) {
      this.text += String.fromCharCode(byte)
      return this.text.length <= MAX_EXTENSION_BYTES
    }
    this.state = SIZE_LF
    const isValid = EXTENSIONS.test(this.text)
    this.text = ''
    return isValid
  }

  /** Collects the trailer section up to its empty line, then reads it as fields. */
  private readTrailers(chunk: Buffer, at: number, end: number): number {
    const had = this.text.length
    this.text += chunk.toString('latin1', at, Math.min(end, at + MAX_TRAILER_BYTES))
    const close = this.text.startsWith('\r\n') ? 0 : this.text.indexOf('\r\n\r\n', Math.max(0, had - 3))
    if (close === -1) return this.text.length > MAX_TRAILER_BYTES || hasBareLineEnd(this.text) ? -1 : end
    const length = close === 0 && this.text.startsWith('\r\n') ? 2 : close + 4
    const isValid = this.takeTrailers(this.text.slice(0, length))
    this.text = ''
    this.state = DONE
    return isValid ? at + length - had : -1
  }

  /** Reads a whole trailer section. Keeps what may be passed on; returns false if it is malformed. */
  private takeTrailers(section: string): boolean {
    const fields = new HeaderList()
    const end = readFields(
      Buffer.from(section, 'latin1'),
      0,
      section.length,
      0,
      fields,
      new SpecialFields(),
      MAX_TRAILERS,
    )
    if (end !== section.length) return false
    fields.readFrom(section)
    for (const [name, value] of fields) if (isForwardableTrailer(name)) this.trailers.push(name, value)
    return true
  }
}

/** True if an LF comes without its CR, or a CR is followed by something else: no more bytes could make that valid. */
export function hasBareLineEnd(text: string): boolean {
  return /(?:^|[^\r])\n|\r[^\n]/.test(text)
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
