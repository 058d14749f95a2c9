import { bitOf, canBegin, markOf } from './field-mark.ts'
import { OwnFields } from './own-fields.ts'
import type { ReadyField } from './ready-field.ts'
import { ReceivedFields } from './received-fields.ts'

/** Of fields that came, so many can be taken out one by one. Of more, all become our own with the first change. */
const MOST_RECEIVED = 31
/** In the place of bits: none of the fields that came is there as it came. */
const ALL = -1
/** What is read where nothing has come. */
const NOTHING = new ReceivedFields()
NOTHING.isShared = true
/** What is read where nothing of our own has been put in. */
const NO_FIELDS = new OwnFields()

/**
 * The header fields of one HTTP message: case-insensitive, multi-value safe, the values of one name in order (RFC 9110, section 5.3).
 *
 * A list is filled on every request and mostly passed on as it is. So it is two parts: the fields as they came over a wire, which
 * are never touched, and what has been changed: a bit for each of them that is gone, and fields of our own, behind them. To make
 * it what it was, or what another one is, is to forget the changes. Arrays are used again for the next message.
 */
export class HeaderList {
  private came = NOTHING
  /** A bit for each field that came and is not there any more, or `ALL`. */
  private gone = 0
  /** The same when it was settled. */
  private goneAtFirst = 0
  private own = NO_FIELDS
  /** The bits (`bitOf`) of names that have been changed since the fields came. */
  private changedNames = 0

  /** The position behind the last field. Before it are fields and gaps: see `nameAt`. */
  get end(): number {
    return this.came.count + this.own.count
  }

  /** Whether anything has been changed since `readFrom`, `settle` or `restore`. */
  get isChanged(): boolean {
    return this.own.count !== 0 || this.gone !== this.goneAtFirst
  }

  /** Whether there is no field. */
  get isEmpty(): boolean {
    if (this.own.count > 0) return false
    for (let i = 0; i < this.came.count; i++) if (!this.isGone(i)) return false
    return true
  }

  /** Appends a field as it is, without checks: for who has checked both. */
  push(name: string, value: string): void {
    this.append(name, markOf(name), value, null)
  }

  /** The same, of a field that is written again and again. */
  pushReady({ name, mark, value, line }: ReadyField): void {
    this.append(name, mark, value, line)
  }

  /** Appends a field that stands at these places of the text that `readFrom` will give. For the codec, which has checked it. */
  pushPlaces(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    if (this.came.isShared) this.came = new ReceivedFields()
    this.came.push(nameStart, nameEnd, valueStart, valueEnd)
  }

  /** Gives the text that all places are in. */
  readFrom(text: string): void {
    if (!this.came.isShared) this.came.readFrom(text)
  }

  /** The text that the fields of these names (`namesOf`) are in as they came; null where one of them may have been changed. */
  sourceOf(names: number): string | null {
    const { text } = this.came
    return text !== '' && (this.changedNames & names) === 0 ? text : null
  }

  /**
   * Says that what is left of the fields in the text is how they came: `restore` gives them back. Returns whether it will: false
   * where there are too many, and some of them are gone.
   */
  settle(): boolean {
    if (this.own.count !== 0 || this.gone === ALL) return false
    this.goneAtFirst = this.gone
    this.changedNames = 0
    return true
  }

  /** Makes it what it was when it was settled: for the next message, whose fields are just the same. */
  restore(): void {
    this.own.count = 0
    this.gone = this.goneAtFirst
    this.changedNames = 0
  }

  /** Makes it the same as another list, of which nothing has been changed since it came or was settled. */
  copyFrom(other: HeaderList): void {
    this.came = other.came
    this.came.isShared = true
    this.goneAtFirst = other.gone
    this.restore()
  }

  /** The fields as they came, in a text that is the end of the one that they are in. */
  receivedIn(text: string): ReceivedFields {
    return this.came.inEndOf(text)
  }

  /** Reads the fields that came from here, where they are the same. */
  readReceived(fields: ReceivedFields): void {
    fields.isShared = true
    this.came = fields
  }

  /** Forgets all fields and keeps the arrays for the next message. */
  clear(): void {
    if (this.came.isShared) this.came = NOTHING
    else this.came.clear()
    this.goneAtFirst = 0
    this.restore()
  }

  /** The name at a position, as written; empty for a gap, which is to be passed over. */
  nameAt(i: number): string {
    const { came } = this
    if (i >= came.count) return this.own.names[i - came.count] ?? ''
    return this.isGone(i) ? '' : came.nameAt(i)
  }

  /** The value at a position. */
  valueAt(i: number): string {
    const { came } = this
    return i < came.count ? came.valueAt(i) : (this.own.values[i - came.count] ?? '')
  }

  /** True if a field of this name (lower case) is there. */
  has(key: string): boolean {
    const mark = markOf(key)
    return this.receivedIndex(key, mark, 0) !== -1 || this.own.indexOf(key, mark, 0) !== -1
  }

  /** The value of the field of this name (lower case), several joined by ", " as RFC 9110 section 5.2 allows; undefined if there is none. */
  get(key: string): string | undefined {
    const mark = markOf(key)
    let value: string | undefined
    for (let at = this.receivedIndex(key, mark, 0); at !== -1; at = this.receivedIndex(key, mark, at + 1))
      value = joined(value, this.came.valueAt(at))
    for (let at = this.own.indexOf(key, mark, 0); at !== -1; at = this.own.indexOf(key, mark, at + 1))
      value = joined(value, this.own.values[at] as string)
    return value
  }

  /** All values of this name (lower case), in order. */
  getAll(key: string): string[] {
    const mark = markOf(key)
    const found: string[] = []
    for (let at = this.receivedIndex(key, mark, 0); at !== -1; at = this.receivedIndex(key, mark, at + 1))
      found.push(this.came.valueAt(at))
    for (let at = this.own.indexOf(key, mark, 0); at !== -1; at = this.own.indexOf(key, mark, at + 1))
      found.push(this.own.values[at] as string)
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
    const mark = markOf(key)
    this.removeMarked(key, mark)
    this.append(name, mark, value, null)
  }

  /** The same, of a field that is written again and again. */
  putReady(field: ReadyField): void {
    this.removeMarked(field.key, field.mark)
    this.pushReady(field)
  }

  /** Removes all fields of this name (lower case). */
  remove(key: string): void {
    this.removeMarked(key, markOf(key))
  }

  private removeMarked(key: string, mark: number): void {
    for (let at = this.receivedIndex(key, mark, 0); at !== -1; at = this.receivedIndex(key, mark, at + 1))
      this.takeOut(at, mark)
    for (let at = this.own.indexOf(key, mark, 0); at !== -1; at = this.own.indexOf(key, mark, at)) this.takeOutOwn(at)
  }

  /** Removes all fields whose names begin so (lower case). */
  removeBeginning(start: string): void {
    const first = start.charCodeAt(0)
    for (let i = 0; i < this.came.count; i++)
      if (!this.isGone(i) && this.came.begins(i, start)) this.takeOut(i, markOf(this.came.nameAt(i)))
    const { own } = this
    for (let i = own.count - 1; i >= 0; i--)
      if (canBegin(own.marks[i] as number, first) && own.names[i]?.slice(0, start.length).toLowerCase() === start)
        this.takeOutOwn(i)
  }

  /** Gives all fields of one name (lower case) another, keeping their values. */
  rename(key: string, name: string): void {
    assertField(name, '')
    const values = this.getAll(key)
    if (values.length === 0) return
    this.remove(key)
    for (const value of values) this.push(name, value)
  }

  /** The same fields in a list of their own. */
  clone(): HeaderList {
    const copy = new HeaderList()
    for (const [name, value] of this) copy.push(name, value)
    return copy
  }

  /** The fields as [name, value] pairs, as written. */
  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    for (let i = 0; i < this.end; i++) {
      const name = this.nameAt(i)
      if (name !== '') yield [name, this.valueAt(i)]
    }
  }

  /** The fields as HTTP/1.1 writes them: `Name: value` and CRLF for each (RFC 9112, section 5). */
  toLines(): string {
    let lines = this.gone === ALL ? '' : this.came.toLines(this.gone)
    const { own } = this
    for (let i = 0; i < own.count; i++) lines += own.lineAt(i)
    return lines
  }

  private isGone(i: number): boolean {
    return this.gone !== 0 && (this.gone === ALL || ((this.gone >>> i) & 1) !== 0)
  }

  /** The first field that came and is still there, of this name (lower case, with its mark), from `start` on; -1 for none. */
  private receivedIndex(key: string, mark: number, start: number): number {
    if (this.gone === ALL) return -1
    let at = this.came.indexOf(key, mark, start)
    while (at !== -1 && this.isGone(at)) at = this.came.indexOf(key, mark, at + 1)
    return at
  }

  private append(name: string, mark: number, value: string, line: string | null): void {
    this.changedNames |= bitOf(mark)
    if (this.own === NO_FIELDS) this.own = new OwnFields()
    this.own.push(name, mark, value, line)
  }

  /** Takes out a field that came; or makes all of them our own, where they are too many for that. */
  private takeOut(at: number, mark: number): void {
    this.changedNames |= bitOf(mark)
    if (this.came.count > MOST_RECEIVED) this.makeOwn()
    else this.gone |= 1 << at
  }

  private makeOwn(): void {
    const fields = [...this]
    this.own.count = 0
    this.gone = ALL
    for (const [name, value] of fields) this.push(name, value)
  }

  private takeOutOwn(at: number): void {
    this.changedNames |= bitOf(this.own.marks[at] as number)
    this.own.takeOut(at)
  }
}

function joined(values: string | undefined, value: string): string {
  return values === undefined ? value : `${values}, ${value}`
}

/** Names, for `sourceOf`. */
export function namesOf(...names: readonly string[]): number {
  return names.reduce((bits, name) => bits | bitOf(markOf(name)), 0)
}

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
