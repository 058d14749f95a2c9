/**
 * References to variables of the environment in texts: `${env:NAME}` is the value, `$${env:NAME}` is that text itself. No
 * context variable has a colon in its name, so that neither can be taken for the other.
 */

/** The dollar signs before it, and what stands between the braces. */
const REFERENCE = /(\$*)\$\{env:([^{}]*)\}/g
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A reference that leads to nothing. */
export interface MissingVariable {
  /** Keys of the text in the value. */
  readonly path: readonly string[]
  /** What stands between the braces. */
  readonly name: string
  /** Whether it could be the name of a variable at all. */
  readonly isName: boolean
}

/** A value with all references in its texts replaced, and those that lead to nothing. Keys stay as they are. */
export function resolveReferences(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): { value: unknown; missing: MissingVariable[] } {
  const missing: MissingVariable[] = []
  const resolved = mapTexts(value, [], (text, path) =>
    text.replaceAll(REFERENCE, (whole, dollars: string, name: string) => {
      if (dollars !== '') return whole.slice(1)
      const found = NAME.test(name) ? environment[name] : undefined
      if (found === undefined) missing.push({ path, name, isName: NAME.test(name) })
      return found ?? ''
    }),
  )
  return { value: resolved, missing }
}

/** A value whose texts say the same when their references are resolved. */
export function escapeReferences(value: unknown): unknown {
  return mapTexts(value, [], (text) => text.replaceAll(REFERENCE, (whole) => `$${whole}`))
}

function mapTexts(
  value: unknown,
  path: readonly string[],
  change: (text: string, path: readonly string[]) => string,
): unknown {
  if (typeof value === 'string') return change(value, path)
  if (Array.isArray(value)) return value.map((item, i) => mapTexts(item, [...path, String(i)], change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, mapTexts(member, [...path, key], change)]),
  )
}
