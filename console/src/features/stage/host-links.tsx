import { Anchor, Group, Skeleton, Text } from '@mantine/core'
import type { Stage } from '../../api/model.ts'
import { useRead } from '../../api/use-read.ts'
import { hostsOf, urlOf } from './address.ts'
import { gatewayQuery } from './queries.ts'

interface HostLinksProps {
  readonly service: string
  readonly stage: Pick<Stage, 'name' | 'isDefault' | 'domains' | 'https'>
  /** Only the first so many. */
  readonly most?: number
  /** Only names where nothing answers yet. */
  readonly isLive?: boolean
}

/** The addresses of a stage, to go to. */
export function HostLinks({ service, stage, most = Number.POSITIVE_INFINITY, isLive = true }: HostLinksProps) {
  const { data: gateway, isError } = useRead(gatewayQuery)
  if (gateway === undefined) return isError ? null : <Skeleton width={220} height={22} />
  return (
    <Group gap="xs">
      {hostsOf(service, stage, gateway.baseDomain)
        .slice(0, most)
        .map((host) =>
          isLive ? (
            <Anchor
              key={host}
              href={urlOf(host, gateway, stage.https)}
              target="_blank"
              rel="noreferrer"
              size="sm"
              ff="monospace"
            >
              {host}
            </Anchor>
          ) : (
            <Text key={host} size="sm" ff="monospace" c="dimmed">
              {host}
            </Text>
          ),
        )}
    </Group>
  )
}
