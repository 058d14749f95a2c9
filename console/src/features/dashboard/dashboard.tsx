import { Button, Group, Menu, NativeSelect, Pill, Stack, Switch, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useRead } from '../../api/use-read.ts'
import { Failed, Loading } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import type { LogsSearch } from '../logs/link.tsx'
import { stagesQuery } from '../stage/queries.ts'
import { Breakdown } from './breakdown.tsx'
import { Charts } from './charts.tsx'
import { liveTimeline, timelineOf } from './figures.ts'
import { FeedBadge, useLive } from './live.tsx'
import {
  type Compared,
  type Part,
  partNames,
  partOf,
  type Scope,
  type Sort,
  sorts,
  statisticsQuery,
  statisticsUrl,
  type TopKind,
  topKinds,
  topQuery,
} from './queries.ts'
import { Sides } from './sides.tsx'
import { isLive, type SpanSearch, spanBetween, spanQuery } from './span.ts'
import { SpanPicker } from './span-picker.tsx'
import { useT } from './texts.ts'
import { Tiles } from './tiles.tsx'
import { TopTable } from './top-list.tsx'

/** Everything that the address says of a dashboard. */
export interface DashboardSearch extends SpanSearch, Part {
  readonly compare?: string
  readonly by?: string
  readonly sort?: string
}

/** The dashboard of a stage. */
export function StageDashboard() {
  const { service, stage } = useParams({ from: '/services/$service/stages/$stage/dashboard' })
  const search = useSearch({ from: '/services/$service/stages/$stage/dashboard' })
  return <Dashboard scope={{ service, stage }} search={search} />
}

/** The dashboard of all stages of a service. */
export function ServiceDashboard() {
  const { service } = useParams({ from: '/services/$service/dashboard' })
  const search = useSearch({ from: '/services/$service/dashboard' })
  return <Dashboard scope={{ service }} search={search} />
}

interface DashboardProps {
  readonly scope: Scope
  readonly search: DashboardSearch
}

function Dashboard({ scope, search }: DashboardProps) {
  const t = useT()
  const change = useChange(search)
  const part = partOf(search)
  const span = {
    ...(search.from !== undefined && { from: search.from }),
    ...(search.to !== undefined && { to: search.to }),
  }
  const isComparing = search.compare !== undefined && !isLive(span)
  const statistics = useRead(statisticsQuery(scope, part, span, isComparing))
  const live = useLive(scope, part, isLive(span))
  const { data, error } = statistics
  const by = topKinds.find((kind) => kind === search.by) ?? (scope.stage === undefined ? 'stage' : 'route')
  const sort = sorts.find((one) => one === search.sort) ?? 'calls'
  const logs = logsOf(part)
  return (
    <Page
      title={t(scope.stage === undefined ? 'serviceTitle' : 'title')}
      actions={<Tools {...{ scope, search, part, by, sort }} />}
    >
      <Group justify="space-between" gap="sm">
        <SpanPicker
          search={span}
          shown={data === undefined ? null : data.now}
          onChange={({ from, to }) => change({ from, to })}
        />
        <Group gap="md">
          {isLive(span) ? (
            <FeedBadge state={live.state} />
          ) : (
            <Switch
              size="sm"
              label={t('compare')}
              checked={isComparing}
              onChange={(event) => change({ compare: event.currentTarget.checked ? '1' : undefined })}
            />
          )}
        </Group>
      </Group>
      <PartPill {...{ scope, span, part }} onClear={() => change(noPart)} />
      {error !== null && <Failed error={error} onRetry={() => void statistics.refetch()} />}
      {data === undefined && error === null && <Loading rows={8} />}
      {data !== undefined && (
        <Stack gap="md" style={{ opacity: statistics.isPlaceholderData ? 0.6 : 1 }}>
          <Tiles
            totals={data.now.totals}
            before={data.before?.totals ?? null}
            seconds={(Math.min(Date.parse(data.now.to), Date.now()) - Date.parse(data.now.from)) / 1_000}
            now={isLive(span) ? (live.steps.at(-1)?.calls ?? 0) : null}
            {...{ scope, logs }}
          />
          {isLive(span) ? (
            <Charts timeline={liveTimeline(live.steps, Date.now())} isLive />
          ) : (
            <SpanCharts data={data} onZoom={(from, to) => change(spanBetween(from, to))} />
          )}
          <Sides {...{ scope, span, part }} onPart={(next) => change({ ...noPart, ...next })} />
          <TopTable
            {...{ scope, span, by, sort }}
            hasPart={Object.keys(part).length > 0}
            onBy={(next) => change({ by: next }, true)}
            onSort={(next) => change({ sort: next }, true)}
            onPart={(next) => change({ ...noPart, ...next })}
          />
          <Breakdown totals={data.now.totals} {...{ scope, logs }} />
        </Stack>
      )}
    </Page>
  )
}

const noPart = { route: undefined, key: undefined, plan: undefined, deployment: undefined, side: undefined }

/** Changes what the address says; with `replace` the way back does not stop there. */
function useChange(search: DashboardSearch) {
  const navigate = useNavigate()
  return (changes: { readonly [Name in keyof DashboardSearch]?: string | undefined }, replace = false) => {
    const next = Object.entries({ ...search, ...changes }).filter(([, value]) => value !== undefined)
    void navigate({ to: '.', search: Object.fromEntries(next) as never, replace, resetScroll: false })
  }
}

/** What the logs know of a part: they are not told which plan it was. */
function logsOf({ route, key }: Part): LogsSearch {
  return { ...(route !== undefined && route !== '-' && { route }), ...(key !== undefined && { consumer: key }) }
}

function SpanCharts({
  data,
  onZoom,
}: {
  readonly data: Compared
  readonly onZoom: (from: number, to: number) => void
}) {
  const timeline = useMemo(() => timelineOf(data.now, data.before), [data])
  return <Charts timeline={timeline} isLive={false} onZoom={onZoom} />
}

interface ToolsProps {
  readonly scope: Scope
  readonly search: DashboardSearch
  readonly part: Part
  readonly by: TopKind
  readonly sort: Sort
}

function Tools({ scope, search, part, by, sort }: ToolsProps) {
  const t = useT()
  const span = spanQuery(search)
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return (
    <>
      <StagePicker {...{ scope, search }} />
      <Menu>
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />}>
            {t('csv')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component="a" download href={statisticsUrl(scope, 'export', { ...span, ...part, timeZone })}>
            {t('csvPoints')}
          </Menu.Item>
          <Menu.Item component="a" download href={statisticsUrl(scope, 'top/export', { ...span, by, sort, limit: 50 })}>
            {t('csvTop')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  )
}

/** Another stage of the service, or all of them; the span stays. */
function StagePicker({ scope, search }: { readonly scope: Scope; readonly search: DashboardSearch }) {
  const t = useT()
  const navigate = useNavigate()
  const stages = useRead(stagesQuery(scope.service))
  const { from, to, compare } = search
  const kept = Object.entries({ from, to, compare }).filter(([, value]) => value !== undefined)
  return (
    <NativeSelect
      size="xs"
      aria-label={t('stage')}
      value={scope.stage ?? ''}
      data={[
        { value: '', label: t('allStages') },
        ...(stages.data?.items ?? []).map(({ name }) => ({ value: name, label: name })),
      ]}
      onChange={({ currentTarget: { value } }) =>
        void navigate({
          to:
            value === ''
              ? `/services/${scope.service}/dashboard`
              : `/services/${scope.service}/stages/${value}/dashboard`,
          search: Object.fromEntries(kept) as never,
        })
      }
    />
  )
}

const partLabels = {
  route: 'partRoute',
  key: 'partKey',
  plan: 'partPlan',
  deployment: 'partDeployment',
  side: 'side',
} as const
/** As many as the API gives at most: what is chosen is most likely among them. */
const NAMES = 50

interface PartPillProps {
  readonly scope: Scope
  readonly span: SpanSearch
  readonly part: Part
  readonly onClear: () => void
}

/** Which part of the traffic is shown, by its name. */
function PartPill({ scope, span, part, onClear }: PartPillProps) {
  const t = useT()
  const kind = partNames.find((name) => part[name] !== undefined)
  const listed = kind === 'side' ? undefined : kind
  const names = useRead({ ...topQuery(scope, span, listed ?? 'route', 'calls', NAMES), enabled: listed !== undefined })
  if (kind === undefined) return null
  const value = part[kind] ?? ''
  const name = kind === 'deployment' ? `#${value}` : names.data?.items.find(({ id }) => id === value)?.name
  const whole = value === '-' ? t('noRoute') : (name ?? value)
  const shown = kind === 'route' && part.side !== undefined ? `${whole} · ${part.side}` : whole
  return (
    <Group gap="xs">
      <Text size="sm">{t('only', { what: t(partLabels[kind]) })}</Text>
      <Pill
        withRemoveButton
        removeButtonProps={{ 'aria-label': t('clearPart'), 'aria-hidden': false, tabIndex: 0 }}
        onRemove={onClear}
        size="md"
      >
        {shown}
      </Pill>
    </Group>
  )
}
