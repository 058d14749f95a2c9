import { Alert, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Tag } from '../../components/tag.tsx'
import { lintQuery } from '../stage/queries.ts'
import { useDeploymentsT } from './texts.ts'

const colors = { error: 'red', warning: 'yellow', info: 'blue' } as const
const MOST = 20

interface FindingsProps {
  readonly service: string
  readonly stage: string
  readonly apply: boolean
}

/** What is wrong with what would be deployed: errors stop it. */
export function Findings({ service, stage, apply }: FindingsProps) {
  const t = useDeploymentsT()
  const { data } = useQuery(lintQuery(service, stage, apply))
  if (data === undefined || data.items.length === 0) return null
  const hasErrors = data.items.some(({ severity }) => severity === 'error')
  return (
    <Alert color={hasErrors ? 'red' : 'yellow'} title={t(hasErrors ? 'deploy.errors' : 'deploy.warnings')}>
      <Stack gap={6}>
        {data.items.slice(0, MOST).map(({ code, severity, node, field, message }) => (
          <Group key={`${code} ${node} ${field}`} gap="xs" wrap="nowrap" align="start">
            <Tag size="sm" color={colors[severity]}>
              {t(`severity.${severity}`)}
            </Tag>
            <Text size="sm">
              <b>{node}</b> {message}
            </Text>
          </Group>
        ))}
        {data.items.length > MOST && <Text size="sm">{t('changes.more', { count: data.items.length - MOST })}</Text>}
      </Stack>
    </Alert>
  )
}
