import { CR, LF, SPACE } from './characters.ts'
import { INCOMPLETE, MALFORMED, UNSUPPORTED } from './head.ts'

/** The version that a start line says (RFC 9112, section 2.3). */

/** `HTTP/1.1` and CRLF. */
export const VERSION_LINE_BYTES = 10
/** `HTTP/1.1 200`. */
export const STATUS_LINE_BYTES = 12

/** Reads `HTTP/1.x` and CRLF. Returns x (0 or 1), `INCOMPLETE`, `MALFORMED` or `UNSUPPORTED`. */
export function readVersion(bytes: Uint8Array, start: number, end: number): number {
  const digits = readDigits(bytes, start, end)
  if (digits < 0) return digits
  for (let i = 0; i < 2; i++) {
    if (start + 8 + i >= end) return INCOMPLETE
    if (bytes[start + 8 + i] !== (i === 0 ? CR : LF)) return MALFORMED
  }
  return digits === 10 || digits === 11 ? digits - 10 : UNSUPPORTED
}

/** Reads `HTTP/1.x` and a space. Returns x (0 or 1), `INCOMPLETE` or `MALFORMED`. */
export function readStatusVersion(bytes: Uint8Array, start: number, end: number): number {
  const digits = readDigits(bytes, start, end)
  if (digits < 0) return digits
  if (start + 8 >= end) return INCOMPLETE
  return (digits === 10 || digits === 11) && bytes[start + 8] === SPACE ? digits - 10 : MALFORMED
}

const VERSION = 'HTTP/d.d'

/** Reads `HTTP/m.n` (RFC 9112, section 2.3). Returns ten times m plus n, `INCOMPLETE` or `MALFORMED`. */
function readDigits(bytes: Uint8Array, start: number, end: number): number {
  let digits = 0
  for (let i = 0; i < VERSION.length; i++) {
    if (start + i >= end) return INCOMPLETE
    const code = bytes[start + i] as number
    if (i === 5 || i === 7) {
      if (code < DIGIT_0 || code > DIGIT_9) return MALFORMED
      digits = digits * 10 + code - DIGIT_0
    } else if (code !== VERSION.charCodeAt(i)) return MALFORMED
  }
  return digits
}

export const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
