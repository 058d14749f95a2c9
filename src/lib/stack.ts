/** Last in, first out. An array gives room back when it is popped, and takes it again when it is pushed to; this keeps what it has had. */
export class Stack<T> {
  length = 0
  private readonly items: (T | null)[] = []

  push(item: T): void {
    this.items[this.length++] = item
  }

  pop(): T | null {
    if (this.length === 0) return null
    const item = this.items[--this.length] as T
    this.items[this.length] = null
    return item
  }

  includes(item: T): boolean {
    return this.items.includes(item)
  }

  /** Takes one out, if it is in. */
  remove(item: T): void {
    const at = this.items.lastIndexOf(item)
    if (at === -1) return
    this.items.copyWithin(at, at + 1, this.length)
    this.items[--this.length] = null
  }

  /** Takes all out. */
  takeAll(): T[] {
    const taken = this.items.slice(0, this.length) as T[]
    this.items.length = 0
    this.length = 0
    return taken
  }
}
