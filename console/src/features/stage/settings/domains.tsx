import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useState } from 'react'
import { ApiProblem } from '../../../api/client.ts'
import { Tag } from '../../../components/tag.tsx'
import { useT } from '../../../i18n/index.tsx'
import { useMay } from '../../session/me.ts'
import { changesQuery } from '../queries.ts'
import { useStageT } from '../texts.ts'
import { certificatesQuery, stateOfDomain } from './domain-state.ts'
import type { SettingsPart } from './section.ts'

/** Names of one's own: each with how it stands, and one more. */
export function Domains({ service, stage, values: { domains }, error, isDisabled, onChange }: SettingsPart) {
  const t = useStageT()
  const common = useT()
  const [name, setName] = useState('')
  const add = () => {
    const domain = name.trim().toLowerCase()
    if (domain !== '' && !domains.includes(domain)) onChange({ domains: [...domains, domain] })
    setName('')
  }
  const addOnEnter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    // Enter adds it: the form is saved by its button.
    event.preventDefault()
    add()
  }
  return (
    <Stack gap="xs">
      {domains.map((domain, i) => (
        <Stack key={domain} gap={2}>
          <Group gap="xs" wrap="nowrap" align="start">
            <Group gap="xs" style={{ flex: '0 1 auto' }}>
              <Text ff="monospace" size="sm" style={{ overflowWrap: 'anywhere' }}>
                {domain}
              </Text>
              <DomainState service={service} stage={stage} domain={domain} />
            </Group>
            {!isDisabled && (
              <ActionIcon
                variant="subtle"
                color="red"
                aria-label={t('domains.remove', { domain })}
                onClick={() => onChange({ domains: domains.filter((one) => one !== domain) })}
              >
                <IconX size={16} />
              </ActionIcon>
            )}
          </Group>
          <FieldErrors error={error} path={`/domains/${i}`} />
        </Stack>
      ))}
      {!isDisabled && (
        <Group align="end" gap="xs">
          <TextInput
            label={t('domains.add')}
            description={t('domains.addHint')}
            placeholder="api.example.com"
            style={{ flex: 1 }}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            onKeyDown={addOnEnter}
          />
          <Button variant="default" onClick={add}>
            {common('action.add')}
          </Button>
        </Group>
      )}
      <FieldErrors error={error} path="/domains" />
    </Stack>
  )
}

function FieldErrors({ error, path }: { readonly error: Error | null; readonly path: string }) {
  const found = error instanceof ApiProblem ? error.errors.filter((one) => one.path === path) : []
  return found.map(({ message }) => (
    <Text key={message} size="xs" c="red">
      {message}
    </Text>
  ))
}

interface DomainStateProps {
  readonly service: string
  readonly stage: string
  readonly domain: string
}

/** Whether a name is live, and whether there is a certificate for it. */
function DomainState({ service, stage, domain }: DomainStateProps) {
  const t = useStageT()
  const mayRead = useMay('read')
  const { data: changes } = useQuery(changesQuery(service, stage))
  const { data: certificates } = useQuery({ ...certificatesQuery, enabled: mayRead })
  const isPending = changes?.live?.some(({ field }) => field === '/domains') ?? true
  const state = certificates === undefined ? null : stateOfDomain(domain, certificates, new Date())
  return (
    <Group gap={6}>
      <Tag color={isPending ? 'gray' : 'teal'}>{t(isPending ? 'domains.notDeployed' : 'domains.live')}</Tag>
      {state !== null && <Tag color={state === 'valid' ? 'teal' : 'yellow'}>{t(`domains.${state}`)}</Tag>}
    </Group>
  )
}
