import { Button, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { answer, api, fieldError } from '../../api/client.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useT } from '../../i18n/index.tsx'

/** A button that asks for what an empty service needs, and makes it. */
export function NewService() {
  const t = useT()
  const [isOpen, { open, close }] = useDisclosure()
  return (
    <>
      <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
        {t('services.new')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={t('services.new')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <NewServiceForm onDone={close} />
      </Modal>
    </>
  )
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
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
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
        <ProblemAlert error={create.error} />
        <Button type="submit" loading={create.isPending}>
          {t('action.create')}
        </Button>
        <Text size="xs" c="dimmed">
          {t('services.asCommand')}: <code>turnpike import openapi.yaml --service {name || 'NAME'}</code>
        </Text>
      </Stack>
    </form>
  )
}
