import type { LogWriter } from '../../plugins/plugin.ts'
import type { Lines } from './sink.ts'

/** For tests: lines as they come from workers. */
export function linesOf(...texts: readonly string[]): Lines {
  return { bytes: Buffer.from(texts.map((text) => `${text}\n`).join(''), 'latin1'), count: texts.length }
}

/** So many lines that are told apart by their numbers. */
export function numberedLines(from: number, count: number, rest = ''): Lines {
  return linesOf(...Array.from({ length: count }, (_, i) => `${from + i} ${rest}`))
}

/** Writes a line; false where it is dropped. */
export function writeLine(writer: LogWriter, text: string, severity = 6): boolean {
  const line = writer.begin(severity)
  if (line === null) return false
  line.text(text)
  writer.end()
  return true
}
