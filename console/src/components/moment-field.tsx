import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useT } from '../i18n/index.tsx'
import { fromLocal, inDays, toLocal } from './moment.ts'

interface MomentFieldProps {
  readonly label: string
  readonly description?: string
  /** ISO 8601; null for none. */
  readonly value: string | null
  readonly onChange: (value: string | null) => void
  readonly error?: string | undefined
  /** What the button says that takes the moment away. */
  readonly none?: string
  /** Days from now that are offered as buttons. */
  readonly days?: readonly number[]
}

/** A day and a time, typed or picked in the browser's own field: it works by keyboard, and in the reader's own notation. */
export function MomentField(props: MomentFieldProps) {
  const { label, description, value, onChange, error, none, days = [] } = props
  const t = useT()
  // The field keeps what is half typed, which has no value yet: it is filled anew only by the buttons.
  const [filled, setFilled] = useState(0)
  const fill = (next: string | null) => {
    onChange(next)
    setFilled((count) => count + 1)
  }
  return (
    <Stack gap={6}>
      <TextInput
        key={filled}
        type="datetime-local"
        label={label}
        description={description}
        defaultValue={toLocal(value)}
        error={error}
        onChange={(event) => onChange(fromLocal(event.currentTarget.value))}
      />
      {(none !== undefined || days.length > 0) && (
        <Group gap={6} role="group" aria-label={label}>
          {none !== undefined && (
            <Button size="compact-xs" variant="default" onClick={() => fill(null)}>
              {none}
            </Button>
          )}
          {days.map((count) => (
            <Button key={count} size="compact-xs" variant="default" onClick={() => fill(inDays(count, Date.now()))}>
              {t('moment.inDays', { days: count })}
            </Button>
          ))}
        </Group>
      )}
    </Stack>
  )
}
