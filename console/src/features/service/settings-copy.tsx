import { Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { answer, api, fieldError } from '../../api/client.ts'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useT } from './settings-texts.ts'

/** Makes another service that is the same. */
export function CopyService({ name }: { readonly name: string }) {
  const t = useT()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [copyName, setCopyName] = useState('')
  const [withStages, setWithStages] = useState(false)
  const copy = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/services/{serviceId}/copy', {
          params: { path: { serviceId: name } },
          body: { name: copyName, withStages },
        }),
      ),
    async onSuccess(made) {
      await queries.invalidateQueries({ queryKey: ['services'] })
      notifyDone(t('settings.copied', { name: made.name, from: name }))
      await navigate({ to: '/services/$service/design', params: { service: made.name } })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    copy.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('settings.copyHint')}
        </Text>
        <TextInput
          label={t('settings.copyName')}
          required
          placeholder={`${name}-copy`}
          value={copyName}
          error={fieldError(copy.error, '/name')}
          onChange={(event) => setCopyName(event.currentTarget.value)}
        />
        <Checkbox
          label={t('settings.withStages')}
          description={t('settings.withStagesHint')}
          checked={withStages}
          onChange={(event) => setWithStages(event.currentTarget.checked)}
        />
        <ProblemAlert error={copy.error} />
        <Group justify="end">
          <Button type="submit" variant="default" loading={copy.isPending} disabled={copyName === ''}>
            {t('settings.makeCopy')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
