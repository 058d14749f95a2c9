import { ActionIcon, Button, Group, Menu, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDots } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { answer, api, ifMatch, type Versioned } from '../../api/client.ts'
import type { Deployment, Stage } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { Faces, Loading } from '../../components/faces.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useT } from '../../i18n/index.tsx'
import { useMayChange } from '../stage/stage-list.tsx'
import { CanaryFields, type CanaryTerms, firstTerms, termsBody } from './canary-fields.tsx'
import { ChangeList } from './change-list.tsx'
import { comparisonQuery, liveDeploymentQuery } from './queries.ts'
import { useDeploymentsT } from './texts.ts'
import { useCanary } from './use-canary.ts'
import { useStageChange } from './use-stage-change.ts'

interface ActionsProps {
  readonly service: string
  readonly stage: Versioned<Stage>
  readonly deployment: Deployment
}

/** What can be done with a deployment: what cannot is not offered. */
export function DeploymentActions({ service, stage, deployment }: ActionsProps) {
  const t = useDeploymentsT()
  const mayWrite = useMayChange(service)
  const canary = useCanary(service, stage.value.name)
  const [isRollingBack, rollBack] = useDisclosure()
  const [isTrying, tryIt] = useDisclosure()
  const change = useHistoryChanges(service, stage, deployment.number)
  const { id, number, status } = deployment
  const { deploymentId, baseDeploymentId } = stage.value
  const isLive = id === deploymentId
  const hasCanary = canary !== undefined && canary !== null
  const mayReturn = mayWrite && !isLive && !hasCanary && status === 'complete'
  const isKept = isLive || id === baseDeploymentId || id === canary?.value.deploymentId || status === 'deploying'
  const at = `/services/${service}/stages/${stage.value.name}`
  return (
    <Group gap="xs" wrap="nowrap">
      {mayReturn && (
        <Button size="xs" variant="default" onClick={rollBack.open}>
          {t('action.rollBack')}
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" aria-label={t('action.menu', { number })}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <CompareWithLive service={service} stage={stage.value} number={number} isLive={isLive} />
          <Menu.Item
            renderRoot={(props) => (
              <Link
                {...props}
                to="/services/$service/stages/$stage/try"
                params={{ service, stage: stage.value.name }}
                search={{ against: String(number), dry: '1' }}
              />
            )}
          >
            {t('action.explain')}
          </Menu.Item>
          <Menu.Item component="a" href={`/api/v1${at}/deployments/${number}/snapshot`} download={`${number}.json`}>
            {t('action.snapshot')}
          </Menu.Item>
          {mayWrite && <Menu.Item onClick={change.askToRestore}>{t('action.restore')}</Menu.Item>}
          {mayReturn && <Menu.Item onClick={tryIt.open}>{t('action.canary')}</Menu.Item>}
          {mayWrite && !isKept && (
            <Menu.Item color="red" onClick={change.askToDelete}>
              {t('action.delete')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Dialog size="xl" isOpen={isRollingBack} onClose={rollBack.close} title={t('rollBack.title', { number })}>
        <RollBack service={service} stage={stage} number={number} onDone={rollBack.close} />
      </Dialog>
      <Dialog size="xl" isOpen={isTrying} onClose={tryIt.close} title={t('canary.start', { number })}>
        <StartCanary service={service} stage={stage} number={number} onDone={tryIt.close} />
      </Dialog>
    </Group>
  )
}

interface CompareProps {
  readonly service: string
  readonly stage: Stage
  readonly number: number
  readonly isLive: boolean
}

function CompareWithLive({ service, stage, number, isLive }: CompareProps) {
  const t = useDeploymentsT()
  const { data: live } = useQuery(liveDeploymentQuery(service, stage.name, stage.deploymentId))
  if (isLive || live === undefined || live === null) return null
  return (
    <Menu.Item
      renderRoot={(props) => (
        <Link
          {...props}
          to="/services/$service/stages/$stage/compare"
          params={{ service, stage: stage.name }}
          search={{ from: String(number), to: String(live.number) }}
        />
      )}
    >
      {t('action.compare')}
    </Menu.Item>
  )
}

/** Changes of the history that need no dialog of their own. */
function useHistoryChanges(serviceId: string, seen: Versioned<Stage>, number: number) {
  const t = useDeploymentsT()
  const common = useT()
  const confirm = useConfirm()
  const at = (etag: string) => ({
    params: { path: { serviceId, stageId: seen.value.name, number } },
    ...ifMatch(etag),
  })
  const base = { service: serviceId, seen }
  const path = '/api/v1/services/{serviceId}/stages/{stageId}/deployments/{number}'
  const restore = useStageChange({
    ...base,
    change: (etag) => answer(api.POST(`${path}/restore`, at(etag))),
    onDone: () => notifyDone(t('restore.done', { number })),
    onFailed: notifyFailed,
  })
  const remove = useStageChange({
    ...base,
    change: (etag) => answer(api.DELETE(path, at(etag))),
    onDone: () => notifyDone(common('state.deleted')),
    onFailed: notifyFailed,
  })
  return {
    askToRestore: () =>
      confirm({
        title: t('restore.title', { number }),
        children: <Text size="sm">{t('restore.what')}</Text>,
        action: t('restore.submit'),
        onConfirm: () => restore.mutate(),
      }),
    askToDelete: () =>
      confirm({
        title: common('confirm.delete', { name: t('live.number', { number }) }),
        children: <Text size="sm">{t('delete.what')}</Text>,
        action: common('action.delete'),
        onConfirm: () => remove.mutate(),
      }),
  }
}

interface DialogBodyProps {
  readonly service: string
  readonly stage: Versioned<Stage>
  readonly number: number
  readonly onDone: () => void
}

/** What going back would change, and doing it. */
function RollBack({ service, stage, number, onDone }: DialogBodyProps) {
  const t = useDeploymentsT()
  const name = stage.value.name
  const { data: live } = useQuery(liveDeploymentQuery(service, name, stage.value.deploymentId))
  const rollBack = useStageChange({
    service,
    seen: stage,
    change: (etag) =>
      answer(
        api.POST('/api/v1/services/{serviceId}/stages/{stageId}/deployments/{number}/roll-back', {
          params: { path: { serviceId: service, stageId: name, number } },
          ...ifMatch(etag),
        }),
      ),
    onDone() {
      notifyDone(t('rollBack.done', { number }))
      onDone()
    },
  })
  return (
    <Stack>
      <Text size="sm">{t('rollBack.what')}</Text>
      {live !== undefined && live !== null && (
        <Differences service={service} stage={name} from={live.number} to={number} />
      )}
      <ProblemAlert error={rollBack.error} title={t('rollBack.failed')} />
      <Group>
        <Button loading={rollBack.isPending} data-autofocus onClick={() => rollBack.mutate()}>
          {t('rollBack.submit', { number })}
        </Button>
      </Group>
      <Copyable text={`turnpike rollback ${service}/${name} ${number}`} />
    </Stack>
  )
}

interface DifferencesProps {
  readonly service: string
  readonly stage: string
  readonly from: number
  readonly to: number
}

/** What is different between two deployments. */
export function Differences({ service, stage, from, to }: DifferencesProps) {
  const t = useDeploymentsT()
  const comparison = useQuery(comparisonQuery(service, stage, from, to))
  return (
    <Faces
      query={comparison}
      loading={<Loading rows={2} />}
      isEmpty={({ items }) => items.length === 0}
      empty={<Text size="sm">{t('compare.same')}</Text>}
    >
      {({ items }) => <ChangeList changes={items} />}
    </Faces>
  )
}

/** A deployment of the past for a share of the callers. */
function StartCanary({ service, stage, number, onDone }: DialogBodyProps) {
  const t = useDeploymentsT()
  const [terms, setTerms] = useState<CanaryTerms>(firstTerms)
  const start = useStageChange({
    service,
    seen: stage,
    change: (etag) =>
      answer(
        api.POST('/api/v1/services/{serviceId}/stages/{stageId}/canary', {
          params: { path: { serviceId: service, stageId: stage.value.name } },
          body: { deployment: number, apply: false, ...termsBody(terms) },
          ...ifMatch(etag),
        }),
      ),
    onDone() {
      notifyDone(t('deploy.canaryRuns', { number }))
      onDone()
    },
  })
  return (
    <DialogForm
      typed={terms}
      action={t('deploy.startCanary')}
      change={start}
      onSubmit={() => start.mutate()}
      failed={t('canary.failed')}
    >
      <CanaryFields terms={terms} error={start.error} onChange={setTerms} />
    </DialogForm>
  )
}
