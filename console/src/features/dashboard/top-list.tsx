import {
  Anchor,
  Group,
  Paper,
  ScrollArea,
  SegmentedControl,
  Stack,
  Table,
  Text,
  Title,
  UnstyledButton,
} from '@mantine/core'
import { IconArrowDown } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { TopEntry } from '../../api/model.ts'
import { useRead } from '../../api/use-read.ts'
import { Faces } from '../../components/faces.tsx'
import { useUnits } from '../../i18n/use-units.ts'
import { LogsLink, type LogsSearch } from '../logs/link.tsx'
import { FigureCell, ShareCell } from './figure-cells.tsx'
import { type Part, type Scope, type Sort, type TopKind, topQuery } from './queries.ts'
import type { SpanSearch } from './span.ts'
import { useT } from './texts.ts'

const LIMIT = 20

interface TopListProps {
  readonly scope: Scope
  readonly span: SpanSearch
  readonly by: TopKind
  readonly sort: Sort
  readonly hasPart: boolean
  readonly onBy: (by: TopKind) => void
  readonly onSort: (sort: Sort) => void
  readonly onPart: (part: Part) => void
}

/** The routes, keys and others that stand out: sorted by the server, each a way to what lies behind. */
export function TopTable({ scope, span, by, sort, hasPart, onBy, onSort, onPart }: TopListProps) {
  const t = useT()
  const top = useRead(topQuery(scope, span, by, sort, LIMIT))
  const kinds = [
    { value: 'route', label: t('topRoutes') },
    { value: 'key', label: t('topKeys') },
    { value: 'plan', label: t('topPlans') },
    { value: 'deployment', label: t('topDeployments') },
    ...(scope.stage === undefined ? [{ value: 'stage', label: t('topStages') }] : []),
  ]
  return (
    <Paper withBorder p="md" component="section" aria-label={t('topTitle')}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h6">
            {t('topTitle')}
          </Title>
          <ScrollArea type="never" maw="100%">
            <SegmentedControl
              size="xs"
              aria-label={t('topTitle')}
              value={by}
              data={kinds}
              onChange={(value) => onBy(value as TopKind)}
            />
          </ScrollArea>
        </Group>
        {hasPart && (
          <Text size="xs" c="dimmed">
            {t('topWhole')}
          </Text>
        )}
        <Faces
          query={top}
          isEmpty={({ items }) => items.length === 0}
          empty={
            <Text c="dimmed" size="sm">
              {t('topEmpty')}
            </Text>
          }
        >
          {({ items }) => (
            <Table.ScrollContainer minWidth={700} type="native">
              <Table verticalSpacing={6} highlightOnHover>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('name')}</Table.Th>
                    <Sorted label={t('calls')} by="calls" {...{ sort, onSort }} />
                    <Sorted label={t('failures')} by="failures" {...{ sort, onSort }} />
                    <Sorted label={t('latencyMean')} by="latency" {...{ sort, onSort }} />
                    <Sorted label={t('latencyP95')} by="p95" {...{ sort, onSort }} />
                    <Sorted label={t('latencyP99')} by="p99" {...{ sort, onSort }} />
                    <Sorted label={t('bytes')} by="bytes" {...{ sort, onSort }} />
                    {scope.stage !== undefined && <Table.Th ta="right">{t('logs')}</Table.Th>}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {items.map((entry) => (
                    <Entry key={`${entry.stage} ${entry.id}`} {...{ entry, by, scope, onPart }} />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Faces>
      </Stack>
    </Paper>
  )
}

interface SortedProps {
  readonly label: string
  readonly by: Sort
  readonly sort: Sort
  readonly onSort: (sort: Sort) => void
}

function Sorted({ label, by, sort, onSort }: SortedProps) {
  const t = useT()
  const isIt = by === sort
  return (
    <Table.Th ta="right" aria-sort={isIt ? 'descending' : 'none'}>
      <UnstyledButton fz="sm" fw={isIt ? 700 : 500} title={t('sortBy', { what: label })} onClick={() => onSort(by)}>
        <Group gap={2} wrap="nowrap" justify="end">
          {isIt && <IconArrowDown size={14} aria-hidden />}
          {label}
        </Group>
      </UnstyledButton>
    </Table.Th>
  )
}

interface EntryProps {
  readonly entry: TopEntry
  readonly by: TopKind
  readonly scope: Scope
  readonly onPart: (part: Part) => void
}

function Entry({ entry, by, scope, onPart }: EntryProps) {
  const units = useUnits()
  const { calls, failures, latency } = entry
  return (
    <Table.Tr>
      <Table.Td>
        <EntryName {...{ entry, by, onPart }} />
        {scope.stage === undefined && by !== 'stage' && (
          <Text size="xs" c="dimmed">
            {entry.stage}
          </Text>
        )}
      </Table.Td>
      <FigureCell>{units.count(calls)}</FigureCell>
      <ShareCell part={failures} whole={calls} />
      <FigureCell>{units.ms(latency.meanMs)}</FigureCell>
      <FigureCell>{units.ms(latency.p95Ms)}</FigureCell>
      <FigureCell>{units.ms(latency.p99Ms)}</FigureCell>
      <FigureCell>{units.bytes(entry.bytesIn + entry.bytesOut)}</FigureCell>
      {scope.stage !== undefined && (
        <FigureCell>
          <EntryLogs {...{ entry, by, scope }} />
        </FigureCell>
      )}
    </Table.Tr>
  )
}

function EntryName({ entry, by, onPart }: Omit<EntryProps, 'scope'>) {
  const t = useT()
  const { id, name, isOther, service, stage } = entry
  if (isOther) return <Text size="sm">{t('others')}</Text>
  if (by === 'stage')
    return (
      <Anchor component={Link} to={`/services/${service}/stages/${stage}/dashboard`} size="sm">
        {stage ?? t('gone')}
      </Anchor>
    )
  if (id === '' && by === 'route')
    return (
      <Anchor component="button" type="button" size="sm" ta="left" onClick={() => onPart({ route: '-' })}>
        {t('noRoute')}
      </Anchor>
    )
  if (id === '') return <Text size="sm">{t(by === 'plan' ? 'noPlan' : 'noKey')}</Text>
  const shown = name ?? `${t('gone')} (${id.slice(0, 8)})`
  // A deployment is asked for by its number.
  const value = by === 'deployment' ? (name ?? '').slice(1) : id
  if (value === '') return <Text size="sm">{shown}</Text>
  return (
    <Anchor component="button" type="button" size="sm" ta="left" onClick={() => onPart({ [by]: value })}>
      {shown}
    </Anchor>
  )
}

/** The way to the requests of an entry; the log knows routes and keys. */
function EntryLogs({ entry, by, scope }: Omit<EntryProps, 'onPart'>) {
  const t = useT()
  const search = logsSearchOf(entry, by)
  if (search === null || scope.stage === undefined) return null
  return (
    <LogsLink
      at={{ service: scope.service, stage: scope.stage }}
      search={search}
      size="sm"
      aria-label={`${entry.name ?? entry.id}: ${t('logs')}`}
    >
      {t('logs')}
    </LogsLink>
  )
}

function logsSearchOf({ id, isOther }: TopEntry, by: TopKind): LogsSearch | null {
  if (isOther || id === '') return null
  if (by === 'route') return { route: id }
  return by === 'key' ? { consumer: id } : null
}
