import { Code, Group, Modal, Stack, Switch, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { DataTable } from '../../components/data-table.tsx'
import { Faces } from '../../components/faces.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { withSearch } from '../../components/with-search.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { fieldChanges, nameOf } from './field-changes.ts'
import { type AuditEntry, entryQuery } from './queries.ts'
import { useT } from './texts.ts'
import { didWhat } from './words.ts'

/** The entry that the address names: what was different before and after, field by field. */
export function EntryDialog() {
  const t = useT()
  const common = useCommonT()
  const search = useSearch({ from: '/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const { entry: entryId } = search
  const entry = useQuery({ ...entryQuery(entryId ?? ''), enabled: entryId !== undefined })
  const titleOf = (found: AuditEntry) =>
    t('difference', { actor: found.actor, did: didWhat(t, found), name: nameOf(found) || found.kind })
  const close = () => void navigate({ search: withSearch(search, { entry: null }), resetScroll: false })
  return (
    <Modal
      opened={entryId !== undefined}
      onClose={close}
      size="xl"
      title={entry.data === undefined ? t('title') : titleOf(entry.data)}
      closeButtonProps={{ 'aria-label': common('action.close') }}
    >
      <Faces query={entry}>{(found) => <Difference of={found} />}</Faces>
    </Modal>
  )
}

function Difference({ of: entry }: { readonly of: AuditEntry }) {
  const t = useT()
  const [isAll, setIsAll] = useState(false)
  const fields = fieldChanges(entry.before, entry.after)
  const different = fields.filter(({ isDifferent }) => isDifferent)
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <When at={entry.at} />
        {different.length < fields.length && (
          <Switch label={t('alsoSame')} checked={isAll} onChange={(event) => setIsAll(event.currentTarget.checked)} />
        )}
      </Group>
      {fields.length === 0 && <Text size="sm">{t('nothingTold')}</Text>}
      {fields.length > 0 && different.length === 0 && <Text size="sm">{t('same')}</Text>}
      {(isAll ? fields : different).length > 0 && (
        <DataTable
          label={t('field')}
          items={isAll ? fields : different}
          keyOf={({ path }) => path}
          columns={[
            { label: t('field'), cell: ({ path }) => <Code>{path === '' ? '/' : path}</Code> },
            { label: t('before'), cell: ({ before }) => <Value of={before} /> },
            { label: t('after'), cell: ({ after }) => <Value of={after} /> },
          ]}
        />
      )}
      <Group gap="md">
        {entry.objectId !== '' && (
          <TextLink to="/audit" search={{ object: entry.objectId }} size="sm">
            {t('onlyThis')}
          </TextLink>
        )}
        <TextLink to="/audit" search={{ actor: entry.actor }} size="sm">
          {t('onlyActor', { actor: entry.actor })}
        </TextLink>
      </Group>
    </Stack>
  )
}

function Value({ of }: { readonly of: unknown }) {
  const t = useT()
  if (of === undefined)
    return (
      <Text size="sm" c="dimmed">
        {t('none')}
      </Text>
    )
  return (
    <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
      {typeof of === 'string' ? of : JSON.stringify(of)}
    </Text>
  )
}
