/**
 * The header fields of one HTTP message: case-insensitive, multi-value safe, order preserving (RFC 9110, section 5.3).
 *
 * A list is filled on every request and mostly passed on as it is. So a field that came over a wire is kept as four places
 * in the text of its head, and becomes strings when somebody asks for it; fields side by side that nobody has changed are
 * written as one piece of that text. What is taken out leaves a gap, so that the others stay where they are, and all that was
 * changed can be had back without a copy of it. Arrays are used again for the next message.
 */
export class HeaderList {
  /** The position behind the last field. Between 0 and it are fields and gaps: see `nameAt`. */
  end = 0
  /** Whether anything has been changed since `readFrom`, `settle` or `restore`. */
  isChanged = false
  private hasGaps = false
  /** How many of the first positions stand in `text`, changed or not. */
  private came = 0
  /** The head that the places lie in. */
  private text = ''
  /** What `toLines` has made of the fields as they came; null while nobody has asked. */
  private linesAsCame: string | null = null
  /** Four of each field: start and end of its name, start and end of its value. Nothing but `settle` ever changes them. */
  private readonly places: number[] = []
  /** Names as written; null for a field as it stands in `text`; GAP where there is none any more. */
  private readonly names: (string | null)[] = []
  /** The mark of each name (`markOf`), 0 for a gap: what is looked through for a name, without looking at anything else. */
  private readonly marks: number[] = []
  /** Which names have been changed since the fields came; see `nameBit`. All of them where there is no text that they came in. */
  private changedNames = 0
  /** Values; null for one that stands in `text` and has not been asked for. */
  private readonly values: (string | null)[] = []

  /** Whether there is no field. */
  get isEmpty(): boolean {
    for (let i = 0; i < this.end; i++) if (this.names[i] !== GAP) return false
    return true
  }

  /** Appends a field as it is, without checks: for who has checked both. */
  push(name: string, value: string): void {
    this.change(name)
    const at = this.end++
    this.marks[at] = markOf(name)
    this.names[at] = name
    this.values[at] = value
  }

  /** Appends a field that stands at these places of the text that `readFrom` will give. For the codec, which has checked it. */
  pushPlaces(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const { places } = this
    const at = this.end++
    this.came = this.end
    this.names[at] = null
    this.values[at] = null
    places[at * 4] = nameStart
    places[at * 4 + 1] = nameEnd
    places[at * 4 + 2] = valueStart
    places[at * 4 + 3] = valueEnd
  }

  /** Gives the text that all places are in. */
  readFrom(text: string): void {
    this.text = text
    for (let i = 0; i < this.came; i++) this.marks[i] = this.markAsCame(i)
    this.linesAsCame = null
    this.isChanged = false
    this.changedNames = 0
  }

  /** The text that the fields of these names (`namesOf`) are in as they came; null where one of them may have been changed. */
  sourceOf(names: number): string | null {
    return (this.changedNames & names) === 0 ? this.text : null
  }

  /** Says that what is left of the fields in the text is how they came: `restore` gives them back. */
  settle(): void {
    if (this.hasGaps) this.closeGaps()
    this.linesAsCame = null
    this.isChanged = false
    this.changedNames = 0
  }

  /** Moves the fields of the text together. */
  private closeGaps(): void {
    const { places, names, marks, values } = this
    let kept = 0
    for (let i = 0; i < this.came; i++) {
      if (names[i] === GAP) continue
      for (let place = 0; place < 4; place++) places[kept * 4 + place] = places[i * 4 + place] as number
      marks[kept] = marks[i] as number
      values[kept] = values[i] as string | null
      names[kept++] = null
    }
    this.came = kept
    this.end = kept
    this.hasGaps = false
  }

  /**
   * Makes it what it was when it was settled: for the next message, whose fields are just the same. Values that have been asked
   * for stay known.
   */
  restore(): void {
    if (!this.isChanged) return
    const { names, marks, values } = this
    for (let i = 0; i < this.came; i++) {
      if (names[i] === null) continue
      marks[i] = this.markAsCame(i)
      names[i] = null
      values[i] = null
    }
    this.end = this.came
    this.hasGaps = false
    this.isChanged = false
    this.changedNames = 0
  }

  /** Makes it the same as another list, of which nothing has been changed since it came. Both stand in the text of a whole head. */
  copyFrom(other: HeaderList): void {
    // Lists go from hand to hand: mostly this one was made the same by the message before.
    if (this.came === other.came && this.text === other.text && !other.hasGaps) return this.restore()
    this.clear()
    for (let i = 0; i < other.came; i++) {
      if (other.names[i] === GAP) continue
      const at = i * 4
      const { places } = other
      this.pushPlaces(
        places[at] as number,
        places[at + 1] as number,
        places[at + 2] as number,
        places[at + 3] as number,
      )
    }
    this.readFrom(other.text)
    this.linesAsCame = other.toLines()
  }

  /** Forgets all fields and keeps the arrays for the next message. */
  clear(): void {
    this.end = 0
    this.came = 0
    this.text = ''
    this.hasGaps = false
    this.isChanged = true
    this.changedNames = -1
  }

  /** The name at a position, as written; empty for a gap, which is to be passed over. */
  nameAt(i: number): string {
    return this.names[i] ?? this.text.slice(this.places[i * 4], this.places[i * 4 + 1])
  }

  /** The value at a position. */
  valueAt(i: number): string {
    let value = this.values[i] ?? null
    if (value === null) {
      value = this.text.slice(this.places[i * 4 + 2], this.places[i * 4 + 3])
      this.values[i] = value
    }
    return value
  }

  /** True if a field of this name (lower case) is there. */
  has(key: string): boolean {
    return this.indexOf(key, 0) !== -1
  }

  /** The value of the field of this name (lower case), several joined by ", " as RFC 9110 section 5.2 allows; undefined if there is none. */
  get(key: string): string | undefined {
    const first = this.indexOf(key, 0)
    if (first === -1) return undefined
    let value = this.valueAt(first)
    for (let at = this.indexOf(key, first + 1); at !== -1; at = this.indexOf(key, at + 1))
      value += `, ${this.valueAt(at)}`
    return value
  }

  /** All values of this name (lower case), in order. */
  getAll(key: string): string[] {
    const found: string[] = []
    for (let at = this.indexOf(key, 0); at !== -1; at = this.indexOf(key, at + 1)) found.push(this.valueAt(at))
    return found
  }

  /** Appends a field. Throws a `TypeError` for a name or value that may not go on a wire. */
  add(name: string, value: string): void {
    assertField(name, value)
    this.push(name, value)
  }

  /** Puts one field in the place of all of this name, or appends it. Throws a `TypeError` as `add` does. */
  set(name: string, value: string): void {
    assertField(name, value)
    this.put(name, name.toLowerCase(), value)
  }

  /** The same as it is, without checks: for who has checked both. `key` is the name in lower case. */
  put(name: string, key: string, value: string): void {
    const first = this.indexOf(key, 0)
    if (first === -1) return this.push(name, value)
    this.change(name)
    this.names[first] = name
    this.values[first] = value
    this.removeFrom(first + 1, key)
  }

  /** Removes all fields of this name (lower case). */
  remove(key: string): void {
    const first = this.indexOf(key, 0)
    if (first !== -1) this.removeFrom(first, key)
  }

  /** Removes all fields whose names begin so (lower case). */
  removeBeginning(start: string): void {
    const first = start.charCodeAt(0) | 0x20
    for (let i = 0; i < this.end; i++)
      if (((this.marks[i] as number) & 0xff) === first && this.begins(i, start)) this.takeOut(i, this.nameAt(i))
  }

  /** Gives all fields of one name (lower case) another, keeping their places and values. */
  rename(key: string, name: string): void {
    assertField(name, '')
    for (let i = this.indexOf(key, 0); i !== -1; i = this.indexOf(key, i + 1)) {
      this.change(key)
      this.change(name)
      this.values[i] = this.valueAt(i)
      this.names[i] = name
      this.marks[i] = markOf(name)
    }
  }

  /** The same fields in a list of their own. */
  clone(): HeaderList {
    const copy = new HeaderList()
    for (const [name, value] of this) copy.push(name, value)
    return copy
  }

  /** The fields as [name, value] pairs, as written. */
  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    for (let i = 0; i < this.end; i++) if (this.names[i] !== GAP) yield [this.nameAt(i), this.valueAt(i)]
  }

  /** The fields as HTTP/1.1 writes them: `Name: value` and CRLF for each (RFC 9112, section 5). */
  toLines(): string {
    if (this.isChanged) return this.makeLines()
    this.linesAsCame ??= this.makeLines()
    return this.linesAsCame
  }

  private makeLines(): string {
    const { text, places, names } = this
    let lines = ''
    // A run of fields that stand side by side in the text, just as we would write them.
    let start = 0
    let end = 0
    for (let i = 0; i < this.end; i++) {
      if (names[i] === GAP) continue
      if (names[i] !== null || !this.isPlain(i)) {
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

  private indexOf(key: string, start: number): number {
    const { end, marks } = this
    const mark = markOf(key)
    for (let i = start; i < end; i++) if (marks[i] === mark && this.isNamed(i, key)) return i
    return -1
  }

  /** Whether field `i`, whose mark is that of `key`, has this name (lower case), whatever the case that it is written in. */
  private isNamed(i: number, key: string): boolean {
    const name = this.names[i] ?? null
    if (name !== null) return name === key || (name.length === key.length && name.toLowerCase() === key)
    const { text, places } = this
    const start = places[i * 4] as number
    if ((places[i * 4 + 1] as number) - start !== key.length) return false
    for (let at = 0; at < key.length; at++)
      if (lowerCode(text.charCodeAt(start + at)) !== key.charCodeAt(at)) return false
    return true
  }

  private begins(i: number, start: string): boolean {
    const name = this.names[i] ?? null
    if (name !== null) return name.length >= start.length && name.slice(0, start.length).toLowerCase() === start
    const { text, places } = this
    const from = places[i * 4] as number
    if ((places[i * 4 + 1] as number) - from < start.length) return false
    for (let at = 0; at < start.length; at++)
      if (lowerCode(text.charCodeAt(from + at)) !== start.charCodeAt(at)) return false
    return true
  }

  /** Called before anything of this name is changed. */
  private change(name: string): void {
    this.isChanged = true
    this.changedNames |= nameBit(name)
  }

  private takeOut(i: number, name: string): void {
    this.change(name)
    this.hasGaps = true
    this.marks[i] = 0
    this.names[i] = GAP
    this.values[i] = null
  }

  private removeFrom(start: number, key: string): void {
    for (let i = this.indexOf(key, start); i !== -1; i = this.indexOf(key, i + 1)) this.takeOut(i, key)
  }

  /** The mark of a name that stands in the text. */
  private markAsCame(i: number): number {
    const start = this.places[i * 4] as number
    const end = this.places[i * 4 + 1] as number
    return markOfParts(end - start, this.text.charCodeAt(start), this.text.charCodeAt(end - 1))
  }
}

/** What tells most names apart, whatever their case: their length, and how they begin and end. Never 0. */
function markOf(name: string): number {
  return markOfParts(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1))
}

function markOfParts(length: number, first: number, last: number): number {
  return (length << 16) | ((last | 0x20) << 8) | (first | 0x20)
}

/** One of 32 bits for a name, whatever its case. */
function nameBit(name: string): number {
  return 1 << (name.length * 7 + (name.charCodeAt(0) | 0x20))
}

/** Names, for `sourceOf`. */
export function namesOf(...names: readonly string[]): number {
  return names.reduce((bits, name) => bits | nameBit(name), 0)
}

function lowerCode(code: number): number {
  return code >= UPPER_A && code <= UPPER_Z ? code + 32 : code
}

/** No field has this name. */
const GAP = ''

const SPACE = 0x20
const CR = 0x0d
const UPPER_A = 0x41
const UPPER_Z = 0x5a

const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// Anything that is not a visible Latin-1 character, a space or a tab: what could split or end a message, or not be written at all.
const UNSAFE_VALUE = /[^\t\x20-\x7e\x80-\xff]/

/** True for a field name of RFC 9110, section 5.1: a token. */
export function isFieldName(name: string): boolean {
  return FIELD_NAME.test(name)
}

/** True for a field value that can go on a wire: no CR, LF, NUL or other control, nothing beyond Latin-1. */
export function isFieldValue(value: string): boolean {
  return !UNSAFE_VALUE.test(value)
}

function assertField(name: string, value: string): void {
  if (!isFieldName(name)) throw new TypeError(`${JSON.stringify(name)} is not a header name`)
  if (!isFieldValue(value)) throw new TypeError(`the value of header ${name} has a character that no header may have`)
}
