import { jsonText, jsonWireText, millisText } from './log-text.ts'

/**
 * A text of ASCII that goes into many lines: it is copied eight bytes at a time, as numbers. Bytes below 0x7f never make one that is no
 * number, of which a system may change the bits.
 */
export class LineText {
  readonly length: number
  /** Its bytes, eight in each, the first the lowest; what is behind its end is 0. */
  readonly words: Float64Array
  /** Its bytes where there are so many that the system's own way is shorter; else none. */
  readonly long: Uint8Array | null

  constructor(text: string) {
    this.length = text.length
    const bytes = new Uint8Array(Math.ceil(text.length / WORD) * WORD)
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
    const view = new DataView(bytes.buffer)
    this.words = Float64Array.from({ length: bytes.length / WORD }, (_, word) => view.getFloat64(word * WORD, true))
    this.long = text.length > LONG ? bytes : null
  }

  toString(): string {
    const bytes = Buffer.alloc(this.words.length * WORD)
    for (const [i, word] of this.words.entries()) bytes.writeDoubleLE(word, i * WORD)
    return bytes.toString('latin1', 0, this.length)
  }
}

/**
 * Bytes of lines, ASCII, which grow as they are written. Joining many short strings and taking the result apart into bytes costs
 * three times as much.
 */
export class LineBytes {
  bytes: Buffer
  length = 0
  private view: DataView

  /** Where to write: from the beginning. One that becomes too small is left for a larger one. */
  constructor(bytes: Buffer = Buffer.allocUnsafeSlow(4_096)) {
    this.bytes = bytes
    this.view = viewOf(bytes)
  }

  /** Goes on in another buffer, from its beginning. */
  writeTo(bytes: Buffer): void {
    this.bytes = bytes
    this.view = viewOf(bytes)
    this.length = 0
  }

  /** Appends a text that was made ready for it. */
  ready({ words, length, long }: LineText): void {
    // The last word may be written in part behind the end: what comes next goes over it.
    if (this.length + length + WORD > this.bytes.length) this.grow(length + WORD)
    const { view } = this
    let at = this.length
    this.length = at + length
    if (long !== null) return this.bytes.set(long, at)
    for (let i = 0; i < words.length; i++) {
      view.setFloat64(at, words[i] as number, true)
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

  /** The same for bytes of UTF-8, of a buffer that has room for three more behind them. */
  jsonBytes(from: DataView, start: number, length: number): void {
    if (this.length + length + WORD > this.bytes.length) this.grow(length + WORD)
    const { view, length: at } = this
    for (let i = 0; i < length; i += 4) {
      const four = from.getInt32(start + i, true)
      view.setInt32(at + i, four, true)
      if (fourToEscape(i + 4 > length ? four | (SPACES << ((length - i) * 8)) : four) !== 0)
        return this.text(jsonText(Buffer.from(from.buffer, from.byteOffset + start, length).toString('utf8')))
    }
    this.length = at + length
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

/** 0 where four bytes all stand for themselves in a JSON string: ASCII from the space to the tilde, but no `"` and no `\\`. */
function fourToEscape(four: number): number {
  const quotes = four ^ 0x2222_2222
  const backslashes = four ^ 0x5c5c_5c5c
  const isTooLow = (four - 0x2020_2020) & ~four
  const isTooHigh = four | (four + 0x0101_0101)
  const isQuote = (quotes - 0x0101_0101) & ~quotes
  const isBackslash = (backslashes - 0x0101_0101) & ~backslashes
  return (isTooLow | isTooHigh | isQuote | isBackslash) & 0x8080_8080
}

const SPACES = 0x2020_2020
/** From here on a text is copied the system's own way. */
const LONG = 64
const WORD = 8
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
