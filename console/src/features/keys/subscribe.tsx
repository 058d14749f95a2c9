import { Button, Select, Stack, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { answer, api } from '../../api/client.ts'
import { DialogButton } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { notifyDone } from '../../components/notify.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { planStagesQuery, plansQuery } from '../plans/queries.ts'
import { useT } from './texts.ts'

/** A button that subscribes a key to a stage. */
export function Subscribe({ keyId }: { readonly keyId: string }) {
  const t = useT()
  return (
    <DialogButton size="xs" label={t('subscribe')} leftSection={<IconPlus size={14} aria-hidden />}>
      {(close) => <SubscribeForm keyId={keyId} onDone={close} />}
    </DialogButton>
  )
}

/** First the plan, and then one of the stages that it is connected to: so nothing can be chosen that is refused. */
function SubscribeForm({ keyId, onDone }: { readonly keyId: string; readonly onDone: () => void }) {
  const t = useT()
  const plans = useQuery(plansQuery())
  const [plan, setPlan] = useState<string | null>(null)
  const stages = useQuery({ ...planStagesQuery(plan ?? ''), enabled: plan !== null })
  const [stageId, setStageId] = useState<string | null>(null)
  const subscribe = useSubscribe(keyId, onDone)
  const stage = stages.data?.items.find((one) => one.stageId === stageId)
  if (plans.data?.items.length === 0)
    return (
      <Stack>
        <Text size="sm">{t('noPlans')}</Text>
        <Button component={Link} to="/plans">
          {t('toPlans')}
        </Button>
      </Stack>
    )
  return (
    <DialogForm
      typed={{ plan, stageId }}
      action={t('subscribeAction')}
      change={{ ...subscribe, error: subscribe.error ?? plans.error ?? stages.error }}
      onSubmit={() => {
        if (plan !== null && stage !== undefined) subscribe.mutate({ service: stage.service, stage: stage.stage, plan })
      }}
      isReady={stage !== undefined}
    >
      <Select
        label={t('plan')}
        data={plans.data?.items.map(({ name }) => name) ?? []}
        value={plan}
        searchable
        limit={50}
        required
        onChange={(next) => {
          setPlan(next)
          setStageId(null)
        }}
      />
      <Select
        label={t('stage')}
        data={stages.data?.items.map((one) => ({ value: one.stageId, label: addressOf(one) })) ?? []}
        value={stageId}
        searchable
        limit={50}
        required
        disabled={plan === null}
        error={stages.data?.items.length === 0 ? t('noStages') : undefined}
        onChange={setStageId}
      />
    </DialogForm>
  )
}

interface Wanted {
  readonly service: string
  readonly stage: string
  readonly plan: string
}

/** Subscribes a key to a stage, or moves it to another plan there. */
export function useSubscribe(keyId: string, onDone: () => void) {
  const queries = useQueryClient()
  const common = useCommonT()
  return useMutation({
    mutationFn: ({ service, stage, plan }: Wanted) =>
      answer(
        api.PUT('/api/v1/keys/{keyId}/subscriptions/{service}/{stage}', {
          params: { path: { keyId, service, stage } },
          body: { plan },
        }),
      ),
    async onSuccess() {
      await readAccess(queries)
      notifyDone(common('state.saved'))
      onDone()
    },
  })
}

/** How a stage is named where there are others of other services. */
export const addressOf = ({ service, stage }: { readonly service: string; readonly stage: string }) =>
  `${service}/${stage}`

/** Reads keys and plans anew: plans count their keys, and keys name their plans. */
export async function readAccess(queries: ReturnType<typeof useQueryClient>): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ['keys'] }),
    queries.invalidateQueries({ queryKey: ['plans'] }),
  ])
}
