import { Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { StatisticsTotals } from '../../api/model.ts'
import { useUnits } from '../../i18n/use-units.ts'
import { LogsLink, type LogsSearch } from '../logs/link.tsx'
import type { Scope } from './queries.ts'
import { useT } from './texts.ts'

interface BreakdownProps {
  readonly totals: StatisticsTotals
  readonly scope: Scope
  /** What the logs are asked for beside. */
  readonly logs: LogsSearch
}

/** The calls of a span by status, and those that the gateway answered by what it said. */
export function Breakdown({ totals, scope, logs }: BreakdownProps) {
  const t = useT()
  const statuses = Object.entries(totals.statuses).sort(([, a], [, b]) => b - a)
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Panel title={t('statuses')} head={t('status')} isEmpty={statuses.length === 0}>
        {statuses.map(([status, calls]) => (
          <Row key={status} calls={calls} all={totals.calls} {...{ scope }} search={{ ...logs, status }}>
            {status === '0' ? t('noAnswer') : status}
          </Row>
        ))}
      </Panel>
      <Panel title={t('reasons')} head={t('reason')} isEmpty={totals.reasons.length === 0}>
        {totals.reasons.map(({ plugin, code, calls }) => (
          <Row
            key={`${plugin} ${code}`}
            calls={calls}
            all={totals.calls}
            {...{ scope }}
            search={code === '' ? null : { ...logs, error: code }}
          >
            {code === '' ? t('ownAnswer') : code}{' '}
            <Text span size="xs" c="dimmed">
              {plugin === '' ? t('gateway') : plugin}
            </Text>
          </Row>
        ))}
      </Panel>
    </SimpleGrid>
  )
}

interface PanelProps {
  readonly title: string
  /** What the first column has. */
  readonly head: string
  readonly isEmpty: boolean
  readonly children: ReactNode
}

function Panel({ title, head, isEmpty, children }: PanelProps) {
  const t = useT()
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Stack gap="sm">
        <Title order={2} size="h6">
          {title}
        </Title>
        {isEmpty ? (
          <Text c="dimmed" size="sm">
            {t('nothing')}
          </Text>
        ) : (
          <Table verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{head}</Table.Th>
                <Table.Th ta="right">{t('calls')}</Table.Th>
                <Table.Th ta="right">{t('share')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>{children}</Table.Tbody>
          </Table>
        )}
      </Stack>
    </Paper>
  )
}

interface RowProps {
  readonly calls: number
  readonly all: number
  readonly scope: Scope
  readonly search: LogsSearch | null
  readonly children: ReactNode
}

function Row({ calls, all, scope: { service, stage }, search, children }: RowProps) {
  const units = useUnits()
  return (
    <Table.Tr>
      <Table.Td>
        {search === null || stage === undefined ? (
          <Text size="sm">{children}</Text>
        ) : (
          <LogsLink at={{ service, stage }} search={search} size="sm">
            {children}
          </LogsLink>
        )}
      </Table.Td>
      <Table.Td ta="right">{units.count(calls)}</Table.Td>
      <Table.Td ta="right">{units.percent(all === 0 ? null : calls / all)}</Table.Td>
    </Table.Tr>
  )
}
