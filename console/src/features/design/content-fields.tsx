import { Autocomplete, Group, Stack } from '@mantine/core'
import type { Content } from '../../api/model.ts'
import { numbered, replaced } from './lists.ts'
import { AddRow, RemoveRow } from './row-buttons.tsx'
import { SchemaField } from './schema-field.tsx'
import { asSent } from './schema-kinds.ts'
import { useT } from './texts.ts'

const usual = [
  'application/json',
  'application/xml',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
  'text/html',
]

interface ContentFieldsProps {
  readonly content: readonly Content[]
  readonly onChange: (content: Content[]) => void
  readonly errorAt: (field: string) => string | undefined
  readonly isReadOnly: boolean
}

/** The kinds of bodies, each with its schema. */
export function ContentFields({ content, onChange, errorAt, isReadOnly }: ContentFieldsProps) {
  const t = useT()
  return (
    <Stack gap="xs" align="start">
      {numbered(content).map(([key, one, at]) => (
        <Group key={key} gap="xs" wrap="wrap" align="start" w="100%">
          <Autocomplete
            aria-label={t('content.type')}
            data={usual}
            w={{ base: '100%', sm: 240 }}
            readOnly={isReadOnly}
            value={one.contentType}
            error={errorAt(`/${at}/contentType`)}
            onChange={(contentType) => onChange(replaced(content, at, { ...one, contentType }))}
          />
          <div style={{ flex: 1, minWidth: 180, maxWidth: 320 }}>
            <SchemaField
              label={`${t('parameters.schema')} ${one.contentType}`}
              value={one.schema}
              onChange={(schema) => onChange(replaced(content, at, { ...one, schema: asSent(schema) }))}
              error={errorAt(`/${at}/schema`)}
              isReadOnly={isReadOnly}
            />
          </div>
          {!isReadOnly && <RemoveRow name={one.contentType} onRemove={() => onChange(replaced(content, at, null))} />}
        </Group>
      ))}
      {!isReadOnly && (
        <AddRow label={t('content.add')} onAdd={() => onChange([...content, { contentType: unused(content) }])} />
      )}
    </Stack>
  )
}

const unused = (content: readonly Content[]) =>
  usual.find((type) => !content.some(({ contentType }) => contentType === type)) ?? 'application/json'
