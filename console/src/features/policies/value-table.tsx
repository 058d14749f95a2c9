import { ActionIcon, Button, Group, Pagination, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { IconEdit, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { Policy, PolicyValue } from '../../api/model.ts'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { useNotifyUndo } from '../../components/notify-undo.tsx'
import { useMayWrite } from '../services/may.ts'
import { saveValue } from './queries.ts'
import { useT } from './texts.ts'
import { ValueDialog } from './value-dialog.tsx'

/** A policy has up to ten thousand values: so many are shown at once. */
const PAGE = 20
/** Networks that are named in a row. */
const NAMED_NETWORKS = 3

interface ValueTableProps {
  readonly service: string
  readonly policy: Policy
  /** Of a policy. */
  readonly schema: unknown
}

/** The values of a policy, with their rates and addresses; a page at a time. */
export function ValueTable({ service, policy, schema }: ValueTableProps) {
  const t = useT()
  const { q = '', page = '1' } = useSearch({ from: '/services/$service/policies/$policy' })
  const navigate = useNavigate({ from: '/services/$service/policies/$policy' })
  const mayWrite = useMayWrite(service)
  const [edited, setEdited] = useState<PolicyValue | 'new' | null>(null)
  const found = policy.values.filter(({ value }) => value.toLowerCase().includes(q.toLowerCase()))
  const pages = Math.max(1, Math.ceil(found.length / PAGE))
  const at = Math.min(pages, Math.max(1, Number.parseInt(page, 10) || 1))
  const shown = found.slice((at - 1) * PAGE, at * PAGE)
  const show = (search: { q: string; page: number }) =>
    void navigate({
      search: {
        ...(search.q === '' ? {} : { q: search.q }),
        ...(search.page === 1 ? {} : { page: String(search.page) }),
      },
      replace: true,
      resetScroll: false,
    })
  return (
    <Stack gap="sm" component="section" aria-label={t('values.title')}>
      <Group justify="space-between" align="end">
        <Stack gap={0}>
          <Title order={2} size="h4">
            {t('values.title')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('values.lead')}
          </Text>
        </Stack>
        {mayWrite && (
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEdited('new')}>
            {t('values.add')}
          </Button>
        )}
      </Group>
      {policy.values.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('values.none')}
        </Text>
      ) : (
        <>
          <Group>
            <TextInput
              aria-label={t('values.search')}
              placeholder={t('values.search')}
              leftSection={<IconSearch size={16} aria-hidden />}
              w={280}
              value={q}
              onChange={(event) => show({ q: event.currentTarget.value, page: 1 })}
            />
            <Text size="sm" c="dimmed" role="status">
              {t('values.count', { found: found.length, all: policy.values.length })}
            </Text>
          </Group>
          <Values service={service} policy={policy.name} values={shown} mayWrite={mayWrite} onEdit={setEdited} />
          {pages > 1 && (
            <Pagination
              total={pages}
              value={at}
              getItemProps={(number) => ({ 'aria-label': t('values.page', { number }) })}
              getControlProps={(control) => ({ 'aria-label': t(`values.${control}`) })}
              onChange={(next) => show({ q, page: next })}
            />
          )}
        </>
      )}
      <ValueDialog service={service} policy={policy} schema={schema} edited={edited} onClose={() => setEdited(null)} />
    </Stack>
  )
}

interface ValuesProps {
  readonly service: string
  readonly policy: string
  readonly values: readonly PolicyValue[]
  readonly mayWrite: boolean
  readonly onEdit: (value: PolicyValue) => void
}

function Values({ service, policy, values, mayWrite, onEdit }: ValuesProps) {
  const t = useT()
  const notifyUndo = useNotifyUndo()
  const queries = useQueryClient()
  const putBack = useMutation({
    mutationFn: (value: PolicyValue) => saveValue(service, policy, value.value, undefined, value),
    onSuccess: (_, { value }) => notifyDone(t('values.saved', { value })),
    onError: notifyFailed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['services', service] }),
  })
  const remove = useMutation({
    mutationFn: (value: PolicyValue) => saveValue(service, policy, value.value, value, null),
    onSuccess: (_, value) => notifyUndo(t('values.removed', { value: value.value }), () => putBack.mutate(value)),
    onError: notifyFailed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['services', service] }),
  })
  return (
    <Table.ScrollContainer minWidth={480} type="native">
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('values.value')}</Table.Th>
            <Table.Th>{t('values.rate')}</Table.Th>
            <Table.Th>{t('values.networks')}</Table.Th>
            {mayWrite && <Table.Th ta="right">{t('values.actions')}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {values.map((one) => (
            <Table.Tr key={one.value}>
              <Table.Td fw={600} style={{ overflowWrap: 'anywhere' }}>
                {one.value}
              </Table.Td>
              <Table.Td>{one.requestsPerSecond ?? t('values.defaultRate')}</Table.Td>
              <Table.Td>
                <Networks networks={one.networks} />
              </Table.Td>
              {mayWrite && (
                <Table.Td>
                  <Group gap={2} justify="end" wrap="nowrap">
                    <ActionIcon
                      variant="subtle"
                      aria-label={t('values.edit', { value: one.value })}
                      onClick={() => onEdit(one)}
                    >
                      <IconEdit size={16} aria-hidden />
                    </ActionIcon>
                    <ActionIcon
                      variant="subtle"
                      color="red"
                      aria-label={t('values.remove', { value: one.value })}
                      onClick={() => remove.mutate(one)}
                    >
                      <IconTrash size={16} aria-hidden />
                    </ActionIcon>
                  </Group>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Networks({ networks }: { readonly networks: PolicyValue['networks'] }) {
  const t = useT()
  if (networks === null) return t('values.everywhere')
  const { mode, list } = networks
  const named = list.slice(0, NAMED_NETWORKS).join(', ')
  const rest = list.length - NAMED_NETWORKS
  return t(mode === 'allow' ? 'values.allow' : 'values.deny', {
    list: rest > 0 ? t('values.more', { list: named, count: rest }) : named,
  })
}
