import { Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { answer, api } from '../../api/client.ts'
import { DialogButton } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { DescriptionField, NameField } from '../../components/name-fields.tsx'
import { useT } from '../../i18n/index.tsx'

/** A button that asks for what an empty service needs, and makes it. */
export function NewService() {
  const t = useT()
  return <DialogButton label={t('services.new')}>{(close) => <NewServiceForm onDone={close} />}</DialogButton>
}

function NewServiceForm({ onDone }: { readonly onDone: () => void }) {
  const t = useT()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const create = useMutation({
    mutationFn: () => answer(api.POST('/api/v1/services', { body: { name, description } })),
    async onSuccess(service) {
      await queries.invalidateQueries({ queryKey: ['services'] })
      onDone()
      await navigate({ to: `/services/${service.name}` })
    },
  })
  return (
    <DialogForm
      typed={{ name, description }}
      action={t('action.create')}
      change={create}
      onSubmit={() => create.mutate()}
      footer={
        <Text size="xs" c="dimmed">
          {t('services.asCommand')}: <code>turnpike import openapi.yaml --service {name || 'NAME'}</code>
        </Text>
      }
    >
      <NameField label={t('services.name')} value={name} onChange={setName} error={create.error} />
      <DescriptionField
        label={t('services.description')}
        value={description}
        onChange={setDescription}
        error={create.error}
      />
    </DialogForm>
  )
}
