import { Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core'
import { fieldError } from '../../api/client.ts'
import { useDeploymentsT } from './texts.ts'

/** How a canary shares out the callers. */
export interface CanaryTerms {
  readonly share: number
  readonly by: 'client-ip' | 'header' | 'cookie'
  readonly name: string
}

export const firstTerms: CanaryTerms = { share: 5, by: 'client-ip', name: '' }

/** The same as the API takes it. */
export const termsBody = ({ share, by, name }: CanaryTerms) => ({ share, by, name: by === 'client-ip' ? null : name })

interface CanaryFieldsProps {
  readonly terms: CanaryTerms
  readonly error: Error | null
  readonly onChange: (terms: CanaryTerms) => void
}

/** Asks for the share of a canary, and for what keeps a caller on one side. */
export function CanaryFields({ terms, error, onChange }: CanaryFieldsProps) {
  const t = useDeploymentsT()
  const ways = (['client-ip', 'header', 'cookie'] as const).map((value) => ({ value, label: t(`canary.by.${value}`) }))
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {t('canary.lead')}
      </Text>
      <Group align="start" gap="sm">
        <NumberInput
          label={t('canary.share')}
          suffix=" %"
          min={0}
          max={100}
          decimalScale={2}
          w={120}
          value={terms.share}
          error={fieldError(error, '/share')}
          onChange={(share) => onChange({ ...terms, share: Number(share) })}
        />
        <Select
          label={t('canary.by')}
          data={ways}
          value={terms.by}
          error={fieldError(error, '/by')}
          onChange={(by) => onChange({ ...terms, by: ways.find(({ value }) => value === by)?.value ?? 'client-ip' })}
        />
        {terms.by !== 'client-ip' && (
          <TextInput
            label={t('canary.name')}
            placeholder={terms.by === 'header' ? 'x-api-key' : 'session'}
            required
            value={terms.name}
            error={fieldError(error, '/name')}
            onChange={(event) => onChange({ ...terms, name: event.currentTarget.value })}
          />
        )}
      </Group>
    </Stack>
  )
}
