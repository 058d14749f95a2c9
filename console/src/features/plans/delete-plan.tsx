import { Button, List, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { answer, api, ifMatch, type Versioned } from '../../api/client.ts'
import type { Plan, PlanStage } from '../../api/model.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { TextLink } from '../../components/text-link.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { useT } from './texts.ts'

interface DeletePlanProps {
  readonly opened: Versioned<Plan>
  readonly stages: readonly PlanStage[]
}

/**
 * Deletes a plan, and says first what depends on it. Connections that no key needs are ended with it; while keys are subscribed
 * through it, it stays: they would lose what they may call.
 */
export function DeletePlan({ opened, stages }: DeletePlanProps) {
  const t = useT()
  const common = useCommonT()
  const confirm = useConfirm()
  const remove = useRemove(opened, stages)
  const [isBlocked, { open, close }] = useDisclosure()
  const { name } = opened.value
  const hasKeys = stages.some(({ subscriptions }) => subscriptions > 0)
  const isConnected = stages.length > 0
  const ask = () =>
    confirm({
      title: common('confirm.delete', { name }),
      children: (
        <Stack gap="xs">
          <Text size="sm">{t(isConnected ? 'connectedText' : 'deleteText')}</Text>
          <List size="sm">
            {stages.map(({ stageId, service, stage }) => (
              <List.Item key={stageId}>
                {service}/{stage}
              </List.Item>
            ))}
          </List>
          <Text size="sm">{common('confirm.cannotBeUndone')}</Text>
        </Stack>
      ),
      action: isConnected ? t('disconnectAll') : common('action.delete'),
      onConfirm: () => remove.mutate(),
    })
  return (
    <>
      <Button
        variant="default"
        c="var(--mantine-color-error)"
        leftSection={<IconTrash size={16} aria-hidden />}
        loading={remove.isPending}
        onClick={hasKeys ? open : ask}
      >
        {common('action.delete')}
      </Button>
      <Dialog title={t('connected')} isOpen={isBlocked} onClose={close}>
        <InTheWay plan={name} stages={stages.filter(({ subscriptions }) => subscriptions > 0)} />
      </Dialog>
    </>
  )
}

/** The keys that are subscribed through a plan, by stage. */
function InTheWay({ plan, stages }: { readonly plan: string; readonly stages: readonly PlanStage[] }) {
  const t = useT()
  return (
    <Stack gap="xs">
      <Text size="sm">{t('subscribedText')}</Text>
      <List size="sm">
        {stages.map(({ stageId, service, stage, subscriptions }) => (
          <List.Item key={stageId}>
            {`${service}/${stage}: `}
            <TextLink to="/keys" search={{ plan, stageId }} size="sm">
              {t('keyCount', { count: subscriptions })}
            </TextLink>
          </List.Item>
        ))}
      </List>
    </Stack>
  )
}

function useRemove({ value: plan, etag }: Versioned<Plan>, stages: readonly PlanStage[]) {
  const common = useCommonT()
  const navigate = useNavigate()
  const queries = useQueryClient()
  return useMutation({
    async mutationFn() {
      for (const { service, stage } of stages)
        await answer(
          api.DELETE('/api/v1/plans/{planId}/stages/{service}/{stage}', {
            params: { path: { planId: plan.id, service, stage } },
          }),
        )
      await answer(api.DELETE('/api/v1/plans/{planId}', { params: { path: { planId: plan.id } }, ...ifMatch(etag) }))
    },
    async onSuccess() {
      notifyDone(common('state.deleted'))
      await navigate({ to: '/plans' })
      queries.removeQueries({ queryKey: ['plans', plan.name] })
      await queries.invalidateQueries({ queryKey: ['plans'] })
    },
    async onError(error) {
      notifyFailed(error)
      // A key may have come in between: what is connected still is shown.
      await queries.invalidateQueries({ queryKey: ['plans'] })
    },
  })
}
