import { Divider, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Faces } from '../../components/faces.tsx'
import { NodePlugins } from '../plugins/node-plugins.tsx'
import { rootQuery } from './queries.ts'
import { useStageT } from './texts.ts'

/** The plugins that hold for all of a stage: access log, who may call, limits. */
export function RootPlugins({ service, stage }: { readonly service: string; readonly stage: string }) {
  const t = useStageT()
  const root = useQuery(rootQuery(service))
  return (
    <Stack gap="sm" maw={760}>
      <Divider />
      <Title order={2} size="h4">
        {t('settings.plugins')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('settings.pluginsLead')}
      </Text>
      <Faces query={root}>{(resource) => <NodePlugins node={{ service, resourceId: resource.id, stage }} />}</Faces>
    </Stack>
  )
}
