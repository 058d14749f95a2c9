import { Button, Checkbox, Group, Stack, Text, Textarea, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconRocket } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, api, fieldError, ifMatch, type Versioned } from '../../api/client.ts'
import type { Stage } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { Faces, Loading } from '../../components/faces.tsx'
import { changesQuery } from '../stage/queries.ts'
import { CanaryFields, type CanaryTerms, firstTerms, termsBody } from './canary-fields.tsx'
import { ChangeList } from './change-list.tsx'
import { Findings } from './findings.tsx'
import { Nodes } from './nodes.tsx'
import { useDeploymentsT } from './texts.ts'
import { useCanary } from './use-canary.ts'
import { useStageChange } from './use-stage-change.ts'

interface DeployProps {
  readonly service: string
  readonly stage: Versioned<Stage>
}

/** A button that shows what deploying will change, and does it. */
export function Deploy({ service, stage }: DeployProps) {
  const t = useDeploymentsT()
  const [isOpen, { open, close }] = useDisclosure()
  const canary = useCanary(service, stage.value.name)
  // What is live must not change under a canary: it is promoted or aborted first.
  if (canary !== null && !isOpen) return null
  return (
    <>
      <Button leftSection={<IconRocket size={16} aria-hidden />} onClick={open}>
        {t('deploy.open')}
      </Button>
      <Dialog
        isOpen={isOpen}
        onClose={close}
        size="xl"
        title={t('deploy.title', { stage: `${service}/${stage.value.name}` })}
      >
        <DeployDialog service={service} stage={stage} onClose={close} />
      </Dialog>
    </>
  )
}

/** What is made live, and how. */
interface DeployOrder {
  readonly apply: boolean
  readonly note: string
  /** null: for all callers at once. */
  readonly canary: CanaryTerms | null
}

/** What has come of it. */
interface Deployed {
  readonly number: number
  readonly isCanary: boolean
}

function DeployDialog({ service, stage, onClose }: DeployProps & { readonly onClose: () => void }) {
  const [done, setDone] = useState<Deployed | null>(null)
  const deploy = useStageChange<Deployed, DeployOrder>({
    service,
    seen: stage,
    change: (etag, order) => run(service, stage.value.name, etag, order),
    onDone: setDone,
  })
  if (done !== null) return <Result service={service} stage={stage.value.name} deployed={done} onClose={onClose} />
  return <Order service={service} stage={stage} deploy={deploy} />
}

async function run(serviceId: string, stageId: string, etag: string, { apply, note, canary }: DeployOrder) {
  const at = { params: { path: { serviceId, stageId } }, ...ifMatch(etag) }
  if (canary === null) {
    const path = '/api/v1/services/{serviceId}/stages/{stageId}/deployments'
    const { number } = await answer(api.POST(path, { ...at, body: { apply, note } }))
    return { number, isCanary: false }
  }
  const path = '/api/v1/services/{serviceId}/stages/{stageId}/canary'
  const body = { apply, note, deployment: null, ...termsBody(canary) }
  const { deployment } = await answer(api.POST(path, { ...at, body }))
  return { number: deployment, isCanary: true }
}

interface OrderProps extends DeployProps {
  readonly deploy: {
    readonly error: Error | null
    readonly isPending: boolean
    mutate(order: DeployOrder): void
  }
}

/** Asks what to deploy and how; shows what that would change. */
function Order({ service, stage: { value: stage }, deploy }: OrderProps) {
  const t = useDeploymentsT()
  const pending = useQuery(changesQuery(service, stage.name))
  const hasDraft = (pending.data?.draft.length ?? 0) > 0
  // A stage that runs no design yet takes the draft anyway.
  const mustApply = stage.revisionId === null
  const [wanted, setWanted] = useState<boolean | null>(null)
  const apply = mustApply || (wanted ?? hasDraft)
  const [note, setNote] = useState('')
  const [canary, setCanary] = useState<CanaryTerms | null>(null)
  const isLive = stage.deploymentId !== null
  return (
    <DialogForm
      typed={note}
      action={t(canary !== null ? 'deploy.startCanary' : apply ? 'deploy.applyAndDeploy' : 'deploy.submit')}
      change={deploy}
      onSubmit={() => deploy.mutate({ apply, note, canary })}
      failed={t('deploy.failed')}
      footer={<Copyable text={commandOf(`${service}/${stage.name}`, { apply, note, canary })} />}
    >
      <Checkbox
        label={t('deploy.apply')}
        description={t(mustApply ? 'deploy.applyFirst' : 'deploy.applyHint')}
        disabled={mustApply}
        checked={apply}
        onChange={(event) => setWanted(event.currentTarget.checked)}
      />
      <Preview service={service} stage={stage} apply={apply} />
      <Findings service={service} stage={stage.name} apply={apply} />
      <Textarea
        label={t('deploy.note')}
        description={t('deploy.noteHint')}
        data-autofocus
        autosize
        minRows={1}
        value={note}
        error={fieldError(deploy.error, '/note')}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {isLive && (
        <Checkbox
          label={t('deploy.canary')}
          checked={canary !== null}
          onChange={(event) => setCanary(event.currentTarget.checked ? firstTerms : null)}
        />
      )}
      {canary !== null && <CanaryFields terms={canary} error={deploy.error} onChange={setCanary} />}
      <Text size="sm" role="status">
        {deploy.isPending ? t('deploy.deploying') : ''}
      </Text>
    </DialogForm>
  )
}

/** The command that does the same. */
export function commandOf(target: string, { apply, note, canary }: DeployOrder): string {
  const quoted = note.replaceAll("'", "'\\''")
  const rest = `${apply ? ' --apply' : ''}${note === '' ? '' : ` --note '${quoted}'`}`
  if (canary === null) return `turnpike deploy ${target}${rest}`
  return `turnpike canary start ${target} --share ${canary.share}${byOption(canary)}${rest}`
}

function byOption({ by, name }: CanaryTerms): string {
  return by === 'client-ip' ? '' : ` --by ${by}:${name === '' ? 'NAME' : name}`
}

interface PreviewProps {
  readonly service: string
  readonly stage: Stage
  readonly apply: boolean
}

/** What will be different for the callers. */
function Preview({ service, stage, apply }: PreviewProps) {
  const t = useDeploymentsT()
  const changes = useQuery(changesQuery(service, stage.name, apply))
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {t('deploy.preview')}
      </Title>
      <Faces query={changes} loading={<Loading rows={2} />}>
        {({ live }) =>
          live === null ? (
            <Text size="sm">{t('deploy.first')}</Text>
          ) : live.length === 0 ? (
            <Text size="sm">{t('deploy.nothing')}</Text>
          ) : (
            <ChangeList changes={live} />
          )
        }
      </Faces>
    </Stack>
  )
}

interface ResultProps {
  readonly service: string
  readonly stage: string
  readonly deployed: Deployed
  readonly onClose: () => void
}

function Result({ service, stage, deployed: { number, isCanary }, onClose }: ResultProps) {
  const t = useDeploymentsT()
  return (
    <Stack>
      <Text role="status" fw={600}>
        {t(isCanary ? 'deploy.canaryRuns' : 'deploy.isLive', { number })}
      </Text>
      {/* The canary is found on the nodes that are asked for it. */}
      {!isCanary && <Nodes service={service} stage={stage} number={number} />}
      <Group>
        <Button onClick={onClose} data-autofocus>
          {t('deploy.done')}
        </Button>
      </Group>
    </Stack>
  )
}
