import { type JsonObject, withMember } from '../../forms/schema.ts'

/** What the nodes of a tree say of plugins, and how that is changed. */

/** Names a node of the tree: a path, or one of its methods; in the draft, or on the overlay of a stage. */
export interface NodeRef {
  readonly service: string
  readonly resourceId: string
  readonly methodId?: string
  readonly stage?: string
}

/** A plugin as a node has it: with its settings and options, or switched off. */
export interface Said {
  readonly plugin: string
  readonly config?: unknown
  readonly when?: string | undefined
  readonly order?: unknown
  readonly mode?: string | undefined
  readonly off?: true
}

/** A list of plugins that the node owns. */
export interface OwnList {
  /** Where it stands in what is sent to the server (JSON Pointer). */
  readonly pointer: string
  readonly plugins: readonly Said[]
}

/** What is at a node of an overlay. */
export interface OverlayEntry {
  readonly path: string
  readonly verb: string | null
  readonly plugins: readonly Said[]
  readonly backend: unknown
}

/** The part of a stage that says something of plugins. */
export interface Overlaid {
  readonly plugins: readonly Said[]
  readonly overlay: readonly OverlayEntry[]
}

/** Where a node is: its path, and its verb if it is a method. */
export interface Spot {
  readonly path: string
  readonly verb: string | null
}

/** What a node says of one plugin; undefined if nothing. */
export function saidOf(lists: readonly OwnList[], plugin: string): Said | undefined {
  return lists.flatMap(({ plugins }) => plugins).find((said) => said.plugin === plugin)
}

/** A list that says this of a plugin, in the place of what it said before; null takes it out. */
export function withSaid(plugins: readonly Said[], plugin: string, said: Said | null): Said[] {
  const isThere = plugins.some((one) => one.plugin === plugin)
  if (said === null) return plugins.filter((one) => one.plugin !== plugin)
  return isThere ? plugins.map((one) => (one.plugin === plugin ? said : one)) : [...plugins, said]
}

/** The lists of a node on a stage. The root of a stage has one of its own, before that of the path `/`. */
export function listsOnStage(stage: Overlaid, spot: Spot): OwnList[] {
  const place = placeOf(stage, spot)
  const entry = stage.overlay[place]
  const own = { pointer: `/overlay/${place < 0 ? stage.overlay.length : place}/plugins`, plugins: entry?.plugins ?? [] }
  if (spot.path !== '/' || spot.verb !== null) return [own]
  const root = { pointer: '/plugins', plugins: stage.plugins }
  return own.plugins.length === 0 ? [root] : [root, own]
}

/** A change of a stage after which one of the lists of a node is another. */
export function stageWith(
  stage: Overlaid,
  spot: Spot,
  pointer: string,
  plugins: readonly Said[],
): { readonly plugins: readonly Said[] } | { readonly overlay: readonly OverlayEntry[] } {
  if (pointer === '/plugins') return { plugins }
  const place = placeOf(stage, spot)
  const entry = stage.overlay[place] ?? { ...spot, plugins: [], backend: null }
  const changed = { ...entry, plugins }
  if (place < 0) return { overlay: [...stage.overlay, changed] }
  // A node about which nothing is said any more is not in the overlay.
  const isEmpty = plugins.length === 0 && entry.backend === null
  return {
    overlay: isEmpty
      ? stage.overlay.filter((one) => one !== entry)
      : stage.overlay.map((one) => (one === entry ? changed : one)),
  }
}

const placeOf = ({ overlay }: Overlaid, { path, verb }: Spot) =>
  overlay.findIndex((one) => one.path === path && one.verb === verb)

/** What is wrong with one plugin of a list, as paths into what is edited of it. */
export function problemsOf<Problem extends { readonly path: string }>(
  problems: readonly Problem[],
  pointer: string,
  place: number,
): Problem[] {
  const prefix = `${pointer}/${place}`
  return problems.flatMap((problem) =>
    problem.path === prefix || problem.path.startsWith(`${prefix}/`)
      ? [{ ...problem, path: problem.path.slice(prefix.length) }]
      : [],
  )
}

/** What is edited of a plugin: all but its name. */
export function editedOf({ plugin: _, ...said }: Said): JsonObject {
  return said.config === undefined ? { ...said, config: {} } : said
}

/** The plugin with what was edited. The name comes first, as everywhere. */
export function saidWith(plugin: string, edited: JsonObject): Said {
  return { plugin, ...withMember(edited, 'plugin', undefined) }
}
