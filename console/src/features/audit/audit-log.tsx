import { Text } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { PagedTable } from '../../components/data-table.tsx'
import { Empty } from '../../components/faces.tsx'
import { OnlyFor } from '../../components/only-for.tsx'
import { Page } from '../../components/page.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { EntryDialog } from './entry.tsx'
import { nameOf } from './field-changes.ts'
import { Filters } from './filters.tsx'
import { type AuditEntry, type AuditFilter, auditQuery } from './queries.ts'
import { useT } from './texts.ts'
import { didWhat } from './words.ts'

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
      minWidth={480}
      empty={<Empty icon={IconHistory} title={t('empty')} hint={t('emptyHint')} />}
      columns={[
        { label: t('whenAndWho'), cell: (entry) => <WhenAndWho of={entry} /> },
        { label: t('did'), cell: (entry) => <Did of={entry} /> },
        { label: t('what'), cell: (entry) => <What of={entry} /> },
        { label: t('service'), cell: (entry) => <Service of={entry} /> },
      ]}
    />
  )
}

function WhenAndWho({ of: { at, actor } }: { readonly of: AuditEntry }) {
  return (
    <>
      <When at={at} />
      <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {actor}
      </Text>
    </>
  )
}

/** What was done, and below it the two words that the log is filtered by, here as in the API. */
function Did({ of: entry }: { readonly of: AuditEntry }) {
  const t = useT()
  return (
    <>
      <Text size="sm">{didWhat(t, entry)}</Text>
      <Text size="xs" c="dimmed" ff="monospace">
        {entry.action} {entry.kind}
      </Text>
    </>
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
      aria-label={t('open', { what: `${didWhat(t, entry)} ${name}` })}
    >
      <Text span size="sm" style={{ overflowWrap: 'anywhere' }}>
        {name}
      </Text>
    </TextLink>
  )
}
