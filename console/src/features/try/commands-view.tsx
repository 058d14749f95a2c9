import { Stack, Switch, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Stage } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { hostsOf, urlOf } from '../stage/address.ts'
import { gatewayQuery } from '../stage/queries.ts'
import { curlOf, explainOf, hideCredentials } from './commands.ts'
import { type Composed, fieldsOf } from './composed.ts'
import type { Credentials } from './credentials.ts'
import { useTryT } from './texts.ts'
import type { Mode } from './try-page.tsx'
import { wholeRequest } from './use-try.ts'

interface CommandsProps {
  readonly service: string
  readonly stage: Stage
  readonly composed: Composed
  readonly credentials: Credentials
  readonly mode: Mode
}

/** The same from the command line. Secrets show only where somebody asks for them. */
export function Commands({ service, stage, composed, credentials, mode }: CommandsProps) {
  const t = useTryT()
  const [showsSecrets, setShowsSecrets] = useState(false)
  const { data: gateway } = useQuery(gatewayQuery)
  const [host = ''] = gateway === undefined ? [] : hostsOf(service, stage, gateway.baseDomain)
  const { data: request } = useQuery({
    // A signature is made for what is there now; it is in this page alone.
    queryKey: ['try', 'commands', host, composed, credentials],
    queryFn: () => wholeRequest(composed, credentials, host, new Date()),
    placeholderData: (before) => before,
    gcTime: 0,
  })
  if (gateway === undefined || request === undefined) return null
  const hasSecrets =
    credentials.kind !== 'none' || hideCredentials(fieldsOf(composed)).some(({ value }) => value === '•••')
  const shown = showsSecrets ? request : { ...request, headers: hideCredentials(request.headers) }
  const options = { stage: `${service}/${stage.name}`, against: mode.against, call: mode.call }
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        {t('commands.title')}
      </Text>
      {hasSecrets && (
        <Switch
          size="xs"
          label={t('commands.secrets')}
          checked={showsSecrets}
          onChange={(event) => setShowsSecrets(event.currentTarget.checked)}
        />
      )}
      {stage.deploymentId !== null && <Copyable text={curlOf(urlOf(host, gateway, stage.https).slice(0, -1), shown)} />}
      <Copyable text={explainOf(options, shown)} />
    </Stack>
  )
}
