import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, stringify } from 'yaml'

/**
 * A value as YAML 1.2: in the order of its keys, long texts unbroken, so that a change of one line is one line in a diff.
 * A text that readers of YAML 1.1 take for something else (`yes`, `12:30`, the merge key `<<`) is in quotes.
 */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' })
}

/** A document as it was read: its value, and where each of its parts stands in the text. */
export interface YamlDocument {
  readonly value: unknown
  /** The line (from 1) of the part at a path of keys, or of the nearest part above it; `depth` is how many keys led there. */
  placeOf(path: readonly string[]): { readonly line: number; readonly depth: number }
}

/** Something in a text that is not YAML. */
export interface YamlProblem {
  readonly line: number
  readonly message: string
}

/** How often aliases may multiply a document. Beyond, it is a bomb. */
const MAX_ALIASES = 100

/** Reads the documents of a text, JSON or YAML with `---` between them; empty ones are left out. */
export function readYaml(text: string): { documents: YamlDocument[]; problems: YamlProblem[] } {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
    merge: true,
  })
  const problems = parsed.flatMap(({ errors }) =>
    errors.map(({ message, pos }) => ({ line: lines.linePos(pos[0]).line, message })),
  )
  if (problems.length > 0) return { documents: [], problems }
  const documents: YamlDocument[] = []
  for (const document of parsed) {
    const { line } = lines.linePos(document.contents?.range?.[0] ?? 0)
    try {
      const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
      if (value === null) continue
      documents.push({ value, placeOf: (path) => placeOf(document.contents, path, lines, line) })
    } catch (error) {
      problems.push({ line, message: error instanceof Error ? error.message : String(error) })
    }
  }
  return { documents, problems }
}

/** Walks down the syntax tree as far as the path goes. */
function placeOf(root: Node | null, path: readonly string[], lines: LineCounter, first: number) {
  let node: unknown = root
  let line = first
  let depth = 0
  for (const key of path) {
    const next = isAlias(node) ? undefined : childOf(node, key)
    if (next === undefined) break
    line = next.offset === undefined ? line : lines.linePos(next.offset).line
    node = next.node
    depth++
  }
  return { line, depth }
}

function childOf(node: unknown, key: string): { node: unknown; offset: number | undefined } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(key)] as Node | undefined
    return item === undefined ? undefined : { node: item, offset: item.range?.[0] }
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
  return pair && isScalar(pair.key) ? { node: pair.value, offset: pair.key.range?.[0] } : undefined
}
