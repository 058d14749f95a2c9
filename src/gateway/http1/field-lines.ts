import type { HeaderList } from '../../lib/headers/header-list.ts'
import { ReceivedFields } from '../../lib/headers/received-fields.ts'
import { COLON, CR, LF, SPACE, TAB, VALUE } from './characters.ts'
import { addToHash, DATE, FOLDED, kindOf, PLAIN } from './fields.ts'
import { INCOMPLETE, MALFORMED, TOO_MANY } from './head.ts'

/** The field lines of a head, or of a trailer. */

/** The fields that the codec itself must look at, with their kinds. */
export class SpecialFields {
  readonly fields = new ReceivedFields()
  readonly kinds: number[] = []

  clear(): void {
    this.fields.clear()
  }

  pushPlaces(kind: number, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    this.kinds[this.fields.count] = kind
    this.fields.push(nameStart, nameEnd, valueStart, valueEnd)
  }
}

/**
 * Reads the field lines of `bytes` from `start` up to their empty line (RFC 9112, section 5): no folding, no white space
 * before the colon, no bare CR or LF, no control characters. Puts the places of the fields, counted from `base`, into
 * `plain` or `special`. Returns the position behind the empty line, `INCOMPLETE`, `MALFORMED` or `TOO_MANY`.
 */
export function readFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  base: number,
  plain: HeaderList,
  special: SpecialFields,
  maxHeaders: number,
): number {
  let at = start
  for (let count = 0; at < end; count++) {
    let code = bytes[at] as number
    if (code === CR) return at + 1 >= end ? INCOMPLETE : bytes[at + 1] === LF ? at + 2 : MALFORMED
    if (count === maxHeaders) return TOO_MANY

    const nameStart = at
    let hash = 0
    let folded = FOLDED[code] as number
    while (folded !== 0) {
      hash = addToHash(hash, folded)
      if (++at === end) return INCOMPLETE
      folded = FOLDED[bytes[at] as number] as number
    }
    const nameEnd = at
    if (nameEnd === nameStart || bytes[nameEnd] !== COLON) return MALFORMED

    do {
      if (++at === end) return INCOMPLETE
      code = bytes[at] as number
    } while (code === SPACE || code === TAB)
    const valueStart = at
    while (VALUE[code] === 1) {
      if (++at === end) return INCOMPLETE
      code = bytes[at] as number
    }
    if (code !== CR) return MALFORMED
    if (at + 1 === end) return INCOMPLETE
    if (bytes[at + 1] !== LF) return MALFORMED
    let valueEnd = at
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1] as number)) valueEnd--
    at += 2

    const kind = kindOf(bytes, nameStart, nameEnd, hash)
    if (kind === PLAIN || kind === DATE)
      plain.pushPlaces(nameStart - base, nameEnd - base, valueStart - base, valueEnd - base)
    if (kind !== PLAIN) special.pushPlaces(kind, nameStart - base, nameEnd - base, valueStart - base, valueEnd - base)
  }
  return INCOMPLETE
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}
