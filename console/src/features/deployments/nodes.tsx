import { Table } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Faces, Loading } from '../../components/faces.tsx'
import { Tag } from '../../components/tag.tsx'
import { When } from '../../components/when.tsx'
import { deploymentQuery } from './queries.ts'
import { useDeploymentsT } from './texts.ts'

const colors = { pending: 'yellow', active: 'teal', failed: 'red' } as const

interface NodesProps {
  readonly service: string
  readonly stage: string
  readonly number: number
}

/** How a deployment stands on each node: since when it is live there, or why it is not. */
export function Nodes({ service, stage, number }: NodesProps) {
  const t = useDeploymentsT()
  const deployment = useQuery(deploymentQuery(service, stage, number))
  return (
    // As high as the head and the row that come: the button below does not move under somebody's hand.
    <Faces query={deployment} loading={<Loading rows={2} />}>
      {({ nodes }) => (
        <Table.ScrollContainer minWidth={360}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('nodes.node')}</Table.Th>
                <Table.Th>{t('nodes.state')}</Table.Th>
                <Table.Th>{t('nodes.since')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {nodes.map(({ nodeId, nodeName, state, failure, at }) => (
                <Table.Tr key={nodeId}>
                  <Table.Td>{nodeName}</Table.Td>
                  <Table.Td>
                    <Tag color={colors[state]}>{t(`nodes.${state}`)}</Tag> {failure}
                  </Table.Td>
                  <Table.Td>
                    <When at={at} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Faces>
  )
}
