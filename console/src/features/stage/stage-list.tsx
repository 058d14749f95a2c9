import { Anchor, Group, Table, Text } from '@mantine/core'
import { IconRocket } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { Stage } from '../../api/model.ts'
import { Empty, Faces } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { Tag } from '../../components/tag.tsx'
import { When } from '../../components/when.tsx'
import { LiveNumber } from '../deployments/live-number.tsx'
import { serviceQuery } from '../services/queries.ts'
import { useMay } from '../session/me.ts'
import { HostLinks } from './host-links.tsx'
import { NewStage } from './new-stage.tsx'
import { Pending } from './pending.tsx'
import { stagesQuery } from './queries.ts'
import { useStageT } from './texts.ts'

/** The stages of a service: where each is reached, what is live of it, and what is not yet. */
export function StageList() {
  const t = useStageT()
  const { service } = useParams({ from: '/services/$service' })
  const stages = useQuery(stagesQuery(service))
  const mayWrite = useMayChange(service)
  const create = mayWrite ? <NewStage service={service} isFirst={stages.data?.items.length === 0} /> : undefined
  return (
    <Page title={t('list.title')} lead={t('list.lead')} actions={create}>
      <Faces
        query={stages}
        isEmpty={({ items }) => items.length === 0}
        empty={<Empty icon={IconRocket} title={t('list.empty')} hint={t('list.emptyHint')} />}
      >
        {({ items }) => <StageTable service={service} stages={items} />}
      </Faces>
    </Page>
  )
}

/** Whether the reader may change the stages of a service. */
export function useMayChange(service: string): boolean {
  const { data } = useQuery(serviceQuery(service))
  return useMay('write', data?.value.id)
}

function StageTable({ service, stages }: { readonly service: string; readonly stages: readonly Stage[] }) {
  const t = useStageT()
  return (
    <Table.ScrollContainer minWidth={1000}>
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('list.name')}</Table.Th>
            <Table.Th>{t('list.address')}</Table.Th>
            <Table.Th>{t('list.live')}</Table.Th>
            <Table.Th>{t('list.state')}</Table.Th>
            <Table.Th>{t('list.changed')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {stages.map((stage) => (
            <StageRow key={stage.id} service={service} stage={stage} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function StageRow({ service, stage }: { readonly service: string; readonly stage: Stage }) {
  const t = useStageT()
  const isLive = stage.deploymentId !== null
  return (
    <Table.Tr>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <Group gap="xs" wrap="nowrap">
          <Anchor component={Link} to={`/services/${service}/stages/${stage.name}/changes`} fw={600}>
            {stage.name}
          </Anchor>
          {stage.isDefault && <Tag variant="default">{t('list.default')}</Tag>}
        </Group>
        <Text size="sm" c="dimmed" lineClamp={1} maw={260}>
          {stage.description}
        </Text>
      </Table.Td>
      <Table.Td>
        <HostLinks service={service} stage={stage} isLive={isLive} />
      </Table.Td>
      <Table.Td>{isLive ? <LiveNumber service={service} stage={stage} /> : '–'}</Table.Td>
      <Table.Td>
        <Pending service={service} stage={stage.name} isLive={isLive} />
      </Table.Td>
      <Table.Td>
        <When at={stage.updatedAt} />
      </Table.Td>
    </Table.Tr>
  )
}
