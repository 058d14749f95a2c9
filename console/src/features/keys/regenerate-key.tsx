import { Button, Group, Text, TextInput } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, api, fieldError, ifMatch, type Versioned } from '../../api/client.ts'
import type { ApiKey } from '../../api/model.ts'
import { Dialog } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { SecretsDialog } from '../../components/secrets.tsx'
import { useT } from './texts.ts'

const slots = ['primary', 'secondary'] as const
type Slot = (typeof slots)[number]

/** Replaces either value of a key, after asking; the new one is shown once. */
export function RegenerateKey({ opened }: { readonly opened: Versioned<ApiKey> }) {
  const t = useT()
  const [which, setWhich] = useState<Slot | null>(null)
  const [made, setMade] = useState<{ readonly which: Slot; readonly value: string } | null>(null)
  return (
    <>
      <Group gap="xs">
        {slots.map((slot) => (
          <Button
            key={slot}
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={() => setWhich(slot)}
          >
            {t(`regenerate.${slot}`)}
          </Button>
        ))}
      </Group>
      <Dialog title={t(`regenerate.${which ?? 'primary'}`)} isOpen={which !== null} onClose={() => setWhich(null)}>
        {which !== null && (
          <RegenerateForm
            opened={opened}
            which={which}
            onMade={(value) => {
              setWhich(null)
              setMade({ which, value })
            }}
          />
        )}
      </Dialog>
      <SecretsDialog
        title={t('regenerate.done', { name: opened.value.name })}
        secrets={made && [{ label: t(made.which), value: made.value }]}
        onClose={() => setMade(null)}
      />
    </>
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
