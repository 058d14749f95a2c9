import { createRequire } from 'node:module'
import type { RE2JS } from '@bufbuild/re2'

/**
 * Regular expressions of users (RE2 syntax): they run in time linear in the text, whatever the pattern. Linear still has
 * a factor, the size of the compiled pattern, so that is bounded too.
 */

/** Characters of a pattern. */
const MAX_PATTERN_LENGTH = 256
/** Instructions of a compiled pattern: `[a-z]{1,100}` makes about 200. */
const MAX_INSTRUCTIONS = 1_000

/** A pattern that cannot be used; the message says why and what to do. */
export class InvalidPattern extends Error {}

/** A compiled pattern. */
export interface LinearRegex {
  /** Instructions: the most steps that one character of a text can take. */
  readonly size: number
  /** Whether the pattern fits anywhere in a text. */
  test(text: string): boolean
}

/** The engine is loaded with the first pattern: without any, no start waits for it. */
const load = createRequire(import.meta.url)
const engine = () => load('@bufbuild/re2') as typeof import('@bufbuild/re2')

/** Compiles a pattern. Throws `InvalidPattern`. */
export function compileRegex(pattern: string): LinearRegex {
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new InvalidPattern(`the pattern has more than ${MAX_PATTERN_LENGTH} characters: make it shorter`)
  const compiled = compile(pattern)
  const size = compiled.re2().prog.numInst()
  if (size > MAX_INSTRUCTIONS)
    throw new InvalidPattern(
      `the pattern is too large once its repetitions are written out (${size} steps; at most ${MAX_INSTRUCTIONS}): repeat less`,
    )
  return { size, test: (text) => compiled.test(text) }
}

function compile(pattern: string): RE2JS {
  const { RE2JS, RE2JSException } = engine()
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (error instanceof RE2JSException)
      throw new InvalidPattern(`${error.message} (the syntax is RE2's: no look-around, no references)`)
    throw error
  }
}
