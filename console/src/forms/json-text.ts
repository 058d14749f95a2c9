/** JSON as it is typed: nothing at all stands for no value. */

export type Parsed = { readonly value: unknown } | { readonly fault: string }

export function parseJson(text: string): Parsed {
  if (text.trim() === '') return { value: undefined }
  try {
    const value: unknown = JSON.parse(text)
    return { value }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) }
  }
}

/** A value as one reads it. */
export const writeJson = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value, null, 2))
