import { jsonText, jsonWireText, millisText } from './log-text.ts'

/** A text of ASCII that goes into many lines: it is copied four bytes at a time. */
export class LineText {
  readonly length: number
  /** Its bytes, four in each, the first the lowest; what is behind its end is 0. */
  readonly words: Int32Array

  constructor(text: string) {
    this.length = text.length
    this.words = new Int32Array(Math.ceil(text.length / WORD))
    for (let i = 0; i < text.length; i++) {
      const word = Math.floor(i / WORD)
      this.words[word] = (this.words[word] ?? 0) | (text.charCodeAt(i) << ((i % WORD) * 8))
    }
  }

  toString(): string {
    let text = ''
    for (let i = 0; i < this.length; i++)
      text += String.fromCharCode(((this.words[Math.floor(i / WORD)] ?? 0) >>> ((i % WORD) * 8)) & 0xff)
    return text
  }
}

/**
 * The bytes of one line, ASCII, which grow as it is written. Joining many short strings and taking the result apart into bytes costs
 * three times as much.
 */
export class LineBytes {
  bytes: Buffer
  length = 0
  private view: DataView

  constructor(size = 4_096) {
    this.bytes = Buffer.allocUnsafeSlow(size)
    this.view = viewOf(this.bytes)
  }

  /** Begins the next line. */
  clear(): void {
    this.length = 0
  }

  /** Appends what another line has. */
  append(other: LineBytes): void {
    const { length } = other
    // The last word of a short one may be written in part behind the end: what comes next goes over it.
    if (this.length + length + WORD > this.bytes.length) this.grow(length + WORD)
    const start = this.length
    this.length = start + length
    if (length > SHORT || length + WORD > other.bytes.length) {
      other.bytes.copy(this.bytes, start, 0, length)
      return
    }
    const { view } = this
    for (let at = 0; at < length; at += WORD) view.setInt32(start + at, other.view.getInt32(at, true), true)
  }

  /** Appends a text that was made ready for it. */
  ready({ words, length }: LineText): void {
    // The last word may be written in part behind the end: what comes next goes over it.
    if (this.length + length + WORD > this.bytes.length) this.grow(length + WORD)
    const { view } = this
    let at = this.length
    this.length = at + length
    for (let i = 0; i < words.length; i++) {
      view.setInt32(at, words[i] as number, true)
      at += WORD
    }
  }

  /** Appends one character of ASCII. */
  byte(code: number): void {
    if (this.length === this.bytes.length) this.grow(1)
    this.bytes[this.length++] = code
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
    let rest = value | 0
    let digits = 1
    for (let power = 10; power <= rest; power *= 10) digits++
    const { bytes, length: start } = this
    this.length = start + digits
    for (let at = start + digits - 1; at >= start; at--) {
      const next = (rest / 10) | 0
      bytes[at] = ZERO + rest - next * 10
      rest = next
    }
  }

  /** Appends milliseconds with three decimals. */
  millis(ms: number): void {
    const micros = Math.round(ms * 1000)
    if (micros > MOST_SMALL) return this.text(millisText(ms))
    const whole = (micros / 1000) | 0
    this.whole(whole)
    this.byte(POINT)
    this.threeDigits(micros - whole * 1000)
  }

  /** Appends a whole number below 1,000 with all of its three digits. */
  threeDigits(value: number): void {
    if (this.length + 3 > this.bytes.length) this.grow(3)
    const { bytes, length } = this
    const number = value | 0
    const tens = (number / 10) | 0
    const hundreds = (number / 100) | 0
    bytes[length] = ZERO + hundreds
    bytes[length + 1] = ZERO + tens - hundreds * 10
    bytes[length + 2] = ZERO + number - tens * 10
    this.length = length + 3
  }

  private grow(length: number): void {
    const { bytes } = this
    this.bytes = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, this.length + length))
    bytes.copy(this.bytes, 0, 0, this.length)
    this.view = viewOf(this.bytes)
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

const WORD = 4
/** Up to here a text is written character by character: that is done before a call of the system's own way has begun. */
const SHORT = 40
const MOST_SMALL = 999_999_999
const SMALL_DIGITS = 9
const ZERO = 0x30
const POINT = 0x2e
const SPACE = 0x20
const TILDE = 0x7e
const QUOTE = 0x22
const BACKSLASH = 0x5c
