import { Alert, Button, Code, FileButton, Group, List, Stack, Text, Textarea } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconDownload, IconFile } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type DragEvent, useState } from 'react'
import { ApiProblem, answer, api } from '../../api/client.ts'
import { Copyable } from '../../components/command.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { notifyFailed } from '../../components/notify.ts'
import { OnlyFor } from '../../components/only-for.tsx'
import { Page } from '../../components/page.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { Section } from '../../components/section.tsx'
import { useUnsaved } from '../../components/unsaved.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { lineProblems, madeValuesCsv } from './import-lines.ts'
import { useT } from './texts.ts'

/** Lines of a preview: the rest is a number. */
const SHOWN = 100

type Imported = Awaited<ReturnType<typeof send>>['keys']

const send = (csv: string, dryRun: boolean) => answer(api.POST('/api/v1/keys/import', { body: { csv, dryRun } }))

/** Makes keys of a CSV file: first one sees what would be made, or what is wrong and in which line; then all are made, or none. */
export function ImportKeys() {
  const t = useT()
  return (
    <Page title={t('import.title')} lead={t('import.lead')} crumbs={[{ label: t('title'), to: '/keys' }]}>
      <OnlyFor permission="write">
        <ImportForm />
      </OnlyFor>
    </Page>
  )
}

function ImportForm() {
  const t = useT()
  const queries = useQueryClient()
  const [csv, setCsv] = useState('')
  const [made, setMade] = useState<Imported | null>(null)
  const [isKept, setIsKept] = useState(false)
  const look = useMutation({ mutationFn: (text: string) => send(text, true) })
  const make = useMutation({
    mutationFn: () => send(csv, false),
    onSuccess({ keys }) {
      setMade(keys)
      void queries.invalidateQueries({ queryKey: ['keys'] })
      void queries.invalidateQueries({ queryKey: ['plans'] })
    },
  })
  const hasSecrets = made?.some(({ primary, secondary }) => primary !== null || secondary !== null) ?? false
  useUnsaved(made === null ? csv !== '' : hasSecrets && !isKept)
  if (made !== null) return <Done keys={made} hasSecrets={hasSecrets} onKept={() => setIsKept(true)} />
  const change = (text: string) => {
    setCsv(text)
    look.reset()
    make.reset()
  }
  const error = make.error ?? look.error
  return (
    <Stack>
      <CsvField csv={csv} onChange={change} />
      <Group>
        <Button variant="default" loading={look.isPending} disabled={csv === ''} onClick={() => look.mutate(csv)}>
          {t('import.look')}
        </Button>
        {look.data !== undefined && error === null && (
          <Button loading={make.isPending} onClick={() => make.mutate()}>
            {t('import.do', { count: look.data.keys.length })}
          </Button>
        )}
      </Group>
      {look.data !== undefined && error === null && <Preview keys={look.data.keys} />}
      {error !== null && <Wrong csv={csv} error={error} />}
      <Section title={t('import.asCommand')}>
        <Copyable text="turnpike keys import keys.csv --dry-run" />
      </Section>
    </Stack>
  )
}

function CsvField({ csv, onChange }: { readonly csv: string; readonly onChange: (text: string) => void }) {
  const t = useT()
  const read = (file: File | null | undefined) => {
    if (file !== null && file !== undefined) file.text().then(onChange, notifyFailed)
  }
  const drop = (event: DragEvent) => {
    if (event.dataTransfer.files.length === 0) return
    event.preventDefault()
    read(event.dataTransfer.files[0])
  }
  return (
    <Stack gap="xs" align="start">
      <Text size="sm" c="dimmed">
        {t('import.columns')}
      </Text>
      <FileButton onChange={read} accept=".csv,text/csv" inputProps={{ 'aria-label': t('import.file') }}>
        {(props) => (
          <Button {...props} variant="default" leftSection={<IconFile size={16} aria-hidden />}>
            {t('import.file')}
          </Button>
        )}
      </FileButton>
      <Textarea
        label={t('import.text')}
        placeholder={'name,primary,subscriptions\nAcme,4f9c2a7d1b8e,shop/live=gold'}
        autosize
        minRows={5}
        maxRows={14}
        w="100%"
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={csv}
        onChange={(event) => onChange(event.currentTarget.value)}
        onDragOver={(event) => event.preventDefault()}
        onDrop={drop}
      />
    </Stack>
  )
}

function Preview({ keys }: { readonly keys: Imported }) {
  const t = useT()
  return (
    <Alert
      role="status"
      color="teal"
      icon={<IconCheck aria-hidden />}
      title={t('import.would', { count: keys.length })}
    >
      {keys.length > SHOWN && <Text size="sm">{t('import.first', { count: SHOWN })}</Text>}
      <List size="sm">
        {keys.slice(0, SHOWN).map(({ id, name }) => (
          <List.Item key={id}>{name}</List.Item>
        ))}
      </List>
    </Alert>
  )
}

function Wrong({ csv, error }: { readonly csv: string; readonly error: Error }) {
  const t = useT()
  if (!(error instanceof ApiProblem) || error.errors.length === 0) return <ProblemAlert error={error} />
  const problems = lineProblems(csv, error.errors)
  return (
    <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={t('import.wrong')}>
      <Text size="sm">{error.message}</Text>
      <DataTable
        label={t('import.problem')}
        items={problems.map((problem, position) => ({ ...problem, id: String(position) }))}
        keyOf={({ id }) => id}
        columns={[
          { label: t('import.line'), cell: ({ line }) => line ?? '–' },
          { label: t('import.problem'), cell: ({ message }) => message },
          { label: t('import.text.of'), cell: ({ text }) => text !== '' && <Code>{text.slice(0, 200)}</Code> },
        ]}
      />
    </Alert>
  )
}

interface DoneProps {
  readonly keys: Imported
  readonly hasSecrets: boolean
  readonly onKept: () => void
}

function Done({ keys, hasSecrets, onKept }: DoneProps) {
  const t = useT()
  const common = useCommonT()
  const download = () => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([madeValuesCsv(keys)], { type: 'text/csv' }))
    link.download = 'new-keys.csv'
    link.click()
    URL.revokeObjectURL(link.href)
    onKept()
  }
  return (
    <Stack align="start">
      <Alert
        role="status"
        w="100%"
        color={hasSecrets ? 'yellow' : 'teal'}
        icon={hasSecrets ? <IconAlertTriangle aria-hidden /> : <IconCheck aria-hidden />}
        title={t('import.done', { count: keys.length })}
      >
        <Text size="sm">{hasSecrets ? `${t('import.made')} ${common('secret.once')}` : t('import.given')}</Text>
      </Alert>
      <Group>
        {hasSecrets && (
          <Button leftSection={<IconDownload size={16} aria-hidden />} onClick={download}>
            {t('import.download')}
          </Button>
        )}
        <Button component={Link} to="/keys" variant="default">
          {t('import.toKeys')}
        </Button>
      </Group>
      {hasSecrets && (
        <DataTable
          label={t('import.done', { count: keys.length })}
          items={keys.slice(0, SHOWN)}
          keyOf={({ id }) => id}
          columns={[
            { label: t('name'), cell: ({ name }) => name },
            { label: t('primary'), cell: ({ primary }) => primary !== null && <Code>{primary}</Code> },
            { label: t('secondary'), cell: ({ secondary }) => secondary !== null && <Code>{secondary}</Code> },
          ]}
        />
      )}
    </Stack>
  )
}
