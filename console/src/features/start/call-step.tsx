import {
  Alert,
  Autocomplete,
  Button,
  Code,
  Group,
  NavLink,
  type NavLinkProps,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core'
import { IconChartLine, IconCheck, IconInfoCircle, IconKey, IconRoute } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { createLink } from '@tanstack/react-router'
import { type FormEvent, type Ref, useState } from 'react'
import { answer, api } from '../../api/client.ts'
import type { ReceivedAnswer } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { firstPathsQuery } from './queries.ts'
import { useT } from './texts.ts'

interface CallStepProps {
  readonly service: string
  readonly stage: string
  /** What the API was made of. */
  readonly from: string | undefined
  /** Where programs reach it. */
  readonly url: string
}

/** The first call, through the gateway: the answer is what any client would get. */
export function CallStep({ service, stage, from, url }: CallStepProps) {
  const t = useT()
  const first = useQuery(firstPathsQuery(service))
  const paths = first.data ?? []
  const [method, setMethod] = useState('GET')
  const [typed, setTarget] = useState<string>()
  const target = typed ?? (from === 'demo' ? '/pets' : (paths[0] ?? '/'))
  const call = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/services/{serviceId}/stages/{stageId}/send', {
          params: { path: { serviceId: service, stageId: stage } },
          body: { method, target, headers: [], body: '' },
        }),
      ),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    call.mutate()
  }
  return (
    <Stack mt="md">
      <Title order={2} size="h4">
        {t('ready', { service })}
      </Title>
      <Text>{t('readyHint', { url })}</Text>
      <form onSubmit={submit}>
        <Group align="end" gap="xs">
          <Select
            label={t('method')}
            data={['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']}
            value={method}
            w={120}
            onChange={(value) => setMethod(value ?? 'GET')}
          />
          <Autocomplete
            label={t('path')}
            data={paths}
            value={target}
            required
            style={{ flex: 1, minWidth: 200 }}
            onChange={setTarget}
          />
          <Button type="submit" loading={call.isPending} disabled={first.isPending}>
            {t('send')}
          </Button>
        </Group>
      </form>
      <ProblemAlert error={call.error} />
      <div aria-live="polite">{call.data !== undefined && <Answered {...call.data} />}</div>
      <Stack gap={4}>
        <Text size="sm" c="dimmed">
          {t('asCommand')}
        </Text>
        <Copyable text={`curl -i${method === 'GET' ? '' : ` -X ${method}`} '${url}${target}'`} />
      </Stack>
      {call.isSuccess && <GoOn service={service} stage={stage} />}
    </Stack>
  )
}

function Answered({ status, body, isCut, durationMs }: ReceivedAnswer) {
  const t = useT()
  const isSuccess = status >= 200 && status < 400
  return (
    <Alert
      color={isSuccess ? 'teal' : 'yellow'}
      icon={isSuccess ? <IconCheck aria-hidden /> : <IconInfoCircle aria-hidden />}
      title={t('answered', { status, ms: Math.round(durationMs) })}
    >
      <Stack gap="xs">
        <Text size="sm">{t(isSuccess ? 'works' : 'notYet')}</Text>
        {body !== '' && (
          <Code block mah={280} tabIndex={0} role="region" aria-label={t('answeredBody')} style={{ overflow: 'auto' }}>
            {indented(body)}
          </Code>
        )}
        {isCut && <Text size="sm">{t('cut')}</Text>}
      </Stack>
    </Alert>
  )
}

/** JSON as one reads it; all else as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text // not JSON
  }
}

function GoOn({ service, stage }: { readonly service: string; readonly stage: string }) {
  const t = useT()
  const at = { service, stage }
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t('goOn')}
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Place
          label={t('goProtect')}
          description={t('goProtectHint')}
          leftSection={<IconKey size={20} aria-hidden />}
          to="/start"
          search={{ ...at, step: 'protect' }}
        />
        <Place
          label={t('goDesign')}
          description={t('goDesignHint')}
          leftSection={<IconRoute size={20} aria-hidden />}
          to="/services/$service/design"
          params={at}
        />
        <Place
          label={t('goWatch')}
          description={t('goWatchHint')}
          leftSection={<IconChartLine size={20} aria-hidden />}
          to="/services/$service/stages/$stage/dashboard"
          params={at}
        />
      </SimpleGrid>
    </Stack>
  )
}

/** A place to go to, whose address is checked. */
const Place = createLink((props: Omit<NavLinkProps, 'href'> & { readonly ref?: Ref<HTMLAnchorElement> }) => (
  <NavLink component="a" {...props} />
))
