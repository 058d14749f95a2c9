import { Group, Textarea, TextInput } from '@mantine/core'
import { type ReactNode, useRef } from 'react'
import { VariableMenu } from '../../forms/fields/variable-menu.tsx'

interface TemplateFieldProps {
  readonly label: string
  /** For a field in a row, whose column says what it is. */
  readonly isLabelHidden?: boolean
  readonly description?: ReactNode
  readonly placeholder?: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error?: string | undefined
  readonly isReadOnly: boolean
  readonly isMultiline?: boolean
}

/** A text with context variables, which can be chosen from those that are offered around it. */
export function TemplateField({ isMultiline = false, ...props }: TemplateFieldProps) {
  const { label, isLabelHidden = false, value, onChange, isReadOnly, error, ...shown } = props
  const ref = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  const common = {
    ...shown,
    ...(isLabelHidden ? { 'aria-label': label } : { label }),
    ref,
    value,
    error,
    readOnly: isReadOnly,
    spellCheck: false,
    styles: { input: { fontFamily: 'var(--mantine-font-family-monospace)' } },
    style: { flex: 1 },
  }
  return (
    <Group gap={4} wrap="nowrap" align="end">
      {isMultiline ? (
        <Textarea
          {...common}
          autosize
          minRows={4}
          maxRows={16}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <TextInput {...common} onChange={(event) => onChange(event.currentTarget.value)} />
      )}
      {!isReadOnly && <VariableMenu label={label} box={ref} onChange={onChange} />}
    </Group>
  )
}
