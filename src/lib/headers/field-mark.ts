/** What tells most names of fields apart, whatever their case, without reading them: their length, and how they begin and end. Never 0. */
export function markOf(name: string): number {
  return markOfParts(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1))
}

/** The mark of a name by its parts: its length, its first and its last character. */
export function markOfParts(length: number, first: number, last: number): number {
  return (length << 16) | ((last | 0x20) << 8) | (first | 0x20)
}

/** Whether a name with this mark can begin with this character (lower case). */
export function canBegin(mark: number, first: number): boolean {
  return (mark & 0xff) === (first | 0x20)
}

/** One of 32 bits for a mark: what a set of names has no bit of is not in it. */
export function bitOf(mark: number): number {
  return 1 << ((mark >>> 16) * 7 + mark + (mark >>> 8) * 3)
}
