import { Alert, Anchor, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useInViewport } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Versioned } from '../../api/client.ts'
import type { Deployment, Stage } from '../../api/model.ts'
import { Tag } from '../../components/tag.tsx'
import { When } from '../../components/when.tsx'
import { DeploymentActions } from './deployment-actions.tsx'
import { comparisonQuery } from './queries.ts'
import { useDeploymentsT } from './texts.ts'
import { useCanary } from './use-canary.ts'

const colors = { deploying: 'yellow', complete: 'teal', failed: 'red' } as const
/** So many changes are told; the comparison has the rest. */
const MOST_TOLD = 4

interface EntryProps {
  readonly service: string
  readonly stage: Versioned<Stage>
  readonly deployment: Deployment
  /** The number of the deployment before it; null for the first one, undefined where that is not read yet. */
  readonly before: number | null | undefined
}

/** One deployment in the history. */
export function DeploymentEntry({ service, stage, deployment, before }: EntryProps) {
  const t = useDeploymentsT()
  const { number, note, author, createdAt, status, failure } = deployment
  return (
    <Paper component="li" withBorder p="md" id={`deployment-${number}`}>
      <Stack gap="xs">
        <Group justify="space-between" align="start" gap="xs">
          <Group gap="xs" flex={1}>
            <Title order={2} size="h5" style={{ whiteSpace: 'nowrap' }}>
              {t('live.number', { number })}
            </Title>
            <Marks service={service} stage={stage.value} deployment={deployment} />
            <Tag color={colors[status]}>{t(`status.${status}`)}</Tag>
          </Group>
          <DeploymentActions service={service} stage={stage} deployment={deployment} />
        </Group>
        <Group gap="xs">
          <Text size="sm" fw={500}>
            {author}
          </Text>
          <When at={createdAt} />
        </Group>
        {note !== '' && <Text style={{ whiteSpace: 'pre-wrap' }}>{note}</Text>}
        {failure !== null && (
          <Alert color="red" p="xs">
            {failure}
          </Alert>
        )}
        <WhatChanged service={service} stage={stage.value.name} from={before} to={number} />
      </Stack>
    </Paper>
  )
}

interface MarksProps {
  readonly service: string
  readonly stage: Stage
  readonly deployment: Deployment
}

/** What a deployment is at the moment, beside being of the past. */
function Marks({ service, stage, deployment: { id } }: MarksProps) {
  const t = useDeploymentsT()
  const canary = useCanary(service, stage.name)
  const marks = [
    { is: id === stage.deploymentId, text: t('mark.live'), color: 'teal' },
    { is: id === stage.baseDeploymentId, text: t('mark.base'), color: 'gray' },
    { is: id === canary?.value.deploymentId, text: t('mark.canary'), color: 'grape' },
  ]
  return marks
    .filter(({ is }) => is)
    .map(({ text, color }) => (
      <Tag key={text} variant="outline" color={color}>
        {text}
      </Tag>
    ))
}

interface WhatChangedProps {
  readonly service: string
  readonly stage: string
  readonly from: number | null | undefined
  readonly to: number
}

/** What was different from the deployment before, in words; read when it comes into sight. */
function WhatChanged({ service, stage, from, to }: WhatChangedProps) {
  const t = useDeploymentsT()
  const { ref, inViewport } = useInViewport()
  const { data, isError } = useQuery({
    ...comparisonQuery(service, stage, from ?? 0, to),
    enabled: inViewport && typeof from === 'number',
  })
  return (
    <div ref={ref}>
      {from === null && (
        <Text size="sm" c="dimmed">
          {t('history.first')}
        </Text>
      )}
      {isError && (
        <Text size="sm" c="dimmed">
          {t('history.tooOld')}
        </Text>
      )}
      {data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('history.same', { number: from ?? 0 })}
        </Text>
      )}
      {data?.items.slice(0, MOST_TOLD).map(({ node, field, text }) => (
        <Text key={`${node} ${field}`} size="sm" lineClamp={1}>
          {text}
        </Text>
      ))}
      {data !== undefined && data.items.length > 0 && typeof from === 'number' && (
        <Anchor
          size="sm"
          renderRoot={(props) => (
            <Link
              {...props}
              to="/services/$service/stages/$stage/compare"
              params={{ service, stage }}
              search={{ from: String(from), to: String(to) }}
            />
          )}
        >
          {data.items.length > MOST_TOLD
            ? t('history.more', { count: data.items.length - MOST_TOLD })
            : t('history.details')}
        </Anchor>
      )}
    </div>
  )
}
