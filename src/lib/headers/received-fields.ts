import { bitOf, markOfParts } from './field-mark.ts'

/**
 * The header fields of a message as they came: the text of its head, and the places of names and values in it. They are filled
 * once, by the codec, and then read by every list of a message that came just the same (`HeaderList`), which keeps for itself
 * what is changed. A value becomes a string when somebody asks for it.
 */
export class ReceivedFields {
  count = 0
  /** Whether more than one list reads it. Then nobody fills it any more. */
  isShared = false
  /** The head that the places lie in. */
  text = ''
  /** Four of each field: start and end of its name, start and end of its value. */
  private readonly places: number[] = []
  /** What makes finding quick, from the first time on that somebody looks for a name. */
  private isIndexed = false
  /** The mark of each name: what is looked through for a name, without looking at anything else. */
  private marks = NONE as unknown as number[]
  /** The bits of all marks: most names that are asked for are not there. */
  private bits = 0
  /** The name (lower case) that a field was last found by. */
  private keys = NONE as unknown as (string | null)[]
  /** Null for a value that has not been asked for. */
  private values = NONE as unknown as (string | null)[]
  /** What `toLines` made last, and without which fields. */
  private lines: string | null = null
  private linesWithout = 0
  private isFlat = false

  /** Forgets all, and keeps the arrays. */
  clear(): void {
    this.count = 0
    this.text = ''
    this.lines = null
  }

  /** Appends a field that stands at these places of the text that `readFrom` will give. */
  push(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const { places } = this
    const at = this.count++
    places[at * 4] = nameStart
    places[at * 4 + 1] = nameEnd
    places[at * 4 + 2] = valueStart
    places[at * 4 + 3] = valueEnd
  }

  /** Gives the text that all places are in. */
  readFrom(text: string): void {
    this.text = text
    this.lines = null
    this.isIndexed = false
  }

  private index(): void {
    const { text, places, count } = this
    this.isIndexed = true
    // Just as large as they must be: there may be many connections that wait.
    if (this.marks.length < count) {
      this.marks = new Array<number>(count).fill(0)
      this.keys = new Array<string | null>(count).fill(null)
      this.values = new Array<string | null>(count).fill(null)
    }
    this.bits = 0
    for (let i = 0; i < count; i++) {
      const start = places[i * 4] as number
      const end = places[i * 4 + 1] as number
      const mark = markOfParts(end - start, text.charCodeAt(start), text.charCodeAt(end - 1))
      this.marks[i] = mark
      this.keys[i] = null
      this.values[i] = null
      this.bits |= bitOf(mark)
    }
  }

  /** The same fields in a text that is the end of this one. */
  inEndOf(text: string): ReceivedFields {
    const { places } = this
    const by = this.text.length - text.length
    const moved = new ReceivedFields()
    for (let at = 0; at < this.count * 4; at += 4)
      moved.push(
        (places[at] as number) - by,
        (places[at + 1] as number) - by,
        (places[at + 2] as number) - by,
        (places[at + 3] as number) - by,
      )
    moved.readFrom(text)
    return moved
  }

  /** The first field of this name (lower case, with its mark) from `start` on; -1 for none. */
  indexOf(key: string, mark: number, start: number): number {
    if (!this.isIndexed) this.index()
    if ((this.bits & bitOf(mark)) === 0) return -1
    const { count, marks } = this
    for (let i = start; i < count; i++) if (marks[i] === mark && this.isNamed(i, key)) return i
    return -1
  }

  nameAt(i: number): string {
    return this.text.slice(this.places[i * 4], this.places[i * 4 + 1])
  }

  valueAt(i: number): string {
    const known = this.isIndexed ? (this.values[i] ?? null) : null
    if (known !== null) return known
    const value = this.text.slice(this.places[i * 4 + 2], this.places[i * 4 + 3])
    if (this.isIndexed) this.values[i] = value
    return value
  }

  /** Whether the name of a field begins so (lower case). */
  begins(i: number, start: string): boolean {
    const { text, places } = this
    const from = places[i * 4] as number
    if ((places[i * 4 + 1] as number) - from < start.length) return false
    for (let at = 0; at < start.length; at++)
      if (lowerCode(text.charCodeAt(from + at)) !== start.charCodeAt(at)) return false
    return true
  }

  /**
   * The fields as HTTP/1.1 writes them: `Name: value` and CRLF for each (RFC 9112, section 5), without those of which the bit is set
   * in `gone`. Mostly it is the same ones that are left out as the last time.
   */
  toLines(gone: number): string {
    let { lines } = this
    if (lines !== null && this.linesWithout === gone) {
      if (this.isFlat) return lines
      // They are asked for again: in one piece, so that they are written in one.
      lines = Buffer.from(lines, 'latin1').toString('latin1')
      this.isFlat = true
    } else {
      lines = this.makeLines(gone)
      this.linesWithout = gone
      this.isFlat = false
    }
    this.lines = lines
    return lines
  }

  private makeLines(gone: number): string {
    const { text, places } = this
    let lines = ''
    // A run of fields that stand side by side in the text, just as we would write them.
    let start = 0
    let end = 0
    for (let i = 0; i < this.count; i++) {
      if (((gone >>> i) & 1) !== 0) continue
      if (!this.isPlain(i)) {
        lines += `${text.slice(start, end)}${this.nameAt(i)}: ${this.valueAt(i)}\r\n`
        start = end
        continue
      }
      const fieldStart = places[i * 4] as number
      if (fieldStart !== end) {
        if (start !== end) lines += text.slice(start, end)
        start = fieldStart
      }
      end = (places[i * 4 + 3] as number) + 2
    }
    return start === end ? lines : lines + text.slice(start, end)
  }

  /** Whether a field stands in the text as we would write it: one space before the value, none behind it. */
  private isPlain(i: number): boolean {
    const { text, places } = this
    const nameEnd = places[i * 4 + 1] as number
    return (
      places[i * 4 + 2] === nameEnd + 2 &&
      text.charCodeAt(nameEnd + 1) === SPACE &&
      text.charCodeAt(places[i * 4 + 3] as number) === CR
    )
  }

  /** Whether field `i` has this name (lower case), whatever the case that it is written in. */
  private isNamed(i: number, key: string): boolean {
    if (this.keys[i] === key) return true
    if ((this.places[i * 4 + 1] as number) - (this.places[i * 4] as number) !== key.length) return false
    if (!this.begins(i, key)) return false
    this.keys[i] = key
    return true
  }
}

function lowerCode(code: number): number {
  return code >= UPPER_A && code <= UPPER_Z ? code + 32 : code
}

/** What takes no memory of its own. */
const NONE: readonly never[] = Object.freeze([])

const SPACE = 0x20
const CR = 0x0d
const UPPER_A = 0x41
const UPPER_Z = 0x5a
