import type { OverlayNode } from '../model/stage.ts'
import type { PluginDefinition } from '../plugins/plugin.ts'
import { findPlugin, type NodePlugin } from '../plugins/registry.ts'
import { overlayKey } from './check-overlay.ts'
import type { Tree } from './design.ts'
import { EffectivePlugins, type Overlaid } from './effective.ts'

/** Which restriction policies are used where. */

/** An attachment that names a policy. */
export interface PolicyUse {
  /** The name of the policy. */
  readonly policy: string
  /** `/pets`, or `GET /pets`. */
  readonly node: string
}

/** The policy that an attachment names; undefined for none. */
export function policyOf(attachment: NodePlugin): string | undefined {
  if ('off' in attachment) return undefined
  const plugin: PluginDefinition | undefined = findPlugin(attachment.plugin)
  return plugin?.policyOf?.(attachment.config)
}

/** Every use of a policy by a design. */
export function policyUsesOfDesign({ resources, methods }: Tree): PolicyUse[] {
  const paths = new Map(resources.map(({ id, path }) => [id, path]))
  return [
    ...resources.flatMap(({ path, plugins }) => usesIn(plugins, path)),
    ...methods.flatMap(({ verb, resourceId, plugins }) => usesIn(plugins, `${verb} ${paths.get(resourceId) ?? ''}`)),
  ]
}

/** Every use of a policy by what a stage lays over its design. */
export function policyUsesOfOverlay(overlay: readonly OverlayNode[]): PolicyUse[] {
  return overlay.flatMap((node) => usesIn(node.plugins, overlayKey(node)))
}

/** The names of the policies that methods of a stage run under: those that its deployments hold. */
export function effectivePolicies(design: Tree, stage: Overlaid): Set<string> {
  const uses = [...policyUsesOfDesign(design), ...policyUsesOfOverlay(stage.overlay)]
  if (uses.length === 0) return new Set()
  const effective = new EffectivePlugins(stage, design.resources)
  const methods = Map.groupBy(design.methods, ({ resourceId }) => resourceId)
  const running = design.resources.flatMap((resource) => {
    const own = methods.get(resource.id) ?? []
    // Requests that a path has no method for can run under what it has, too.
    return own.length === 0 ? [] : [null, ...own].flatMap((method) => effective.of(resource, method))
  })
  return new Set(running.flatMap(({ attachment }) => policyOf(attachment) ?? []))
}

function usesIn(plugins: readonly NodePlugin[], node: string): PolicyUse[] {
  return plugins.flatMap((attachment) => {
    const policy = policyOf(attachment)
    return policy === undefined ? [] : [{ policy, node }]
  })
}
