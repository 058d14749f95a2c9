import type { Backend } from '../model/backend.ts'
import type { Method } from '../model/method.ts'
import type { Resource } from '../model/resource.ts'
import type { OverlayNode, Stage } from '../model/stage.ts'
import type { Attachment, NodePlugin } from '../plugins/registry.ts'
import { ancestors } from './paths.ts'
import { isMoved, runningOrder } from './running-order.ts'

/** Where an effective plugin comes from. */
export interface Origin {
  readonly layer: 'design' | 'stage'
  readonly path: string
  /** Null for the path itself. */
  readonly verb: Method['verb'] | null
}

/** A plugin that runs, and where it comes from. */
export interface EffectivePlugin {
  readonly attachment: Attachment
  readonly origin: Origin
  /** Whether its `order` has put it where it is; false where the plugin that it names does not run here. */
  readonly isMoved: boolean
}

/** What a stage lays over a design: its root's plugins, and what it says of single nodes. */
export type Overlaid = Pick<Stage, 'plugins' | 'overlay'>

/** No stage: the design alone. */
export const noOverlay: Overlaid = { plugins: [], overlay: [] }

/** What is said at one place, and by whom. */
interface Level {
  readonly plugins: readonly NodePlugin[]
  readonly origin: Origin
}

/**
 * Finds the effective plugins of methods: from the root down to the method the nearest word about each plugin holds, and at
 * the same node the stage's word holds over the design's.
 */
export class EffectivePlugins {
  /** By path, what design and stage say there; only paths about which anything is said. */
  private readonly byPath = new Map<string, Level[]>()
  private readonly byMethod = new Map<string, OverlayNode>()

  constructor(stage: Overlaid, resources: readonly Resource[]) {
    for (const { path, plugins } of resources) this.add('design', path, plugins)
    this.add('stage', '/', stage.plugins)
    for (const node of stage.overlay) {
      if (node.verb === null) this.add('stage', node.path, node.plugins)
      else this.byMethod.set(`${node.verb} ${node.path}`, node)
    }
  }

  /** The plugins of a method, or of a path as its methods inherit them, in running order. */
  of({ path }: Pick<Resource, 'path'>, method: Pick<Method, 'verb' | 'plugins'> | null): EffectivePlugin[] {
    const effective = new Map<string, Omit<EffectivePlugin, 'isMoved'>>()
    for (const { plugins, origin } of [...this.levels(path), ...(method === null ? [] : this.levelsOf(path, method))]) {
      for (const said of plugins) {
        // Taken out first: a plugin that is switched off and on again stands where it was said last.
        effective.delete(said.plugin)
        if (!('off' in said)) effective.set(said.plugin, { attachment: said, origin })
      }
    }
    const running = [...effective.values()]
    const attachments = running.map(({ attachment }) => attachment)
    return runningOrder(attachments).flatMap((attachment) => {
      const found = effective.get(attachment.plugin)
      return found === undefined ? [] : { ...found, isMoved: isMoved(attachment, attachments) }
    })
  }

  /** The plugins of the root, which hold for the whole stage, in running order. */
  ofRoot(): Attachment[] {
    return this.of({ path: '/' }, null).map(({ attachment }) => attachment)
  }

  private add(layer: Origin['layer'], path: string, plugins: readonly NodePlugin[]): void {
    // Most nodes of a tree say nothing.
    if (plugins.length === 0) return
    const levels = this.byPath.get(path) ?? []
    levels.push({ plugins, origin: { layer, path, verb: null } })
    this.byPath.set(path, levels)
  }

  private levelsOf(path: string, { verb, plugins }: Pick<Method, 'verb' | 'plugins'>): Level[] {
    return [
      { plugins, origin: { layer: 'design', path, verb } },
      { plugins: this.byMethod.get(`${verb} ${path}`)?.plugins ?? [], origin: { layer: 'stage', path, verb } },
    ]
  }

  private levels(path: string): Level[] {
    return this.byPath.size === 0 ? [] : [...ancestors(path), path].flatMap((at) => this.byPath.get(at) ?? [])
  }
}

/** Finds the backends of methods: the nearest of the overlay, else the stage's own. */
export class EffectiveBackends {
  private readonly fallback: Backend | null
  private readonly byNode: ReadonlyMap<string, Backend>

  constructor({ backend, overlay }: Pick<Stage, 'backend' | 'overlay'>) {
    this.fallback = backend
    this.byNode = new Map(
      overlay.flatMap((node) => (node.backend === null ? [] : [[keyOf(node.path, node.verb), node.backend]])),
    )
  }

  /** Null where none is set. */
  of({ path }: Pick<Resource, 'path'>, method: Pick<Method, 'verb'> | null): Backend | null {
    if (this.byNode.size === 0) return this.fallback
    const own = method === null ? [] : [keyOf(path, method.verb)]
    const nearestFirst = [...own, ...[...ancestors(path), path].reverse().map((at) => keyOf(at, null))]
    for (const key of nearestFirst) {
      const backend = this.byNode.get(key)
      if (backend !== undefined) return backend
    }
    return this.fallback
  }
}

function keyOf(path: string, verb: string | null): string {
  return `${verb ?? ''} ${path}`
}
