import { ActionIcon, Group, Select, Stack, Text, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconBraces } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { JsonEditor } from '../../components/json-editor.tsx'
import { useDesign } from './design-context.tsx'
import { modelNamesQuery } from './queries.ts'
import { kindLabel, kindOf, restOf, type Schema, schemaKinds, withKind } from './schema-kinds.ts'
import { useT } from './texts.ts'

const OTHER = 'other'

interface SchemaFieldProps {
  readonly label: string
  readonly value: Schema | undefined
  readonly onChange: (schema: Schema) => void
  readonly error?: string | undefined
  readonly isReadOnly: boolean
}

/** A schema: one of the usual ones from a list, or a model of the service; all that it can say as JSON. */
export function SchemaField({ label, value, onChange, error, isReadOnly }: SchemaFieldProps) {
  const t = useT()
  const { service } = useDesign()
  const models = useQuery(modelNamesQuery(service))
  const [isOpen, { open, close }] = useDisclosure()
  const { types, models: modelKinds } = schemaKinds(models.data ?? [])
  const kind = kindOf(value)
  const shown = kind ?? (value === undefined ? null : OTHER)
  const option = (one: string) => ({ value: one, label: kindLabel(one) })
  // A model that is being read, or is gone, is shown all the same.
  const missing = kind !== null && ![...types, ...modelKinds].includes(kind) ? [option(kind)] : []
  return (
    <Stack gap={2}>
      <Group gap={4} wrap="nowrap">
        <Select
          aria-label={label}
          placeholder={t('schema.any')}
          searchable
          flex={1}
          miw={120}
          readOnly={isReadOnly}
          error={error}
          value={shown}
          data={[
            { group: t('schema.types'), items: types.map(option) },
            { group: t('schema.models'), items: [...modelKinds.map(option), ...missing] },
            ...(shown === OTHER
              ? [{ group: t('schema.json'), items: [{ value: OTHER, label: t('schema.other') }] }]
              : []),
          ].filter(({ items }) => items.length > 0)}
          onChange={(chosen) => {
            if (chosen !== null && chosen !== OTHER) onChange(withKind(value, chosen))
          }}
        />
        <Tooltip label={t('schema.asJson')}>
          <ActionIcon variant="default" size={36} aria-label={`${label}: ${t('schema.asJson')}`} onClick={open}>
            <IconBraces size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
      {restOf(value) !== '' && (
        <Text size="xs" c="dimmed" lineClamp={2} ff="monospace">
          {restOf(value)}
        </Text>
      )}
      <Dialog title={label} isOpen={isOpen} onClose={close} size="lg">
        <SchemaText value={value} onChange={onChange} onClose={close} isReadOnly={isReadOnly} />
      </Dialog>
    </Stack>
  )
}

type SchemaTextProps = Omit<SchemaFieldProps, 'label'> & { readonly onClose: () => void }

/** Nothing is sent: what is taken is in the form that the field is in. */
const NOTHING_SENT = { error: null, isPending: false }

function SchemaText({ value, onChange, onClose, isReadOnly }: SchemaTextProps) {
  const t = useT()
  const [text, setText] = useState(() => JSON.stringify(value ?? {}, null, 2))
  const parsed = parse(text)
  const editor = (
    <JsonEditor
      label={t('schema.json')}
      description={t('schema.jsonHint')}
      readOnly={isReadOnly}
      value={text}
      onChange={setText}
      error={parsed === null ? t('schema.notJson') : undefined}
    />
  )
  if (isReadOnly) return editor
  return (
    <DialogForm
      typed={text}
      action={t('schema.take')}
      change={NOTHING_SENT}
      isReady={parsed !== null}
      onSubmit={() => {
        if (parsed !== null) onChange(parsed)
        onClose()
      }}
    >
      {editor}
    </DialogForm>
  )
}

/** A schema is an object, or true or false. */
function parse(text: string): Schema | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'boolean') return value
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : null
  } catch {
    return null
  }
}
