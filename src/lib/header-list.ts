/**
 * The header fields of one HTTP message: case-insensitive, multi-value safe, order preserving (RFC 9110, section 5.3).
 *
 * Three parallel arrays rather than one of objects, because a list is filled and read on every request and reused by its
 * connection: nothing is allocated but the strings. `keys` holds the lower-case names, `names` the names as written.
 */
export class HeaderList {
  names: string[] = []
  keys: string[] = []
  values: string[] = []
  length = 0

  /** Appends a field as it is, without checks; `key` is `name` in lower case. For the codec, which has checked both. */
  push(name: string, key: string, value: string): void {
    const at = this.length++
    this.names[at] = name
    this.keys[at] = key
    this.values[at] = value
  }

  /** Forgets all fields and keeps the arrays for the next message. */
  clear(): void {
    this.length = 0
  }

  /** True if a field of this name (lower case) is there. */
  has(key: string): boolean {
    return this.indexOf(key) !== -1
  }

  /** The value of the field of this name (lower case), several joined by ", " as RFC 9110 section 5.2 allows; undefined if there is none. */
  get(key: string): string | undefined {
    const first = this.indexOf(key)
    if (first === -1) return undefined
    let value = this.values[first] as string
    for (let i = first + 1; i < this.length; i++) if (this.keys[i] === key) value += `, ${this.values[i]}`
    return value
  }

  /** All values of this name (lower case), in order. */
  getAll(key: string): string[] {
    const found: string[] = []
    for (let i = 0; i < this.length; i++) if (this.keys[i] === key) found.push(this.values[i] as string)
    return found
  }

  /** Appends a field. Throws a `TypeError` for a name or value that may not go on a wire. */
  add(name: string, value: string): void {
    assertField(name, value)
    this.push(name, name.toLowerCase(), value)
  }

  /** Puts one field in the place of all of this name, or appends it. Throws a `TypeError` as `add` does. */
  set(name: string, value: string): void {
    assertField(name, value)
    const key = name.toLowerCase()
    const first = this.indexOf(key)
    if (first === -1) return this.push(name, key, value)
    this.names[first] = name
    this.values[first] = value
    this.removeFrom(first + 1, key)
  }

  /** Removes all fields of this name (lower case). */
  remove(key: string): void {
    this.removeFrom(0, key)
  }

  /** Gives all fields of one name (lower case) another, keeping their places and values. */
  rename(key: string, name: string): void {
    assertField(name, '')
    const newKey = name.toLowerCase()
    for (let i = 0; i < this.length; i++) {
      if (this.keys[i] !== key) continue
      this.names[i] = name
      this.keys[i] = newKey
    }
  }

  /** The fields as [name, value] pairs, as written. */
  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    for (let i = 0; i < this.length; i++) yield [this.names[i] as string, this.values[i] as string]
  }

  private indexOf(key: string): number {
    for (let i = 0; i < this.length; i++) if (this.keys[i] === key) return i
    return -1
  }

  private removeFrom(start: number, key: string): void {
    let kept = start
    for (let i = start; i < this.length; i++) {
      if (this.keys[i] === key) continue
      if (kept !== i) {
        this.names[kept] = this.names[i] as string
        this.keys[kept] = this.keys[i] as string
        this.values[kept] = this.values[i] as string
      }
      kept++
    }
    this.length = kept
  }
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
