/** A design as a tree, and the tree as rows to show. Pure, and quick enough for 10,000 methods at every key pressed. */

/** What the tree knows of a method. */
export interface TreeMethod {
  readonly id: string
  readonly verb: string
  readonly name: string
  readonly operationId: string
  readonly isDeprecated: boolean
  readonly isMock: boolean
  readonly plugins: number
}

/** What it knows of a path. */
export interface TreePath {
  readonly id: string
  readonly path: string
  readonly plugins: number
  readonly methods: readonly TreeMethod[]
}

/** A path in its place. */
export interface TreeNode extends TreePath {
  /** The root is on the first. */
  readonly level: number
  readonly parent: TreeNode | null
  readonly children: TreeNode[]
}

/** A design with what is asked of it at every turn. */
export interface Tree {
  readonly root: TreeNode | null
  readonly byPath: ReadonlyMap<string, TreeNode>
  readonly methods: number
}

/** A line of the tree. `key` is what the API calls the node: `/pets`, or `GET /pets`. */
export type Row = PathRow | MethodRow

interface Place {
  readonly key: string
  readonly node: TreeNode
  readonly level: number
  /** Among its siblings, from 1. */
  readonly position: number
  readonly siblings: number
}

export interface PathRow extends Place {
  readonly kind: 'path'
  /** Null where there is nothing below. */
  readonly isOpen: boolean | null
}

export interface MethodRow extends Place {
  readonly kind: 'method'
  readonly method: TreeMethod
}

/** The name of a method among the nodes. */
export const methodKey = (verb: string, path: string): string => `${verb} ${path}`

/** The path above, or null for the root. */
export function parentOf(path: string): string | null {
  if (path === '/') return null
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

/** What of a path stands in the tree, below its parent. */
export const lastSegment = (path: string): string => (path === '/' ? '/' : path.slice(path.lastIndexOf('/')))

/** Whether a path is below another one. */
export const isBelow = (path: string, above: string): boolean =>
  path !== above && (above === '/' || path.startsWith(`${above}/`))

/** The names of the variables of a path, without "+". */
export const variablesOf = (path: string): string[] =>
  [...path.matchAll(/\{([^}]+?)\+?\}/g)].map((match) => match[1] ?? '')

/** Puts paths together. All paths above one are there, as the API sees to. */
export function treeOf(paths: readonly TreePath[]): Tree {
  const byPath = new Map<string, TreeNode>()
  let methods = 0
  // A path is longer than all above it.
  for (const path of paths.toSorted((a, b) => a.path.length - b.path.length)) {
    const above = parentOf(path.path)
    const parent = above === null ? null : (byPath.get(above) ?? null)
    const node: TreeNode = { ...path, level: (parent?.level ?? 0) + 1, parent, children: [] }
    parent?.children.push(node)
    byPath.set(path.path, node)
    methods += path.methods.length
  }
  for (const { children } of byPath.values()) children.sort((a, b) => compare(a.path, b.path))
  return { root: byPath.get('/') ?? null, byPath, methods }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** All of a node and below it, as somebody counts it who is about to delete it. */
export function sizeOf(node: TreeNode): { paths: number; methods: number } {
  const below = node.children.map(sizeOf)
  return {
    paths: below.reduce((sum, { paths }) => sum + paths, 1),
    methods: below.reduce((sum, { methods }) => sum + methods, node.methods.length),
  }
}

/** The rows to show: of all that is open or, with words to look for, of all that has them, with the paths above. */
export function rowsOf({ root }: Tree, isOpen: (node: TreeNode) => boolean, search: string): Row[] {
  if (root === null) return []
  const words = wordsOf(search)
  const rows: Row[] = []
  if (words.length > 0) {
    const found = findAll(root, words)
    if (found !== null) addFound(rows, found, 1, 1)
  } else addOpen(rows, root, isOpen, 1, 1)
  return rows
}

/** What is looked for: every word must be there. */
export const wordsOf = (search: string): string[] => search.toLowerCase().split(/\s+/).filter(Boolean)

function addOpen(
  rows: Row[],
  node: TreeNode,
  isOpen: (node: TreeNode) => boolean,
  position: number,
  siblings: number,
): void {
  const size = node.methods.length + node.children.length
  const open = size === 0 ? null : isOpen(node)
  rows.push({ kind: 'path', key: node.path, node, level: node.level, isOpen: open, position, siblings })
  if (open !== true) return
  node.methods.forEach((method, i) => {
    rows.push(methodRow(node, method, i + 1, size))
  })
  node.children.forEach((child, i) => {
    addOpen(rows, child, isOpen, node.methods.length + i + 1, size)
  })
}

const methodRow = (node: TreeNode, method: TreeMethod, position: number, siblings: number): MethodRow => ({
  kind: 'method',
  key: methodKey(method.verb, node.path),
  node,
  method,
  level: node.level + 1,
  position,
  siblings,
})

/** A node with only what was found of it. */
interface Found {
  readonly node: TreeNode
  readonly methods: readonly TreeMethod[]
  readonly children: readonly Found[]
}

function findAll(node: TreeNode, words: readonly string[]): Found | null {
  const children = node.children.flatMap((child) => findAll(child, words) ?? [])
  const methods = node.methods.filter(({ verb, name, operationId }) =>
    has(`${verb} ${node.path} ${name} ${operationId}`, words),
  )
  return children.length > 0 || methods.length > 0 || has(node.path, words) ? { node, methods, children } : null
}

function has(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase()
  return words.every((word) => lower.includes(word))
}

function addFound(rows: Row[], { node, methods, children }: Found, position: number, siblings: number): void {
  const size = methods.length + children.length
  const isOpen = size === 0 ? null : true
  rows.push({ kind: 'path', key: node.path, node, level: node.level, isOpen, position, siblings })
  methods.forEach((method, i) => {
    rows.push(methodRow(node, method, i + 1, size))
  })
  children.forEach((child, i) => {
    addFound(rows, child, methods.length + i + 1, size)
  })
}

/** What a selection names: a path, and perhaps one of its methods. */
export interface Selected {
  readonly node: TreeNode
  readonly method: TreeMethod | null
}

/** Finds what the URL names: a path by itself or its id, a method by its verb or its id. Null where it is not there. */
export function selectedOf(tree: Tree, node: string | undefined, method: string | undefined): Selected | null {
  const found =
    node === undefined
      ? withMethod(tree, method)
      : (tree.byPath.get(node) ?? [...tree.byPath.values()].find(({ id }) => id === node))
  if (found === undefined) return null
  if (method === undefined) return { node: found, method: null }
  const one = found.methods.find(({ verb, id }) => verb === method || id === method)
  return one === undefined ? null : { node: found, method: one }
}

function withMethod(tree: Tree, method: string | undefined): TreeNode | undefined {
  if (method === undefined) return undefined
  return [...tree.byPath.values()].find(({ methods }) => methods.some(({ id }) => id === method))
}

/** The search parameters that name a node of the tree, as the API writes it (`GET /pets`, `/pets`). */
export function placeOf(key: string): { node: string; method?: string } {
  const space = key.indexOf(' ')
  return space === -1 ? { node: key } : { node: key.slice(space + 1), method: key.slice(0, space) }
}
