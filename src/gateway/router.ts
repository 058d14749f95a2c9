import { addToTextHash, TextTable } from '../lib/text-table.ts'

/**
 * Finds the route of a path and method: literal before `{variable}` before `{variable+}`, segment by segment, with
 * backtracking, so that the most specific route that exists wins whatever the order of creation. HEAD falls back to GET;
 * ANY takes what is not there by name.
 */

/** What the router needs to know of a route. */
export interface Routable {
  readonly pattern: string
  readonly method: string
}

/** A node of the trie: one segment. */
interface Node<R> {
  readonly literals: TextTable<Node<R>>
  variable: Node<R> | null
  rest: Node<R> | null
  /** Routes that end here, by method; null if none does. */
  routes: Map<string, R> | null
}

/** What ANY stands for in `Allow`, where it has to be spelt out. */
const ANY_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Methods that speak about the connection or the hop, never about a resource of the backend. */
const NEVER_ANY = new Set(['CONNECT', 'TRACE'])

export class Router<R extends Routable> {
  private readonly root: Node<R> = newNode()

  constructor(routes: Iterable<R>) {
    for (const route of routes) this.add(route)
  }

  /**
   * The most specific route for `path` (canonical, beginning with `/`) and `method`, or null. The first of `values` become those
   * of its path variables in the order of the pattern, as they stand in the path; what is behind them means nothing.
   */
  find(path: string, method: string, values: string[]): R | null {
    return search(this.root, path, 1, method, values, 0)
  }

  /** The methods that `path` has, for `Allow`; empty if the path is unknown. HEAD is there with GET. */
  allowedMethods(path: string): string[] {
    const methods = new Set<string>()
    collect(this.root, path, 1, methods)
    if (methods.delete('ANY')) for (const method of ANY_METHODS) methods.add(method)
    if (methods.has('GET')) methods.add('HEAD')
    return [...methods].sort()
  }

  private add(route: R): void {
    let node = this.root
    if (route.pattern !== '/') {
      for (const segment of route.pattern.slice(1).split('/')) node = childFor(node, segment)
    }
    node.routes ??= new Map()
    node.routes.set(route.method, route)
  }
}

function newNode<R>(): Node<R> {
  return { literals: new TextTable(), variable: null, rest: null, routes: null }
}

function childFor<R>(node: Node<R>, segment: string): Node<R> {
  if (segment.startsWith('{') && segment.endsWith('+}')) {
    node.rest ??= newNode()
    return node.rest
  }
  if (segment.startsWith('{')) {
    node.variable ??= newNode()
    return node.variable
  }
  let child = node.literals.get(segment)
  if (child === null) {
    child = newNode()
    node.literals.set(segment, child)
  }
  return child
}

function pick<R>(node: Node<R>, method: string): R | null {
  const { routes } = node
  if (routes === null) return null
  const named = routes.get(method) ?? (method === 'HEAD' ? routes.get('GET') : undefined)
  if (named !== undefined) return named
  return NEVER_ANY.has(method) ? null : (routes.get('ANY') ?? null)
}

/** Searches below `node`, where the next segment of `path` begins at `start`, behind so many variables. */
function search<R>(
  node: Node<R>,
  path: string,
  start: number,
  method: string,
  values: string[],
  variables: number,
): R | null {
  if (start >= path.length) return path.length === 1 || start > path.length ? pick(node, method) : null
  let end = start
  let hash = 0
  for (; end < path.length; end++) {
    const code = path.charCodeAt(end)
    if (code === SLASH) break
    hash = addToTextHash(hash, code)
  }
  const literal = node.literals.find(path, start, end, hash)
  if (literal !== null) {
    const route = search(literal, path, end + 1, method, values, variables)
    if (route !== null) return route
  }
  if (node.variable !== null && end > start) {
    const route = search(node.variable, path, end + 1, method, values, variables + 1)
    if (route !== null) {
      values[variables] = path.slice(start, end)
      return route
    }
  }
  if (node.rest === null) return null
  const route = pick(node.rest, method)
  if (route !== null) values[variables] = path.slice(start)
  return route
}

const SLASH = 0x2f

function collect<R>(node: Node<R>, path: string, start: number, methods: Set<string>): void {
  if (start >= path.length) {
    if (path.length === 1 || start > path.length) for (const method of node.routes?.keys() ?? []) methods.add(method)
    return
  }
  const slash = path.indexOf('/', start)
  const end = slash === -1 ? path.length : slash
  const literal = node.literals.get(path.slice(start, end))
  if (literal !== null) collect(literal, path, end + 1, methods)
  if (node.variable !== null && end > start) collect(node.variable, path, end + 1, methods)
  for (const method of node.rest?.routes?.keys() ?? []) methods.add(method)
}
