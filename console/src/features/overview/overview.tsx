import { Anchor, Button, Group, Paper, Stack, Title } from '@mantine/core'
import { IconBell, IconRocket, IconRoute } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useRead, useReadPages } from '../../api/use-read.ts'
import { Empty, Failed, Loading } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { AlertTable } from '../alerts/alert-table.tsx'
import { allAlertsQuery } from '../alerts/queries.ts'
import { byUrgency } from '../alerts/rule-words.ts'
import { servicesQuery } from '../services/queries.ts'
import { useMay } from '../session/me.ts'
import { LiveStages } from './live-stages.tsx'
import { Nodes } from './nodes.tsx'
import { ServiceCard } from './service-card.tsx'
import { Summary } from './summary.tsx'
import { useT } from './texts.ts'

/** Of use to those alone who have nothing yet. */
const NewService = lazy(() => import('../services/new-service.tsx').then(({ NewService }) => ({ default: NewService })))

/** What runs, how it does, and what is not live yet. */
export function Overview() {
  const t = useT()
  const services = useReadPages(servicesQuery(''))
  const items = services.data?.pages.flatMap((page) => page.items) ?? []
  const mayReadAll = useMay('read')
  return (
    <Page title={t('title')} lead={t('lead')}>
      {services.isPending && <Loading rows={8} />}
      {services.isError && items.length === 0 && (
        <Failed error={services.error} onRetry={() => void services.refetch()} />
      )}
      {services.isSuccess && items.length === 0 && <Nothing />}
      {items.length > 0 && (
        <LiveStages>
          <Summary />
          <FiringAlerts />
          <Stack gap="sm">
            <Group justify="space-between">
              <Title order={2} size="h4">
                {t('services')}
              </Title>
              <Anchor component={Link} to="/services" size="sm">
                {t('allServices')}
              </Anchor>
            </Group>
            {items.map((service) => (
              <ServiceCard key={service.id} service={service} />
            ))}
            {services.hasNextPage && (
              <Button
                variant="default"
                loading={services.isFetchingNextPage}
                onClick={() => void services.fetchNextPage()}
              >
                {t('more')}
              </Button>
            )}
          </Stack>
          {mayReadAll && <Nodes />}
        </LiveStages>
      )}
    </Page>
  )
}

/** The rules that fire at this moment, where there are any. */
function FiringAlerts() {
  const t = useT()
  const { data } = useRead(allAlertsQuery)
  const firing = byUrgency(data?.items.filter(({ state }) => state === 'firing') ?? [])
  if (firing.length === 0) return null
  return (
    <Paper withBorder p="md" component="section" aria-label={t('alerts')}>
      <Stack gap="xs">
        <Group gap="xs">
          <IconBell size={18} aria-hidden />
          <Title order={2} size="h5">
            {t('alerts')}
          </Title>
        </Group>
        <AlertTable alerts={firing} isOfAll />
      </Stack>
    </Paper>
  )
}

function Nothing() {
  const t = useT()
  const mayWrite = useMay('write')
  if (!mayWrite) return <Empty icon={IconRoute} title={t('nothingToSee')} hint={t('nothingToSeeHint')} />
  return (
    <Empty icon={IconRocket} title={t('emptyTitle')} hint={t('emptyHint')}>
      <Group gap="sm" justify="center">
        <Button component={Link} to="/start" leftSection={<IconRocket size={16} aria-hidden />}>
          {t('start')}
        </Button>
        <Button component={Link} to="/import" variant="default">
          {t('importDocument')}
        </Button>
        <Suspense>
          <NewService />
        </Suspense>
      </Group>
    </Empty>
  )
}
