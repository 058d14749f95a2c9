import type { JsonSchema } from './schema.ts'

/** What every field is given: thin wrappers bind a component of the library to it. */
export interface FieldProps {
  readonly schema: JsonSchema
  readonly value: unknown
  /** JSON Pointer from the root of the form. */
  readonly path: string
  readonly label: string
  /** Whether it has to be there: it is required, and has no default. */
  readonly isRequired: boolean
  /** Whether it stands in a row of others, which is described as a whole. */
  readonly isInline?: boolean
  /** undefined takes the value out, so that its default holds. */
  onChange(value: unknown): void
}
