import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { ConflictAlert } from '../../components/conflict.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useT as useCommon } from '../../i18n/index.tsx'
import classes from './save-bar.module.css'
import type { useSaveDraft } from './save-draft.tsx'
import { useT } from './texts.ts'

interface SaveBarProps {
  readonly isChanged: boolean
  readonly saving: ReturnType<typeof useSaveDraft>
  readonly onDrop: () => void
}

/** What can be done with what has been changed and not saved: it stays in sight, and says what is wrong. */
export function SaveBar({ isChanged, saving, onDrop }: SaveBarProps) {
  const t = useT()
  const common = useCommon()
  if (!isChanged) return null
  const drop = () => {
    saving.clear()
    onDrop()
  }
  return (
    <Paper withBorder shadow="sm" p="sm" className={classes.bar ?? ''} component="section" aria-label={t('save.title')}>
      <Stack gap="sm">
        {saving.collision !== null && (
          <ConflictAlert
            theirs={saving.collision.theirs}
            yours={saving.collision.yours}
            onTakeTheirs={drop}
            onOverwrite={saving.overwrite}
          />
        )}
        <ProblemAlert error={saving.error} />
        {/* On the left: what is told of a save comes up on the right. */}
        <Group gap="xs">
          <Button onClick={saving.save} loading={saving.isSaving}>
            {common('action.save')}
          </Button>
          <Button variant="default" onClick={drop} disabled={saving.isSaving}>
            {t('save.drop')}
          </Button>
          <Text size="sm" ml="xs">
            {t('save.unsaved')}
          </Text>
        </Group>
      </Stack>
    </Paper>
  )
}
