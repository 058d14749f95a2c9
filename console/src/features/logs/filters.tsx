import { Button, Chip, Collapse, Group, NativeSelect, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { type LogsSearch, logsFilters } from './link.tsx'
import { useT } from './texts.ts'

const TYPING_MS = 300
const CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
const rarely = ['route', 'consumer', 'client', 'error'] as const

interface FiltersProps {
  readonly search: LogsSearch
  readonly onChange: (changes: Partial<Record<keyof LogsSearch, string | undefined>>) => void
}

/** What requests are looked for by. All of it must hold. */
export function Filters({ search, onChange }: FiltersProps) {
  const t = useT()
  const [areAllShown, { toggle }] = useDisclosure(rarely.some((name) => search[name] !== undefined))
  const isFiltered = logsFilters.some((name) => search[name] !== undefined)
  const field = (name: keyof LogsSearch) => ({
    value: search[name] ?? '',
    onChange: (value: string) => onChange({ [name]: value }),
  })
  return (
    <Stack gap="xs" component="search" aria-label={t('filters')}>
      <Group gap="sm" align="end">
        <Chip.Group
          multiple
          value={(search.status ?? '').split(',')}
          onChange={(classes) => onChange({ status: classes.filter((one) => one !== '').join(',') })}
        >
          <Group gap={4} role="group" aria-label={t('statusClass')} pb={4}>
            {CLASSES.map((name) => (
              <Chip key={name} value={name} size="xs">
                {name}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <Field label={t('status')} placeholder={t('statusHint')} width={110} {...field('status')} />
        <NativeSelect
          size="xs"
          label={t('method')}
          value={search.method ?? ''}
          data={[{ value: '', label: t('anyMethod') }, ...METHODS]}
          onChange={(event) => onChange({ method: event.currentTarget.value })}
        />
        <Field label={t('path')} width={200} {...field('path')} />
        <Field label={t('minMs')} type="number" width={110} {...field('minMs')} />
        <Button size="xs" variant="subtle" aria-expanded={areAllShown} onClick={toggle}>
          {t(areAllShown ? 'fewerFilters' : 'moreFilters')}
        </Button>
        {isFiltered && (
          <Button
            size="xs"
            variant="default"
            onClick={() => onChange(Object.fromEntries(logsFilters.map((name) => [name, undefined])))}
          >
            {t('clear')}
          </Button>
        )}
      </Group>
      <Collapse expanded={areAllShown}>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm" maw={900}>
          <Field label={t('route')} placeholder={t('routeHint')} {...field('route')} />
          <Field label={t('consumer')} {...field('consumer')} />
          <Field label={t('client')} placeholder={t('clientHint')} {...field('client')} />
          <Field label={t('error')} placeholder={t('errorHint')} {...field('error')} />
        </SimpleGrid>
      </Collapse>
    </Stack>
  )
}

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly type?: 'number'
  readonly width?: number
  readonly onChange: (value: string) => void
}

/** A text that is looked for a moment after it has been typed. */
function Field({ label, value, width, onChange, ...rest }: FieldProps) {
  const [typed, setTyped] = useState(value)
  const tell = useDebouncedCallback(onChange, TYPING_MS)
  // It may be changed from elsewhere: a chip, a link, the way back.
  useEffect(() => setTyped(value), [value])
  return (
    <TextInput
      size="xs"
      label={label}
      value={typed}
      {...(width !== undefined && { w: width })}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value)
        tell(currentTarget.value.trim())
      }}
      {...rest}
    />
  )
}
