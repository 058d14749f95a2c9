import { Group, Text, TextInput } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, api, fieldError, ifMatch, type Versioned } from '../../api/client.ts'
import type { ApiKey } from '../../api/model.ts'
import { DialogForm } from '../../components/dialog-form.tsx'
import { SecretButton } from '../../components/secret-button.tsx'
import { useT } from './texts.ts'

const slots = ['primary', 'secondary'] as const
type Slot = (typeof slots)[number]

/** Replaces either value of a key, after asking; the new one is shown once. */
export function RegenerateKey({ opened }: { readonly opened: Versioned<ApiKey> }) {
  const t = useT()
  return (
    <Group gap="xs">
      {slots.map((which) => (
        <SecretButton<string>
          key={which}
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} aria-hidden />}
          label={t(`regenerate.${which}`)}
          titleOf={() => t('regenerate.done', { name: opened.value.name })}
          secretsOf={(value) => [{ label: t(which), value }]}
        >
          {(onMade) => <RegenerateForm opened={opened} which={which} onMade={onMade} />}
        </SecretButton>
      ))}
    </Group>
  )
}

interface RegenerateFormProps {
  readonly opened: Versioned<ApiKey>
  readonly which: Slot
  readonly onMade: (value: string) => void
}

function RegenerateForm({ opened, which, onMade }: RegenerateFormProps) {
  const t = useT()
  const queries = useQueryClient()
  const [value, setValue] = useState('')
  const regenerate = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/keys/{keyId}/regenerate', {
          params: { path: { keyId: opened.value.id } },
          body: { which, ...(value !== '' && { value }) },
          ...ifMatch(opened.etag),
        }),
      ),
    onSuccess: ({ value }) => onMade(value),
    // Also after a refusal: the key may have changed meanwhile, and then the next try is one of what is there.
    onSettled: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  })
  return (
    <DialogForm
      typed={value}
      action={t('regenerate.action')}
      change={regenerate}
      onSubmit={() => regenerate.mutate()}
      isDangerous
    >
      <Text size="sm">{t('regenerate.lead')}</Text>
      <TextInput
        label={t('regenerate.value')}
        description={`${t('regenerate.hint')} ${t('valueHint')}`}
        autoComplete="off"
        spellCheck={false}
        value={value}
        error={fieldError(regenerate.error, '/value')}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
    </DialogForm>
  )
}
