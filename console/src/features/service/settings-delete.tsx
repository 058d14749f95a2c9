import { Alert, Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { ApiProblem, answer, api, ifMatch, type Versioned } from '../../api/client.ts'
import type { Service } from '../../api/model.ts'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { stagesQuery } from '../stage/queries.ts'
import { useT } from './settings-texts.ts'

const CONFLICT = 409

/** Deletes a service, once its name has been typed. */
export function DeleteService({ service: { value, etag } }: { readonly service: Versioned<Service> }) {
  const t = useT()
  const { name } = value
  const queries = useQueryClient()
  const navigate = useNavigate()
  const stages = useQuery(stagesQuery(name))
  const names = stages.data?.items.map((stage) => stage.name)
  const [typed, setTyped] = useState('')
  const remove = useMutation({
    mutationFn: () =>
      answer(
        api.DELETE('/api/v1/services/{serviceId}', { params: { path: { serviceId: value.id } }, ...ifMatch(etag) }),
      ),
    async onSuccess() {
      notifyDone(t('settings.deleted', { name }))
      await navigate({ to: '/services', ignoreBlocker: true })
      queries.removeQueries({ queryKey: ['services', name] })
      await queries.invalidateQueries({ queryKey: ['services'] })
    },
    // What has been changed meanwhile is read: a second time deletes that.
    onError: () => queries.invalidateQueries({ queryKey: ['services', name] }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    remove.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">{t('settings.deleteHint')}</Text>
        {names !== undefined && (
          <Text size="sm">
            {names.length === 0 ? t('settings.noStages') : t('settings.deleteStages', { names: names.join(', ') })}
          </Text>
        )}
        <TextInput
          label={t('settings.deleteConfirm', { name })}
          autoComplete="off"
          spellCheck={false}
          maw={360}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <InTheWay error={remove.error} />
        <Group justify="end">
          <Button type="submit" color="red" loading={remove.isPending} disabled={typed !== name}>
            {t('settings.delete')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** What keeps a service from being deleted, with the way there. */
function InTheWay({ error }: { readonly error: Error | null }) {
  const t = useT()
  if (!(error instanceof ApiProblem) || error.status !== CONFLICT) return <ProblemAlert error={error} />
  return (
    <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={t('settings.inTheWay')}>
      <Text size="sm">{error.message}</Text>
      <Anchor component={Link} to="/plans" size="sm" underline="always">
        {t('settings.plans')}
      </Anchor>
    </Alert>
  )
}
