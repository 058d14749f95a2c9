import { Anchor, Group, Skeleton, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Stage } from '../../api/model.ts'
import { useRead } from '../../api/use-read.ts'
import { When } from '../../components/when.tsx'
import { liveDeploymentQuery } from './queries.ts'
import { useDeploymentsT } from './texts.ts'

/** The deployment that is live: its number, and since when it is there. */
export function LiveNumber({ service, stage }: { readonly service: string; readonly stage: Stage }) {
  const t = useDeploymentsT()
  const { data: live, isError } = useRead(liveDeploymentQuery(service, stage.name, stage.deploymentId))
  if (live === undefined && stage.deploymentId !== null && !isError) return <Skeleton width={170} height={22} />
  if (live === undefined || live === null) return null
  return (
    <Group gap={6} wrap="nowrap">
      <Anchor
        component={Link}
        to={`/services/${service}/stages/${stage.name}/history`}
        size="sm"
        fw={600}
        style={{ whiteSpace: 'nowrap' }}
      >
        {t('live.number', { number: live.number })}
      </Anchor>
      <Text span size="sm" c="dimmed">
        <When at={live.createdAt} />
      </Text>
    </Group>
  )
}
