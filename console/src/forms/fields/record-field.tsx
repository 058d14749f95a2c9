import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import type { FieldProps } from '../field-props.ts'
import { useFormState, useHold } from '../form-context.tsx'
import { at, isObject, type JsonObject, memberSchema } from '../schema.ts'
import { useFormT } from '../texts.ts'
import { Framed } from './object-field.tsx'

/** A member of a record as it is edited: its name may be missing, or there twice, for a while. */
interface Row {
  readonly key: number
  readonly name: string
  readonly value: unknown
}

/** Names with values: a row each. */
export function RecordField({ schema, value, path, label, onChange }: FieldProps) {
  const t = useFormT()
  const { isDisabled, Field } = useFormState()
  const { rows, setRows } = useRows(value, onChange)
  const faults = rows.map((row) => faultOf(row, rows))
  useHold(
    path,
    faults.some((fault) => fault !== null),
  )
  // Each value is described by its record: it has no words of its own.
  const { title: _title, description: _description, ...member } = memberSchema(schema) ?? {}
  return (
    <Framed label={label} schema={schema} path={path}>
      {rows.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('list.empty')}
        </Text>
      )}
      {rows.map((row, place) => {
        const fault = faults[place] ?? null
        return (
          <Group key={row.key} gap="xs" align="start" wrap="nowrap">
            <TextInput
              flex={2}
              miw={0}
              disabled={isDisabled}
              aria-label={t('record.nameOf', { name: label, number: place + 1 })}
              placeholder={t('record.name')}
              value={row.name}
              error={fault === null ? undefined : t(fault)}
              onChange={(event) => setRows(replaced(rows, place, { ...row, name: event.currentTarget.value }))}
            />
            <Stack flex={3} miw={0} gap={0}>
              <Field
                schema={member}
                value={row.value}
                path={at(path, row.name)}
                label={t('record.valueOf', { name: label, number: place + 1 })}
                isRequired={false}
                isInline
                onChange={(next) => setRows(replaced(rows, place, { ...row, value: next ?? '' }))}
              />
            </Stack>
            {!isDisabled && (
              <ActionIcon
                variant="subtle"
                color="red"
                mt={4}
                aria-label={t('list.remove', { name: row.name || String(place + 1) })}
                onClick={() => setRows(rows.filter((other) => other !== row))}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        )
      })}
      {!isDisabled && (
        <Group>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            aria-label={t('list.add', { name: label })}
            onClick={() => setRows([...rows, { key: nextKey(rows), name: '', value: emptyOf(member) }])}
          >
            {t('list.addOne')}
          </Button>
        </Group>
      )}
    </Framed>
  )
}

/** The rows of a record. They are the form's own while they are edited, and come anew where the value was set from outside. */
function useRows(value: unknown, onChange: (value: unknown) => void) {
  const record = isObject(value) ? value : {}
  const [edited, setEdited] = useState<readonly Row[]>(() => rowsOf(record))
  const isOurs = JSON.stringify(recordOf(edited)) === JSON.stringify(record)
  const rows = isOurs ? edited : rowsOf(record)
  return {
    rows,
    setRows(next: readonly Row[]) {
      setEdited(next)
      onChange(recordOf(next))
    },
  }
}

const rowsOf = (record: JsonObject): Row[] => Object.entries(record).map(([name, value], key) => ({ key, name, value }))

/** Rows without a name are not there yet. */
const recordOf = (rows: readonly Row[]): JsonObject =>
  Object.fromEntries(rows.flatMap(({ name, value }) => (name === '' ? [] : [[name, value]])))

const nextKey = (rows: readonly Row[]) => Math.max(-1, ...rows.map(({ key }) => key)) + 1

const replaced = (rows: readonly Row[], place: number, row: Row) => rows.map((other, i) => (i === place ? row : other))

function faultOf(row: Row, rows: readonly Row[]): 'record.noName' | 'record.twice' | null {
  if (row.name === '') return 'record.noName'
  return rows.some((other) => other !== row && other.name === row.name) ? 'record.twice' : null
}

/** What a new member begins with. */
function emptyOf(member: { readonly type?: unknown }): unknown {
  return member.type === 'array' ? [] : member.type === 'object' ? {} : ''
}
