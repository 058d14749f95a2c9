import type { ImportNote } from '../../model/import.ts'
import type { ImportedMethod, ImportedPath } from './imported.ts'
import { noteOf } from './notes.ts'
import { shapeOf } from './path-template.ts'
import { pointerOf } from './source.ts'

/** In a tree one level has one variable. Documents name them as they like: here they get the name that is there first. */

/** A level of the tree: what its variables are called, and what is below. */
interface Level {
  readonly names: Map<string, string>
  readonly below: Map<string, Level>
}

const newLevel = (): Level => ({ names: new Map(), below: new Map() })

/** What was found wrong: two operations that are one for a router. */
export interface Clash {
  readonly verb: string
  readonly first: ImportedPath
  readonly second: ImportedPath
}

export interface AlignedPaths {
  readonly paths: readonly ImportedPath[]
  readonly clashes: readonly Clash[]
  readonly notes: readonly ImportNote[]
}

/** The paths of a document with the names that the variables of a tree have, those of the same path as one. */
export function alignPaths(imported: readonly ImportedPath[], existing: readonly string[]): AlignedPaths {
  const root = newLevel()
  for (const path of existing) align(path, root)
  const byPath = new Map<string, ImportedPath>()
  const clashes: Clash[] = []
  const renamed: ImportedPath[] = []
  for (const one of imported) {
    const { path, renames } = align(one.path, root)
    const aligned = renames.size === 0 ? one : rename(one, path, renames)
    if (renames.size > 0) renamed.push(one)
    const first = byPath.get(path)
    if (first === undefined) byPath.set(path, aligned)
    else byPath.set(path, joined(first, aligned, clashes))
  }
  const [first] = renamed
  const notes =
    first === undefined
      ? []
      : [
          noteOf('renamedVariable', {
            count: renamed.length,
            line: first.line,
            path: pointerOf(['paths', first.template]),
          }),
        ]
  return { paths: [...byPath.values()], clashes, notes }
}

/** A path with the names of its levels; those that no level has yet are given to them. */
function align(path: string, root: Level): { path: string; renames: ReadonlyMap<string, string> } {
  const renames = new Map<string, string>()
  const used = new Set<string>()
  let level = root
  const segments = path.split('/').map((segment) => {
    const shape = shapeOf(segment)
    const [, own = '', rest = ''] = /^\{(.+?)(\+?)\}$/.exec(segment) ?? []
    let aligned = segment
    if (own !== '') {
      const name = level.names.get(shape) ?? unusedName(own, used)
      level.names.set(shape, name)
      used.add(name)
      if (name !== own) renames.set(own, name)
      aligned = `{${name}${rest}}`
    }
    const below = level.below.get(shape) ?? newLevel()
    level.below.set(shape, below)
    level = below
    return aligned
  })
  return { path: segments.join('/'), renames }
}

function unusedName(wanted: string, used: ReadonlySet<string>): string {
  let name = wanted
  for (let i = 2; used.has(name); i++) name = `${wanted.slice(0, 60)}_${i}`
  return name
}

function rename(one: ImportedPath, path: string, renames: ReadonlyMap<string, string>): ImportedPath {
  const inTexts = <T>(value: T): T => renameInTexts(value, renames)
  return {
    ...one,
    path,
    plugins: inTexts(one.plugins),
    methods: one.methods.map((method) => ({
      ...method,
      parameters: method.parameters.map((parameter) =>
        parameter.in === 'path' ? { ...parameter, name: renames.get(parameter.name) ?? parameter.name } : parameter,
      ),
      backend: inTexts(method.backend),
      plugins: inTexts(method.plugins),
    })),
  }
}

/** Variables of the path as templates and conditions name them. */
function renameInTexts<T>(value: T, renames: ReadonlyMap<string, string>): T {
  if (typeof value === 'string') {
    return value
      .replace(/(\$!?\{request\.path\.)([^}+]+)/g, (_, before, name) => before + (renames.get(name) ?? name))
      .replace(/(\bpathVariables\[\s*["'])([^"']+)/g, (_, before, name) => before + (renames.get(name) ?? name)) as T
  }
  if (Array.isArray(value)) return value.map((one) => renameInTexts(one, renames)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, renameInTexts(one, renames)])) as T
}

/** Two paths of a document that are one path of a tree. */
function joined(first: ImportedPath, second: ImportedPath, clashes: Clash[]): ImportedPath {
  const added = second.methods.filter((method: ImportedMethod) => {
    const isNew = !first.methods.some(({ verb }) => verb === method.verb)
    if (!isNew) clashes.push({ verb: method.verb, first, second })
    return isNew
  })
  return {
    ...first,
    description: first.description === '' ? second.description : first.description,
    plugins: first.plugins ?? second.plugins,
    methods: [...first.methods, ...added],
  }
}
