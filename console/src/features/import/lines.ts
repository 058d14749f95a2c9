/** Problems of a document, at the lines that they name. */

/** A line of a document, with the ones around it. */
export interface Excerpt {
  readonly line: number
  readonly lines: readonly { readonly number: number; readonly text: string }[]
}

const AROUND = 1

/** The line that a message names: `Line 7: …`, `Line 7, column 3: …`. Null where it names none. */
export function lineOf(message: string): number | null {
  const found = /^Line (\d+)/.exec(message)
  return found === null ? null : Number(found[1])
}

/** What stands there; null where the text has no such line. */
export function excerptOf(text: string, line: number): Excerpt | null {
  const all = text.split('\n')
  if (line < 1 || line > all.length) return null
  const first = Math.max(1, line - AROUND)
  const last = Math.min(all.length, line + AROUND)
  return { line, lines: all.slice(first - 1, last).map((text, i) => ({ number: first + i, text })) }
}
