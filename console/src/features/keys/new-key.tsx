import { Checkbox, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { answer, api, fieldError } from '../../api/client.ts'
import { DialogForm } from '../../components/dialog-form.tsx'
import { MomentField } from '../../components/moment-field.tsx'
import { DescriptionField, NameField } from '../../components/name-fields.tsx'
import { SecretButton } from '../../components/secret-button.tsx'
import { shellWord } from '../../components/shell-word.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { useT } from './texts.ts'

/** A key with its values, which nobody is told again. */
interface Made {
  readonly id: string
  readonly name: string
  readonly primary: string
  readonly secondary: string
}

/** Days that a key is often given. */
export const EXPIRY_DAYS = [30, 90, 365] as const

/** A button that asks for what a key needs, makes it, and shows its values once. */
export function NewKey() {
  const t = useT()
  const navigate = useNavigate()
  return (
    <SecretButton<Made>
      label={t('new')}
      titleOf={({ name }) => t('createdTitle', { name })}
      secretsOf={({ primary, secondary }) => [
        { label: t('primary'), value: primary },
        { label: t('secondary'), value: secondary },
      ]}
      onKept={({ id }) => void navigate({ to: '/keys/$key', params: { key: id } })}
    >
      {(onMade) => <NewKeyForm onMade={onMade} />}
    </SecretButton>
  )
}

function NewKeyForm({ onMade }: { readonly onMade: (made: Made) => void }) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [expiresAt, setExpiresAt] = useState<string | null>(null)
  const [hasOwnValues, setHasOwnValues] = useState(false)
  const [values, setValues] = useState({ primary: '', secondary: '' })
  const create = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/keys', {
          body: {
            name,
            description,
            expiresAt,
            ...(hasOwnValues && values.primary !== '' && { primary: values.primary }),
            ...(hasOwnValues && values.secondary !== '' && { secondary: values.secondary }),
          },
        }),
      ),
    onSuccess({ key, values }) {
      void queries.invalidateQueries({ queryKey: ['keys'] })
      onMade({ id: key.id, name: key.name, ...values })
    },
  })
  return (
    <DialogForm
      typed={{ name, description, expiresAt, values }}
      action={common('action.create')}
      change={create}
      onSubmit={() => create.mutate()}
      footer={
        <Text size="xs" c="dimmed">
          {t('commands')}: <code>turnpike keys create {name === '' ? 'NAME' : shellWord(name)}</code>
        </Text>
      }
    >
      <NameField label={t('name')} description={t('nameHint')} value={name} onChange={setName} error={create.error} />
      <DescriptionField label={t('description')} value={description} onChange={setDescription} error={create.error} />
      <MomentField
        label={t('expires')}
        description={t('expiresHint')}
        value={expiresAt}
        onChange={setExpiresAt}
        error={fieldError(create.error, '/expiresAt')}
        none={common('state.never')}
        days={EXPIRY_DAYS}
      />
      <Checkbox
        label={t('ownValues')}
        description={t('ownValuesHint')}
        checked={hasOwnValues}
        onChange={(event) => setHasOwnValues(event.currentTarget.checked)}
      />
      {hasOwnValues &&
        (['primary', 'secondary'] as const).map((slot) => (
          <TextInput
            key={slot}
            label={t(slot)}
            description={t('valueHint')}
            autoComplete="off"
            spellCheck={false}
            value={values[slot]}
            error={fieldError(create.error, `/${slot}`)}
            onChange={(event) => setValues({ ...values, [slot]: event.currentTarget.value })}
          />
        ))}
    </DialogForm>
  )
}
