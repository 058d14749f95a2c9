import { Group, Stack, Text } from '@mantine/core'
import { Outlet, useParams } from '@tanstack/react-router'
import type { Stage } from '../../api/model.ts'
import { useRead } from '../../api/use-read.ts'
import { Faces } from '../../components/faces.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { Tag } from '../../components/tag.tsx'
import { useT } from '../../i18n/index.tsx'
import { LiveNumber } from '../deployments/live-number.tsx'
import { HostLinks } from './host-links.tsx'
import { Pending } from './pending.tsx'
import { stageQuery } from './queries.ts'
import { stageTabs } from './stage-tabs.ts'
import { useStageT } from './texts.ts'

/** Around every page of a stage: which it is, what of it is live and what is not, and its parts. */
export function StageLayout() {
  const t = useT()
  const { service, stage } = useParams({ from: '/services/$service/stages/$stage' })
  const found = useRead(stageQuery(service, stage))
  return (
    <Faces query={found}>
      {({ value }) => (
        <Stack gap="lg">
          <Stack gap="xs">
            <StageBar service={service} stage={value} />
            <Tabs
              label={stage}
              tabs={stageTabs.map(({ label, path }) => ({
                label: t(label),
                to: `/services/${service}/stages/${stage}/${path}`,
              }))}
            />
          </Stack>
          <Outlet />
        </Stack>
      )}
    </Faces>
  )
}

function StageBar({ service, stage }: { readonly service: string; readonly stage: Stage }) {
  const t = useStageT()
  const isLive = stage.deploymentId !== null
  return (
    <Group gap="md">
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {t('bar.stage')}
        </Text>
        <Text fw={700}>{stage.name}</Text>
        {stage.isDefault && <Tag variant="default">{t('list.default')}</Tag>}
      </Group>
      <LiveNumber service={service} stage={stage} />
      <Pending service={service} stage={stage.name} isLive={isLive} />
      <HostLinks service={service} stage={stage} most={1} isLive={isLive} />
    </Group>
  )
}
