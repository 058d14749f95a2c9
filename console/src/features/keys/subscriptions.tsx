import { Button, Group, Progress, Select, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { answer, api } from '../../api/client.ts'
import type { ApiKey, SubscriptionUsage } from '../../api/model.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Dialog, DialogButton } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { Section } from '../../components/section.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { useT as useCommonT, useLocale } from '../../i18n/index.tsx'
import { planStagesQuery, plansQuery } from '../plans/queries.ts'
import { useMay } from '../session/me.ts'
import { useT } from './texts.ts'

/** From here on what is used of a quota is shown as a warning, and then as what it comes to. */
const NEARLY_USED = 0.8

interface SubscriptionsProps {
  readonly of: Pick<ApiKey, 'id' | 'name'>
  readonly subscriptions: readonly SubscriptionUsage[]
}

const addressOf = ({ service, stage }: { readonly service: string; readonly stage: string }) => `${service}/${stage}`

/** What a key may call, through which plan, and how much of that is used. */
export function Subscriptions({ of: key, subscriptions }: SubscriptionsProps) {
  const t = useT()
  const mayWrite = useMay('write')
  const columns = [
    { label: t('stage'), cell: (one: SubscriptionUsage) => <Stage of={one} /> },
    { label: t('plan'), cell: ({ plan }: SubscriptionUsage) => <Plan name={plan} /> },
    { label: t('quota'), cell: (one: SubscriptionUsage) => <QuotaBar of={one} /> },
    { label: t('rate'), cell: ({ rate }: SubscriptionUsage) => <Rate of={rate} /> },
    { label: t('refusal'), cell: ({ lastRefusal }: SubscriptionUsage) => <Refusal of={lastRefusal} /> },
  ]
  const actions = {
    label: t('move'),
    isBare: true,
    cell: (one: SubscriptionUsage) => <RowActions of={key} subscription={one} />,
  }
  return (
    <Section
      title={t('subscribed')}
      lead={subscriptions.length === 0 ? t('subscribedEmpty') : t('subscribedLead')}
      actions={mayWrite ? <Subscribe to={key} /> : undefined}
    >
      {subscriptions.length > 0 && (
        <DataTable
          label={t('subscribed')}
          items={subscriptions}
          keyOf={({ stageId }) => stageId}
          minWidth={900}
          columns={mayWrite ? [...columns, actions] : columns}
        />
      )}
    </Section>
  )
}

function Stage({ of: { service, stage } }: { readonly of: SubscriptionUsage }) {
  return (
    <TextLink to="/services/$service/stages/$stage" params={{ service, stage }} fw={600} size="sm">
      {service}/{stage}
    </TextLink>
  )
}

function Plan({ name }: { readonly name: string }) {
  return (
    <TextLink to="/plans/$plan" params={{ plan: name }} size="sm">
      {name}
    </TextLink>
  )
}

/** How much of a quota is used, as a bar and in words. */
export function QuotaBar({ of }: { readonly of: SubscriptionUsage }) {
  const t = useT()
  const { language } = useLocale()
  const { quota } = of
  if (quota === null)
    return (
      <Text size="sm" c="dimmed">
        {t('noLimit')}
      </Text>
    )
  const count = new Intl.NumberFormat(language)
  const share = quota.used / quota.requests
  const resetsAt = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(quota.resetsAt),
  )
  return (
    <Stack gap={4} miw={220}>
      <Text size="sm">
        {t(`used.${quota.per}`, { used: count.format(quota.used), requests: count.format(quota.requests) })}
      </Text>
      <Progress.Root size="md">
        <Progress.Section
          value={Math.min(share, 1) * 100}
          color={share >= 1 ? 'red' : share >= NEARLY_USED ? 'yellow' : 'teal'}
          aria-label={t('quotaUsed', { stage: addressOf(of) })}
        />
      </Progress.Root>
      <Text size="xs" c="dimmed">
        {t('left', { remaining: count.format(quota.remaining), at: resetsAt })}
      </Text>
    </Stack>
  )
}

function Rate({ of: rate }: { readonly of: SubscriptionUsage['rate'] }) {
  const t = useT()
  return (
    <Text size="sm" {...(rate === null && { c: 'dimmed' })}>
      {rate === null ? t('noLimit') : t('perSecond', { count: rate.requestsPerSecond, burst: rate.burst })}
    </Text>
  )
}

function Refusal({ of: refusal }: { readonly of: SubscriptionUsage['lastRefusal'] }) {
  const t = useT()
  if (refusal === null)
    return (
      <Text size="sm" c="dimmed">
        {t('noRefusal')}
      </Text>
    )
  return (
    <Stack gap={0}>
      <Text size="sm">{t(`refusal.${refusal.reason}`)}</Text>
      <When at={refusal.at} />
    </Stack>
  )
}

interface RowProps {
  readonly of: Pick<ApiKey, 'id' | 'name'>
  readonly subscription: SubscriptionUsage
}

function RowActions({ of: key, subscription }: RowProps) {
  const t = useT()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const [isMoving, { open, close }] = useDisclosure()
  const stage = addressOf(subscription)
  const end = useMutation({
    mutationFn: () =>
      answer(
        api.DELETE('/api/v1/keys/{keyId}/subscriptions/{service}/{stage}', {
          params: { path: { keyId: key.id, service: subscription.service, stage: subscription.stage } },
        }),
      ),
    onError: notifyFailed,
    onSettled: () => invalidateAccess(queries),
  })
  const ask = () =>
    confirm({
      title: t('unsubscribeTitle', { stage }),
      children: t('unsubscribeText'),
      action: t('unsubscribe'),
      onConfirm: () => end.mutate(),
    })
  return (
    <Group gap="xs" wrap="nowrap" justify="end">
      <Button size="xs" variant="default" aria-label={t('moveOf', { stage })} onClick={open}>
        {t('moveAction')}
      </Button>
      <Dialog title={t('moveTitle', { stage })} isOpen={isMoving} onClose={close}>
        <MoveForm of={key} subscription={subscription} onDone={close} />
      </Dialog>
      <Button
        size="xs"
        variant="default"
        loading={end.isPending}
        aria-label={t('unsubscribeOf', { stage })}
        onClick={ask}
      >
        {t('unsubscribe')}
      </Button>
    </Group>
  )
}

function MoveForm({ of: key, subscription, onDone }: RowProps & { readonly onDone: () => void }) {
  const t = useT()
  const plans = useQuery(plansQuery(subscription.stageId))
  const [plan, setPlan] = useState<string | null>(subscription.plan)
  const subscribe = useSubscribe(key.id, onDone)
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
        allowDeselect={false}
        searchable
        onChange={setPlan}
      />
    </DialogForm>
  )
}

function Subscribe({ to: key }: { readonly to: Pick<ApiKey, 'id' | 'name'> }) {
  const t = useT()
  return (
    <DialogButton size="xs" label={t('subscribe')} leftSection={<IconPlus size={14} aria-hidden />}>
      {(close) => <SubscribeForm to={key} onDone={close} />}
    </DialogButton>
  )
}

/** First the plan, and then one of the stages that it is connected to: so nothing can be chosen that is refused. */
function SubscribeForm({ to: key, onDone }: { readonly to: Pick<ApiKey, 'id'>; readonly onDone: () => void }) {
  const t = useT()
  const plans = useQuery(plansQuery())
  const [plan, setPlan] = useState<string | null>(null)
  const stages = useQuery({ ...planStagesQuery(plan ?? ''), enabled: plan !== null })
  const [stageId, setStageId] = useState<string | null>(null)
  const subscribe = useSubscribe(key.id, onDone)
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

function useSubscribe(keyId: string, onDone: () => void) {
  const queries = useQueryClient()
  const common = useCommonT()
  return useMutation({
    mutationFn: ({
      service,
      stage,
      plan,
    }: {
      readonly service: string
      readonly stage: string
      readonly plan: string
    }) =>
      answer(
        api.PUT('/api/v1/keys/{keyId}/subscriptions/{service}/{stage}', {
          params: { path: { keyId, service, stage } },
          body: { plan },
        }),
      ),
    async onSuccess() {
      await invalidateAccess(queries)
      notifyDone(common('state.saved'))
      onDone()
    },
  })
}

/** Plans count their keys, and keys name their plans. */
async function invalidateAccess(queries: ReturnType<typeof useQueryClient>): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ['keys'] }),
    queries.invalidateQueries({ queryKey: ['plans'] }),
  ])
}
