import { jsonText, jsonWireText } from './log-text.ts'

/**
 * The bytes of one line, ASCII, which grow as it is written. Joining many short strings and taking the result apart into bytes costs
 * three times as much.
 */
export class LineBytes {
  bytes: Buffer
  length = 0

  constructor(size = 4_096) {
    this.bytes = Buffer.allocUnsafeSlow(size)
  }

  /** Begins the next line. */
  clear(): void {
    this.length = 0
  }

  /** Appends what another line has. */
  append(other: LineBytes): void {
    const { length } = other
    if (this.length + length > this.bytes.length) this.grow(length)
    other.bytes.copy(this.bytes, this.length, 0, length)
    this.length += length
  }

  /** Appends a text of ASCII. */
  text(text: string): void {
    const { length } = text
    if (this.length + length > this.bytes.length) this.grow(length)
    const { bytes, length: start } = this
    this.length = start + length
    if (length > SHORT) {
      bytes.write(text, start, 'latin1')
      return
    }
    for (let i = 0; i < length; i++) bytes[start + i] = text.charCodeAt(i)
  }

  /** Appends a text as the inside of a JSON string (RFC 8259, section 7). */
  json(text: string): void {
    if (!this.plain(text)) this.text(jsonText(text))
  }

  /** The same for a text that came over a wire, each of its characters a byte of UTF-8. */
  jsonWire(text: string): void {
    if (!this.plain(text)) this.text(jsonWireText(text))
  }

  /** Appends a short text that stands for itself in a JSON string. Returns false, and appends nothing, where it is none. */
  private plain(text: string): boolean {
    const { length } = text
    if (length > SHORT) return false
    if (this.length + length > this.bytes.length) this.grow(length)
    const { bytes, length: start } = this
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code < SPACE || code > TILDE || code === QUOTE || code === BACKSLASH) return false
      bytes[start + i] = code
    }
    this.length = start + length
    return true
  }

  /** Appends a whole number that is not negative. */
  whole(value: number): void {
    if (value > MOST_SMALL) return this.text(String(value))
    if (this.length + SMALL_DIGITS > this.bytes.length) this.grow(SMALL_DIGITS)
    let rest = value
    let digits = 1
    for (let power = 10; power <= value; power *= 10) digits++
    const { bytes } = this
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      const next = (rest / 10) | 0
      bytes[at] = ZERO + rest - next * 10
      rest = next
    }
    this.length += digits
  }

  /** Appends milliseconds with three decimals. */
  millis(ms: number): void {
    const micros = Math.round(ms * 1000)
    const whole = Math.floor(micros / 1000)
    const decimals = micros - whole * 1000
    this.whole(whole)
    this.text('.000')
    const { bytes, length } = this
    bytes[length - 3] = ZERO + ((decimals / 100) | 0)
    bytes[length - 2] = ZERO + (((decimals / 10) | 0) % 10)
    bytes[length - 1] = ZERO + (decimals % 10)
  }

  private grow(length: number): void {
    const { bytes } = this
    this.bytes = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, this.length + length))
    bytes.copy(this.bytes, 0, 0, this.length)
  }
}

/** Up to here a text is written character by character: that is done before a call of the system's own way has begun. */
const SHORT = 40
const MOST_SMALL = 999_999_999
const SMALL_DIGITS = 9
const ZERO = 0x30
const SPACE = 0x20
const TILDE = 0x7e
const QUOTE = 0x22
const BACKSLASH = 0x5c
