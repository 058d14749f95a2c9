import { Anchor, Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useRead } from '../../api/use-read.ts'
import { Spark } from '../../components/chart/spark.tsx'
import { useUnits } from '../../i18n/use-units.ts'
import { allAlertsQuery } from '../alerts/queries.ts'
import { useMay } from '../session/me.ts'
import { useLive, useRate } from './live-stages.tsx'
import { everythingQuery, nodesQuery } from './queries.ts'
import { useT } from './texts.ts'

/** Everything in four numbers. */
export function Summary() {
  const mayReadAll = useMay('read')
  return (
    <SimpleGrid cols={{ base: 2, lg: mayReadAll ? 4 : 3 }} spacing="sm">
      <Now />
      <LastHour />
      <Firing />
      {mayReadAll && <Nodes />}
    </SimpleGrid>
  )
}

function Now() {
  const t = useT()
  const units = useUnits()
  const { state, steps } = useLive()
  const rate = useRate()
  return (
    <Panel label={t('now')} value={units.perSecond(rate)}>
      {state === 'lost' ? (
        <Text size="xs" c="var(--mantine-color-error)" role="status">
          {t('feedLost')}
        </Text>
      ) : (
        <Spark values={steps.map(({ calls }) => calls)} label={t('perSecond')} />
      )}
    </Panel>
  )
}

function LastHour() {
  const t = useT()
  const units = useUnits()
  const { data } = useRead(everythingQuery)
  const { calls = null, failures = 0, latency } = data?.totals ?? {}
  const ratio = calls === null || calls === 0 ? null : failures / calls
  return (
    <Panel label={t('hourCalls')} value={units.count(calls)}>
      <Text size="xs" c="dimmed">
        {t('hourFailures')} {units.percent(ratio)} · {t('hourP99')} {units.ms(latency?.p99Ms ?? null)}
      </Text>
    </Panel>
  )
}

function Firing() {
  const t = useT()
  const { data } = useRead(allAlertsQuery)
  const firing = data?.items.filter(({ state }) => state === 'firing').length ?? 0
  return (
    <Panel
      label={t('alerts')}
      value={data === undefined ? '–' : firing === 0 ? t('noneFiring') : t('firing', { count: firing })}
      isBad={firing > 0}
    >
      <Anchor component={Link} to="/alerts" size="xs">
        {t('allAlerts')}
      </Anchor>
    </Panel>
  )
}

function Nodes() {
  const t = useT()
  const { data } = useRead(nodesQuery)
  const workers = data?.nodes.flatMap((node) => node.workers) ?? []
  const ready = workers.filter(({ state }) => state === 'ready').length
  return (
    <Panel
      label={t('nodes')}
      value={data === undefined ? '–' : String(data.nodes.length)}
      isBad={data !== undefined && ready < workers.length}
    >
      <Group gap="xs">
        {data !== undefined && (
          <Text size="xs" c="dimmed">
            {t('workersReady', { ready, all: workers.length })}
          </Text>
        )}
        <Anchor component={Link} to="/status" size="xs">
          {t('details')}
        </Anchor>
      </Group>
    </Panel>
  )
}

interface PanelProps {
  readonly label: string
  readonly value: string
  readonly isBad?: boolean
  readonly children: ReactNode
}

function Panel({ label, value, isBad = false, children }: PanelProps) {
  return (
    <Paper withBorder p="sm">
      <Stack gap={4}>
        <Text size="xs" c="dimmed">
          {label}
        </Text>
        <Text
          size="xl"
          fw={650}
          style={{ fontVariantNumeric: 'tabular-nums', lineHeight: 1.2 }}
          {...(isBad && { c: 'var(--mantine-color-error)' })}
        >
          {value}
        </Text>
        {children}
      </Stack>
    </Paper>
  )
}
