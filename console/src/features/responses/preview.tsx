import { Alert, Code, List, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../../api/client.ts'
import type { GatewayResponse } from '../../api/model.ts'
import { Loading } from '../../components/faces.tsx'
import { previewQuery, type ResponseType } from './queries.ts'
import { useT } from './texts.ts'

/** Somebody who types is not answered at every key. */
const DELAY_MS = 300

interface PreviewProps {
  readonly service: string
  readonly type: ResponseType
  /** As it is edited; null for the default one. */
  readonly response: GatewayResponse | null
}

/** What the gateway would answer. */
export function Preview({ service, type, response }: PreviewProps) {
  const t = useT()
  const [accept, setAccept] = useState('')
  const [settled] = useDebouncedValue(response, DELAY_MS)
  const preview = useQuery(previewQuery(service, type, settled, accept))
  const types = [...new Set((settled?.bodies ?? []).map(({ contentType }) => contentType ?? ''))].filter(
    (one) => one !== '',
  )
  return (
    <Stack component="section" aria-label={t('response.preview')} gap="sm">
      <Title order={2} size="h4">
        {t('response.preview')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('response.previewHint')}
      </Text>
      {types.length > 1 && (
        <NativeSelect
          label={t('response.accept')}
          maw={320}
          data={[{ value: '', label: t('response.anything') }, ...types]}
          value={accept}
          onChange={(event) => setAccept(event.currentTarget.value)}
        />
      )}
      {preview.error !== null ? (
        <NoPreview error={preview.error} />
      ) : preview.data === undefined ? (
        <Loading rows={3} />
      ) : (
        <Answer {...preview.data} />
      )}
    </Stack>
  )
}

function NoPreview({ error }: { readonly error: Error }) {
  const t = useT()
  const errors = error instanceof ApiProblem ? error.errors : []
  return (
    <Alert color="yellow" title={t('response.noPreview')}>
      {errors.length === 0 ? (
        <Text size="sm">{error.message}</Text>
      ) : (
        <List size="sm">
          {errors.map(({ path, message }) => (
            <List.Item key={`${path} ${message}`}>
              <b>{path.replace(/^\/response\/?/, '').replace(/^\//, '')}</b> {message}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  )
}

interface AnswerProps {
  readonly status: number
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly body: string
}

function Answer({ status, headers, body }: AnswerProps) {
  const t = useT()
  return (
    <Paper withBorder p="md" aria-live="polite">
      <Stack gap="sm">
        <Text fw={700} ff="monospace">
          HTTP/1.1 {status}
        </Text>
        <Stack gap={2}>
          <Text size="xs" fw={600}>
            {t('response.headers')}
          </Text>
          {headers.map(({ name, value }) => (
            <Text key={`${name} ${value}`} size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {name}: {value}
            </Text>
          ))}
        </Stack>
        <Stack gap={2}>
          <Text size="xs" fw={600}>
            {t('response.body')}
          </Text>
          {body === '' ? (
            <Text size="sm" c="dimmed">
              {t('response.noBody')}
            </Text>
          ) : (
            <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {laidOut(body)}
            </Code>
          )}
        </Stack>
      </Stack>
    </Paper>
  )
}

/** JSON with its members on lines of their own; everything else as it is. */
function laidOut(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
