import { Button, CopyButton, Drawer, Group, Stack, Table, Text, Title } from '@mantine/core'
import { IconCheck, IconCopy, IconPlayerPlay } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ApiProblem } from '../../api/client.ts'
import type { RecentRequest } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { Failed, Loading } from '../../components/faces.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { useUnits } from '../../i18n/use-units.ts'
import { LogsLink } from './link.tsx'
import { requestQuery } from './queries.ts'
import { StatusBadge } from './status-badge.tsx'
import { useT } from './texts.ts'

interface RequestDrawerProps {
  /** undefined: none is open. */
  readonly id: string | undefined
  /** What is known of it already. */
  readonly known: RecentRequest | undefined
  readonly onClose: () => void
}

/** All that is known of a request. */
export function RequestDrawer({ id, known, onClose }: RequestDrawerProps) {
  const t = useT()
  const common = useCommonT()
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={t('request')}
      closeButtonProps={{ 'aria-label': common('action.close') }}
    >
      {known !== undefined && <Request request={known} />}
      {known === undefined && id !== undefined && <Found id={id} />}
    </Drawer>
  )
}

function Found({ id }: { readonly id: string }) {
  const t = useT()
  const { data, error, refetch } = useQuery(requestQuery(id))
  if (data !== undefined) return <Request request={data} />
  if (error === null) return <Loading rows={8} />
  if (error instanceof ApiProblem && error.status === 404)
    return (
      <Stack gap="xs" role="status">
        <Text ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          {id}
        </Text>
        <Text c="dimmed">{t('notRemembered')}</Text>
      </Stack>
    )
  return <Failed error={error} onRetry={() => void refetch()} />
}

function Request({ request }: { readonly request: RecentRequest }) {
  const t = useT()
  const { id, method, path, status, service, stage } = request
  return (
    <Stack gap="md">
      <Group gap="sm" wrap="nowrap" align="start">
        <StatusBadge status={status} />
        <Title order={3} size="h6" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          {method} {path}
        </Title>
      </Group>
      <Group gap="xs">
        <CopyButton value={id}>
          {({ copied, copy }) => (
            <Button
              size="xs"
              variant="default"
              leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              onClick={copy}
            >
              {t(copied ? 'copied' : 'copyId')}
            </Button>
          )}
        </CopyButton>
        {service !== null && stage !== null && (
          <Button
            component={Link}
            size="xs"
            variant="default"
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            to={`/services/${service}/stages/${stage}/try`}
            search={{ method, target: path } as never}
          >
            {t('tryIt')}
          </Button>
        )}
      </Group>
      <Facts request={request} />
      <Stack gap={4}>
        <Text size="xs" c="dimmed">
          {t('traced')}
        </Text>
        <Copyable text={`turnpike logs --id ${id}`} />
      </Stack>
    </Stack>
  )
}

function Facts({ request }: { readonly request: RecentRequest }) {
  const t = useT()
  const units = useUnits()
  const { service, stage, methodId, consumerId, clientIp, isAborted } = request
  const at = service === null || stage === null ? null : { service, stage }
  const facts: readonly (readonly [string, ReactNode, ReactNode?])[] = [
    [t('id'), request.id],
    [t('receivedAt'), units.instant(Date.parse(request.receivedAt))],
    [t('service'), at === null ? null : `${service}/${stage}`],
    [
      t('routeOf'),
      request.route,
      at !== null && methodId !== null && (
        <LogsLink at={at} search={{ route: methodId }} size="xs">
          {t('onlyRoute')}
        </LogsLink>
      ),
    ],
    [t('total'), `${units.ms(request.totalMs)}${isAborted ? ` (${t('aborted')})` : ''}`],
    [t('backend'), request.backendMs === null ? null : units.ms(request.backendMs)],
    [t('upstream'), request.upstream],
    [t('attempts'), request.attempts],
    [t('errorOf'), request.error],
    [t('answeredBy'), request.answeredBy],
    [
      t('caller'),
      request.consumer ?? consumerId,
      at !== null && consumerId !== null && (
        <LogsLink at={at} search={{ consumer: consumerId }} size="xs">
          {t('onlyConsumer')}
        </LogsLink>
      ),
    ],
    [
      t('clientIp'),
      clientIp,
      at !== null && (
        <LogsLink at={at} search={{ client: clientIp }} size="xs">
          {t('onlyClient')}
        </LogsLink>
      ),
    ],
    [t('userAgent'), request.userAgent],
    [t('host'), request.host],
    [t('protocol'), `${request.protocol}, ${request.scheme}`],
    [t('bytesIn'), units.count(request.bytesIn)],
    [t('bytesOut'), units.count(request.bytesOut)],
    [t('deployment'), request.deployment?.slice(0, 12) ?? null],
    [t('worker'), request.worker],
  ]
  return (
    <Table verticalSpacing={6} layout="fixed">
      <Table.Tbody>
        {facts
          .filter(([, value]) => value !== null)
          .map(([label, value, link]) => (
            <Table.Tr key={label}>
              <Table.Th w="36%" fw={500} c="dimmed" scope="row">
                {label}
              </Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <Group gap="sm" justify="space-between">
                  <span>{value}</span>
                  {link}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  )
}
