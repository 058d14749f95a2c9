import type { ErrorObject, ValidateFunction } from 'ajv'

/** What Ajv compiles, as its users need it. */
export interface Validator {
  (data: unknown): boolean
  /** What was wrong with the last data; null for nothing. */
  errors?: ErrorObject[] | null
}

/**
 * A validator that is compiled when it is first asked: most are not, in most runs, and to make them all would take longer than
 * all the rest of a start.
 */
export function onFirstUse(compile: () => ValidateFunction): Validator {
  let compiled: ValidateFunction | null = null
  const validate: Validator = (data) => {
    compiled ??= compile()
    const isValid = compiled(data)
    validate.errors = compiled.errors ?? null
    return isValid
  }
  return validate
}
