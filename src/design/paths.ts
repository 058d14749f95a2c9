import { canonicalPath } from '../lib/canonical-path.ts'
import type { Problem } from '../plugins/plugin.ts'

/** The paths of a design: `/`, or segments that are literal, `{variable}` or `{variable+}`. */

export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable' | 'rest'; readonly name: string }

const MAX_PATH_LENGTH = 255
const VARIABLE = /^\{([A-Za-z_][A-Za-z0-9_.-]{0,63})(\+?)\}$/
const LITERAL = /^(?:[A-Za-z0-9\-._~!$&'()*,;=:@]|%[0-9A-F]{2})+$/

/** Takes a path apart. Problems name what is wrong and what would be right; the segments are only to be used without. */
export function parsePath(path: string): { segments: Segment[]; problems: Problem[] } {
  const problem = (message: string) => ({ segments: [], problems: [{ path: '/path', message }] })
  if (!path.startsWith('/')) return problem(`"${path}" does not begin with "/".`)
  if (path.length > MAX_PATH_LENGTH)
    return problem(`The path has ${path.length} characters; at most ${MAX_PATH_LENGTH} are allowed.`)
  if (path === '/') return { segments: [], problems: [] }
  if (path.endsWith('/')) return problem(`"${path}" ends with "/": leave that out.`)
  const segments = path.slice(1).split('/').map(parseSegment)
  const problems = segments.flatMap((segment) =>
    typeof segment === 'string' ? [{ path: '/path', message: segment }] : [],
  )
  if (problems.length > 0) return { segments: [], problems }
  const sound = segments.filter((segment) => typeof segment !== 'string')
  return { segments: sound, problems: [...restProblems(path, sound), ...nameProblems(path, sound)] }
}

/** The segment, or what is wrong with it. */
function parseSegment(text: string): Segment | string {
  if (text === '') return 'The path has an empty segment: two slashes in a row.'
  const variable = VARIABLE.exec(text)
  if (variable !== null) return { kind: variable[2] === '+' ? 'rest' : 'variable', name: variable[1] ?? '' }
  if (/[{}]/.test(text)) {
    return `"${text}" is neither a literal nor a variable: a variable is a whole segment, {name} or {name+}, of letters, digits, "_", "-" and ".", beginning with a letter or "_".`
  }
  if (!LITERAL.test(text))
    return `"${text}" has characters that a path may not have: percent-encode them, with upper-case digits.`
  if (canonicalPath(`/${text}`) !== `/${text}`)
    return `"${text}" is never seen by a route, because requests are matched by their canonical path: write what canonicalisation leaves, without dot segments and needless percent-encoding.`
  return { kind: 'literal', text }
}

function restProblems(path: string, segments: readonly Segment[]): Problem[] {
  const rest = segments.findIndex(({ kind }) => kind === 'rest')
  if (rest === -1 || rest === segments.length - 1) return []
  return [
    {
      path: '/path',
      message: `"${path}" goes on behind {${nameOf(segments[rest])}+}, which takes everything below: it must come last.`,
    },
  ]
}

function nameProblems(path: string, segments: readonly Segment[]): Problem[] {
  const names = segments.flatMap((segment) => nameOf(segment) ?? [])
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  return twice === undefined
    ? []
    : [{ path: '/path', message: `"${path}" has the variable "${twice}" twice: give each its own name.` }]
}

function nameOf(segment: Segment | undefined): string | undefined {
  return segment === undefined || segment.kind === 'literal' ? undefined : segment.name
}

/** The variables of a sound path, as context variables name them: `id`, `rest+`. */
export function pathVariables(path: string): string[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? '')
}

/** The path above, or null for the root. */
export function parentPath(path: string): string | null {
  if (path === '/') return null
  const slash = path.lastIndexOf('/')
  return slash === 0 ? '/' : path.slice(0, slash)
}

/** All paths above, the root first. */
export function ancestors(path: string): string[] {
  const parent = parentPath(path)
  return parent === null ? [] : [...ancestors(parent), parent]
}

/** A look-up for `checkPath`: the variable segments of a tree by the path above them, so that a check costs the same in any tree. */
export class PathTree {
  private readonly paths = new Set<string>()
  private readonly variables = new Map<string, Map<'variable' | 'rest', string>>()

  constructor(paths: Iterable<string> = []) {
    for (const path of paths) this.add(path)
  }

  has(path: string): boolean {
    return this.paths.has(path)
  }

  /** Adds a path and all above it. */
  add(path: string): void {
    if (this.paths.has(path)) return
    this.paths.add(path)
    const parent = parentPath(path)
    if (parent === null) return
    this.add(parent)
    const kind = variableKind(path)
    if (kind === null) return
    const siblings = this.variables.get(parent) ?? new Map()
    siblings.set(kind, path)
    this.variables.set(parent, siblings)
  }

  /** The sibling that takes the place of a new path's last variable, or undefined. */
  rival(path: string): string | undefined {
    const kind = variableKind(path)
    const parent = parentPath(path)
    if (kind === null || parent === null) return undefined
    const rival = this.variables.get(parent)?.get(kind)
    return rival === path ? undefined : rival
  }
}

function variableKind(path: string): 'variable' | 'rest' | null {
  if (path.endsWith('+}')) return 'rest'
  return path.endsWith('}') ? 'variable' : null
}

/** Everything wrong with adding `path` to a tree: its own form, and rivals of its variables at every level. */
export function checkPath(path: string, tree: PathTree): Problem[] {
  const { problems } = parsePath(path)
  if (problems.length > 0) return problems
  return [...ancestors(path), path].flatMap((level) => {
    const rival = tree.rival(level)
    return rival === undefined
      ? []
      : [
          {
            path: '/path',
            message: `"${level}" stands beside "${rival}": one level has one variable; use the same name.`,
          },
        ]
  })
}
