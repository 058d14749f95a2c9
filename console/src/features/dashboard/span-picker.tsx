import { Button, Group, NativeSelect, Popover, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCalendar, IconZoomOut } from '@tabler/icons-react'
import { type FormEvent, useId, useState } from 'react'
import { useUnits } from '../../i18n/use-units.ts'
import { presetOf, presets, type SpanSearch, spanBetween, wider } from './span.ts'
import { useT } from './texts.ts'

interface SpanPickerProps {
  readonly search: SpanSearch
  /** What is shown, by whole points. */
  readonly shown: { readonly from: string; readonly to: string } | null
  readonly onChange: (search: SpanSearch) => void
}

/** Which span of time: one of those that end now, or one of the reader's own. */
export function SpanPicker({ search, shown, onChange }: SpanPickerProps) {
  const t = useT()
  const units = useUnits()
  const preset = presetOf(search)
  const options = presets.map((value) => ({ value, label: t(value) }))
  const choose = (from: string) => onChange({ from })
  return (
    <Group gap="xs">
      <SegmentedControl
        visibleFrom="sm"
        size="xs"
        aria-label={t('span')}
        value={preset ?? ''}
        data={options}
        onChange={choose}
      />
      <NativeSelect
        hiddenFrom="sm"
        size="xs"
        aria-label={t('span')}
        value={preset ?? ''}
        data={preset === null ? [{ value: '', label: t('custom') }, ...options] : options}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      <CustomSpan key={`${shown?.from} ${shown?.to}`} shown={shown} onChange={onChange} />
      {preset === null && shown !== null && (
        <>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconZoomOut size={14} aria-hidden />}
            onClick={() => onChange(wider(Date.parse(shown.from), Date.parse(shown.to), Date.now()))}
          >
            {t('zoomOut')}
          </Button>
          <Text size="xs" c="dimmed">
            {t('shown', {
              from: units.dayAndClock(Date.parse(shown.from)),
              to: units.dayAndClock(Date.parse(shown.to)),
            })}
          </Text>
        </>
      )}
    </Group>
  )
}

function CustomSpan({ shown, onChange }: Omit<SpanPickerProps, 'search'>) {
  const t = useT()
  const error = useId()
  const [isOpen, { toggle, close }] = useDisclosure()
  const [from, setFrom] = useState(shown === null ? '' : localOf(shown.from))
  const [to, setTo] = useState(shown === null ? '' : localOf(shown.to))
  const [isWrong, setWrong] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const [start, end] = [Date.parse(from), Date.parse(to)]
    setWrong(!(end > start))
    if (!(end > start)) return
    close()
    onChange(spanBetween(start, end))
  }
  return (
    <Popover opened={isOpen} onChange={close} trapFocus withArrow>
      <Popover.Target>
        <Button size="xs" variant="default" leftSection={<IconCalendar size={14} aria-hidden />} onClick={toggle}>
          {t('custom')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={submit}>
          <Stack gap="xs">
            <TextInput
              type="datetime-local"
              required
              label={t('from')}
              value={from}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
            <TextInput
              type="datetime-local"
              required
              label={t('to')}
              value={to}
              aria-describedby={error}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
            {isWrong && (
              <Text id={error} role="alert" size="xs" c="red">
                {t('customWrong')}
              </Text>
            )}
            <Button type="submit" size="xs">
              {t('apply')}
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}

/** A moment as an input for local time has it. */
function localOf(iso: string): string {
  const moment = new Date(iso)
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
