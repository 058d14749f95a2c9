import type { ReactNode } from 'react'
import type { FieldProps } from '../field-props.ts'
import { useFormState } from '../form-context.tsx'
import { Help } from '../help.tsx'

/** What a component of the library takes for a field. */
interface InputProps {
  readonly label?: string
  readonly 'aria-label'?: string
  readonly description: ReactNode
  readonly error: string | undefined
  readonly withAsterisk: boolean
  readonly disabled: boolean
  readonly 'aria-required'?: true
}

/** Binds a field to a component, and gives what is to be called with a new value. */
export function useInput(
  { schema, path, label, isRequired, isInline = false, onChange }: FieldProps,
  showsDefault = false,
): { readonly input: InputProps; readonly change: (value: unknown) => void } {
  const { errorAt, isDisabled, touch } = useFormState()
  const hasHelp = !isInline && (schema.description !== undefined || schema.default !== undefined)
  return {
    input: {
      ...(isInline ? { 'aria-label': label } : { label }),
      description: hasHelp ? <Help schema={schema} showsDefault={showsDefault} /> : undefined,
      error: errorAt(path),
      withAsterisk: isRequired,
      disabled: isDisabled,
      ...(isRequired ? { 'aria-required': true } : {}),
    },
    change(value) {
      touch(path)
      onChange(value)
    },
  }
}
