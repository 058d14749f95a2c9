import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { Page } from '../../components/page.tsx'
import { nodeName } from './effective.ts'
import { NodePlugins } from './node-plugins.tsx'
import { ownPluginsQuery } from './queries.ts'

/** The plugins of a node, on a page of their own. */
export function PluginsPage() {
  const { service, resource } = useParams({ from: '/services/$service/plugins/$resource' })
  const { method, stage } = useSearch({ from: '/services/$service/plugins/$resource' })
  const node = {
    service,
    resourceId: resource,
    ...(method === undefined ? {} : { methodId: method }),
    ...(stage === undefined ? {} : { stage }),
  }
  const { data } = useQuery(ownPluginsQuery(node))
  const name = data === undefined ? '' : nodeName(data.spot)
  return (
    <Page title={stage === undefined ? name : `${name} · ${stage}`}>
      <NodePlugins node={node} />
    </Page>
  )
}
