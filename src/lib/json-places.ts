/** Where the parts of a JSON text stand, for messages about it: found on demand, so that documents without faults cost nothing. */

/** Deeper nesting than this is refused: no document that people write has it. */
const MAX_DEPTH = 500

/** A key that an object has twice. */
export interface DuplicateKey {
  readonly key: string
  /** Offset of the second one in the text. */
  readonly offset: number
}

/** Thrown for a text that is nested too deeply. */
export class TooDeep extends Error {}

/** The members of one object or array: where their keys (of arrays: their values) stand, and where their values do. */
type Members = ReadonlyMap<string, { readonly at: number; readonly value: number }>

/** Places in a text that `JSON.parse` has accepted. */
export class JsonPlaces {
  private readonly text: string
  private readonly known = new Map<number, Members>()
  private lineStarts: readonly number[] | null = null

  constructor(text: string) {
    this.text = text
  }

  /** The offset of the part at a path of keys, or of the nearest part above it; null for the document itself. */
  offsetOf(path: readonly (string | number)[]): number | null {
    let value = this.skipSpace(0)
    let offset: number | null = null
    for (const key of path) {
      const member = this.membersAt(value).get(String(key))
      if (member === undefined) break
      offset = member.at
      value = member.value
    }
    return offset
  }

  /** The line (from 1) of an offset. */
  lineOf(offset: number): number {
    this.lineStarts ??= lineStartsOf(this.text)
    let [low, high] = [0, this.lineStarts.length]
    // The last line that begins at or before the offset.
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }

  /** The column (from 1) of an offset. */
  columnOf(offset: number): number {
    return offset - this.text.lastIndexOf('\n', offset - 1)
  }

  /** All keys that an object has twice; `JSON.parse` keeps the last and says nothing. Throws `TooDeep`. */
  duplicateKeys(): DuplicateKey[] {
    const { text } = this
    const found: DuplicateKey[] = []
    /** The keys of each object that is open; null for an array. */
    const open: (Set<string> | null)[] = []
    let isKey = false
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === QUOTE) {
        const end = this.endOfString(i)
        const keys = open.at(-1)
        if (isKey && keys !== null && keys !== undefined) {
          const key = this.stringAt(i, end)
          if (keys.has(key)) found.push({ key, offset: i })
          keys.add(key)
          isKey = false
        }
        i = end - 1
      } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
        open.push(code === OPEN_OBJECT ? new Set() : null)
        if (open.length > MAX_DEPTH) throw new TooDeep(`more than ${MAX_DEPTH} levels`)
        isKey = code === OPEN_OBJECT
      } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) open.pop()
      else if (code === COMMA) isKey = open.at(-1) !== null
    }
    return found
  }

  private membersAt(start: number): Members {
    const known = this.known.get(start)
    if (known !== undefined) return known
    const members = new Map<string, { at: number; value: number }>()
    const isObject = this.text.charCodeAt(start) === OPEN_OBJECT
    if (isObject || this.text.charCodeAt(start) === OPEN_ARRAY) {
      let i = this.skipSpace(start + 1)
      for (let place = 0; !this.closes(i); place++) {
        const at = i
        let key = String(place)
        if (isObject) {
          const end = this.endOfString(i)
          key = this.stringAt(i, end)
          // Over the colon.
          i = this.skipSpace(this.skipSpace(end) + 1)
        }
        members.set(key, { at, value: i })
        i = this.skipSpace(this.endOfValue(i))
        if (this.text.charCodeAt(i) === COMMA) i = this.skipSpace(i + 1)
      }
    }
    this.known.set(start, members)
    return members
  }

  private closes(i: number): boolean {
    const code = this.text.charCodeAt(i)
    return code === CLOSE_OBJECT || code === CLOSE_ARRAY || i >= this.text.length
  }

  private endOfValue(start: number): number {
    const { text } = this
    const first = text.charCodeAt(start)
    if (first === QUOTE) return this.endOfString(start)
    let i = start
    if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) {
      while (i < text.length && !SCALAR_ENDS.has(text.charCodeAt(i))) i++
      return i
    }
    let depth = 0
    do {
      const code = text.charCodeAt(i)
      if (code === QUOTE) {
        i = this.endOfString(i)
        continue
      }
      if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++
      else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--
      i++
    } while (depth > 0 && i < text.length)
    return i
  }

  /** The offset behind the closing quote. */
  private endOfString(start: number): number {
    let end = this.text.indexOf('"', start + 1)
    while (end !== -1 && this.isEscaped(end)) end = this.text.indexOf('"', end + 1)
    return end === -1 ? this.text.length : end + 1
  }

  private isEscaped(quote: number): boolean {
    let backslashes = 0
    while (this.text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++
    return backslashes % 2 === 1
  }

  private stringAt(start: number, end: number): string {
    const plain = this.text.slice(start + 1, end - 1)
    return plain.includes('\\') ? String(JSON.parse(this.text.slice(start, end))) : plain
  }

  private skipSpace(start: number): number {
    let i = start
    while (SPACES.has(this.text.charCodeAt(i))) i++
    return i
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
/** White space of JSON (RFC 8259, section 2), and the byte order mark. */
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d, 0xfeff])
const SCALAR_ENDS = new Set([...SPACES, COMMA, CLOSE_OBJECT, CLOSE_ARRAY])
