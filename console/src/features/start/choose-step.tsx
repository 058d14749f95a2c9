import { Button, FileInput, Group, Radio, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { answer, api, fieldError } from '../../api/client.ts'
import { Copyable } from '../../components/command.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { plainProxyDocument, serviceNameFrom } from './plain-proxy.ts'
import { gatewayQuery } from './queries.ts'
import { useT } from './texts.ts'

/** What the API is made of. */
const sources = ['demo', 'document', 'backend'] as const
type Source = (typeof sources)[number]

/** What was made, as the URL keeps it. */
export interface MadeApi {
  readonly service: string
  readonly stage: string
  readonly from: Source
}

interface Choice {
  readonly source: Source
  readonly service: string
  readonly backendUrl: string
  readonly document: string
}

/** Asks which API, and makes and deploys it in one go: all of it, or nothing. */
export function ChooseStep({ onMade }: { readonly onMade: (made: MadeApi) => void }) {
  const t = useT()
  const queries = useQueryClient()
  const [source, setSource] = useState<Source>('demo')
  const [service, setService] = useState('')
  const [backendUrl, setBackendUrl] = useState('http://127.0.0.1:3000')
  const [document, setDocument] = useState('')
  const choice = { source, service: source === 'demo' ? 'demo' : service, backendUrl, document }
  const make = useMutation({
    mutationFn: () => makeApi(choice),
    async onSuccess({ service, stage }) {
      await queries.invalidateQueries({ queryKey: ['services'] })
      onMade({ service: service.name, stage: stage?.name ?? '', from: source })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack mt="md">
        <Radio.Group
          value={source}
          onChange={(value) => setSource(sources.find((one) => one === value) ?? 'demo')}
          aria-label={t('choose')}
        >
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            {sources.map((one) => (
              <SourceCard key={one} source={one} />
            ))}
          </SimpleGrid>
        </Radio.Group>
        {source === 'document' && (
          <DocumentFields
            document={document}
            error={fieldError(make.error, '/document')}
            onChange={(text, fileName) => {
              setDocument(text)
              if (service === '' && fileName !== undefined) setService(serviceNameFrom(fileName))
            }}
          />
        )}
        {source !== 'demo' && (
          <>
            <ServiceName value={service} error={fieldError(make.error, '/service')} onChange={setService} />
            <TextInput
              label={t('backendUrl')}
              description={t('backendUrlHint')}
              type="url"
              required
              maw={520}
              value={backendUrl}
              error={fieldError(make.error, '/backendUrl')}
              onChange={(event) => setBackendUrl(event.currentTarget.value)}
            />
          </>
        )}
        <ProblemAlert error={make.error} />
        <Group>
          <Button type="submit" loading={make.isPending}>
            {t('deploy')}
          </Button>
        </Group>
        <SameCommand choice={choice} />
      </Stack>
    </form>
  )
}

async function makeApi({ source, service, backendUrl, document }: Choice) {
  const demo = source === 'demo' ? await answer(api.POST('/api/v1/demo')) : undefined
  const text = demo?.document ?? (source === 'backend' ? plainProxyDocument(service) : document)
  const body = {
    service,
    document: text,
    backendUrl: demo?.url ?? backendUrl,
    deploy: true,
    mode: 'merge',
    note: '',
    dryRun: false,
  } as const
  return answer(api.POST('/api/v1/imports', { body }))
}

function SourceCard({ source }: { readonly source: Source }) {
  const t = useT()
  return (
    <Radio.Card value={source} p="md" radius="md" withBorder>
      <Group wrap="nowrap" align="flex-start">
        <Radio.Indicator />
        <Stack gap={2}>
          <Text fw={600} size="sm">
            {t(source)}
          </Text>
          <Text size="sm" c="dimmed">
            {t(`${source}Hint`)}
          </Text>
        </Stack>
      </Group>
    </Radio.Card>
  )
}

interface DocumentFieldsProps {
  readonly document: string
  readonly error: string | undefined
  readonly onChange: (text: string, fileName?: string) => void
}

function DocumentFields({ document, error, onChange }: DocumentFieldsProps) {
  const t = useT()
  return (
    <>
      <FileInput
        label={t('file')}
        placeholder={t('filePlaceholder')}
        leftSection={<IconFileUpload size={16} aria-hidden />}
        accept=".json,.yaml,.yml,application/json,application/yaml"
        clearable
        maw={520}
        onChange={async (file) => onChange(file === null ? '' : await file.text(), file?.name)}
      />
      <Textarea
        label={t('orPaste')}
        autosize
        minRows={4}
        maxRows={12}
        spellCheck={false}
        required
        styles={{
          input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 'var(--mantine-font-size-xs)' },
        }}
        value={document}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </>
  )
}

interface ServiceNameProps {
  readonly value: string
  readonly error: string | undefined
  readonly onChange: (name: string) => void
}

function ServiceName({ value, error, onChange }: ServiceNameProps) {
  const t = useT()
  const { data: gateway } = useQuery(gatewayQuery)
  const host = `${value || 'NAME'}.${gateway?.baseDomain ?? 'localhost'}`
  return (
    <TextInput
      label={t('serviceName')}
      description={t('serviceNameHint', { host })}
      required
      maw={520}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/** The command that makes the same. */
function SameCommand({ choice: { source, service, backendUrl } }: { readonly choice: Choice }) {
  const t = useT()
  const name = service || 'NAME'
  const commands: Readonly<Record<Source, string>> = {
    demo: 'npm start -- --demo',
    document: `npx turnpike import openapi.yaml --service ${name} --backend ${backendUrl} --deploy`,
    backend: `npx turnpike import - --service ${name} --backend ${backendUrl} --deploy <<'END'\n${plainProxyDocument(name)}\nEND`,
  }
  return (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        {t('asCommand')}
      </Text>
      <Copyable text={commands[source]} />
    </Stack>
  )
}
