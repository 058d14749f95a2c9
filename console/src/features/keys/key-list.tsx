import { Button, Group, Select, Stack, Text } from '@mantine/core'
import { IconDownload, IconKey, IconSearch, IconUpload, IconX } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { PagedTable, SearchField } from '../../components/data-table.tsx'
import { Empty } from '../../components/faces.tsx'
import { OnlyFor } from '../../components/only-for.tsx'
import { Page } from '../../components/page.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { withSearch } from '../../components/with-search.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { plansQuery } from '../plans/queries.ts'
import { useMay } from '../session/me.ts'
import { KeyStateBadge } from './key-state.tsx'
import { NewKey } from './new-key.tsx'
import { keyOrders, keysQuery, type ListedKey } from './queries.ts'
import { useT } from './texts.ts'

/** Subscriptions of a key that are named in the list. */
const NAMED = 2

/** All keys, searched and paged by the server. */
export function KeyList() {
  const t = useT()
  return (
    <Page title={t('title')} lead={t('lead')} actions={<Actions />}>
      <OnlyFor permission="read">
        <Filters />
        <Keys />
      </OnlyFor>
    </Page>
  )
}

function Actions() {
  const t = useT()
  const mayRead = useMay('read')
  const mayWrite = useMay('write')
  return (
    <>
      {mayRead && (
        <Button
          component="a"
          href="/api/v1/keys/export"
          download="keys.csv"
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t('export')}
        </Button>
      )}
      {mayWrite && (
        <>
          <Button
            component={Link}
            to="/keys/import"
            variant="default"
            leftSection={<IconUpload size={16} aria-hidden />}
          >
            {t('import')}
          </Button>
          <NewKey />
        </>
      )}
    </>
  )
}

function useFilter() {
  const { q, plan, stageId, sort } = useSearch({ from: '/keys' })
  const order = keyOrders.find((known) => known === sort)
  return {
    ...(q !== undefined && { q }),
    ...(plan !== undefined && { plan }),
    ...(stageId !== undefined && { stageId }),
    ...(order !== undefined && { sort: order }),
  }
}

function Filters() {
  const t = useT()
  const filter = useFilter()
  const navigate = useNavigate({ from: '/keys' })
  const plans = useQuery(plansQuery())
  const set = (changes: Partial<Record<'q' | 'plan' | 'stageId' | 'sort', string | null>>) =>
    void navigate({ search: withSearch(filter, changes), replace: true, resetScroll: false })
  return (
    <Group gap="sm" align="end">
      <SearchField value={filter.q ?? ''} onSearch={(q) => set({ q })} />
      <Select
        aria-label={t('plan')}
        placeholder={t('anyPlan')}
        data={plans.data?.items.map(({ name }) => name) ?? []}
        value={filter.plan ?? null}
        clearable
        searchable
        limit={50}
        w={180}
        onChange={(plan) => set({ plan, stageId: null })}
      />
      <Select
        aria-label={t('sort')}
        data={keyOrders.map((value) => ({ value, label: t(`sort.${value}`) }))}
        value={filter.sort ?? 'name'}
        w={200}
        onChange={(sort) => set({ sort: sort === 'name' ? null : sort })}
      />
      {filter.stageId !== undefined && (
        <Button
          variant="light"
          rightSection={<IconX size={14} aria-hidden />}
          aria-label={t('everyStage')}
          onClick={() => set({ stageId: null })}
        >
          {t('onStage')}
        </Button>
      )}
    </Group>
  )
}

function Keys() {
  const t = useT()
  const filter = useFilter()
  const keys = useInfiniteQuery(keysQuery(filter))
  return (
    <PagedTable
      label={t('title')}
      query={keys}
      minWidth={720}
      keyOf={({ id }) => id}
      empty={<Nothing q={filter.q} />}
      columns={[
        { label: t('name'), cell: (key) => <Name of={key} /> },
        { label: t('state'), cell: (key) => <KeyStateBadge of={key} /> },
        { label: t('subscriptions'), cell: ({ subscriptions }) => <Subscriptions of={subscriptions} /> },
        { label: t('expires'), cell: ({ expiresAt }) => <Moment at={expiresAt} /> },
        { label: t('lastUsed'), cell: ({ lastUsedAt }) => <Moment at={lastUsedAt} none={t('notUsed')} /> },
      ]}
    />
  )
}

function Nothing({ q }: { readonly q: string | undefined }) {
  const t = useT()
  const common = useCommonT()
  const filter = useFilter()
  if (Object.keys(filter).every((name) => name === 'sort'))
    return (
      <Empty icon={IconKey} title={t('empty')} hint={t('emptyHint')}>
        <Text size="sm" c="dimmed">
          <code>turnpike keys create NAME</code>
        </Text>
      </Empty>
    )
  return (
    <Empty
      icon={IconSearch}
      title={common('state.nothingFound')}
      hint={q === undefined ? '' : common('state.nothingFoundFor', { text: q })}
    />
  )
}

function Name({ of: { id, name, description } }: { readonly of: ListedKey }) {
  return (
    <Stack gap={0} maw={280}>
      <TextLink to="/keys/$key" params={{ key: id }} fw={600} style={{ overflowWrap: 'anywhere' }}>
        {name}
      </TextLink>
      <Text size="xs" c="dimmed" lineClamp={1}>
        {description}
      </Text>
    </Stack>
  )
}

function Subscriptions({ of }: { readonly of: ListedKey['subscriptions'] }) {
  const t = useT()
  if (of.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('noSubscription')}
      </Text>
    )
  return (
    <Stack gap={0}>
      {of.slice(0, NAMED).map(({ stageId, service, stage, plan }) => (
        <Text key={stageId} size="sm">
          {service}/{stage}{' '}
          <Text span size="xs" c="dimmed">
            {plan}
          </Text>
        </Text>
      ))}
      {of.length > NAMED && (
        <Text size="xs" c="dimmed">
          {t('moreSubscriptions', { count: of.length - NAMED })}
        </Text>
      )}
    </Stack>
  )
}

function Moment({ at, none }: { readonly at: string | null; readonly none?: string }) {
  const common = useCommonT()
  if (at !== null) return <When at={at} />
  return (
    <Text size="sm" c="dimmed">
      {none ?? common('state.never')}
    </Text>
  )
}
