import { Button, List, Stack, Text } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { answer, api, ifMatch, type Versioned } from '../../api/client.ts'
import type { ApiKey, Subscription } from '../../api/model.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { useT } from './texts.ts'

interface DeleteKeyProps {
  readonly opened: Versioned<ApiKey>
  readonly subscriptions: readonly Subscription[]
}

/** Deletes a key. While it is subscribed it cannot be: what is in the way is named, and ended first where that is wanted. */
export function DeleteKey({ opened: { value: key, etag }, subscriptions }: DeleteKeyProps) {
  const t = useT()
  const common = useCommonT()
  const confirm = useConfirm()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const remove = useMutation({
    async mutationFn() {
      for (const { service, stage } of subscriptions)
        await answer(
          api.DELETE('/api/v1/keys/{keyId}/subscriptions/{service}/{stage}', {
            params: { path: { keyId: key.id, service, stage } },
          }),
        )
      await answer(api.DELETE('/api/v1/keys/{keyId}', { params: { path: { keyId: key.id } }, ...ifMatch(etag) }))
    },
    async onSuccess() {
      notifyDone(common('state.deleted'))
      await navigate({ to: '/keys' })
      queries.removeQueries({ queryKey: ['keys', key.id] })
      await queries.invalidateQueries({ queryKey: ['keys'] })
    },
    async onError(error) {
      notifyFailed(error)
      await queries.invalidateQueries({ queryKey: ['keys'] })
    },
  })
  const isBlocked = subscriptions.length > 0
  const ask = () =>
    confirm({
      title: isBlocked ? t('blocked') : common('confirm.delete', { name: key.name }),
      children: isBlocked ? (
        <Stack gap="xs">
          <Text size="sm">{t('blockedText', { name: key.name })}</Text>
          <List size="sm">
            {subscriptions.map(({ stageId, service, stage, plan }) => (
              <List.Item key={stageId}>
                {service}/{stage} ({plan})
              </List.Item>
            ))}
          </List>
          <Text size="sm">{t('deleteText')}</Text>
        </Stack>
      ) : (
        <Text size="sm">{t('deleteText')}</Text>
      ),
      action: isBlocked ? t('endAll') : common('action.delete'),
      onConfirm: () => remove.mutate(),
    })
  return (
    <Button
      variant="default"
      c="var(--mantine-color-error)"
      leftSection={<IconTrash size={16} aria-hidden />}
      loading={remove.isPending}
      onClick={ask}
    >
      {common('action.delete')}
    </Button>
  )
}
