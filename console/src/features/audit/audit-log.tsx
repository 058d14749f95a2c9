import { Autocomplete, Button, Group, Paper, SimpleGrid, Text, TextInput } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { PagedTable } from '../../components/data-table.tsx'
import { Empty } from '../../components/faces.tsx'
import { MomentField } from '../../components/moment-field.tsx'
import { OnlyFor } from '../../components/only-for.tsx'
import { Page } from '../../components/page.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { withSearch } from '../../components/with-search.ts'
import { usersQuery } from '../people/queries.ts'
import { servicesQuery } from '../services/queries.ts'
import { EntryDialog } from './entry.tsx'
import { nameOf } from './field-changes.ts'
import { type AuditEntry, type AuditFilter, auditQuery } from './queries.ts'
import { useT } from './texts.ts'

/** What is suggested; others can be typed. */
const actions = [
  'create',
  'update',
  'delete',
  'deploy',
  'apply',
  'roll-back',
  'restore',
  'import',
  'log-in',
  'regenerate',
]
const kinds = [
  'alert',
  'certificate',
  'gateway-responses',
  'key',
  'managed certificate',
  'method',
  'model',
  'plan',
  'policy',
  'resource',
  'service',
  'stage',
  'token',
  'user',
]

/** Who changed what, and when. */
export function AuditLog() {
  const t = useT()
  return (
    <Page title={t('title')} lead={t('lead')}>
      <OnlyFor permission="admin">
        <Filters />
        <Entries />
        <EntryDialog />
      </OnlyFor>
    </Page>
  )
}

function Filters() {
  const t = useT()
  const search = useSearch({ from: '/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const users = useQuery(usersQuery)
  const services = useInfiniteQuery(servicesQuery(''))
  const set = (changes: Partial<Record<keyof typeof search, string | null>>) =>
    void navigate({ search: withSearch(search, { entry: null, ...changes }), replace: true })
  const { entry: _, ...filter } = search
  return (
    <Paper component="section" withBorder p="md" aria-label={t('filters')}>
      <SimpleGrid cols={{ base: 2, md: 4, xl: 7 }} spacing="sm">
        <Autocomplete
          label={t('actor')}
          data={users.data?.items.map(({ name }) => name) ?? []}
          limit={20}
          value={search.actor ?? ''}
          onChange={(actor) => set({ actor })}
        />
        <Autocomplete
          label={t('action')}
          data={actions}
          value={search.action ?? ''}
          onChange={(action) => set({ action })}
        />
        <Autocomplete label={t('kind')} data={kinds} value={search.kind ?? ''} onChange={(kind) => set({ kind })} />
        <Autocomplete
          label={t('service')}
          data={services.data?.pages.flatMap(({ items }) => items.map(({ name }) => name)) ?? []}
          limit={20}
          value={search.service ?? ''}
          onChange={(service) => set({ service })}
        />
        <TextInput
          label={t('object')}
          value={search.object ?? ''}
          onChange={(event) => set({ object: event.currentTarget.value })}
        />
        <MomentField
          key={`from ${search.from === undefined}`}
          label={t('from')}
          value={search.from ?? null}
          onChange={(from) => set({ from })}
        />
        <MomentField
          key={`to ${search.to === undefined}`}
          label={t('to')}
          value={search.to ?? null}
          onChange={(to) => set({ to })}
        />
      </SimpleGrid>
      {Object.keys(filter).length > 0 && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={() => void navigate({ search: {} })}>
            {t('clear')}
          </Button>
        </Group>
      )}
    </Paper>
  )
}

/** What the address asks for; a moment that is none asks for nothing. */
function useFilter(): AuditFilter {
  const { actor, action, kind, object, service, from, to } = useSearch({ from: '/audit' })
  return {
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(kind !== undefined && { kind }),
    ...(object !== undefined && { objectId: object }),
    ...(service !== undefined && { service }),
    ...(isMoment(from) && { from }),
    ...(isMoment(to) && { to }),
  }
}

const isMoment = (text: string | undefined): text is string => text !== undefined && !Number.isNaN(Date.parse(text))

function Entries() {
  const t = useT()
  const entries = useInfiniteQuery(auditQuery(useFilter()))
  return (
    <PagedTable
      label={t('title')}
      query={entries}
      keyOf={({ id }) => id}
      minWidth={640}
      empty={<Empty icon={IconHistory} title={t('empty')} hint={t('emptyHint')} />}
      columns={[
        { label: t('when'), cell: ({ at }) => <When at={at} /> },
        { label: t('actor'), cell: ({ actor }) => actor },
        { label: t('action'), cell: ({ action }) => action },
        { label: t('kind'), cell: ({ kind }) => kind },
        { label: t('service'), cell: (entry) => <Service of={entry} /> },
        { label: t('what'), cell: (entry) => <What of={entry} /> },
      ]}
    />
  )
}

/** The service that it is about, which may be gone; leads to all that was done to it. */
function Service({ of: { service, serviceId } }: { readonly of: AuditEntry }) {
  const t = useT()
  const search = useSearch({ from: '/audit' })
  if (serviceId === null) return null
  return (
    <TextLink to="/audit" search={{ ...search, service: service ?? serviceId }} size="sm" resetScroll={false}>
      {service ?? t('gone')}
    </TextLink>
  )
}

/** What was changed; leads to how. */
function What({ of: entry }: { readonly of: AuditEntry }) {
  const t = useT()
  const search = useSearch({ from: '/audit' })
  const name = nameOf(entry) || entry.kind
  return (
    <TextLink
      to="/audit"
      search={{ ...search, entry: entry.id }}
      resetScroll={false}
      aria-label={t('open', { what: `${entry.action} ${entry.kind} ${name}` })}
    >
      <Text span size="sm" style={{ overflowWrap: 'anywhere' }}>
        {name}
      </Text>
    </TextLink>
  )
}
