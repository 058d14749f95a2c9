import { nearest } from './nearest.ts'

/** What a value that does not fit its schema must be, in words that say what to write instead. */

/** The keyword of a schema that has words for its `pattern`: nobody who has mistyped something is helped by a regular expression. They go on after "must be". */
export const EXPECTED = 'x-expected'

/** A fault as Ajv tells it with `verbose`. */
export interface SchemaFault {
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string | undefined
  /** The schema that has the keyword. */
  readonly parentSchema?: unknown
  /** The value that does not fit. */
  readonly data?: unknown
}

/** What the value must be: what is said after its name, without a full stop. */
export function expectedMessage({ keyword, params, message, parentSchema, data }: SchemaFault): string {
  if (keyword === 'enum') return oneOf(params.allowedValues as readonly unknown[], data)
  if (keyword === 'const') return `must be ${JSON.stringify(params.allowedValue)}`
  const words = keyword === 'pattern' ? patternMessage(parentSchema) : undefined
  return words ?? message ?? 'is not valid'
}

function oneOf(allowed: readonly unknown[], data: unknown): string {
  const names = allowed.map(String)
  const similar = typeof data === 'string' ? nearest(data, names) : undefined
  return `must be one of ${names.join(', ')}${similar === undefined ? '' : ` (did you mean "${similar}"?)`}`
}

/** What a text that does not fit a pattern must be; undefined where the schema has no words for it. */
function patternMessage(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  const { [EXPECTED]: expected, examples } = schema as { readonly [EXPECTED]?: unknown; readonly examples?: unknown }
  if (typeof expected !== 'string') return undefined
  const [example] = Array.isArray(examples) ? examples : []
  return `must be ${expected}${typeof example === 'string' ? `, such as ${example}` : ''}`
}
