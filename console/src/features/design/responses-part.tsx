import { Autocomplete, Card, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core'
import { fieldError } from '../../api/client.ts'
import type { MethodResponse } from '../../api/model.ts'
import { ContentFields } from './content-fields.tsx'
import { numbered, replaced } from './lists.ts'
import type { PartProps } from './method-panel.tsx'
import { AddRow, RemoveRow } from './row-buttons.tsx'
import { SchemaField } from './schema-field.tsx'
import { asSent } from './schema-kinds.ts'
import { useT } from './texts.ts'

type Header = MethodResponse['headers'][number]

const usual = [
  '200',
  '201',
  '202',
  '204',
  '301',
  '302',
  '400',
  '401',
  '403',
  '404',
  '409',
  '422',
  '429',
  '500',
  'default',
]

/** What clients get back, by status. */
export function ResponsesPart({ value: { responses }, onChange, error, isReadOnly }: PartProps) {
  const t = useT()
  const next = usual.find((status) => !responses.some((one) => one.status === status)) ?? ''
  return (
    <Stack align="start">
      {responses.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('responses.none')}
        </Text>
      )}
      {numbered(responses).map(([key, response, at]) => (
        <ResponseCard
          key={key}
          response={response}
          onChange={(changed) => onChange({ responses: replaced(responses, at, changed) })}
          errorAt={(field) => fieldError(error, `/responses/${at}${field}`)}
          isReadOnly={isReadOnly}
        />
      ))}
      {!isReadOnly && (
        <AddRow
          label={t('responses.add')}
          onAdd={() =>
            onChange({ responses: [...responses, { status: next, description: '', headers: [], content: [] }] })
          }
        />
      )}
    </Stack>
  )
}

interface ResponseCardProps {
  readonly response: MethodResponse
  readonly onChange: (response: MethodResponse | null) => void
  readonly errorAt: (field: string) => string | undefined
  readonly isReadOnly: boolean
}

function ResponseCard({ response, onChange, errorAt, isReadOnly }: ResponseCardProps) {
  const t = useT()
  const change = (changes: Partial<MethodResponse>) => onChange({ ...response, ...changes })
  return (
    <Card withBorder w="100%" p="sm" role="group" aria-label={`${t('responses.status')} ${response.status}`}>
      <Stack gap="sm">
        <Group gap="xs" wrap="nowrap" align="start">
          <Autocomplete
            aria-label={t('responses.status')}
            w={110}
            data={usual}
            readOnly={isReadOnly}
            value={response.status}
            error={errorAt('/status') ?? errorAt('')}
            onChange={(status) => change({ status })}
          />
          <TextInput
            aria-label={`${t('method.description')} ${response.status}`}
            placeholder={t('method.description')}
            flex={1}
            readOnly={isReadOnly}
            value={response.description}
            error={errorAt('/description')}
            onChange={(event) => change({ description: event.currentTarget.value })}
          />
          {!isReadOnly && <RemoveRow name={response.status} onRemove={() => onChange(null)} />}
        </Group>
        <ContentFields
          content={response.content}
          onChange={(content) => change({ content })}
          errorAt={(field) => errorAt(`/content${field}`)}
          isReadOnly={isReadOnly}
        />
        <HeaderRows
          headers={response.headers}
          onChange={(headers) => change({ headers })}
          errorAt={(field) => errorAt(`/headers${field}`)}
          isReadOnly={isReadOnly}
        />
      </Stack>
    </Card>
  )
}

interface HeaderRowsProps {
  readonly headers: readonly Header[]
  readonly onChange: (headers: Header[]) => void
  readonly errorAt: (field: string) => string | undefined
  readonly isReadOnly: boolean
}

function HeaderRows({ headers, onChange, errorAt, isReadOnly }: HeaderRowsProps) {
  const t = useT()
  return (
    <Stack gap="xs" align="start">
      {numbered(headers).map(([key, header, at]) => {
        const change = (changes: Partial<Header>) => onChange(replaced(headers, at, { ...header, ...changes }))
        return (
          <Group key={key} gap="xs" align="start" w="100%">
            <TextInput
              aria-label={t('backend.headerName')}
              placeholder={t('backend.headerName')}
              w={{ base: '100%', sm: 240 }}
              readOnly={isReadOnly}
              value={header.name}
              error={errorAt(`/${at}/name`)}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
            <div style={{ flex: 1, minWidth: 180, maxWidth: 320 }}>
              <SchemaField
                label={`${t('parameters.schema')} ${header.name}`}
                value={header.schema}
                onChange={(schema) => change({ schema: asSent(schema) })}
                error={errorAt(`/${at}/schema`)}
                isReadOnly={isReadOnly}
              />
            </div>
            <Checkbox
              mt={8}
              label={t('responses.always')}
              disabled={isReadOnly}
              checked={header.required}
              onChange={(event) => change({ required: event.currentTarget.checked })}
            />
            {!isReadOnly && <RemoveRow name={header.name} onRemove={() => onChange(replaced(headers, at, null))} />}
          </Group>
        )
      })}
      {!isReadOnly && (
        <AddRow
          label={t('backend.addHeader')}
          onAdd={() =>
            onChange([...headers, { name: '', description: '', required: false, schema: asSent({ type: 'string' }) }])
          }
        />
      )}
    </Stack>
  )
}
