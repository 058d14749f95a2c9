import { type ComponentType, createContext, useContext, useEffect } from 'react'
import type { FieldProps } from './field-props.ts'
import type { JsonSchema } from './schema.ts'

/** What all fields of a form share. */
export interface FormState {
  /** The document that references of schemas are in. */
  readonly root: JsonSchema
  readonly isDisabled: boolean
  /** The field for any schema: fields have fields in them. */
  readonly Field: ComponentType<FieldProps>
  /** What is wrong with the value at a place, once somebody has changed it there (or at `field`, which shows it), or the server has said so. */
  errorAt(path: string, field?: string): string | undefined
  /** Says that somebody has changed the value at a place. */
  touch(path: string): void
  /** Says whether a field shows something that cannot be a value yet. */
  hold(path: string, isHeld: boolean): void
}

const FormContext = createContext<FormState | null>(null)

export const FormProvider = FormContext.Provider

export function useFormState(): FormState {
  const form = useContext(FormContext)
  if (form === null) throw new Error('there is no SchemaForm around this field')
  return form
}

/** Keeps the form from being saved while a field shows something that cannot be a value yet. */
export function useHold(path: string, isHeld: boolean): void {
  const { hold } = useFormState()
  useEffect(() => {
    hold(path, isHeld)
    return () => hold(path, false)
  }, [hold, path, isHeld])
}

/** A context variable, and what it stands for. */
export interface OfferedVariable {
  readonly name: string
  readonly description: string
}

/** What fields can offer that only the surroundings of the form know. */
export interface Offers {
  /** Context variables that a template can use. */
  readonly variables: readonly OfferedVariable[]
  /** Names of the service's restriction policies. */
  readonly policies: readonly string[]
}

const OffersContext = createContext<Offers>({ variables: [], policies: [] })

export const OffersProvider = OffersContext.Provider
export const useOffers = (): Offers => useContext(OffersContext)
