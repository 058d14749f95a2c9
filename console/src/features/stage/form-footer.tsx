import { Button, Group, Stack } from '@mantine/core'
import { ConflictAlert } from '../../components/conflict.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useT } from '../../i18n/index.tsx'
import { useStageT } from './texts.ts'
import type { StageForm } from './use-stage-form.ts'

interface FormFooterProps<Fields> {
  readonly form: StageForm<Fields>
  /** What is shown is no value yet. */
  readonly isHeld?: boolean
}

/** The end of a form about a stage: what went wrong, and the buttons. */
export function FormFooter<Fields>({ form, isHeld = false }: FormFooterProps<Fields>) {
  const t = useT()
  const say = useStageT()
  return (
    <Stack gap="sm">
      <ProblemAlert error={form.error} />
      {form.theirs !== null && (
        <ConflictAlert
          theirs={form.theirs}
          yours={form.values}
          onTakeTheirs={form.reset}
          onOverwrite={form.overwrite}
        />
      )}
      <Group>
        <Button type="submit" loading={form.isSaving} disabled={!form.isDirty || isHeld}>
          {t('action.save')}
        </Button>
        {form.isDirty && (
          <Button variant="default" onClick={form.reset}>
            {say('form.reset')}
          </Button>
        )}
      </Group>
    </Stack>
  )
}
