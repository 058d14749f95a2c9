import { Button, Group, PasswordInput, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { FieldProps } from '../field-props.ts'
import { isPem } from '../schema.ts'
import { useFormT } from '../texts.ts'
import { textOf } from './text-field.tsx'
import { useInput } from './use-input.tsx'

/** How what is kept of a secret begins: it can be sent back, and nobody can read it. */
const KEPT = /^\$(?:sealed|argon2id)\$/

const isKept = (value: unknown): value is string => typeof value === 'string' && KEPT.test(value)

/** A secret. The one that is kept is only said to be set; what is typed replaces it, until one thinks better of it. */
export function SecretField(props: FieldProps) {
  const t = useFormT()
  const { schema, value } = props
  const { input, change } = useInput(props, true)
  // What was kept when the field came, for whoever does not want to replace it after all.
  const [kept] = useState(isKept(value) ? value : null)
  const text = isKept(value) ? '' : textOf(value)
  const set = (typed: string) => change(typed === '' ? (kept ?? undefined) : typed)
  const common = {
    ...input,
    value: text,
    placeholder: isKept(value) ? t('field.secretSet') : '',
    spellCheck: false,
  }
  return (
    <Stack gap={4}>
      {isPem(schema) ? (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={8}
          autoComplete="off"
          styles={{
            input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 'var(--mantine-font-size-xs)' },
          }}
          onChange={(event) => set(event.currentTarget.value)}
        />
      ) : (
        <PasswordInput {...common} autoComplete="new-password" onChange={(event) => set(event.currentTarget.value)} />
      )}
      {kept !== null && value !== kept && (
        <Group gap="xs">
          <Text size="xs" c="dimmed">
            {t('field.secretReplaced')}
          </Text>
          <Button size="compact-xs" variant="subtle" onClick={() => change(kept)}>
            {t('field.keepSecret')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
