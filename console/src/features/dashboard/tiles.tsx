import { Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core'
import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from '@tabler/icons-react'
import type { StatisticsTotals } from '../../api/model.ts'
import { useUnits } from '../../i18n/use-units.ts'
import { LogsLink, type LogsSearch } from '../logs/link.tsx'
import type { Scope } from './queries.ts'
import { useT } from './texts.ts'

interface TilesProps {
  readonly totals: StatisticsTotals
  readonly before: StatisticsTotals | null
  readonly seconds: number
  readonly scope: Scope
  /** What of the logs is shown here. */
  readonly logs: LogsSearch
  /** Calls in the last second; null where nobody listens. */
  readonly now: number | null
}

/** What a span comes to, in one line of numbers. */
export function Tiles({ totals, before, seconds, scope, logs, now }: TilesProps) {
  const t = useT()
  const units = useUnits()
  const { calls, failures, latency, backendLatency } = totals
  const ratio = calls === 0 ? null : failures / calls
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, xl: 6 }} spacing="sm">
      <Tile
        label={t('calls')}
        value={units.count(calls)}
        hint={
          now === null
            ? t('rateHint', { rate: units.perSecond(calls / seconds) })
            : `${t('now')}: ${units.perSecond(now)}`
        }
        delta={{ now: calls, before: before?.calls, isBadUp: null }}
        logs={calls === 0 ? null : logs}
        {...{ scope }}
      />
      <Tile
        label={t('failures')}
        value={units.count(failures)}
        hint={t('failuresHint', { ratio: units.percent(ratio) })}
        delta={{ now: failures, before: before?.failures, isBadUp: true }}
        logs={failures === 0 ? null : { ...logs, status: '4xx,5xx' }}
        {...{ scope }}
      />
      <Tile
        label={t('p99')}
        value={units.ms(latency.p99Ms)}
        hint={t('meanHint', { mean: units.ms(latency.meanMs) })}
        delta={{ now: latency.p99Ms, before: before?.latency.p99Ms, isBadUp: true }}
        logs={latency.p99Ms === null ? null : { ...logs, minMs: String(Math.floor(latency.p99Ms)) }}
        {...{ scope }}
      />
      <Tile
        label={t('backendP99')}
        value={units.ms(backendLatency.p99Ms)}
        hint={t('meanHint', { mean: units.ms(backendLatency.meanMs) })}
        delta={{ now: backendLatency.p99Ms, before: before?.backendLatency.p99Ms, isBadUp: true }}
        logs={null}
        {...{ scope }}
      />
      <Tile
        label={t('traffic')}
        value={`${units.bytes(totals.bytesIn)} / ${units.bytes(totals.bytesOut)}`}
        hint=""
        delta={{ now: totals.bytesOut, before: before?.bytesOut, isBadUp: null }}
        logs={null}
        {...{ scope }}
      />
      <Tile
        label={t('byGateway')}
        value={units.count(totals.byGateway)}
        hint={t('abortedHint', { count: units.count(totals.aborted) })}
        delta={{ now: totals.byGateway, before: before?.byGateway, isBadUp: null }}
        logs={null}
        {...{ scope }}
      />
    </SimpleGrid>
  )
}

interface DeltaProps {
  readonly now: number | null
  /** undefined where nothing is compared. */
  readonly before: number | null | undefined
  /** Whether more is worse; null where it is neither. */
  readonly isBadUp: boolean | null
}

interface TileProps {
  readonly label: string
  readonly value: string
  readonly hint: string
  readonly delta: DeltaProps
  /** The requests behind it; null where the logs cannot tell them. */
  readonly logs: LogsSearch | null
  readonly scope: Scope
}

function Tile({ label, value, hint, delta, logs, scope: { service, stage } }: TileProps) {
  const t = useT()
  return (
    <Paper withBorder p="sm">
      <Stack gap={2}>
        <Text size="xs" c="dimmed">
          {label}
        </Text>
        <Text size="xl" fw={650} style={{ fontVariantNumeric: 'tabular-nums', lineHeight: 1.2 }}>
          {value}
        </Text>
        {hint !== '' && (
          <Text size="xs" c="dimmed">
            {hint}
          </Text>
        )}
        <Delta {...delta} />
        {logs !== null && stage !== undefined && (
          <LogsLink at={{ service, stage }} search={logs} size="xs" aria-label={`${label}: ${t('toLogs')}`}>
            {t('toLogs')}
          </LogsLink>
        )}
      </Stack>
    </Paper>
  )
}

/** How something has changed against the span before. */
function Delta({ now, before, isBadUp }: DeltaProps) {
  const t = useT()
  const units = useUnits()
  if (before === undefined || now === null) return null
  if (before === null || before === 0) return now === 0 ? <Same /> : <Text size="xs">{t('deltaNew')}</Text>
  const change = (now - before) / before
  if (change === 0) return <Same />
  const isBad = isBadUp !== null && change > 0 === isBadUp
  const color = isBadUp === null ? 'dimmed' : isBad ? 'var(--mantine-color-error)' : 'var(--mantine-color-teal-text)'
  const Arrow = change > 0 ? IconArrowUpRight : IconArrowDownRight
  return (
    <Group gap={4} wrap="nowrap" c={color}>
      <Arrow size={14} aria-hidden style={{ flexShrink: 0 }} />
      <Text size="xs">{t('deltaBefore', { change: units.change(change) })}</Text>
    </Group>
  )
}

function Same() {
  const t = useT()
  return (
    <Group gap={4} wrap="nowrap" c="dimmed">
      <IconArrowRight size={14} aria-hidden />
      <Text size="xs">{t('deltaNone')}</Text>
    </Group>
  )
}
