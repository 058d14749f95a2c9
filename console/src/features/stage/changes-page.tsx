import { Alert, Anchor, Button, Card, Group, List, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { IconArrowRight, IconCheck } from '@tabler/icons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { answer, api, ifMatch, type Versioned } from '../../api/client.ts'
import type { Change, Stage } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { Faces } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { CanaryPanel } from '../deployments/canary-panel.tsx'
import { ChangeList } from '../deployments/change-list.tsx'
import { Deploy } from '../deployments/deploy.tsx'
import { LiveNumber } from '../deployments/live-number.tsx'
import { Nodes } from '../deployments/nodes.tsx'
import { liveDeploymentQuery } from '../deployments/queries.ts'
import { useStageChange } from '../deployments/use-stage-change.ts'
import { changesQuery, stageQuery } from './queries.ts'
import { useMayChange } from './stage-list.tsx'
import { useStageT } from './texts.ts'

/** What differs between draft, stage and live, always; and what makes it the same. */
export function ChangesPage() {
  const t = useStageT()
  const { service, stage } = useParams({ from: '/services/$service/stages/$stage' })
  const { data: seen } = useSuspenseQuery(stageQuery(service, stage))
  const changes = useQuery(changesQuery(service, stage))
  const apply = useApply(service, seen)
  const mayWrite = useMayChange(service)
  const hasDraft = (changes.data?.draft.length ?? 0) > 0
  const actions = mayWrite && (
    <>
      {hasDraft && (
        <Button variant="default" loading={apply.isPending} onClick={() => apply.mutate()}>
          {t('changes.apply')}
        </Button>
      )}
      <Deploy service={service} stage={seen} />
    </>
  )
  return (
    <Page title={t('changes.title')} lead={t('changes.lead')} actions={actions}>
      <CanaryPanel service={service} stage={seen} />
      <ProblemAlert error={apply.error} title={t('changes.notApplied')} />
      {apply.data !== undefined && <Applied dropped={apply.data.dropped} />}
      <Faces query={changes}>
        {({ draft, live }) => (
          <>
            <Way service={service} stage={seen.value} draft={draft} live={live} />
            {draft.length > 0 && (
              <Part title={t('changes.draftToStage')} lead={t('changes.draftToStageLead')} changes={draft} />
            )}
            {live !== null && live.length > 0 && (
              <Part title={t('changes.stageToLive')} lead={t('changes.stageToLiveLead')} changes={live} />
            )}
          </>
        )}
      </Faces>
      <LiveNodes service={service} stage={seen.value} />
      <Copyable text={`turnpike diff ${service}/${stage}`} />
    </Page>
  )
}

type Dropped = readonly Stage['overlay'][number][]

function useApply(serviceId: string, seen: Versioned<Stage>) {
  return useStageChange({
    service: serviceId,
    seen,
    change: (etag) =>
      answer(
        api.POST('/api/v1/services/{serviceId}/stages/{stageId}/apply', {
          params: { path: { serviceId, stageId: seen.value.name } },
          ...ifMatch(etag),
        }),
      ),
  })
}

/** That the draft has been applied, and what of the stage's own settings had no node any more. */
function Applied({ dropped }: { readonly dropped: Dropped }) {
  const t = useStageT()
  if (dropped.length === 0)
    return (
      <Alert role="status" color="teal" icon={<IconCheck aria-hidden />}>
        {t('changes.applied')}
      </Alert>
    )
  return (
    <Alert role="status" color="yellow" title={t('changes.dropped')}>
      <List size="sm">
        {dropped.map(({ path, verb, plugins, backend }) => (
          <List.Item key={`${verb} ${path}`}>
            <b>{verb === null ? path : `${verb} ${path}`}</b>{' '}
            {[...plugins.map(({ plugin }) => plugin), ...(backend === null ? [] : [t('changes.ownBackend')])].join(
              ', ',
            )}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}

interface WayProps {
  readonly service: string
  readonly stage: Stage
  readonly draft: readonly Change[]
  readonly live: readonly Change[] | null
}

/** The way of a change: from the draft to the stage to what is live, and how much waits at each step. */
function Way({ service, stage, draft, live }: WayProps) {
  const t = useStageT()
  const waits = (count: number) => (count === 0 ? t('changes.same') : t('changes.count', { count }))
  const isLive = stage.deploymentId !== null
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      <Step title={t('changes.draft')} state={waits(draft.length)}>
        <Anchor component={Link} to={`/services/${service}/design`} size="sm">
          {t('changes.toDesign')}
        </Anchor>
      </Step>
      <Step
        title={t('changes.stage', { stage: stage.name })}
        state={live === null ? t(isLive ? 'changes.unknown' : 'pending.never') : waits(live.length)}
      >
        <Anchor component={Link} to={`/services/${service}/stages/${stage.name}/settings`} size="sm">
          {t('changes.toSettings')}
        </Anchor>
      </Step>
      <Step title={t('changes.live')} state={isLive ? <LiveNumber service={service} stage={stage} /> : '–'} isLast>
        <Anchor component={Link} to={`/services/${service}/stages/${stage.name}/history`} size="sm">
          {t('changes.toHistory')}
        </Anchor>
      </Step>
    </SimpleGrid>
  )
}

interface StepProps {
  readonly title: string
  readonly state: ReactNode
  readonly isLast?: boolean
  readonly children: ReactNode
}

function Step({ title, state, isLast = false, children }: StepProps) {
  return (
    <Card withBorder padding="md">
      <Group justify="space-between" wrap="nowrap">
        <Stack gap={2}>
          <Text fw={700}>{title}</Text>
          <Text component="div" size="sm">
            {state}
          </Text>
          <Text component="div" size="sm">
            {children}
          </Text>
        </Stack>
        {!isLast && <IconArrowRight aria-hidden size={20} color="var(--mantine-color-dimmed)" />}
      </Group>
    </Card>
  )
}

interface PartProps {
  readonly title: string
  readonly lead: string
  readonly changes: readonly Change[]
}

function Part({ title, lead, changes }: PartProps) {
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text size="sm" c="dimmed">
        {lead}
      </Text>
      <ChangeList changes={changes} />
    </Stack>
  )
}

/** Since when what is live is so on each node. */
function LiveNodes({ service, stage }: { readonly service: string; readonly stage: Stage }) {
  const t = useStageT()
  const { data: live } = useQuery(liveDeploymentQuery(service, stage.name, stage.deploymentId))
  if (live === undefined || live === null) return null
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {t('changes.nodes')}
      </Title>
      <Nodes service={service} stage={stage.name} number={live.number} />
    </Stack>
  )
}
