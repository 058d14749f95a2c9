import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { fieldError } from '../../../api/client.ts'
import { useStageT } from '../texts.ts'
import type { SettingsPart } from './section.ts'
import { fromRows, type Row, sameRows, toRows } from './variable-rows.ts'

/** Names and values that the design refers to. */
export function Variables({ values: { variables }, error, isDisabled, onChange }: SettingsPart) {
  const t = useStageT()
  const [typed, setTyped] = useState<readonly Row[]>(() => toRows(variables))
  // Half-typed rows are no variables yet; whatever else the variables become is shown.
  const rows = sameRows(typed, variables) ? typed : toRows(variables)
  const change = (next: readonly Row[]) => {
    setTyped(next)
    onChange({ variables: fromRows(next) })
  }
  const edit = (key: number, what: Partial<Row>) =>
    change(rows.map((row) => (row.key === key ? { ...row, ...what } : row)))
  return (
    <Stack gap="xs">
      {rows.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('variables.none')}
        </Text>
      )}
      {rows.map(({ key, name, value }) => (
        <Group key={key} gap="xs" align="start" wrap="nowrap">
          <TextInput
            aria-label={t('variables.name')}
            placeholder={t('variables.name')}
            ff="monospace"
            style={{ flex: 1 }}
            disabled={isDisabled}
            value={name}
            error={
              rows.some((row) => row.key !== key && row.name === name && name !== '') ? t('variables.twice') : undefined
            }
            onChange={(event) => edit(key, { name: event.currentTarget.value })}
          />
          <TextInput
            aria-label={name === '' ? t('variables.value') : t('variables.valueOf', { name })}
            placeholder={t('variables.value')}
            style={{ flex: 2 }}
            disabled={isDisabled}
            value={value}
            error={fieldError(error, `/variables/${name}`)}
            onChange={(event) => edit(key, { value: event.currentTarget.value })}
          />
          {!isDisabled && (
            <ActionIcon
              variant="subtle"
              color="red"
              size="lg"
              aria-label={t('variables.remove', { name })}
              onClick={() => change(rows.filter((row) => row.key !== key))}
            >
              <IconX size={16} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {fieldError(error, '/variables') !== undefined && (
        <Text size="xs" c="red">
          {fieldError(error, '/variables')}
        </Text>
      )}
      {!isDisabled && (
        <Group>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() =>
              change([...rows, { key: Math.max(0, ...rows.map((row) => row.key)) + 1, name: '', value: '' }])
            }
          >
            {t('variables.add')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
