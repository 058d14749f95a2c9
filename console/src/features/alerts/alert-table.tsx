import { ActionIcon, Anchor, Group, Stack, Table, Text } from '@mantine/core'
import { IconPencil, IconTrash } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { Alert } from '../../api/model.ts'
import { Tag } from '../../components/tag.tsx'
import { When } from '../../components/when.tsx'
import { useUnits } from '../../i18n/use-units.ts'
import { measured, ruleInWords } from './rule-words.ts'
import { useT } from './texts.ts'

interface AlertTableProps {
  readonly alerts: readonly Alert[]
  /** Whether each says which stage it is of. */
  readonly isOfAll: boolean
  /** What can be done with a rule; left out where the reader may not. */
  readonly actions?: { readonly onEdit: (alert: Alert) => void; readonly onDelete: (alert: Alert) => void }
}

/** Rules and how they stand. */
export function AlertTable({ alerts, isOfAll, actions }: AlertTableProps) {
  const t = useT()
  return (
    <Table.ScrollContainer minWidth={760} type="native">
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('state')}</Table.Th>
            <Table.Th>{t('name')}</Table.Th>
            {isOfAll && <Table.Th>{t('where')}</Table.Th>}
            <Table.Th>{t('rule')}</Table.Th>
            <Table.Th>{t('value')}</Table.Th>
            <Table.Th>{t('since')}</Table.Th>
            <Table.Th>{t('webhook')}</Table.Th>
            {actions !== undefined && <Table.Th>{t('actions')}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {alerts.map((alert) => (
            <Table.Tr key={`${alert.service}/${alert.stage}/${alert.name}`}>
              <AlertCells alert={alert} isOfAll={isOfAll} />
              {actions !== undefined && (
                <Table.Td>
                  <Group gap={4} wrap="nowrap">
                    <ActionIcon
                      variant="subtle"
                      aria-label={t('editNamed', { name: alert.name })}
                      onClick={() => actions.onEdit(alert)}
                    >
                      <IconPencil size={16} aria-hidden />
                    </ActionIcon>
                    <ActionIcon
                      variant="subtle"
                      color="red"
                      aria-label={t('deleteNamed', { name: alert.name })}
                      onClick={() => actions.onDelete(alert)}
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

function AlertCells({ alert, isOfAll }: { readonly alert: Alert; readonly isOfAll: boolean }) {
  const t = useT()
  const units = useUnits()
  const { service, stage, name, state, since } = alert
  const at = `/services/${service}/stages/${stage}`
  return (
    <>
      <Table.Td>
        <StateBadge state={state} />
      </Table.Td>
      <Table.Td>
        <Anchor component={Link} to={`${at}/alerts`} search={{ rule: name } as never} fw={600} size="sm">
          {name}
        </Anchor>
      </Table.Td>
      {isOfAll && (
        <Table.Td>
          <Anchor component={Link} to={`${at}/dashboard`} size="sm">
            {service}/{stage}
          </Anchor>
        </Table.Td>
      )}
      <Table.Td>
        <Text size="sm">{ruleInWords(alert, t)}</Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{measured(alert, t, units)}</Text>
      </Table.Td>
      <Table.Td>
        <When at={since} />
      </Table.Td>
      <Table.Td>
        <Webhook alert={alert} />
      </Table.Td>
    </>
  )
}

function Webhook({ alert: { webhook, hasSecret, isTold } }: { readonly alert: Alert }) {
  const t = useT()
  if (webhook === null || webhook === undefined) return <Text size="sm">{t('noWebhook')}</Text>
  return (
    <Stack gap={0}>
      <Text size="sm" title={webhook} truncate maw={220}>
        {webhook}
      </Text>
      <Text size="xs" c={isTold ? 'dimmed' : 'var(--mantine-color-error)'}>
        {t(isTold ? 'told' : 'notTold')}
        {hasSecret && `, ${t('signed')}`}
      </Text>
    </Stack>
  )
}

const colors = { ok: 'teal', pending: 'yellow', firing: 'red', resolved: 'blue' } as const

export function StateBadge({ state }: { readonly state: Alert['state'] }) {
  const t = useT()
  return (
    <Tag variant={state === 'firing' ? 'filled' : 'light'} color={colors[state]}>
      {t(state)}
    </Tag>
  )
}
