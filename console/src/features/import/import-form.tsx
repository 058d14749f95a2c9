import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { ApiProblem, answer, api, fieldError } from '../../api/client.ts'
import { Copyable } from '../../components/command.tsx'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useUnsaved } from '../../components/unsaved.tsx'
import { serviceNameFrom } from '../start/plain-proxy.ts'
import { DocumentProblems } from './document-problems.tsx'
import { type DocumentSource, hasDocument, SourceFields } from './document-source.tsx'
import { ImportPlan } from './import-plan.tsx'
import { useT } from './texts.ts'

const modes = ['merge', 'replace'] as const
type Mode = (typeof modes)[number]

interface Choice {
  readonly service: string
  readonly source: DocumentSource
  readonly mode: Mode
  readonly backendUrl: string
}

/** Asks for a document, shows what it would do, and does it: all of it, or nothing. `service` is null for a new one. */
export function ImportForm({ service }: { readonly service: string | null }) {
  const t = useT()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [choice, setChoice] = useState<Choice>({
    service: service ?? '',
    source: { kind: 'file', text: '', fileName: '', url: '' },
    mode: 'merge',
    backendUrl: '',
  })
  const plan = useMutation({ mutationFn: () => send(choice, true, undefined) })
  const apply = useMutation({
    // Only what was shown is done: where the service has changed since, it is planned anew.
    mutationFn: () => send(choice, false, plan.data?.baseVersion),
    onError(error) {
      if (isLostUpdate(error)) plan.mutate()
    },
    async onSuccess({ service: { name } }) {
      await queries.invalidateQueries({ queryKey: ['services'] })
      notifyDone(t('import.done', { name }))
      await navigate({ to: '/services/$service/design', params: { service: name }, ignoreBlocker: true })
    },
  })
  const isReady = hasDocument(choice.source) && choice.service !== ''
  useUnsaved(isReady)
  const change = (changes: Partial<Choice>) => {
    // What was planned is no longer what would be done.
    plan.reset()
    apply.reset()
    setChoice({ ...choice, ...changes })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    plan.mutate()
  }
  return (
    <Stack maw={860}>
      <form onSubmit={submit}>
        <Stack>
          <SourceFields
            source={choice.source}
            onChange={(source) =>
              change({
                source,
                ...(service === null && choice.service === '' && { service: serviceNameFrom(source.fileName) }),
              })
            }
          />
          {service === null ? (
            <NewServiceFields choice={choice} error={plan.error} onChange={change} />
          ) : (
            <ModeField mode={choice.mode} onChange={(mode) => change({ mode })} />
          )}
          <Problems error={plan.error} source={choice.source} />
          <Group>
            <Button
              type="submit"
              loading={plan.isPending}
              disabled={!isReady}
              variant={plan.data ? 'default' : 'filled'}
            >
              {t('import.showPlan')}
            </Button>
          </Group>
        </Stack>
      </form>
      {plan.data !== undefined && (
        <>
          <ImportPlan plan={plan.data} />
          <ProblemAlert
            error={apply.error}
            {...(isLostUpdate(apply.error) && { title: t('import.changedMeanwhile') })}
          />
          <Group>
            <Button loading={apply.isPending} onClick={() => apply.mutate()}>
              {t(service === null ? 'import.make' : 'import.apply')}
            </Button>
          </Group>
        </>
      )}
      <SameCommand choice={choice} isNew={service === null} />
    </Stack>
  )
}

const isLostUpdate = (error: Error | null) => error instanceof ApiProblem && error.status === 412

function send({ service, source, mode, backendUrl }: Choice, dryRun: boolean, version: number | undefined) {
  const document = source.kind === 'url' ? { url: source.url } : { document: source.text }
  const backend = backendUrl === '' ? {} : { backendUrl }
  return answer(
    api.POST('/api/v1/imports', {
      body: {
        service,
        ...document,
        ...backend,
        mode,
        dryRun,
        deploy: false,
        note: '',
        ...(version !== undefined && { version }),
      },
    }),
  )
}

function ModeField({ mode, onChange }: { readonly mode: Mode; readonly onChange: (mode: Mode) => void }) {
  const t = useT()
  return (
    <Radio.Group
      label={t('import.mode')}
      value={mode}
      onChange={(value) => onChange(modes.find((one) => one === value) ?? 'merge')}
    >
      <Stack gap="xs" mt="xs">
        {modes.map((one) => (
          <Radio key={one} value={one} label={t(`import.${one}`)} description={t(`import.${one}Hint`)} />
        ))}
      </Stack>
    </Radio.Group>
  )
}

interface NewServiceFieldsProps {
  readonly choice: Choice
  readonly error: Error | null
  readonly onChange: (changes: Partial<Choice>) => void
}

function NewServiceFields({ choice, error, onChange }: NewServiceFieldsProps) {
  const t = useT()
  return (
    <>
      <TextInput
        label={t('import.serviceName')}
        description={t('import.serviceNameHint')}
        required
        maw={420}
        value={choice.service}
        error={fieldError(error, '/service')}
        onChange={(event) => onChange({ service: event.currentTarget.value })}
      />
      <TextInput
        label={t('import.backendUrl')}
        description={t('import.backendUrlHint')}
        type="url"
        placeholder="http://127.0.0.1:3000"
        maw={420}
        value={choice.backendUrl}
        error={fieldError(error, '/backendUrl')}
        onChange={(event) => onChange({ backendUrl: event.currentTarget.value })}
      />
    </>
  )
}

/** What is wrong with the document, where the text is; else what was refused. */
function Problems({ error, source }: { readonly error: Error | null; readonly source: DocumentSource }) {
  return <DocumentProblems error={error} text={source.kind === 'url' ? '' : source.text} />
}

function SameCommand({ choice, isNew }: { readonly choice: Choice; readonly isNew: boolean }) {
  const t = useT()
  const { service, source, mode, backendUrl } = choice
  const words = [
    'turnpike import',
    source.kind === 'url' ? source.url || 'URL' : source.fileName || 'openapi.yaml',
    `--service ${service || 'NAME'}`,
    ...(mode === 'replace' ? ['--mode replace'] : []),
    ...(isNew && backendUrl !== '' ? [`--backend ${backendUrl}`] : []),
  ]
  return (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        {t('import.asCommand')}
      </Text>
      <Copyable text={words.join(' ')} />
    </Stack>
  )
}
