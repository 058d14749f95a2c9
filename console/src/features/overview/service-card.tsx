import { Anchor, Box, Group, Paper, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { useIntersection } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import type { Service, Stage } from '../../api/model.ts'
import { useRead } from '../../api/use-read.ts'
import { Spark } from '../../components/chart/spark.tsx'
import { Faces } from '../../components/faces.tsx'
import { useUnits } from '../../i18n/use-units.ts'
import { useMay } from '../session/me.ts'
import { stagesQuery } from '../stage/queries.ts'
import { useRate } from './live-stages.tsx'
import { changesQuery, lastHourQuery } from './queries.ts'
import { useT } from './texts.ts'

/** What will be seen when somebody scrolls on is asked for already. */
const NEAR = '600px'

/** A service and how its stages do. What is not seen is not asked for. */
export function ServiceCard({ service }: { readonly service: Service }) {
  const { ref, entry } = useIntersection({ rootMargin: NEAR })
  const { name, description } = service
  return (
    <Paper withBorder p="md" component="section" aria-label={name} ref={ref}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Title order={3} size="h5">
            <Anchor component={Link} to={`/services/${name}/design`} inherit>
              {name}
            </Anchor>
          </Title>
          {description !== '' && (
            <Text size="sm" c="dimmed" lineClamp={1}>
              {description}
            </Text>
          )}
        </Group>
        <Stages service={service} isSeen={entry?.isIntersecting === true} />
      </Stack>
    </Paper>
  )
}

interface StagesProps {
  readonly service: Service
  readonly isSeen: boolean
}

function Stages({ service, isSeen }: StagesProps) {
  const t = useT()
  const stages = useRead({ ...stagesQuery(service.name), enabled: isSeen })
  const mayWrite = useMay('write', service.id)
  return (
    <Faces
      query={stages}
      loading={isSeen ? <Skeleton height={64} /> : <Box h={64} />}
      isEmpty={({ items }) => items.length === 0}
      empty={
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {t('noStages')}
          </Text>
          {mayWrite && (
            <Anchor component={Link} to={`/services/${service.name}/stages`} size="sm">
              {t('makeStage')}
            </Anchor>
          )}
        </Group>
      }
    >
      {({ items }) => (
        <Table.ScrollContainer minWidth={760} type="native">
          <Table verticalSpacing={6} layout="fixed">
            <Table.Thead>
              <Table.Tr>
                <Table.Th w="18%">{t('stage')}</Table.Th>
                <Table.Th w="11%" ta="right">
                  {t('callsNow')}
                </Table.Th>
                <Table.Th w={200}>{t('lastHour')}</Table.Th>
                <Table.Th w="13%" ta="right">
                  {t('failures')}
                </Table.Th>
                <Table.Th w="11%" ta="right">
                  {t('p99')}
                </Table.Th>
                <Table.Th>{t('differs')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((stage) => (
                <StageRow key={stage.id} service={service.name} stage={stage} isSeen={isSeen} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Faces>
  )
}

interface StageRowProps {
  readonly service: string
  readonly stage: Stage
  readonly isSeen: boolean
}

function StageRow({ service, stage, isSeen }: StageRowProps) {
  const t = useT()
  const units = useUnits()
  const { data } = useRead({ ...lastHourQuery(service, stage.name), enabled: isSeen })
  const totals = data?.now.totals
  const ratio = totals === undefined || totals.calls === 0 ? null : totals.failures / totals.calls
  const number = { ta: 'right', style: { fontVariantNumeric: 'tabular-nums' } } as const
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/services/${service}/stages/${stage.name}/dashboard`} size="sm" fw={600}>
          {stage.name}
        </Anchor>
      </Table.Td>
      <Table.Td {...number}>
        <Rate stage={stage.id} />
      </Table.Td>
      <Table.Td>
        {data === undefined && isSeen && <Skeleton height={28} width={120} />}
        {data !== undefined && (
          <Group gap="xs" wrap="nowrap">
            <Spark
              values={data.now.points.map(({ calls }) => calls)}
              label={t('spark', { calls: units.count(data.now.totals.calls) })}
            />
            <Text size="sm">{units.short(data.now.totals.calls)}</Text>
          </Group>
        )}
      </Table.Td>
      <Table.Td {...number} {...(ratio !== null && ratio >= BAD_RATIO && { c: 'var(--mantine-color-error)' })}>
        {units.percent(ratio)}
      </Table.Td>
      <Table.Td {...number}>{units.ms(totals?.latency.p99Ms ?? null)}</Table.Td>
      <Table.Td>
        <Differs service={service} stage={stage} isSeen={isSeen} />
      </Table.Td>
    </Table.Tr>
  )
}

/** What changes each second, so that nothing else is drawn anew with it. */
function Rate({ stage }: { readonly stage: string }) {
  return useUnits().perSecond(useRate(stage))
}

/** From here on failures catch the eye. */
const BAD_RATIO = 0.05

/** What of a stage is not live, and the way to it. */
function Differs({ service, stage, isSeen }: StageRowProps) {
  const t = useT()
  const { data } = useRead({ ...changesQuery(service, stage.name), enabled: isSeen })
  if (data === undefined) return null
  const { draft, live } = data
  const says = [
    ...(live === null ? [t('notDeployed')] : live.length > 0 ? [t('changesToDeploy', { count: live.length })] : []),
    ...(draft.length > 0 ? [t('changesInDraft', { count: draft.length })] : []),
  ]
  if (says.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('upToDate')}
      </Text>
    )
  return (
    <Anchor component={Link} to={`/services/${service}/stages/${stage.name}/changes`} size="sm">
      {says.join(', ')}
    </Anchor>
  )
}
