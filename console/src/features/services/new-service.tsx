import { Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { answer, api, fieldError } from '../../api/client.ts'
import { DialogButton } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
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
      <TextInput
        label={t('services.name')}
        required
        data-autofocus
        value={name}
        error={fieldError(create.error, '/name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label={t('services.description')}
        autosize
        minRows={2}
        value={description}
        error={fieldError(create.error, '/description')}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
    </DialogForm>
  )
}
