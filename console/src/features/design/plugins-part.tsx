import { lazy } from 'react'
import type { NodeRef } from '../plugins/node.ts'

/** With the forms of all plugins: loaded when somebody looks at them. */
const NodePlugins = lazy(() =>
  import('../plugins/node-plugins.tsx').then((module) => ({ default: module.NodePlugins })),
)

/** The plugins of a node. */
export function PluginsPart({ node }: { readonly node: NodeRef }) {
  return <NodePlugins node={node} />
}
