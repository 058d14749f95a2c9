import { useNavigate, useSearch } from '@tanstack/react-router'
import { copyOf, type Effective, isOwn, nodeName } from './effective.ts'
import { type NodeRef, saidOf } from './node.ts'
import type { OpenPlugin } from './plugin-drawer.tsx'
import type { OwnPlugins } from './queries.ts'

/** How a plugin is opened, where that is not as it is: anew, or with a copy of what is inherited. */
export type As = 'new' | 'override'

/** The plugin of a node that the address names, and how to open another one: a link leads to it, and Back closes it. */
export function useOpenPlugin(
  node: NodeRef,
  own: OwnPlugins,
  effective: readonly Effective[],
  names: readonly string[],
) {
  const { plugin, as } = useSearch({ strict: false })
  const navigate = useNavigate()
  const go = (search: { readonly plugin?: string; readonly as?: As | undefined }, replace: boolean) =>
    void navigate({
      to: '.',
      // The routes that have plugins have these two beside what is theirs.
      search: (({ plugin: _plugin, as: _as, ...others }: Readonly<Record<string, string>>) => ({
        ...others,
        ...search,
      })) as never,
      replace,
      resetScroll: false,
      // Whoever calls has asked.
      ignoreBlocker: true,
    })
  return {
    opened: plugin !== undefined && names.includes(plugin) ? openedOf(plugin, as, node, own, effective) : null,
    open: (name: string, how?: As) => go({ plugin: name, as: how }, false),
    close: () => go({}, true),
  }
}

function openedOf(
  plugin: string,
  as: string | undefined,
  node: NodeRef,
  own: OwnPlugins,
  effective: readonly Effective[],
): OpenPlugin | null {
  const said = saidOf(own.lists, plugin)
  const running = effective.find((one) => one.plugin === plugin)
  if (as === 'new') return { plugin, kind: 'new', before: said, start: null }
  if (running === undefined) return null
  if (isOwn(running, node, own.spot) && said !== undefined && as !== 'override')
    return { plugin, kind: 'own', before: said, start: said }
  const kind = as === 'override' ? 'override' : 'inherited'
  return { plugin, kind, from: nodeName(running.origin), before: said, start: copyOf(running) }
}
