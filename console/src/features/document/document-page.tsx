import { Anchor, Button, Paper, Stack, Switch, Text } from '@mantine/core'
import { IconFileText } from '@tabler/icons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { answer, api, ifMatch, type Versioned } from '../../api/client.ts'
import type { Stage } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { Empty, Faces } from '../../components/faces.tsx'
import { notifyDone } from '../../components/notify.ts'
import { Page } from '../../components/page.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useT } from '../../i18n/index.tsx'
import { useStageChange } from '../deployments/use-stage-change.ts'
import { stageQuery } from '../stage/queries.ts'
import { useMayChange } from '../stage/stage-list.tsx'
import { LazyReference } from './lazy-reference.tsx'
import { documentQuery, publicPath } from './queries.ts'
import { useDocumentT } from './texts.ts'

/** The API document of what is live of a stage, and who may read it. */
export function DocumentPage() {
  const t = useDocumentT()
  const { service, stage } = useParams({ from: '/services/$service/stages/$stage' })
  const { data: seen } = useSuspenseQuery(stageQuery(service, stage))
  const isLive = seen.value.deploymentId !== null
  return (
    <Page title={t('document.title')} lead={t('document.lead')}>
      <Access service={service} seen={seen} />
      {isLive ? <LiveDocument service={service} stage={stage} /> : <NothingLive service={service} stage={stage} />}
    </Page>
  )
}

function NothingLive({ service, stage }: { readonly service: string; readonly stage: string }) {
  const t = useDocumentT()
  return (
    <Empty icon={IconFileText} title={t('document.none')} hint={t('document.noneHint')}>
      <Button component={Link} to={`/services/${service}/stages/${stage}/changes`}>
        {t('document.toChanges')}
      </Button>
    </Empty>
  )
}

function LiveDocument({ service, stage }: { readonly service: string; readonly stage: string }) {
  const t = useDocumentT()
  const document = useQuery(documentQuery(service, stage))
  return (
    <Stack gap="xs">
      <Anchor
        size="sm"
        href={`/api/v1/services/${service}/stages/${stage}/openapi`}
        download={`${service}-${stage}.openapi.json`}
      >
        {t('document.download')}
      </Anchor>
      <Faces query={document}>
        {(content) => (
          <Paper withBorder style={{ overflow: 'hidden', isolation: 'isolate' }}>
            <LazyReference document={content} />
          </Paper>
        )}
      </Faces>
    </Stack>
  )
}

/** Whether everybody may read it, and where. */
function Access({ service, seen }: { readonly service: string; readonly seen: Versioned<Stage> }) {
  const t = useDocumentT()
  const common = useT()
  const mayWrite = useMayChange(service)
  const { name, publicDocument } = seen.value
  const change = useStageChange({
    service,
    seen,
    change: (etag, isPublic: boolean) =>
      answer(
        api.PATCH('/api/v1/services/{serviceId}/stages/{stageId}', {
          params: { path: { serviceId: service, stageId: name } },
          body: { publicDocument: isPublic },
          ...ifMatch(etag),
        }),
      ),
    onDone: () => notifyDone(common('state.saved')),
  })
  const path = publicPath(service, name)
  return (
    <Stack gap="xs" maw={760}>
      {mayWrite && (
        <Switch
          label={t('document.public')}
          description={t('document.publicHint')}
          checked={publicDocument}
          disabled={change.isPending}
          onChange={(event) => change.mutate(event.currentTarget.checked)}
        />
      )}
      {!mayWrite && !publicDocument && <Text size="sm">{t('document.private')}</Text>}
      <ProblemAlert error={change.error} />
      {publicDocument && (
        <>
          <Anchor href={path} target="_blank" size="sm">
            {t('document.address')}
          </Anchor>
          <Copyable text={`${window.location.origin}${path}`} />
        </>
      )}
    </Stack>
  )
}
