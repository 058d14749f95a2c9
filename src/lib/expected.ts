/** What a `pattern` wants, in words: nobody who has mistyped something is helped by a regular expression. */

/** The keyword of a schema that has these words. They go on after "must be". */
export const EXPECTED = 'x-expected'

/** What is said of a text that does not fit the pattern of a schema; undefined where the schema has no words for it. */
export function patternMessage(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  const { [EXPECTED]: expected, examples } = schema as { readonly [EXPECTED]?: unknown; readonly examples?: unknown }
  if (typeof expected !== 'string') return undefined
  const [example] = Array.isArray(examples) ? examples : []
  return `must be ${expected}${typeof example === 'string' ? `, such as ${example}` : ''}`
}
