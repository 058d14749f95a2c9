import { markOf } from './field-mark.ts'
import type { HeaderList } from './header-list.ts'

/** A field as it is written again and again: put together once. */
export class ReadyField {
  readonly name: string
  /** The name in lower case. */
  readonly key: string
  readonly value: string
  readonly mark: number
  /** As HTTP/1.1 writes it. */
  readonly line: string

  /** Name and value have been checked. */
  constructor(name: string, value: string) {
    this.name = name
    this.key = name.toLowerCase()
    this.value = value
    this.mark = markOf(name)
    // In one piece, so that writing it is one copy.
    this.line = Buffer.from(`${name}: ${value}\r\n`, 'latin1').toString('latin1')
  }
}

/** A field of one name that mostly has the value that it had before. */
export class RepeatedField {
  private readonly name: string
  private readonly key: string
  private value: string | null = null
  private ready: ReadyField | null = null

  constructor(name: string) {
    this.name = name
    this.key = name.toLowerCase()
  }

  /** Puts it, with a value that has been checked, in the place of all fields of its name. */
  put(headers: HeaderList, value: string): void {
    if (this.isRepeated(value)) headers.putReady(this.of(value))
    else headers.put(this.name, this.key, value)
  }

  /** Appends it, with a value that has been checked. */
  push(headers: HeaderList, value: string): void {
    if (this.isRepeated(value)) headers.pushReady(this.of(value))
    else headers.push(this.name, value)
  }

  private isRepeated(value: string): boolean {
    if (value === this.value) return true
    this.value = value
    this.ready = null
    return false
  }

  private of(value: string): ReadyField {
    this.ready ??= new ReadyField(this.name, value)
    return this.ready
  }
}
