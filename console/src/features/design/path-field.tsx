import { Autocomplete, Text, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from './texts.ts'

/** More than that nobody reads. */
const SUGGESTIONS = 20

interface PathFieldProps {
  readonly label: string
  readonly description?: ReactNode
  readonly value: string
  readonly onChange: (value: string) => void
  /** What the server says of it: a message, null where all is well, undefined while it is not known. */
  readonly problem: string | null | undefined
  /** Paths that are there, to choose from. */
  readonly paths?: readonly string[]
}

/** A path, with what is wrong with it said while one types. */
export function PathField({ label, description, value, onChange, problem, paths }: PathFieldProps) {
  const t = useT()
  const common = {
    label,
    description,
    value,
    required: true,
    'data-autofocus': true,
    spellCheck: false,
    autoComplete: 'off',
    error: problem ?? undefined,
    styles: { input: { fontFamily: 'var(--mantine-font-family-monospace)' } },
  }
  return (
    <div>
      {paths === undefined ? (
        <TextInput {...common} onChange={(event) => onChange(event.currentTarget.value)} />
      ) : (
        <Autocomplete {...common} data={[...paths]} limit={SUGGESTIONS} onChange={onChange} />
      )}
      <Text size="xs" c="dimmed" aria-live="polite" mt={4} mih="1.4em">
        {problem === null ? t('design.pathIsFine') : ''}
      </Text>
    </div>
  )
}
