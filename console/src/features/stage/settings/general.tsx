import { Switch, Textarea } from '@mantine/core'
import { fieldError } from '../../../api/client.ts'
import { useStageT } from '../texts.ts'
import type { SettingsPart } from './section.ts'

/** What a stage is for, and whether it is the default one. */
export function General({ values, error, isDisabled, onChange }: SettingsPart) {
  const t = useStageT()
  return (
    <>
      <Textarea
        label={t('field.description')}
        autosize
        minRows={2}
        disabled={isDisabled}
        value={values.description}
        error={fieldError(error, '/description')}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
      <Switch
        label={t('field.isDefault')}
        description={t('field.isDefaultHint')}
        disabled={isDisabled}
        checked={values.isDefault}
        error={fieldError(error, '/isDefault')}
        onChange={(event) => onChange({ isDefault: event.currentTarget.checked })}
      />
    </>
  )
}
