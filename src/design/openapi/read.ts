import { isAlias, isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import { Invalid } from '../../model/errors.ts'
import type { Problem } from '../../plugins/plugin.ts'

/** A document as it was read: its value, and where each of its parts stands in the text. */
export interface SourceDocument {
  readonly value: Readonly<Record<string, unknown>>
  /** The line (from 1) of the part at a path of keys, or of the nearest part above it; null if nothing is known. */
  lineOf(path: readonly (string | number)[]): number | null
}

/** Documents of this size and more are refused: no API design is that large. */
const MAX_CHARACTERS = 16 * 1024 * 1024
/** How often aliases may multiply the document. Beyond, it is a bomb. */
const MAX_ALIASES = 100

/**
 * Reads an OpenAPI 3.0 or 3.1 document, in JSON or YAML. Throws `Invalid` with the line and column of everything that is
 * not well-formed, and for what is not such a document.
 */
export function readOpenApi(text: string): SourceDocument {
  if (text.length > MAX_CHARACTERS)
    throw refused(`The document has ${text.length} characters; at most ${MAX_CHARACTERS} are read.`)
  if (text.trim() === '') throw refused('The document is empty.')
  const source = parse(text)
  const problem = versionProblem(source.value)
  if (problem !== null) throw refused(problem)
  return source
}

function refused(message: string): Invalid {
  return new Invalid(message, [{ path: '', message }])
}

function parse(text: string): SourceDocument {
  // Most JSON is also YAML and is read by the same parser, so that its lines are known too.
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
    strict: true,
    version: '1.2',
    schema: 'core',
  })
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, 20).map(({ message, pos }): Problem => {
      const { line, col } = lines.linePos(pos[0])
      return { path: '', message: `Line ${line}, column ${col}: ${message}.` }
    })
    throw new Invalid(`The document is not well-formed: ${problems[0]?.message ?? ''}`, problems)
  }
  const value = toValue(() => document.toJS({ maxAliasCount: MAX_ALIASES }))
  if (!isRecord(value))
    throw refused('The document is not an OpenAPI document: it must be an object with "openapi" and "paths".')
  return { value, lineOf: (path) => lineOf(document.contents, path, lines) }
}

function toValue(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    throw refused(`The document cannot be read: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

/** Walks down the syntax tree as far as the path goes. */
function lineOf(root: Node | null, path: readonly (string | number)[], lines: LineCounter): number | null {
  let node: unknown = root
  let offset: number | undefined
  for (const key of path) {
    if (isAlias(node) || !isMap(node)) break
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
    if (pair === undefined) break
    if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
    node = pair.value
  }
  return offset === undefined ? null : lines.linePos(offset).line
}

function versionProblem({ openapi, swagger, paths }: Readonly<Record<string, unknown>>): string | null {
  if (swagger !== undefined)
    return `The document is Swagger ${String(swagger)}; only OpenAPI 3.0 and 3.1 can be imported: convert it first.`
  if (openapi === undefined)
    return 'The document is not an OpenAPI document: the field "openapi" (such as "openapi: 3.1.0") is missing.'
  if (typeof openapi !== 'string' || !/^3\.[01](\.|$)/.test(openapi))
    return `The document is OpenAPI ${String(openapi)}; only 3.0 and 3.1 can be imported.`
  if (paths !== undefined && !isRecord(paths)) return 'The field "paths" must be an object.'
  return null
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
