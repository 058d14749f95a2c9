import { ActionIcon, Button, Checkbox, Group, NativeSelect, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import {
  hasProperties,
  kindLabel,
  kindsFor,
  OTHER,
  type Property,
  rowsOf,
  withNewRow,
  withoutRow,
  withRow,
} from './properties.ts'
import { modelsQuery } from './queries.ts'
import { useT } from './texts.ts'

interface PropertyTableProps {
  readonly service: string
  readonly schema: unknown
  readonly isReadOnly: boolean
  readonly onChange: (schema: unknown) => void
}

/** The properties of an object schema: name, type, whether required, description. What it does not show it keeps. */
export function PropertyTable({ service, schema, isReadOnly, onChange }: PropertyTableProps) {
  const t = useT()
  const { data } = useQuery(modelsQuery(service))
  const kinds = kindsFor((data?.items ?? []).map(({ name }) => name))
  if (!hasProperties(schema))
    return (
      <Text size="sm" c="dimmed">
        {t('model.noTable')}
      </Text>
    )
  const rows = rowsOf(schema)
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t('model.properties')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('model.propertiesHint')}
      </Text>
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={640} type="native">
          <Table withRowBorders={false} verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('model.property')}</Table.Th>
                <Table.Th>{t('model.kind')}</Table.Th>
                <Table.Th>{t('model.required')}</Table.Th>
                <Table.Th>{t('models.description')}</Table.Th>
                {!isReadOnly && <Table.Td />}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row, place) => (
                <PropertyRow
                  // Its name changes while it is edited: its place does not.
                  key={String(place)}
                  row={row}
                  kinds={kinds}
                  taken={rows.filter((other) => other !== row).map(({ name }) => name)}
                  isReadOnly={isReadOnly}
                  onChange={(next) => onChange(withRow(schema, row.name, next))}
                  onRemove={() => onChange(withoutRow(schema, row.name))}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {!isReadOnly && (
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => onChange(withNewRow(schema))}
          >
            {t('model.addProperty')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

interface PropertyRowProps {
  readonly row: Property
  readonly kinds: readonly string[]
  /** Names of the other properties. */
  readonly taken: readonly string[]
  readonly isReadOnly: boolean
  readonly onChange: (row: Property) => void
  readonly onRemove: () => void
}

function PropertyRow({ row, kinds, taken, isReadOnly, onChange, onRemove }: PropertyRowProps) {
  const t = useT()
  const { name } = row
  return (
    <Table.Tr>
      <Table.Td miw={140}>
        <NameField
          name={name}
          taken={taken}
          isReadOnly={isReadOnly}
          onChange={(next) => onChange({ ...row, name: next })}
        />
      </Table.Td>
      <Table.Td miw={130}>
        <NativeSelect
          aria-label={t('model.kindOf', { name })}
          disabled={isReadOnly}
          value={row.kind}
          data={[
            ...(row.kind === OTHER ? [{ value: OTHER, label: t('model.other') }] : []),
            ...[...new Set([...kinds, ...(row.kind === OTHER ? [] : [row.kind])])].map((kind) => ({
              value: kind,
              label: kindLabel(kind),
            })),
          ]}
          onChange={(event) => onChange({ ...row, kind: event.currentTarget.value })}
        />
      </Table.Td>
      <Table.Td>
        <Checkbox
          aria-label={t('model.requiredOf', { name })}
          disabled={isReadOnly}
          checked={row.isRequired}
          onChange={(event) => onChange({ ...row, isRequired: event.currentTarget.checked })}
        />
      </Table.Td>
      <Table.Td w="45%" miw={180}>
        <TextInput
          aria-label={t('model.descriptionOf', { name })}
          readOnly={isReadOnly}
          value={row.description}
          onChange={(event) => onChange({ ...row, description: event.currentTarget.value })}
        />
      </Table.Td>
      {!isReadOnly && (
        <Table.Td>
          <ActionIcon variant="subtle" color="red" aria-label={t('model.remove', { name })} onClick={onRemove}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Table.Td>
      )}
    </Table.Tr>
  )
}

interface NameFieldProps extends Pick<PropertyRowProps, 'taken' | 'isReadOnly'> {
  readonly name: string
  readonly onChange: (name: string) => void
}

/** A name is only taken over when it is one: two properties of the same name would be one. */
function NameField({ name, taken, isReadOnly, onChange }: NameFieldProps) {
  const t = useT()
  const [typed, setTyped] = useState<string | null>(null)
  const shown = typed ?? name
  const fault = shown === '' ? t('model.noName') : taken.includes(shown) ? t('model.twice') : undefined
  return (
    <TextInput
      aria-label={t('model.propertyOf', { name })}
      readOnly={isReadOnly}
      value={shown}
      error={fault}
      onChange={({ currentTarget: { value } }) => {
        const isWrong = value === '' || taken.includes(value)
        setTyped(isWrong ? value : null)
        if (!isWrong) onChange(value)
      }}
      onBlur={() => setTyped(null)}
    />
  )
}
