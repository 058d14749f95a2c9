import { NumberInput, Switch } from '@mantine/core'
import { fieldError } from '../../../api/client.ts'
import { useStageT } from '../texts.ts'
import type { SettingsPart } from './section.ts'

/** Who may read the API document, and how much history is kept. */
export function History({ values, error, isDisabled, onChange }: SettingsPart) {
  const t = useStageT()
  return (
    <>
      <Switch
        label={t('field.publicDocument')}
        description={t('field.publicDocumentHint')}
        disabled={isDisabled}
        checked={values.publicDocument}
        error={fieldError(error, '/publicDocument')}
        onChange={(event) => onChange({ publicDocument: event.currentTarget.checked })}
      />
      <NumberInput
        label={t('field.keepDeployments')}
        description={t('field.keepDeploymentsHint')}
        min={1}
        maw={240}
        allowDecimal={false}
        disabled={isDisabled}
        value={values.keepDeployments}
        error={fieldError(error, '/keepDeployments')}
        onChange={(value) => onChange({ keepDeployments: Number(value) })}
      />
    </>
  )
}
