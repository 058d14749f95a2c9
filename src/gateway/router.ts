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
  readonly literals: Map<string, Node<R>>
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
  /** Nodes of patterns without variables, by whole path: nothing is more specific, so most requests end here. */
  private readonly fixed = new Map<string, Node<R>>()

  constructor(routes: Iterable<R>) {
    for (const route of routes) this.add(route)
  }

  /**
   * The most specific route for `path` (canonical, beginning with `/`) and `method`, or null. `values` receives the values
   * of its path variables in the order of the pattern, as they stand in the path.
   */
  find(path: string, method: string, values: string[]): R | null {
    values.length = 0
    const node = this.fixed.get(path)
    if (node !== undefined) {
      const route = pick(node, method)
      if (route !== null) return route
    }
    return search(this.root, path, 1, method, values)
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
    if (!route.pattern.includes('{')) this.fixed.set(route.pattern, node)
  }
}

function newNode<R>(): Node<R> {
  return { literals: new Map(), variable: null, rest: null, routes: null }
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
  if (child === undefined) {
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

/** Searches below `node`, where the next segment of `path` begins at `start`. */
function search<R>(node: Node<R>, path: string, start: number, method: string, values: string[]): R | null {
  if (start >= path.length) return path.length === 1 || start > path.length ? pick(node, method) : null
  const slash = path.indexOf('/', start)
  const end = slash === -1 ? path.length : slash
  const segment = path.slice(start, end)
  const literal = node.literals.get(segment)
  if (literal !== undefined) {
    const route = search(literal, path, end + 1, method, values)
    if (route !== null) return route
  }
  if (node.variable !== null && end > start) {
    const depth = values.push(segment)
    const route = search(node.variable, path, end + 1, method, values)
    if (route !== null) return route
    values.length = depth - 1
  }
  if (node.rest === null) return null
  const route = pick(node.rest, method)
  if (route !== null) values.push(path.slice(start))
  return route
}

function collect<R>(node: Node<R>, path: string, start: number, methods: Set<string>): void {
  if (start >= path.length) {
    if (path.length === 1 || start > path.length) for (const method of node.routes?.keys() ?? []) methods.add(method)
    return
  }
  const slash = path.indexOf('/', start)
  const end = slash === -1 ? path.length : slash
  const literal = node.literals.get(path.slice(start, end))
  if (literal !== undefined) collect(literal, path, end + 1, methods)
  if (node.variable !== null && end > start) collect(node.variable, path, end + 1, methods)
  for (const method of node.rest?.routes?.keys() ?? []) methods.add(method)
}
