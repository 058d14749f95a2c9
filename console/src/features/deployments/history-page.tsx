import { Button, Stack } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Copyable } from '../../components/command.tsx'
import { Empty, Failed, Loading } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { useT } from '../../i18n/index.tsx'
import { stageQuery } from '../stage/queries.ts'
import { useMayChange } from '../stage/stage-list.tsx'
import { CanaryPanel } from './canary-panel.tsx'
import { Deploy } from './deploy.tsx'
import { DeploymentEntry } from './deployment-entry.tsx'
import { historyQuery } from './queries.ts'
import { useDeploymentsT } from './texts.ts'

/** Every deployment of a stage, the newest first: what it changed, and what can be done with it. */
export function HistoryPage() {
  const t = useDeploymentsT()
  const common = useT()
  const { service, stage } = useParams({ from: '/services/$service/stages/$stage' })
  const { data: seen } = useSuspenseQuery(stageQuery(service, stage))
  const history = useInfiniteQuery(historyQuery(service, stage))
  const mayWrite = useMayChange(service)
  const all = history.data?.pages.flat() ?? []
  const deploy = mayWrite ? <Deploy service={service} stage={seen} /> : undefined
  return (
    <Page title={t('history.title')} lead={t('history.lead')} actions={deploy}>
      <CanaryPanel service={service} stage={seen} />
      {history.isPending && <Loading />}
      {history.isError && <Failed error={history.error} onRetry={() => void history.refetch()} />}
      {history.isSuccess && all.length === 0 && (
        <Empty icon={IconHistory} title={t('history.empty')} hint={t('history.emptyHint')} />
      )}
      <Stack component="ol" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
        {all.map((deployment, i) => (
          <DeploymentEntry
            key={deployment.id}
            service={service}
            stage={seen}
            deployment={deployment}
            before={all[i + 1]?.number ?? (history.hasNextPage ? undefined : null)}
          />
        ))}
      </Stack>
      {history.hasNextPage && (
        <Button variant="default" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
          {common('action.more')}
        </Button>
      )}
      <Copyable text={`turnpike history ${service}/${stage}`} />
    </Page>
  )
}
