/** A sink of the log thread: where whole lines end up. */

/** Lines that are to be written, as they have come from the workers. */
export interface Lines {
  /** Whole lines, each with its end. */
  readonly bytes: Buffer
  readonly count: number
}

/** Writes lines. One call at a time, in the order of the lines. */
export interface Writer {
  /** Writes all of it, or as many whole lines from the beginning as it can. Never rejects. */
  write(all: readonly Lines[]): Promise<Written>
  /** Lets go of files and connections. Lines may still come afterwards, and open them again. */
  close(): Promise<void>
  /** Opens files again. */
  reopen?(): void
}

/** What became of lines. */
export interface Written {
  /** How many lines were not written, and will not be. */
  readonly lost: number
  /** Why; null where all was written. */
  readonly trouble: string | null
}

export const ALL_WRITTEN: Written = { lost: 0, trouble: null }

/** How lines are gathered before they are written together. */
export interface Gathering {
  readonly mostBytes: number
  /** How long the first may wait for others. */
  readonly lingerMs: number
}

export function countOf(all: readonly Lines[]): number {
  return all.reduce((sum, { count }) => sum + count, 0)
}

/** How many lines end within the first `size` bytes. */
export function linesWithin(bytes: Buffer, size: number): number {
  let lines = 0
  for (let at = bytes.indexOf(LF); at !== -1 && at < size; at = bytes.indexOf(LF, at + 1)) lines++
  return lines
}

/** Calls `each` with every line, without its end. */
export function eachLine(bytes: Buffer, each: (line: Buffer) => void): void {
  let start = 0
  for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
    each(bytes.subarray(start, end))
    start = end + 1
  }
}

const LF = 0x0a
