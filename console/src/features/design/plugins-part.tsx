import { Badge, Card, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { effectiveQuery } from './queries.ts'
import { useT } from './texts.ts'

/** Names a node of the tree: a path, or one of its methods; in the draft, or on the overlay of a stage. */
export interface NodeRef {
  readonly service: string
  readonly resourceId: string
  readonly methodId?: string
  readonly stage?: string
}

/** The plugins of a node. */
export function PluginsPart({ node }: { readonly node: NodeRef }) {
  return node.methodId === undefined ? null : <EffectivePlugins node={node} methodId={node.methodId} />
}

function EffectivePlugins({
  node: { service, stage },
  methodId,
}: {
  readonly node: NodeRef
  readonly methodId: string
}) {
  const t = useT()
  const { data } = useQuery(effectiveQuery(service, methodId, stage))
  return (
    <Stack>
      {data?.plugins.map(({ plugin, origin }) => (
        <Card key={plugin} withBorder p="sm">
          <Group justify="space-between">
            <Text fw={600}>{plugin}</Text>
            <Badge variant="light">
              {origin.layer} {origin.verb} {origin.path}
            </Badge>
          </Group>
        </Card>
      ))}
      {data?.plugins.length === 0 && <Text c="dimmed">{t('picture.noPlugins')}</Text>}
    </Stack>
  )
}
