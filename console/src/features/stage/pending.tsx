import { Badge, Group, Skeleton } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useRead } from '../../api/use-read.ts'
import { changesQuery } from './queries.ts'
import { useStageT } from './texts.ts'

interface PendingProps {
  readonly service: string
  readonly stage: string
  readonly isLive: boolean
}

/** How many changes wait to be applied, and to be deployed; leads to them. */
export function Pending({ service, stage, isLive }: PendingProps) {
  const t = useStageT()
  const { data, isError } = useRead(changesQuery(service, stage))
  if (data === undefined) return isError ? null : <Skeleton width={110} height={20} radius="xl" />
  const { draft, live } = data
  const said = [
    ...(draft.length > 0 ? [{ color: 'yellow', text: t('pending.draft', { count: draft.length }) }] : []),
    ...(!isLive ? [{ color: 'gray', text: t('pending.never') }] : []),
    ...(live !== null && live.length > 0 ? [{ color: 'orange', text: t('pending.live', { count: live.length }) }] : []),
  ]
  const shown = said.length > 0 ? said : [{ color: 'teal', text: t('pending.none') }]
  return (
    <Group gap={6}>
      {shown.map(({ color, text }) => (
        <Badge
          key={text}
          component={Link}
          to={`/services/${service}/stages/${stage}/changes`}
          variant="light"
          color={color}
          tt="none"
          fw={600}
          style={{ cursor: 'pointer' }}
        >
          {text}
        </Badge>
      ))}
    </Group>
  )
}
