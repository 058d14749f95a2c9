import {
  Alert,
  Button,
  Group,
  Paper,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Title,
} from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Stage } from '../../api/model.ts'
import { Page } from '../../components/page.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { deploymentsQuery, liveDeploymentQuery } from '../deployments/queries.ts'
import { stageQuery } from '../stage/queries.ts'
import { useMayChange } from '../stage/stage-list.tsx'
import { AnswerView } from './answer-view.tsx'
import { Commands } from './commands-view.tsx'
import { Composer } from './composer.tsx'
import { CredentialFields } from './credential-fields.tsx'
import { type Credentials, noCredentials } from './credentials.ts'
import { useTryT } from './texts.ts'
import { Trace } from './trace.tsx'
import { useComposed } from './use-composed.ts'
import { type Outcome, useTry } from './use-try.ts'

const FROM = '/services/$service/stages/$stage/try'

/** Composes a request, sends it or only explains it, and shows what came of it, step by step. */
export function TryPage() {
  const t = useTryT()
  const { service, stage: name } = useParams({ from: FROM })
  const { data: seen } = useSuspenseQuery(stageQuery(service, name))
  const stage = seen.value
  const mode = useMode(stage)
  const { data: live } = useQuery(liveDeploymentQuery(service, name, stage.deploymentId))
  const { composed, setComposed } = useComposed()
  const [credentials, setCredentials] = useState<Credentials>(noCredentials)
  const attempt = useTry(service, stage)
  const mayWrite = useMayChange(service)
  const run = (event: FormEvent) => {
    event.preventDefault()
    attempt.mutate({ composed, credentials, ...mode })
  }
  const ofDeployment = /^\d+$/.test(mode.against) ? Number(mode.against) : null
  return (
    <Page title={t('try.title')} lead={t('try.lead')}>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
        <Stack gap="md" component="section" aria-label={t('try.request')} style={{ minWidth: 0 }}>
          <form onSubmit={run}>
            <Stack gap="md">
              <Composer
                service={service}
                stage={name}
                deployment={mode.against === 'live' ? (live?.number ?? null) : ofDeployment}
                composed={composed}
                onChange={setComposed}
              />
              <CredentialFields credentials={credentials} onChange={setCredentials} />
              <ModeFields service={service} stage={stage} mode={mode} />
              {mayWrite ? (
                <Group>
                  <Button
                    type="submit"
                    leftSection={<IconPlayerPlay size={16} aria-hidden />}
                    loading={attempt.isPending}
                  >
                    {t(mode.isDry ? 'try.explain' : 'try.send')}
                  </Button>
                </Group>
              ) : (
                <Alert color="gray">{t('try.mayNot')}</Alert>
              )}
            </Stack>
          </form>
          <Commands service={service} stage={stage} composed={composed} credentials={credentials} mode={mode} />
        </Stack>
        <Stack gap="md" component="section" aria-label={t('try.outcome')} aria-live="polite" style={{ minWidth: 0 }}>
          <ProblemAlert error={attempt.error} title={t('try.failed')} />
          {attempt.data === undefined ? (
            <Text c="dimmed">{t('try.nothingYet')}</Text>
          ) : (
            <OutcomeView outcome={attempt.data} />
          )}
        </Stack>
      </SimpleGrid>
    </Page>
  )
}

/** How a request is tried, as the address has it. */
export interface Mode {
  /** Only explained, and not sent as a client would. */
  readonly isDry: boolean
  readonly against: string
  /** Whether an explanation asks the backend. */
  readonly call: boolean
}

interface ModeState extends Mode {
  set(change: { dry?: string; against?: string; call?: string }): void
}

function useMode({ deploymentId }: Stage): ModeState {
  const search = useSearch({ from: FROM })
  const navigate = useNavigate({ from: FROM })
  const isLive = deploymentId !== null
  const isDry = !isLive || search.dry === '1'
  return {
    isDry,
    against: isDry ? (search.against ?? (isLive ? 'live' : 'draft')) : 'live',
    call: search.call === '1',
    set: (change) =>
      void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false }),
  }
}

interface ModeFieldsProps {
  readonly service: string
  readonly stage: Stage
  readonly mode: ModeState
}

function ModeFields({ service, stage, mode }: ModeFieldsProps) {
  const t = useTryT()
  const { data: deployments = [] } = useQuery(deploymentsQuery(service, stage.name))
  const isLive = stage.deploymentId !== null
  const against = [
    ...(isLive ? [{ value: 'live', label: t('against.live') }] : []),
    { value: 'stage', label: t('against.stage') },
    { value: 'draft', label: t('against.draft') },
    ...deployments.map(({ number }) => ({ value: String(number), label: t('against.number', { number }) })),
  ]
  return (
    <Stack gap="xs">
      {isLive ? (
        <SegmentedControl
          aria-label={t('try.how')}
          value={mode.isDry ? 'dry' : 'send'}
          data={[
            { value: 'send', label: t('try.forReal') },
            { value: 'dry', label: t('try.dry') },
          ]}
          onChange={(value) => mode.set({ dry: value === 'dry' ? '1' : '0' })}
        />
      ) : (
        <Text size="sm" c="dimmed">
          {t('try.notLive')}
        </Text>
      )}
      {mode.isDry && (
        <Group align="end" gap="md">
          <Select
            label={t('try.against')}
            data={against}
            searchable
            value={mode.against}
            onChange={(value) => value !== null && mode.set({ against: value })}
          />
          <Switch
            mb={6}
            label={t('try.call')}
            checked={mode.call}
            onChange={(event) => mode.set({ call: event.currentTarget.checked ? '1' : '0' })}
          />
        </Group>
      )}
    </Stack>
  )
}

function OutcomeView({ outcome: { answer, explanation, explainError } }: { readonly outcome: Outcome }) {
  const t = useTryT()
  return (
    <>
      {answer !== null && (
        <Stack gap="xs">
          <Title order={2} size="h4">
            {t('answer.title')}
          </Title>
          <Paper withBorder p="md">
            <AnswerView answer={answer} />
          </Paper>
        </Stack>
      )}
      <Stack gap="xs">
        <Title order={2} size="h4">
          {t('trace.title')}
        </Title>
        <ProblemAlert error={explainError} title={t('try.notExplained')} />
        {explanation !== null && <Trace explanation={explanation} />}
      </Stack>
    </>
  )
}
