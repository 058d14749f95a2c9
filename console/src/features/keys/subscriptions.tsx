import { Progress, Stack, Text } from '@mantine/core'
import type { ApiKey, SubscriptionUsage } from '../../api/model.ts'
import { DataTable } from '../../components/data-table.tsx'
import { Section } from '../../components/section.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { useLocale } from '../../i18n/index.tsx'
import { useUnits } from '../../i18n/use-units.ts'
import { useMay } from '../session/me.ts'
import { addressOf, Subscribe } from './subscribe.tsx'
import { SubscriptionActions } from './subscription-actions.tsx'
import { useT } from './texts.ts'

/** From here on what is used of a quota is shown as a warning, and then as what it comes to. */
const NEARLY_USED = 0.8

interface SubscriptionsProps {
  readonly of: Pick<ApiKey, 'id' | 'name'>
  readonly subscriptions: readonly SubscriptionUsage[]
}

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
    cell: (one: SubscriptionUsage) => <SubscriptionActions keyId={key.id} subscription={one} />,
  }
  return (
    <Section
      title={t('subscribed')}
      lead={subscriptions.length === 0 ? t('subscribedEmpty') : t('subscribedLead')}
      actions={mayWrite ? <Subscribe keyId={key.id} /> : undefined}
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
  const units = useUnits()
  const { language } = useLocale()
  const { quota } = of
  if (quota === null)
    return (
      <Text size="sm" c="dimmed">
        {t('noLimit')}
      </Text>
    )
  const share = quota.used / quota.requests
  const resetsAt = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(quota.resetsAt),
  )
  return (
    <Stack gap={4} miw={220}>
      <Text size="sm">
        {t(`used.${quota.per}`, { used: units.count(quota.used), requests: units.count(quota.requests) })}
      </Text>
      <Progress.Root size="md">
        <Progress.Section
          value={Math.min(share, 1) * 100}
          color={share >= 1 ? 'red' : share >= NEARLY_USED ? 'yellow' : 'teal'}
          aria-label={t('quotaUsed', { stage: addressOf(of) })}
        />
      </Progress.Root>
      <Text size="xs" c="dimmed">
        {t('left', { remaining: units.count(quota.remaining), at: resetsAt })}
      </Text>
    </Stack>
  )
}

function Rate({ of: rate }: { readonly of: SubscriptionUsage['rate'] }) {
  const t = useT()
  const units = useUnits()
  return (
    <Text size="sm" {...(rate === null && { c: 'dimmed' })}>
      {rate === null
        ? t('noLimit')
        : t('perSecond', { count: units.count(rate.requestsPerSecond), burst: units.count(rate.burst) })}
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
