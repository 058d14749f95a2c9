import { type Attachment, type PluginName, pluginOrder } from '../plugins/registry.ts'

/**
 * The order in which the plugins of a method run: that of the registry, but for those that a user has moved. Each moved one
 * stands just before or just after the one that it names, and takes along those that are moved to itself.
 */

/** Attachments, one of a plugin at most, in running order. The same attachments have the same order, however they are given. */
export function runningOrder(attachments: readonly Attachment[]): Attachment[] {
  const sorted = attachments.toSorted((a, b) => place(a) - place(b))
  const cyclic = new Set(cyclesOf(sorted).flat())
  const anchors = new Map(
    sorted.map((one) => [one.plugin, cyclic.has(one.plugin) ? null : anchorOf(one, sorted)] as const),
  )
  const around = ({ plugin }: Attachment, side: 'before' | 'after'): Attachment[] =>
    sorted
      .filter((one) => anchors.get(one.plugin) === plugin && one.order !== undefined && side in one.order)
      .flatMap(withFollowers)
  const withFollowers = (one: Attachment): Attachment[] => [...around(one, 'before'), one, ...around(one, 'after')]
  return sorted.filter((one) => anchors.get(one.plugin) === null).flatMap(withFollowers)
}

/** Whether the `order` of an attachment moves it among these: the plugin that it names is there, and it is not in a circle. */
export function isMoved(attachment: Attachment, among: readonly Attachment[]): boolean {
  return anchorOf(attachment, among) !== null && !cyclesOf(among).flat().includes(attachment.plugin)
}

/** Plugins that are moved around one another, the first in the order of the registry first; null where there are none. */
export function findOrderCycle(attachments: readonly Attachment[]): PluginName[] | null {
  return cyclesOf(attachments.toSorted((a, b) => place(a) - place(b)))[0] ?? null
}

function cyclesOf(attachments: readonly Attachment[]): PluginName[][] {
  // Most attachments are not moved.
  if (!attachments.some(({ order }) => order !== undefined)) return []
  const byName = new Map(attachments.map((one) => [one.plugin, one]))
  const seen = new Set<PluginName>()
  return attachments.flatMap((start) => {
    const way: PluginName[] = []
    for (let at: Attachment | undefined = start; at !== undefined && !seen.has(at.plugin); ) {
      seen.add(at.plugin)
      way.push(at.plugin)
      const anchor: PluginName | null = anchorOf(at, attachments)
      if (anchor === null) return []
      if (way.includes(anchor)) return [way.slice(way.indexOf(anchor))]
      at = byName.get(anchor)
    }
    return []
  })
}

/** The plugin that an attachment is moved to; null where it is not moved, or that plugin is not among these. */
function anchorOf({ order }: Attachment, among: readonly Attachment[]): PluginName | null {
  if (order === undefined) return null
  const anchor = 'before' in order ? order.before : order.after
  return among.some(({ plugin }) => plugin === anchor) ? anchor : null
}

function place({ plugin }: Attachment): number {
  return pluginOrder.get(plugin) ?? 0
}
