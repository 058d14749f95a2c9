import { Select, Stack, Text, TextInput } from '@mantine/core'
import { fieldError } from '../../../api/client.ts'
import { HostLinks } from '../host-links.tsx'
import { useStageT } from '../texts.ts'
import { Domains } from './domains.tsx'
import type { SettingsPart } from './section.ts'

/** Where a stage is reached: names that it always has, names of one's own, a path of the base domain. */
export function Addresses(part: SettingsPart) {
  const t = useStageT()
  const { service, stage, values, error, isDisabled, onChange } = part
  const slashes = (['strict', 'ignore'] as const).map((value) => ({ value, label: t(`trailingSlash.${value}`) }))
  return (
    <>
      <Stack gap={2}>
        <Text size="sm" fw={500}>
          {t('field.hosts')}
        </Text>
        <HostLinks
          service={service}
          stage={{ name: stage, isDefault: values.isDefault, domains: [], https: values.https }}
        />
      </Stack>
      <Domains {...part} />
      <TextInput
        label={t('field.pathPrefix')}
        description={t('field.pathPrefixHint')}
        placeholder="/travel"
        disabled={isDisabled}
        value={values.pathPrefix ?? ''}
        error={fieldError(error, '/pathPrefix')}
        onChange={({ currentTarget: { value } }) => onChange({ pathPrefix: value === '' ? null : value })}
      />
      <Select
        label={t('field.trailingSlash')}
        data={slashes}
        disabled={isDisabled}
        value={values.trailingSlash}
        error={fieldError(error, '/trailingSlash')}
        onChange={(value) => onChange({ trailingSlash: value === 'ignore' ? 'ignore' : 'strict' })}
      />
    </>
  )
}
