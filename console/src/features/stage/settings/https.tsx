import { NumberInput, Select, Switch } from '@mantine/core'
import { fieldError } from '../../../api/client.ts'
import { useStageT } from '../texts.ts'
import type { Settings, SettingsPart } from './section.ts'

const YEAR_SECONDS = 31_536_000

/** What is done with requests that come without HTTPS, and what browsers are told about it. */
export function Https({ values: { https, hsts }, error, isDisabled, onChange }: SettingsPart) {
  const t = useStageT()
  const ways = (['optional', 'redirect', 'required'] as const).map((value) => ({ value, label: t(`https.${value}`) }))
  const first: Settings['hsts'] = { maxAgeSeconds: YEAR_SECONDS, includeSubDomains: false, preload: false }
  return (
    <>
      <Select
        label={t('field.https')}
        data={ways}
        disabled={isDisabled}
        value={https}
        error={fieldError(error, '/https')}
        onChange={(value) => onChange({ https: ways.find((way) => way.value === value)?.value ?? 'optional' })}
      />
      <Switch
        label={t('field.hsts')}
        description={t('field.hstsHint')}
        disabled={isDisabled}
        checked={hsts !== null}
        onChange={(event) => onChange({ hsts: event.currentTarget.checked ? first : null })}
      />
      {hsts !== null && (
        <>
          <NumberInput
            label={t('field.maxAge')}
            min={0}
            allowDecimal={false}
            disabled={isDisabled}
            value={hsts.maxAgeSeconds}
            error={fieldError(error, '/hsts/maxAgeSeconds')}
            onChange={(value) => onChange({ hsts: { ...hsts, maxAgeSeconds: Number(value) } })}
          />
          <Switch
            label={t('field.includeSubDomains')}
            disabled={isDisabled}
            checked={hsts.includeSubDomains}
            onChange={(event) => onChange({ hsts: { ...hsts, includeSubDomains: event.currentTarget.checked } })}
          />
          <Switch
            label={t('field.preload')}
            description={t('field.preloadHint')}
            disabled={isDisabled}
            checked={hsts.preload}
            error={fieldError(error, '/hsts/preload')}
            onChange={(event) => onChange({ hsts: { ...hsts, preload: event.currentTarget.checked } })}
          />
        </>
      )}
    </>
  )
}
