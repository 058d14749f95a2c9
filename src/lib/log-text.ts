/**
 * Texts as lines of logs have them: ASCII without control characters, so that no value can end a line, begin another or close
 * a quotation, whatever a client sends.
 */

/** All that stands for itself in a JSON string and in a quoted field. */
const PLAIN = /^[ !#-[\]-~]*$/
const BEYOND_ASCII = /[\x7f-\uffff]/g

/** The inside of a JSON string (RFC 8259, section 7); what is not ASCII as `\uXXXX`. */
export function jsonText(text: string): string {
  if (PLAIN.test(text)) return text
  return JSON.stringify(text.toWellFormed()).slice(1, -1).replace(BEYOND_ASCII, escapedUnit)
}

function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** The same for a text that came over a wire: each character of it is one byte of UTF-8. Bytes that are not become U+FFFD. */
export function jsonWireText(text: string): string {
  return PLAIN.test(text) ? text : jsonText(Buffer.from(text, 'latin1').toString('utf8'))
}

/** The inside of a quoted field of the combined format, as nginx writes it: `\xHH` for each byte that does not stand for itself. */
export function quotedWireText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(/[^ !#-[\]-~]/g, escapedByte)
}

/** The same for a text of ours, by its bytes in UTF-8. */
export function quotedText(text: string): string {
  return PLAIN.test(text) ? text : quotedWireText(Buffer.from(text.toWellFormed(), 'utf8').toString('latin1'))
}

function escapedByte(byte: string): string {
  return `\\x${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** Numbers below 1,000 with three digits. */
const THREE_DIGITS = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'))

/** Milliseconds with three decimals: cheaper than what numbers make of themselves. */
export function millisText(ms: number): string {
  const micros = Math.round(ms * 1000)
  return `${Math.floor(micros / 1000)}.${THREE_DIGITS[micros % 1000] ?? '000'}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Writes times in the words of the common log format: `26/Nov/2026:11:27:15 +0000`. Most are of the same second as the one before, which is written once. */
export class CommonTimes {
  private second = Number.NaN
  private written = ''

  text(time: number): string {
    const second = Math.floor(time / 1000)
    if (second !== this.second) {
      this.second = second
      const iso = new Date(second * 1000).toISOString()
      const month = MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''
      this.written = `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`
    }
    return this.written
  }
}
