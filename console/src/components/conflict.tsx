import { Alert, Button, Code, Group, ScrollArea, SimpleGrid, Stack, Text } from '@mantine/core'
import { IconArrowsDiff } from '@tabler/icons-react'
import { useT } from '../i18n/index.tsx'

interface ConflictProps {
  /** As it is on the server now, and as it is here: whatever can be written as JSON. */
  readonly theirs: unknown
  readonly yours: unknown
  /** Takes theirs, and drops what was typed. */
  readonly onTakeTheirs: () => void
  /** Saves ours over theirs. */
  readonly onOverwrite: () => void
}

/** Somebody else was faster (412): both versions, and the choice. Nothing that was typed is gone until it is made. */
export function ConflictAlert({ theirs, yours, onTakeTheirs, onOverwrite }: ConflictProps) {
  const t = useT()
  return (
    <Alert role="alert" color="yellow" icon={<IconArrowsDiff aria-hidden />} title={t('problem.conflict')}>
      <Stack gap="sm">
        <Text size="sm">{t('problem.conflictHint')}</Text>
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Version label={t('problem.theirs')} value={theirs} other={yours} />
          <Version label={t('problem.yours')} value={yours} other={theirs} />
        </SimpleGrid>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={onTakeTheirs}>
            {t('action.reload')}
          </Button>
          <Button size="xs" color="red" onClick={onOverwrite}>
            {t('action.overwrite')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}

function Version({
  label,
  value,
  other,
}: {
  readonly label: string
  readonly value: unknown
  readonly other: unknown
}) {
  const others = new Set(linesOf(other))
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {label}
      </Text>
      <ScrollArea.Autosize mah={280} viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': label }}>
        <Code block>
          {numbered(linesOf(value)).map(([key, line]) => (
            <span key={key} className={others.has(line) ? undefined : 'line-differs'}>
              {line}
              {'\n'}
            </span>
          ))}
        </Code>
      </ScrollArea.Autosize>
    </Stack>
  )
}

const linesOf = (value: unknown): string[] => (JSON.stringify(value, null, 2) ?? '').split('\n')

const numbered = (lines: readonly string[]) => lines.map((line, number) => [`${number} ${line}`, line] as const)
