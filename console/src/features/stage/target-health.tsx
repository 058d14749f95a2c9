import { Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { BackendStates } from '../../api/model.ts'
import { Faces } from '../../components/faces.tsx'
import { Tag } from '../../components/tag.tsx'
import { When } from '../../components/when.tsx'
import { backendStatesQuery } from './queries.ts'
import { useStageT } from './texts.ts'

type Target = BackendStates['nodes'][number]['backends'][number]['targets'][number]

const colors = { unchecked: 'gray', healthy: 'teal', unhealthy: 'red', ejected: 'orange' } as const

/** How every target of what is live is, on each node, as it is now. */
export function TargetHealth({ service, stage }: { readonly service: string; readonly stage: string }) {
  const t = useStageT()
  const states = useQuery(backendStatesQuery(service, stage))
  return (
    <Faces
      query={states}
      isEmpty={({ nodes }) => nodes.every(({ backends }) => backends.length === 0)}
      empty={
        <Text size="sm" c="dimmed">
          {t('backend.noHealth')}
        </Text>
      }
    >
      {({ nodes }) => (
        <Stack>
          {nodes.flatMap(({ id, name, backends }) =>
            backends.map((backend) => (
              <Stack key={`${id} ${backend.name}`} gap={4}>
                <Text size="sm">
                  <b>{backend.name === 'default' ? t('backend.default') : backend.name}</b>{' '}
                  {t('backend.onNode', { node: name })}
                </Text>
                <Targets targets={backend.targets} />
              </Stack>
            )),
          )}
        </Stack>
      )}
    </Faces>
  )
}

function Targets({ targets }: { readonly targets: readonly Target[] }) {
  const t = useStageT()
  const numbers = ['requests', 'failures', 'underWay', 'waiting', 'connections', 'refused'] as const
  return (
    <Table.ScrollContainer minWidth={820}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('target.url')}</Table.Th>
            <Table.Th>{t('target.state')}</Table.Th>
            <Table.Th>{t('target.lastCheck')}</Table.Th>
            <Table.Th ta="end">{t('target.weight')}</Table.Th>
            {numbers.map((name) => (
              <Table.Th key={name} ta="end">
                {t(`target.${name}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {targets.map((target) => (
            <Table.Tr key={target.url}>
              <Table.Td ff="monospace">{target.url}</Table.Td>
              <Table.Td>
                <State target={target} />
              </Table.Td>
              <Table.Td>
                <Check check={target.lastCheck} />
              </Table.Td>
              <Table.Td ta="end">{target.weight}</Table.Td>
              {numbers.map((name) => (
                <Table.Td key={name} ta="end">
                  {target[name]}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function State({ target: { state, reason, since } }: { readonly target: Target }) {
  const t = useStageT()
  return (
    <Stack gap={2} align="start">
      <Tag color={colors[state]}>{t(`target.state.${state}`)}</Tag>
      {reason !== null && (
        <Text size="xs" c="dimmed">
          {reason}
        </Text>
      )}
      {since !== null && <When at={new Date(since).toISOString()} />}
    </Stack>
  )
}

function Check({ check }: { readonly check: Target['lastCheck'] }) {
  if (check === null) return '–'
  return (
    <Stack gap={2}>
      <Text size="sm">{check.result}</Text>
      <When at={new Date(check.at).toISOString()} />
    </Stack>
  )
}
