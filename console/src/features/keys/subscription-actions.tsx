import { Button, Group, Select } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, api } from '../../api/client.ts'
import type { SubscriptionUsage } from '../../api/model.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { useUndoable } from '../../components/use-undoable.ts'
import { plansQuery } from '../plans/queries.ts'
import { addressOf, readAccess, useSubscribe } from './subscribe.tsx'
import { useT } from './texts.ts'

interface ActionsProps {
  readonly keyId: string
  readonly subscription: SubscriptionUsage
}

/** What can be done with a subscription. */
export function SubscriptionActions({ keyId, subscription }: ActionsProps) {
  const t = useT()
  const [isMoving, { open, close }] = useDisclosure()
  const stage = addressOf(subscription)
  const end = useEnd(keyId, subscription)
  return (
    <Group gap="xs" wrap="nowrap" justify="end">
      <Button size="xs" variant="default" aria-label={t('moveOf', { stage })} onClick={open}>
        {t('moveAction')}
      </Button>
      <Dialog title={t('moveTitle', { stage })} isOpen={isMoving} onClose={close}>
        <MoveForm keyId={keyId} subscription={subscription} onDone={close} />
      </Dialog>
      <Button
        size="xs"
        variant="default"
        loading={end.isPending}
        aria-label={t('unsubscribeOf', { stage })}
        onClick={end.ask}
      >
        {t('unsubscribe')}
      </Button>
    </Group>
  )
}

/** Ends a subscription. It asks, because callers feel it at once; and it can be put back, with what was used. */
function useEnd(keyId: string, { service, stage, plan }: SubscriptionUsage) {
  const t = useT()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const address = addressOf({ service, stage })
  const at = '/api/v1/keys/{keyId}/subscriptions/{service}/{stage}'
  const params = { path: { keyId, service, stage } }
  const end = useUndoable({
    take: () => answer(api.DELETE(at, { params })),
    putBack: () => answer(api.PUT(at, { params, body: { plan } })),
    said: { taken: t('unsubscribed', { stage: address }), back: t('subscribedAgain', { stage: address }) },
    read: () => readAccess(queries),
  })
  const ask = () =>
    confirm({
      title: t('unsubscribeTitle', { stage: address }),
      children: t('unsubscribeText'),
      action: t('unsubscribe'),
      onConfirm: () => end.mutate(),
    })
  return { ask, isPending: end.isPending }
}

function MoveForm({ keyId, subscription, onDone }: ActionsProps & { readonly onDone: () => void }) {
  const t = useT()
  const plans = useQuery(plansQuery(subscription.stageId))
  const [plan, setPlan] = useState<string | null>(subscription.plan)
  const subscribe = useSubscribe(keyId, onDone)
  return (
    <DialogForm
      typed={plan}
      action={t('moveAction')}
      change={{ ...subscribe, error: subscribe.error ?? plans.error }}
      onSubmit={() => {
        if (plan !== null) subscribe.mutate({ service: subscription.service, stage: subscription.stage, plan })
      }}
      isReady={plan !== subscription.plan}
    >
      <Select
        label={t('plan')}
        description={t('moveHint')}
        data={plans.data?.items.map(({ name }) => name) ?? []}
        value={plan}
        searchable
        onChange={setPlan}
      />
    </DialogForm>
  )
}
