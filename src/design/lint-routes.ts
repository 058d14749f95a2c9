import type { Finding } from '../model/lint.ts'
import type { Method } from '../model/method.ts'
import type { Tree } from './design.ts'

/**
 * Routes that stand in one another's way. The router takes literal before `{variable}` before `{variable+}`, segment by
 * segment, and goes back where a more specific path does not have the method.
 */

interface Node {
  readonly path: string
  readonly verbs: Set<Method['verb']>
  readonly hasPlugins: boolean
  readonly literals: Map<string, Node>
  variable: Node | null
  rest: Node | null
}

/** More would be noise: whoever has so many knows. */
const MAX_FINDINGS = 1_000

/** What is wrong with how routes stand beside one another. */
export function lintRoutes(tree: Tree): Finding[] {
  const root = build(tree)
  const findings: Finding[] = []
  walk(root, (node) => {
    if (node.rest !== null) findUnreachable(node, node.rest, findings)
    const wide = [node.variable, node.rest].filter((one) => one !== null)
    for (const general of wide)
      for (const special of [
        ...node.literals.values(),
        ...(general === node.rest && node.variable ? [node.variable] : []),
      ])
        findOverlaps(special, general, findings)
  })
  return findings.slice(0, MAX_FINDINGS)
}

function build({ resources, methods }: Tree): Node {
  const verbs = Map.groupBy(methods, ({ resourceId }) => resourceId)
  const nodes = new Map<string, Node>()
  for (const { id, path, plugins } of resources.toSorted((a, b) => a.path.length - b.path.length)) {
    const own = new Set((verbs.get(id) ?? []).map(({ verb }) => verb))
    const hasPlugins = plugins.length > 0
    nodes.set(path, { path, verbs: own, hasPlugins, literals: new Map(), variable: null, rest: null })
  }
  const root = nodes.get('/') ?? {
    path: '/',
    verbs: new Set(),
    hasPlugins: false,
    literals: new Map(),
    variable: null,
    rest: null,
  }
  for (const [path, node] of nodes) {
    if (path === '/') continue
    const slash = path.lastIndexOf('/')
    const parent = slash === 0 ? root : nodes.get(path.slice(0, slash))
    const segment = path.slice(slash + 1)
    if (parent === undefined) continue
    if (segment.endsWith('+}')) parent.rest = node
    else if (segment.startsWith('{')) parent.variable = node
    else parent.literals.set(segment, node)
  }
  return root
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node)
  for (const child of node.literals.values()) walk(child, visit)
  if (node.variable !== null) walk(node.variable, visit)
}

/** `{rest+}` beside a `{variable}` below which everything has the method already. */
function findUnreachable(parent: Node, rest: Node, findings: Finding[]): void {
  const { variable } = parent
  if (variable === null) return
  for (const verb of rest.verbs) {
    if (!takesAll(variable, verb)) continue
    findings.push({
      code: 'unreachable-route',
      severity: 'error',
      node: `${verb} ${rest.path}`,
      field: '',
      message: `No request can reach it: "${variable.path}" and what is below it take all of them. Delete it, or the method ${verb} there.`,
      sample: `${verb === 'ANY' ? 'GET' : verb} ${sampleOf(rest.path)}`,
    })
  }
}

/** Whether a node and everything that can come below it take a verb. */
function takesAll(node: Node, verb: Method['verb']): boolean {
  if (!takes(node, verb)) return false
  if (node.rest !== null && takes(node.rest, verb)) return true
  return node.variable !== null && takesAll(node.variable, verb)
}

/** Whether every request with a verb (for ANY: with any of them) is taken by a node, by name or otherwise. */
function takes({ verbs }: Node, verb: Method['verb']): boolean {
  return verbs.has('ANY') || (verb !== 'ANY' && (verbs.has(verb) || (verb === 'HEAD' && verbs.has('GET'))))
}

/** Requests that fit both a special node and a general one beside it, and what is below them. */
function findOverlaps(special: Node, general: Node, findings: Finding[]): void {
  if (findings.length >= MAX_FINDINGS) return
  for (const verb of general.verbs) {
    if (takes(special, verb)) findings.push(shadowed(verb, special, general))
    else if (special.verbs.size > 0) findings.push(...fallsThrough(verb, special, general))
  }
  if (isRest(general)) {
    // Everything below is among what it takes.
    for (const child of children(special)) findOverlaps(child, general, findings)
    return
  }
  for (const [name, child] of special.literals) {
    const counterpart = general.literals.get(name) ?? general.variable
    if (counterpart !== null) findOverlaps(child, counterpart, findings)
  }
  if (special.variable !== null && general.variable !== null) findOverlaps(special.variable, general.variable, findings)
}

function children({ literals, variable, rest }: Node): Node[] {
  return [...literals.values(), ...[variable, rest].filter((one) => one !== null)]
}

function isRest({ path }: Node): boolean {
  return path.endsWith('+}')
}

function shadowed(verb: string, special: Node, general: Node): Finding {
  return {
    code: 'partly-shadowed-route',
    severity: 'info',
    node: `${verb} ${general.path}`,
    field: '',
    message: `"${special.path}" is more specific and takes some of its requests.`,
    sample: `${verb === 'ANY' ? 'GET' : verb} ${sampleOf(special.path)}`,
  }
}

/** What `ANY` stands for in samples. */
const USUAL = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

function fallsThrough(verb: Method['verb'], special: Node, general: Node): Finding[] {
  const missing = verb === 'ANY' ? USUAL.find((one) => !takes(special, one)) : verb
  if (missing === undefined) return []
  const where = special.hasPlugins ? ', where the plugins of this path do not hold' : ''
  return [
    {
      code: 'falls-through',
      severity: special.hasPlugins ? 'warning' : 'info',
      node: special.path,
      field: '',
      message: `It does not have ${missing}, so such requests go to "${general.path}"${where}. Add the method here if that is not meant.`,
      sample: `${missing} ${sampleOf(special.path)}`,
    },
  ]
}

/** A path that fits a pattern. */
function sampleOf(pattern: string): string {
  return pattern.replace(/\{([^}+]+)\+\}/g, '$1/more').replace(/\{([^}]+)\}/g, '$1')
}
