import { Checkbox, Group, NativeSelect, Stack, Table, Text, TextInput, VisuallyHidden } from '@mantine/core'
import { fieldError } from '../../api/client.ts'
import type { Parameter } from '../../api/model.ts'
import { numbered, replaced } from './lists.ts'
import type { PartProps } from './method-panel.tsx'
import { AddRow, RemoveRow } from './row-buttons.tsx'
import { SchemaField } from './schema-field.tsx'
import { asSent } from './schema-kinds.ts'
import { useT } from './texts.ts'
import { variablesOf } from './tree-model.ts'

const places = { path: true, query: true, header: true, cookie: true, form: true } satisfies Record<
  Parameter['in'],
  true
>

/** What clients send beside a body: a table that is edited in place. */
export function ParametersPart({ value: { parameters }, path, onChange, error, isReadOnly }: PartProps) {
  const t = useT()
  const set = (at: number, parameter: Parameter | null) => onChange({ parameters: replaced(parameters, at, parameter) })
  const add = (...added: Parameter[]) => onChange({ parameters: [...parameters, ...added] })
  const undescribed = variablesOf(path).filter(
    (name) => !parameters.some((one) => one.in === 'path' && one.name === name),
  )
  return (
    <Stack align="start">
      {parameters.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('parameters.none')}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={640} w="100%">
          <Table verticalSpacing={6} horizontalSpacing={6} style={{ verticalAlign: 'top' }}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={96}>{t('parameters.in')}</Table.Th>
                <Table.Th w="20%">{t('parameters.name')}</Table.Th>
                <Table.Th w={176}>{t('parameters.schema')}</Table.Th>
                <Table.Th w={76}>{t('parameters.required')}</Table.Th>
                <Table.Th>{t('method.description')}</Table.Th>
                {!isReadOnly && (
                  <Table.Th w={44}>
                    <VisuallyHidden>{t('parameters.remove')}</VisuallyHidden>
                  </Table.Th>
                )}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {numbered(parameters).map(([key, parameter, at]) => (
                <ParameterRow
                  key={key}
                  parameter={parameter}
                  onChange={(changed) => set(at, changed)}
                  errorAt={(field) => fieldError(error, `/parameters/${at}${field}`)}
                  isReadOnly={isReadOnly}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {!isReadOnly && (
        <Group gap="xs">
          <AddRow label={t('parameters.add')} onAdd={() => add(newParameter('query', ''))} />
          {undescribed.length > 0 && (
            <AddRow
              label={t('parameters.addPath', { names: undescribed.join(', ') })}
              onAdd={() => add(...undescribed.map((name) => newParameter('path', name)))}
            />
          )}
        </Group>
      )}
    </Stack>
  )
}

const newParameter = (place: Parameter['in'], name: string): Parameter => ({
  in: place,
  name,
  description: '',
  required: place === 'path',
  deprecated: false,
  schema: asSent({ type: 'string' }),
})

interface ParameterRowProps {
  readonly parameter: Parameter
  readonly onChange: (parameter: Parameter | null) => void
  readonly errorAt: (field: string) => string | undefined
  readonly isReadOnly: boolean
}

function ParameterRow({ parameter, onChange, errorAt, isReadOnly }: ParameterRowProps) {
  const t = useT()
  const change = (changes: Partial<Parameter>) => onChange({ ...parameter, ...changes })
  const of = (label: string) => `${label} ${parameter.name}`
  return (
    <Table.Tr>
      <Table.Td>
        <NativeSelect
          aria-label={of(t('parameters.in'))}
          disabled={isReadOnly}
          data={Object.keys(places)}
          value={parameter.in}
          error={errorAt('/in')}
          onChange={(event) => {
            const place = event.currentTarget.value as Parameter['in']
            // Path parameters always are.
            change({ in: place, required: place === 'path' || parameter.required })
          }}
        />
      </Table.Td>
      <Table.Td>
        <TextInput
          aria-label={t('parameters.name')}
          readOnly={isReadOnly}
          value={parameter.name}
          error={errorAt('/name') ?? errorAt('')}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
      </Table.Td>
      <Table.Td>
        <SchemaField
          label={of(t('parameters.schema'))}
          value={parameter.schema}
          onChange={(schema) => change({ schema: asSent(schema) })}
          error={errorAt('/schema')}
          isReadOnly={isReadOnly}
        />
      </Table.Td>
      <Table.Td>
        <Checkbox
          mt={8}
          aria-label={of(t('parameters.required'))}
          disabled={isReadOnly || parameter.in === 'path'}
          checked={parameter.required}
          error={errorAt('/required')}
          onChange={(event) => change({ required: event.currentTarget.checked })}
        />
      </Table.Td>
      <Table.Td>
        <TextInput
          aria-label={of(t('method.description'))}
          readOnly={isReadOnly}
          value={parameter.description}
          error={errorAt('/description')}
          onChange={(event) => change({ description: event.currentTarget.value })}
        />
      </Table.Td>
      {!isReadOnly && (
        <Table.Td>
          <RemoveRow name={parameter.name} onRemove={() => onChange(null)} />
        </Table.Td>
      )}
    </Table.Tr>
  )
}
