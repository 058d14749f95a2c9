import {
  Checkbox,
  Group,
  PasswordInput,
  ScrollArea,
  SegmentedControl,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core'
import type { Credentials } from './credentials.ts'
import { hmacAlgorithms } from './hmac.ts'
import { useTryT } from './texts.ts'

interface CredentialFieldsProps {
  readonly credentials: Credentials
  readonly onChange: (credentials: Credentials) => void
}

const kinds = ['none', 'key', 'bearer', 'basic', 'hmac'] as const

/** What the caller shows of itself. It stays in this page, and is in no address. */
export function CredentialFields({ credentials, onChange }: CredentialFieldsProps) {
  const t = useTryT()
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500} id="credentials">
        {t('credentials.title')}
      </Text>
      <ScrollArea type="never">
        <SegmentedControl
          aria-labelledby="credentials"
          fullWidth
          size="xs"
          value={credentials.kind}
          data={kinds.map((value) => ({ value, label: t(`credentials.${value}`) }))}
          onChange={(kind) => onChange({ ...credentials, kind: kinds.find((one) => one === kind) ?? 'none' })}
        />
      </ScrollArea>
      <Fields credentials={credentials} onChange={onChange} />
    </Stack>
  )
}

function Fields({ credentials, onChange }: CredentialFieldsProps) {
  const t = useTryT()
  const { kind, keyHeader, key, token, user, password } = credentials
  switch (kind) {
    case 'none':
      return null
    case 'key':
      return (
        <Group grow align="start">
          <TextInput
            label={t('credentials.keyHeader')}
            value={keyHeader}
            onChange={(event) => onChange({ ...credentials, keyHeader: event.currentTarget.value })}
          />
          <Secret label={t('credentials.key')} value={key} onChange={(key) => onChange({ ...credentials, key })} />
        </Group>
      )
    case 'bearer':
      return (
        <Secret
          label={t('credentials.token')}
          value={token}
          onChange={(token) => onChange({ ...credentials, token })}
        />
      )
    case 'basic':
      return (
        <Group grow align="start">
          <TextInput
            label={t('credentials.user')}
            value={user}
            onChange={(event) => onChange({ ...credentials, user: event.currentTarget.value })}
          />
          <Secret
            label={t('credentials.password')}
            value={password}
            onChange={(password) => onChange({ ...credentials, password })}
          />
        </Group>
      )
    case 'hmac':
      return <HmacFields credentials={credentials} onChange={onChange} />
  }
}

function HmacFields({ credentials, onChange }: CredentialFieldsProps) {
  const t = useTryT()
  const { hmac } = credentials
  const set = (change: Partial<Credentials['hmac']>) => onChange({ ...credentials, hmac: { ...hmac, ...change } })
  return (
    <Stack gap="xs">
      <Text size="xs" c="dimmed">
        {t('hmac.lead')}
      </Text>
      <Group grow align="start">
        <TextInput
          label={t('hmac.keyId')}
          value={hmac.keyId}
          onChange={(event) => set({ keyId: event.currentTarget.value })}
        />
        <Secret label={t('hmac.secret')} value={hmac.secret} onChange={(secret) => set({ secret })} />
      </Group>
      <Group grow align="start">
        <Select
          label={t('hmac.algorithm')}
          data={[...hmacAlgorithms]}
          value={hmac.algorithm}
          onChange={(value) => set({ algorithm: hmacAlgorithms.find((one) => one === value) ?? 'HmacSHA256' })}
        />
        <TextInput
          label={t('hmac.dateHeader')}
          value={hmac.dateHeader}
          onChange={(event) => set({ dateHeader: event.currentTarget.value })}
        />
      </Group>
      <TagsInput
        label={t('hmac.signedHeaders')}
        value={[...hmac.signedHeaders]}
        onChange={(signedHeaders) => set({ signedHeaders })}
      />
      <Checkbox
        label={t('hmac.bodyDigest')}
        checked={hmac.hasBodyDigest}
        onChange={(event) => set({ hasBodyDigest: event.currentTarget.checked })}
      />
    </Stack>
  )
}

interface SecretProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

function Secret({ label, value, onChange }: SecretProps) {
  return (
    <PasswordInput
      label={label}
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
