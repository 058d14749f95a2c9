/** Header fields that did not come over a wire: what plugins and the gateway put into a message. Arrays are used again. */
export class OwnFields {
  count = 0
  readonly names: string[] = []
  readonly values: string[] = []
  /** See `markOf`. */
  readonly marks: number[] = []
  /** As they are written; null for one that is still to be put together. */
  private readonly lines: (string | null)[] = []

  push(name: string, mark: number, value: string, line: string | null): void {
    const at = this.count++
    this.names[at] = name
    this.values[at] = value
    this.marks[at] = mark
    this.lines[at] = line
  }

  /** The first field of this name (lower case, with its mark) from `start` on; -1 for none. */
  indexOf(key: string, mark: number, start: number): number {
    const { count, marks } = this
    for (let i = start; i < count; i++) {
      if (marks[i] !== mark) continue
      const name = this.names[i] as string
      if (name === key || name.toLowerCase() === key) return i
    }
    return -1
  }

  /** Takes out a field; those behind it move up. */
  takeOut(at: number): void {
    const { names, values, marks, lines } = this
    this.count--
    for (let i = at; i < this.count; i++) {
      names[i] = names[i + 1] as string
      values[i] = values[i + 1] as string
      marks[i] = marks[i + 1] as number
      lines[i] = lines[i + 1] as string | null
    }
  }

  /** A field as HTTP/1.1 writes it. */
  lineAt(i: number): string {
    return this.lines[i] ?? `${this.names[i]}: ${this.values[i]}\r\n`
  }
}
