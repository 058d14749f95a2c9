import type { Translate } from '../../i18n/index.tsx'
import type { en } from './en.ts'
import type { NodeRef, Said, Spot } from './node.ts'

/** A plugin that runs at a node, as the API tells it. */
export interface Effective extends Said {
  readonly moved: boolean
  readonly origin: { readonly layer: 'design' | 'stage'; readonly path: string; readonly verb: string | null }
}

/** `GET /pets`, or `/pets` for the path. */
export const nodeName = ({ path, verb }: Spot): string => (verb === null ? path : `${verb} ${path}`)

/** Whether a plugin that runs at a node is the node's own: said in the layer that is edited there. */
export function isOwn({ origin }: Effective, node: NodeRef, spot: Spot): boolean {
  const layer = node.stage === undefined ? 'design' : 'stage'
  return origin.layer === layer && origin.path === spot.path && origin.verb === spot.verb
}

/** Where a plugin comes from, in a few words. */
export function originText(t: Translate<keyof typeof en>, effective: Effective, node: NodeRef, spot: Spot): string {
  const { origin } = effective
  if (isOwn(effective, node, spot)) return t('plugin.here')
  if (node.stage === undefined) return t('plugin.from', { node: nodeName(origin) })
  if (origin.layer === 'stage') return t('plugin.fromStage', { node: nodeName(origin) })
  const isSame = origin.path === spot.path && origin.verb === spot.verb
  return isSame ? t('plugin.fromDesign') : t('plugin.fromDesignOf', { node: nodeName(origin) })
}

/** The settings and options of a plugin that runs, as a node would say them itself. */
export function copyOf({ plugin, config, when, order, mode }: Effective): Said {
  return {
    plugin,
    config,
    ...(when === undefined ? {} : { when }),
    ...(order === undefined ? {} : { order }),
    ...(mode === undefined ? {} : { mode }),
  }
}
