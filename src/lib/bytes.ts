/** Numbers and texts as few bytes: whole numbers from 0 to 2⁵³ − 1 take seven bits a byte, the lowest first (LEB128). */

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Bytes that are not what they should be: cut off, or of another format. */
export class MalformedBytes extends Error {}

/** Writes into a buffer that grows. */
export class ByteWriter {
  private buffer = new Uint8Array(1_024)
  private end = 0

  get length(): number {
    return this.end
  }

  number(value: number): void {
    this.reserve(8)
    const { buffer } = this
    let rest = value
    // Beyond 2³¹ the operators on bits would cut.
    while (rest > 0x7fff_ffff) {
      buffer[this.end++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    while (rest > 127) {
      buffer[this.end++] = (rest & 127) | 128
      rest >>>= 7
    }
    buffer[this.end++] = rest
  }

  text(value: string): void {
    const bytes = encoder.encode(value)
    this.number(bytes.length)
    this.bytes(bytes)
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length)
    this.buffer.set(value, this.end)
    this.end += value.length
  }

  /** All that was written; the writer begins anew. */
  take(): Uint8Array {
    const taken = this.buffer.slice(0, this.end)
    this.end = 0
    return taken
  }

  private reserve(count: number): void {
    if (this.end + count <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.end + count))
    larger.set(this.buffer.subarray(0, this.end))
    this.buffer = larger
  }
}

/** Reads what a writer has written. Throws `MalformedBytes` where bytes are missing. */
export class ByteReader {
  private readonly buffer: Uint8Array
  /** Where the next byte is. */
  at = 0

  constructor(buffer: Uint8Array) {
    this.buffer = buffer
  }

  /** How many bytes are still to be read. */
  get left(): number {
    return this.buffer.length - this.at
  }

  get isAtEnd(): boolean {
    return this.at >= this.buffer.length
  }

  number(): number {
    const { buffer } = this
    const first = buffer[this.at]
    if (first !== undefined && first < 128) {
      this.at++
      return first
    }
    let value = 0
    let factor = 1
    for (;;) {
      const byte = buffer[this.at++]
      if (byte === undefined) throw new MalformedBytes('They end in the middle of a number.')
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
    }
  }

  /** Fills the first `count` places of an array with numbers, or all: many are read faster so than one by one. */
  numbers(into: Float64Array, count = into.length): void {
    const { buffer } = this
    let { at } = this
    for (let i = 0; i < count; i++) {
      let byte = buffer[at++] ?? 0
      let value = byte & 127
      for (let factor = 128; byte > 127; factor *= 128) {
        byte = buffer[at++] ?? 0
        value += (byte & 127) * factor
      }
      into[i] = value
    }
    this.at = at
    if (at > buffer.length) throw new MalformedBytes('They end too early.')
  }

  /** Reads all that is left as numbers into an array, whose room must be that of the bytes that are left. Returns how many there were. */
  allNumbers(into: Float64Array): number {
    const { buffer } = this
    const end = buffer.length
    let { at } = this
    let count = 0
    while (at < end) {
      let byte = buffer[at++] ?? 0
      let value = byte & 127
      for (let factor = 128; byte > 127; factor *= 128) {
        if (at >= end) throw new MalformedBytes('They end in the middle of a number.')
        byte = buffer[at++] ?? 0
        value += (byte & 127) * factor
      }
      into[count++] = value
    }
    this.at = at
    return count
  }

  text(): string {
    return decoder.decode(this.bytes(this.number()))
  }

  bytes(count: number): Uint8Array {
    const start = this.at
    this.skip(count)
    return this.buffer.subarray(start, this.at)
  }

  skip(count: number): void {
    this.at += count
    if (this.at > this.buffer.length) throw new MalformedBytes('They end too early.')
  }
}
