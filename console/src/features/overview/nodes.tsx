import { Paper, Stack, Table, Text, Title } from '@mantine/core'
import { useRead } from '../../api/use-read.ts'
import { useUnits } from '../../i18n/use-units.ts'
import { nodesQuery } from './queries.ts'
import { useT } from './texts.ts'

/** The nodes and whether they are well. */
export function Nodes() {
  const t = useT()
  const units = useUnits()
  const { data } = useRead(nodesQuery)
  if (data === undefined) return null
  const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Title order={2} size="h5">
          {t('nodes')}
        </Title>
        <Table.ScrollContainer minWidth={620} type="native" tabIndex={0} role="region" aria-label={t('nodes')}>
          <Table verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('node')}</Table.Th>
                <Table.Th>{t('workers')}</Table.Th>
                <Table.Th ta="right">{t('restarts')}</Table.Th>
                <Table.Th ta="right">{t('connections')}</Table.Th>
                <Table.Th ta="right">{t('requests')}</Table.Th>
                <Table.Th ta="right">{t('memory')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.nodes.map(({ id, name, workers, requests, memory }) => {
                const ready = workers.filter(({ state }) => state === 'ready').length
                return (
                  <Table.Tr key={id}>
                    <Table.Td>
                      {name}{' '}
                      <Text span size="xs" c="dimmed">
                        {data.version}
                      </Text>
                    </Table.Td>
                    <Table.Td {...(ready < workers.length && { c: 'var(--mantine-color-error)' })}>
                      {t('workersReady', { ready, all: workers.length })}
                    </Table.Td>
                    <Table.Td ta="right">{units.count(sum(workers.map(({ restarts }) => restarts)))}</Table.Td>
                    <Table.Td ta="right">{units.count(sum(workers.map(({ connections }) => connections)))}</Table.Td>
                    <Table.Td ta="right">{units.count(requests)}</Table.Td>
                    <Table.Td ta="right">{units.bytes(memory.residentBytes)}</Table.Td>
                  </Table.Tr>
                )
              })}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Stack>
    </Paper>
  )
}
