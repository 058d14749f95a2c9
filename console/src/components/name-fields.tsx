import { Textarea, TextInput } from '@mantine/core'
import { fieldError } from '../api/client.ts'

/** What is said of nearly everything that can be made: what it is called, and what it is for. */

interface FieldProps {
  readonly label: string
  readonly description?: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** What the server refused; what it says of this field stands here. */
  readonly error: Error | null
}

export function NameField({ error, onChange, ...field }: FieldProps) {
  return (
    <TextInput
      {...field}
      required
      autoComplete="off"
      error={fieldError(error, '/name')}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

export function DescriptionField({ error, onChange, ...field }: FieldProps) {
  return (
    <Textarea
      {...field}
      autosize
      minRows={2}
      error={fieldError(error, '/description')}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
