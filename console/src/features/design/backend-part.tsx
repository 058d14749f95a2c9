import { Fieldset, Group, NumberInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useId, useState } from 'react'
import { fieldError } from '../../api/client.ts'
import type { MethodBackend } from '../../api/model.ts'
import { OffersProvider } from '../../forms/form-context.tsx'
import { useNodeOffers } from '../plugins/use-offers.ts'
import { useDesign } from './design-context.tsx'
import { numbered } from './lists.ts'
import type { PartProps } from './method-panel.tsx'
import { AddRow, RemoveRow } from './row-buttons.tsx'
import { isSame } from './same.ts'
import { TemplateField } from './template-field.tsx'
import { useT } from './texts.ts'

type Mock = Extract<MethodBackend, { kind: 'mock' }>

/** Where requests of a method go: to the backend of the stage, or nowhere at all. */
export function BackendPart(props: PartProps) {
  const t = useT()
  const label = useId()
  const { value, path, resourceId, onChange, isReadOnly } = props
  const { service, stage } = useDesign()
  const offers = useNodeOffers({ service, resourceId, ...(stage !== undefined && { stage }) }, { path, verb: null })
  const { backend } = value
  const choose = (kind: string) =>
    onChange({ backend: kind === 'mock' ? { kind, status: 200, headers: {}, body: '' } : { kind: 'http' } })
  return (
    <Stack>
      <div>
        <Text size="sm" fw={500} id={label}>
          {t('backend.kind')}
        </Text>
        <SegmentedControl
          mt={4}
          aria-labelledby={label}
          readOnly={isReadOnly}
          value={backend.kind}
          onChange={choose}
          data={[
            { value: 'http', label: t('backend.http') },
            { value: 'mock', label: t('backend.mock') },
          ]}
        />
      </div>
      <OffersProvider value={offers}>
        {backend.kind === 'mock' ? <MockFields {...props} backend={backend} /> : <HttpFields {...props} />}
      </OffersProvider>
    </Stack>
  )
}

function HttpFields({ value: { backend }, path, onChange, error, isReadOnly }: PartProps) {
  const t = useT()
  if (backend.kind !== 'http') return null
  return (
    <TemplateField
      label={t('backend.path')}
      description={t('backend.pathHint')}
      placeholder={path}
      value={backend.path ?? ''}
      onChange={(text) => onChange({ backend: text === '' ? { kind: 'http' } : { kind: 'http', path: text } })}
      error={fieldError(error, '/backend/path')}
      isReadOnly={isReadOnly}
    />
  )
}

function MockFields({ backend, onChange, error, isReadOnly }: PartProps & { readonly backend: Mock }) {
  const t = useT()
  const change = (changes: Partial<Mock>) => onChange({ backend: { ...backend, ...changes } })
  return (
    <>
      <NumberInput
        label={t('backend.status')}
        w={160}
        min={200}
        max={599}
        allowDecimal={false}
        readOnly={isReadOnly}
        value={backend.status}
        error={fieldError(error, '/backend/status')}
        onChange={(status) => change({ status: Number(status) })}
      />
      <HeaderFields
        headers={backend.headers}
        onChange={(headers) => change({ headers })}
        errorAt={(name) => fieldError(error, `/backend/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)}
        isReadOnly={isReadOnly}
      />
      <TemplateField
        label={t('backend.body')}
        description={t('backend.bodyHint')}
        isMultiline
        value={backend.body}
        onChange={(body) => change({ body })}
        error={fieldError(error, '/backend/body')}
        isReadOnly={isReadOnly}
      />
    </>
  )
}

interface HeaderFieldsProps {
  readonly headers: Readonly<Record<string, string>>
  readonly onChange: (headers: Record<string, string>) => void
  readonly errorAt: (name: string) => string | undefined
  readonly isReadOnly: boolean
}

/** Headers by name. As a list while they are edited, so that two may have the same name on the way to another. */
function HeaderFields({ headers, onChange, errorAt, isReadOnly }: HeaderFieldsProps) {
  const t = useT()
  const [typed, setTyped] = useState(() => Object.entries(headers))
  const entries = isSame(Object.fromEntries(typed), headers) ? typed : Object.entries(headers)
  const setAll = (next: [string, string][]) => {
    setTyped(next)
    onChange(Object.fromEntries(next))
  }
  const set = (at: number, entry: [string, string] | null) =>
    setAll(entries.flatMap((one, i) => (i !== at ? [one] : entry === null ? [] : [entry])))
  return (
    <Fieldset legend={t('backend.headers')}>
      <Stack gap="xs" align="start">
        {numbered(entries).map(([key, [name, value], at]) => (
          <Group key={key} gap="xs" align="start" w="100%">
            <TextInput
              aria-label={t('backend.headerName')}
              placeholder="content-type"
              w={{ base: '100%', xs: '35%' }}
              readOnly={isReadOnly}
              value={name}
              onChange={(event) => set(at, [event.currentTarget.value, value])}
            />
            <div style={{ flex: '1 1 140px' }}>
              <TemplateField
                label={`${t('backend.headerValue')} ${name}`}
                isLabelHidden
                value={value}
                onChange={(text) => set(at, [name, text])}
                error={errorAt(name)}
                isReadOnly={isReadOnly}
              />
            </div>
            {!isReadOnly && <RemoveRow name={name} onRemove={() => set(at, null)} />}
          </Group>
        ))}
        {!isReadOnly && (
          <AddRow
            label={t('backend.addHeader')}
            isDisabled={'' in headers}
            onAdd={() => setAll([...entries, ['', '']])}
          />
        )}
      </Stack>
    </Fieldset>
  )
}
