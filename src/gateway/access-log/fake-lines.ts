import type { Lines } from './sink.ts'

/** For tests: lines as they come from workers. */
export function linesOf(...texts: readonly string[]): Lines {
  return { bytes: Buffer.from(texts.map((text) => `${text}\n`).join(''), 'latin1'), count: texts.length }
}

/** So many lines that are told apart by their numbers. */
export function numberedLines(from: number, count: number, rest = ''): Lines {
  return linesOf(...Array.from({ length: count }, (_, i) => `${from + i} ${rest}`))
}
