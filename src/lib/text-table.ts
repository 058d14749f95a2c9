/**
 * Values by text, found by a part of a longer text that nobody has to cut out. A `Map` cannot do that, and makes a lasting copy of each
 * text that it is asked for, in a table of the whole thread: of every path of every request.
 */
export class TextTable<V> {
  private keys: (string | null)[] = [null, null]
  private values: (V | null)[] = [null, null]
  private size = 0

  /** The value of what stands in `text` from `start` to `end`; null for none. `hash` is what `hashOf` gives of it. */
  find(text: string, start: number, end: number, hash: number): V | null {
    const { keys } = this
    const mask = keys.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const key = keys[slot] ?? null
      if (key === null) return null
      if (isAt(key, text, start, end)) return this.values[slot] ?? null
    }
  }

  /** The value of a whole text; null for none. */
  get(text: string): V | null {
    return this.find(text, 0, text.length, hashOf(text))
  }

  set(key: string, value: V): void {
    // At most half full: what is not there is known after a step or two.
    if ((this.size + 1) * 2 > this.keys.length) this.grow()
    const mask = this.keys.length - 1
    let slot = hashOf(key) & mask
    for (let other = this.keys[slot] ?? null; other !== null && other !== key; other = this.keys[slot] ?? null)
      slot = (slot + 1) & mask
    if (this.keys[slot] === null) this.size++
    this.keys[slot] = key
    this.values[slot] = value
  }

  private grow(): void {
    const { keys, values } = this
    this.keys = new Array<string | null>(keys.length * 2).fill(null)
    this.values = new Array<V | null>(keys.length * 2).fill(null)
    this.size = 0
    keys.forEach((key, slot) => {
      if (key !== null) this.set(key, values[slot] as V)
    })
  }
}

/** Takes one more character into a hash, which begins as 0. */
export function addToTextHash(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0
}

function hashOf(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = addToTextHash(hash, text.charCodeAt(at))
  return hash
}

function isAt(key: string, text: string, start: number, end: number): boolean {
  if (key.length !== end - start) return false
  for (let at = 0; at < key.length; at++) if (text.charCodeAt(start + at) !== key.charCodeAt(at)) return false
  return true
}
