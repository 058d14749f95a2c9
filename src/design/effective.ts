import type { Method } from '../model/method.ts'
import type { Resource } from '../model/resource.ts'
import type { Stage } from '../model/stage.ts'
import { type Attachment, pluginOrder } from '../plugins/registry.ts'
import { ancestors } from './paths.ts'

/** Finds the effective plugins of methods: the nearest attachment of each plugin wins, from the stage's root down to the method. */
export class EffectivePlugins {
  private readonly byPath: ReadonlyMap<string, readonly Attachment[]>
  private readonly stage: readonly Attachment[]

  constructor(stage: Pick<Stage, 'plugins'>, resources: readonly Resource[]) {
    this.stage = stage.plugins
    // Most nodes of a tree carry nothing: only those that do are looked up.
    this.byPath = new Map(
      resources.filter(({ plugins }) => plugins.length > 0).map(({ path, plugins }) => [path, plugins]),
    )
  }

  /** The plugins of a method, in running order. */
  of(resource: Pick<Resource, 'path'>, method: Pick<Method, 'plugins'>): Attachment[] {
    const effective = new Map<string, Attachment>()
    const levels =
      this.byPath.size === 0
        ? []
        : [...ancestors(resource.path), resource.path].map((path) => this.byPath.get(path) ?? [])
    for (const level of [this.stage, ...levels, method.plugins]) {
      for (const attachment of level) effective.set(attachment.plugin, attachment)
    }
    return [...effective.values()].sort((a, b) => place(a) - place(b))
  }
}

function place({ plugin }: Attachment): number {
  return pluginOrder.get(plugin) ?? 0
}
