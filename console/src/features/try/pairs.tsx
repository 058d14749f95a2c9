import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import type { Pair } from './target.ts'
import { useTryT } from './texts.ts'

interface PairsProps {
  readonly label: string
  readonly add: string
  readonly pairs: readonly Pair[]
  readonly onChange: (pairs: readonly Pair[]) => void
}

/** Names and values in rows: query parameters, headers. */
export function Pairs({ label, add, pairs, onChange }: PairsProps) {
  const t = useTryT()
  const edit = (at: number, change: Partial<Pair>) =>
    onChange(pairs.map((pair, i) => (i === at ? { ...pair, ...change } : pair)))
  return (
    <Stack gap={6} role="group" aria-label={label}>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      {pairs.map(({ name, value }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity, and the order is theirs
        <Group key={i} gap="xs" wrap="nowrap">
          <TextInput
            aria-label={t('pair.name', { label })}
            placeholder={t('pair.namePlaceholder')}
            style={{ flex: 1 }}
            value={name}
            onChange={(event) => edit(i, { name: event.currentTarget.value })}
          />
          <TextInput
            aria-label={t('pair.value', { name: name === '' ? label : name })}
            placeholder={t('pair.valuePlaceholder')}
            style={{ flex: 2 }}
            value={value}
            onChange={(event) => edit(i, { value: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="red"
            size="lg"
            aria-label={t('pair.remove', { name: name === '' ? label : name })}
            onClick={() => onChange(pairs.filter((_, other) => other !== i))}
          >
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => onChange([...pairs, { name: '', value: '' }])}
        >
          {add}
        </Button>
      </Group>
    </Stack>
  )
}
