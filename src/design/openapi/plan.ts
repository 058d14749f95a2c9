import { canonicalJson } from '../../lib/canonical-json.ts'
import type { Vault } from '../../lib/vault.ts'
import { Invalid } from '../../model/errors.ts'
import type { GatewayResponses } from '../../model/gateway-response.ts'
import type { ImportChange, ImportNote } from '../../model/import.ts'
import { type Method, methodDefaults } from '../../model/method.ts'
import type { Model } from '../../model/model.ts'
import type { Resource } from '../../model/resource.ts'
import type { Place as NodeKind, Problem } from '../../plugins/plugin.ts'
import type { PolicyKeys } from '../../plugins/policies.ts'
import type { NodePlugin } from '../../plugins/registry.ts'
import { checkMethodBackend } from '../check-backend.ts'
import { type AttachmentSite, checkAttachments } from '../check-plugins.ts'
import type { Design } from '../design.ts'
import { ancestors, checkPath, PathTree, pathVariables } from '../paths.ts'
import { alignPaths, type Clash } from './align.ts'
import type { ImportedDesign, ImportedMethod, ImportedPath } from './imported.ts'
import { sortedInterface } from './interface-order.ts'
import { at, noteOf } from './notes.ts'
import { pointerOf } from './source.ts'

/** An import is a plan first: what it would create, change and remove. Applying it is the use case's. */

/** A method without what belongs to its place. */
export type PlannedMethod = Omit<Method, 'id' | 'resourceId'>

export interface ImportPlan {
  readonly title: string
  readonly description: string
  /** Resources that do not exist yet, parents before children, with their methods. */
  readonly create: readonly {
    readonly path: string
    readonly description: string
    readonly plugins: NodePlugin[]
    readonly methods: readonly PlannedMethod[]
  }[]
  readonly update: readonly {
    /** As it is to be; equal to what there is where only methods change. */
    readonly resource: Resource
    readonly create: readonly PlannedMethod[]
    readonly update: readonly { readonly methodId: string; readonly method: PlannedMethod }[]
    /** Ids of methods. */
    readonly remove: readonly string[]
  }[]
  /** Ids of resources; children go with their parents. */
  readonly remove: readonly string[]
  readonly models: {
    readonly create: readonly Model[]
    readonly update: readonly Model[]
    readonly remove: readonly string[]
  }
  /** Null: they stay. */
  readonly gatewayResponses: GatewayResponses | null
  /** Methods that are already as the document has them. */
  readonly unchangedMethods: number
  /** The same in words, for people. */
  readonly changes: readonly ImportChange[]
  /** What is not carried over, or was changed. */
  readonly notes: readonly ImportNote[]
}

/** `merge` keeps what the document does not have; `replace` removes it. */
export type ImportMode = 'merge' | 'replace'

/** Plans the import of a design into another one. Throws `Invalid` with all problems, each with its line. */
export function planImport(
  imported: ImportedDesign,
  current: Design,
  mode: ImportMode,
  vault: Vault,
  policies?: PolicyKeys,
): ImportPlan {
  const { paths, clashes, notes } = alignPaths(
    imported.paths,
    mode === 'merge' ? current.resources.map(({ path }) => path) : [],
  )
  const problems = treeProblems(paths, current, mode)
  const sound = paths.map((path) => checkNode(path, { vault, policies }, problems))
  if (problems.length > 0) throw new Invalid(`The document cannot be imported: ${problems[0]?.message ?? ''}`, problems)
  const { treeChanges, ...tree } = new Planner(sound, current, mode).plan()
  const { partChanges, ...parts } = planParts(imported, current, mode)
  return {
    title: imported.title,
    description: imported.description,
    ...tree,
    ...parts,
    changes: [...treeChanges, ...partChanges],
    notes: [...imported.notes, ...notes, ...clashNotes(clashes)],
  }
}

/** A path whose plugins are checked and protected. */
interface SoundPath extends Omit<ImportedPath, 'plugins' | 'methods'> {
  readonly plugins: NodePlugin[] | null
  readonly methods: readonly SoundMethod[]
}
interface SoundMethod extends Omit<ImportedMethod, 'plugins'> {
  readonly plugins: NodePlugin[] | null
}

/** Compares the tree of a document with the one that is there. */
class Planner {
  private readonly wanted: ReadonlyMap<string, SoundPath>
  private readonly current: Design
  private readonly mode: ImportMode
  private readonly changes: ImportChange[] = []
  private unchangedMethods = 0

  constructor(paths: readonly SoundPath[], current: Design, mode: ImportMode) {
    this.wanted = new Map(paths.map((one) => [one.path, one]))
    this.current = current
    this.mode = mode
  }

  plan(): Pick<ImportPlan, 'create' | 'update' | 'remove' | 'unchangedMethods'> & { treeChanges: ImportChange[] } {
    const there = new Set(this.current.resources.map(({ path }) => path))
    const paths = new Set([...this.wanted.keys()].flatMap((path) => [...ancestors(path), path]).concat('/'))
    const create = [...paths]
      .filter((path) => !there.has(path))
      .sort(parentsFirst)
      .map((path) => this.newResource(path))
    const gone = this.mode === 'merge' ? [] : this.current.resources.filter(({ path }) => !paths.has(path))
    const isGone = new Set(gone.map(({ id }) => id))
    const methodsOf = Map.groupBy(this.current.methods, ({ resourceId }) => resourceId)
    for (const { id, path } of gone) {
      this.changes.push({ action: 'remove', kind: 'path', name: path, fields: [] })
      for (const { verb } of methodsOf.get(id) ?? []) this.tell('remove', verb, path)
    }
    const update = this.current.resources
      .filter(({ id }) => !isGone.has(id))
      .flatMap((resource) => this.changedResource(resource, methodsOf.get(resource.id) ?? []))
    const remove = gone.map(({ id }) => id)
    return { create, update, remove, unchangedMethods: this.unchangedMethods, treeChanges: this.changes }
  }

  private newResource(path: string): ImportPlan['create'][number] {
    const { description = '', plugins = null, methods = [] } = this.wanted.get(path) ?? {}
    this.changes.push({ action: 'create', kind: 'path', name: path, fields: [] })
    for (const { verb } of methods) this.tell('create', verb, path)
    return { path, description, plugins: plugins ?? [], methods: methods.map((method) => withOwn(method, null)) }
  }

  private changedResource(resource: Resource, own: readonly Method[]): ImportPlan['update'] {
    const wanted = this.wanted.get(resource.path)
    const after: Resource = {
      ...resource,
      description: this.descriptionOf(resource, wanted),
      plugins: wanted?.plugins ?? resource.plugins,
    }
    const fields = differences({ ...resource }, { ...after })
    if (fields.length > 0) this.changes.push({ action: 'update', kind: 'path', name: resource.path, fields })
    const changed: { methodId: string; method: PlannedMethod }[] = []
    const added: PlannedMethod[] = []
    for (const method of wanted?.methods ?? []) {
      const existing = own.find(({ verb }) => verb === method.verb)
      const planned = withOwn(method, existing ?? null)
      const changes = existing === undefined ? [] : differences(comparable(existing), comparable(planned))
      if (existing === undefined) {
        added.push(planned)
        this.tell('create', method.verb, resource.path)
      } else if (changes.length === 0) this.unchangedMethods++
      else {
        changed.push({ methodId: existing.id, method: planned })
        this.tell('update', method.verb, resource.path, changes)
      }
    }
    const isWanted = new Set(wanted?.methods.map(({ verb }) => verb))
    const removed = this.mode === 'merge' ? [] : own.filter(({ verb }) => !isWanted.has(verb))
    for (const { verb } of removed) this.tell('remove', verb, resource.path)
    if (changed.length + added.length + removed.length + fields.length === 0) return []
    return [{ resource: after, create: added, update: changed, remove: removed.map(({ id }) => id) }]
  }

  /** A document that replaces says also that there is none; one that is merged in only adds. */
  private descriptionOf({ description }: Resource, wanted: SoundPath | undefined): string {
    if (wanted === undefined) return description
    return this.mode === 'replace' ? wanted.description : wanted.description || description
  }

  private tell(action: ImportChange['action'], verb: string, path: string, fields: string[] = []): void {
    this.changes.push({ action, kind: 'method', name: `${verb} ${path}`, fields })
  }
}

/** What a document says of a method, with what it does not say as it is, or as it is by default. */
function withOwn({ line: _, ...method }: SoundMethod, existing: Method | null): PlannedMethod {
  const { backend, plugins } = existing ?? methodDefaults
  return { ...method, backend: method.backend ?? backend, plugins: method.plugins ?? plugins }
}

function planParts(
  { models, gatewayResponses }: ImportedDesign,
  current: Design,
  mode: ImportMode,
): Pick<ImportPlan, 'models' | 'gatewayResponses'> & { partChanges: ImportChange[] } {
  const there = new Map(current.models.map((model) => [model.name, model]))
  const wanted = new Set(models.map(({ name }) => name))
  const create = models.filter(({ name }) => !there.has(name))
  const update = models.flatMap((model) => {
    const before = there.get(model.name)
    const fields = before === undefined ? [] : differences({ ...before }, { ...model })
    return fields.length === 0 ? [] : [{ model, fields }]
  })
  const remove = mode === 'merge' ? [] : current.models.filter(({ name }) => !wanted.has(name)).map(({ name }) => name)
  const responses =
    gatewayResponses === null || mode === 'replace'
      ? gatewayResponses
      : { ...current.gatewayResponses, ...gatewayResponses }
  const fields = responses === null ? [] : differences(current.gatewayResponses, responses)
  const told = (action: ImportChange['action'], name: string, changed: string[] = []): ImportChange => ({
    action,
    kind: 'model',
    name,
    fields: changed,
  })
  return {
    models: { create, update: update.map(({ model }) => model), remove },
    gatewayResponses: fields.length === 0 ? null : responses,
    partChanges: [
      ...create.map(({ name }) => told('create', name)),
      ...update.map(({ model, fields: changed }) => told('update', model.name, changed)),
      ...remove.map((name) => told('remove', name)),
      ...fields.map((name): ImportChange => ({ action: 'update', kind: 'gateway-response', name, fields: [] })),
    ],
  }
}

/** What of a method is compared: orders that mean nothing are one. */
function comparable(method: PlannedMethod): Readonly<Record<string, unknown>> {
  const { id: _, resourceId: __, ...fields } = method as Method
  return { ...fields, ...sortedInterface(method) }
}

/** The fields that are not the same. */
function differences(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => textOf(before[name]) !== textOf(after[name]))
}

function textOf(value: unknown): string {
  return value === undefined ? '' : canonicalJson(value)
}

/** A path with its plugins checked; what is wrong goes to `problems`, with its line. */
function checkNode(
  path: ImportedPath,
  service: Pick<AttachmentSite, 'vault' | 'policies'>,
  problems: Problem[],
): SoundPath {
  const variables = pathVariables(path.path)
  const place = ['paths', path.template]
  const check = (plugins: readonly unknown[] | null, kind: NodeKind, keys: readonly string[], line: number | null) => {
    if (plugins === null) return null
    const pointer = `${pointerOf([...place, ...keys])}/x-turnpike/plugins`
    const checked = checkAttachments(plugins, { ...service, place: kind, pathVariables: variables, pointer })
    problems.push(...checked.problems.map((problem) => ({ ...problem, message: `${at(line)}${problem.message}` })))
    return checked.attachments
  }
  return {
    ...path,
    plugins: check(path.plugins, 'path', [], path.line),
    methods: path.methods.map((method) => {
      const keys = [method.verb.toLowerCase()]
      const pointer = `${pointerOf([...place, ...keys])}/x-turnpike/backend`
      if (method.backend !== null)
        for (const problem of checkMethodBackend(method.backend, variables, pointer))
          problems.push({ ...problem, message: `${at(method.line)}${problem.message}` })
      return { ...method, plugins: check(method.plugins, 'method', keys, method.line) }
    }),
  }
}

/** Every path must be one that a tree can hold, beside those that are there. */
function treeProblems(imported: readonly ImportedPath[], current: Design, mode: ImportMode): Problem[] {
  const tree = new PathTree(mode === 'merge' ? current.resources.map(({ path }) => path) : [])
  return imported.flatMap(({ path, template, line }): Problem[] => {
    const found = checkPath(path, tree)
    if (found.length === 0) tree.add(path)
    return found.map(({ message }) => ({ path: pointerOf(['paths', template]), message: `${at(line)}${message}` }))
  })
}

function clashNotes(clashes: readonly Clash[]): ImportNote[] {
  return clashes.map(({ verb, first, second: { template, line } }) =>
    noteOf('collapsedPath', {
      name: `${verb} "${template}", beside "${first.template}"`,
      count: 1,
      line,
      path: pointerOf(['paths', template, verb.toLowerCase()]),
    }),
  )
}

function parentsFirst(a: string, b: string): number {
  const depth = (path: string) => (path === '/' ? 0 : path.split('/').length)
  return depth(a) - depth(b) || (a < b ? -1 : 1)
}
