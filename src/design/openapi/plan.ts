import { Invalid } from '../../model/errors.ts'
import type { Method } from '../../model/method.ts'
import type { Problem } from '../../plugins/plugin.ts'
import type { Tree } from '../design.ts'
import { ancestors, checkPath, PathTree } from '../paths.ts'
import { at, type ImportedMethod, type ImportedPath, readOperations } from './operations.ts'
import type { SourceDocument } from './read.ts'

/** An import is a plan first: what it would create, change and remove. Applying it is the use case's. */

export interface ImportPlan {
  readonly title: string
  readonly description: string
  /** Resources that do not exist yet, parents before children, with their methods. */
  readonly create: readonly {
    readonly path: string
    readonly description: string
    readonly methods: readonly ImportedMethod[]
  }[]
  readonly update: readonly {
    readonly resourceId: string
    readonly path: string
    /** The new description; null where it stays. */
    readonly description: string | null
    readonly create: readonly ImportedMethod[]
    readonly update: readonly { readonly methodId: string; readonly method: ImportedMethod }[]
    /** Ids of methods. */
    readonly remove: readonly string[]
  }[]
  /** Ids of resources; children go with their parents. */
  readonly remove: readonly string[]
  /** Methods that are already as the document has them. */
  readonly unchanged: number
  /** What is not carried over. */
  readonly warnings: readonly Problem[]
}

/** `merge` keeps what the document does not have; `replace` removes it. */
export type ImportMode = 'merge' | 'replace'

/** Plans the import of a document into a design. Throws `Invalid` with all problems, each with its line. */
export function planImport(source: SourceDocument, current: Tree, mode: ImportMode): ImportPlan {
  const warnings: Problem[] = []
  const imported = readOperations(source, warnings)
  checkTree(imported, current, mode)
  const byPath = new Map(current.resources.map((resource) => [resource.path, resource]))
  const methodsOf = Map.groupBy(current.methods, ({ resourceId }) => resourceId)
  const wanted = new Map(imported.map((one) => [one.path, one]))
  const paths = new Set(imported.flatMap(({ path }) => [...ancestors(path), path]).concat('/'))

  const create = [...paths]
    .filter((path) => !byPath.has(path))
    .sort(parentsFirst)
    .map((path) => ({
      path,
      description: wanted.get(path)?.description ?? '',
      methods: wanted.get(path)?.methods ?? [],
    }))
  let unchanged = 0
  const update = current.resources.flatMap((resource) => {
    const own = methodsOf.get(resource.id) ?? []
    const one = wanted.get(resource.path)
    const pairs = (one?.methods ?? []).map((method) => ({
      method,
      existing: own.find(({ verb }) => verb === method.verb),
    }))
    const changed = pairs.flatMap(({ method, existing }) =>
      existing !== undefined && isChanged(existing, method)
        ? [{ methodId: existing.id, method: withOwn(existing, method) }]
        : [],
    )
    unchanged += pairs.filter(({ existing }) => existing !== undefined).length - changed.length
    const added = pairs.flatMap(({ method, existing }) => (existing === undefined ? [method] : []))
    const isKept = mode === 'merge' || !paths.has(resource.path)
    const removed = isKept
      ? []
      : own.filter(({ verb }) => !one?.methods.some((method) => method.verb === verb)).map(({ id }) => id)
    const description =
      one !== undefined && one.description !== '' && one.description !== resource.description ? one.description : null
    if (changed.length + added.length + removed.length === 0 && description === null) return []
    return [
      { resourceId: resource.id, path: resource.path, description, create: added, update: changed, remove: removed },
    ]
  })
  const remove = mode === 'merge' ? [] : current.resources.filter(({ path }) => !paths.has(path)).map(({ id }) => id)
  const info = source.value.info as { title?: unknown; description?: unknown } | undefined
  return {
    title: String(info?.title ?? ''),
    description: String(info?.description ?? '').slice(0, 2000),
    create,
    update,
    remove,
    unchanged,
    warnings,
  }
}

/** What a document describes of a method; backend and plugins are ours and stay. */
function isChanged(existing: Method, { name, description, tags, deprecated }: ImportedMethod): boolean {
  return (
    existing.name !== name ||
    existing.description !== description ||
    existing.deprecated !== deprecated ||
    existing.tags.join('\n') !== tags.join('\n')
  )
}

function withOwn({ backend, plugins }: Method, method: ImportedMethod): ImportedMethod {
  return { ...method, backend, plugins }
}

/** Every path must be one that a tree can hold, beside those that are there. */
function checkTree(imported: readonly ImportedPath[], current: Tree, mode: ImportMode): void {
  const tree = new PathTree(mode === 'merge' ? current.resources.map(({ path }) => path) : [])
  const lines = new Map<string, number | null>()
  const problems = imported.flatMap(({ path, line }): Problem[] => {
    const found = checkPath(path, tree)
    const twice = lines.has(path)
      ? [{ path: '', message: `"${path}" is there twice: a slash at the end does not make another path.` }]
      : []
    if (found.length === 0) {
      lines.set(path, line)
      tree.add(path)
    }
    return [...found, ...twice].map(({ message }) => ({
      path: `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      message: `${at(line)}${message}`,
    }))
  })
  if (problems.length > 0) throw new Invalid(`The document cannot be imported: ${problems[0]?.message ?? ''}`, problems)
}

function parentsFirst(a: string, b: string): number {
  const depth = (path: string) => (path === '/' ? 0 : path.split('/').length)
  return depth(a) - depth(b) || (a < b ? -1 : 1)
}
