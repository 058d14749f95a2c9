import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { JsonPlaces, TooDeep } from '../../lib/json-places.ts'
import { Invalid } from '../../model/errors.ts'
import type { Problem } from '../../plugins/plugin.ts'

/** Where something stands in a document: the keys that lead to it. */
export type Place = readonly (string | number)[]

/** The versions of the specification, as far as they differ for us. */
export type OpenApiVersion = '2.0' | '3.0' | '3.1'

export type Fields = Readonly<Record<string, unknown>>

/** A document as it was read: its value, and where each of its parts stands in the text. */
export interface SourceDocument {
  readonly value: Fields
  readonly version: OpenApiVersion
  /** The line (from 1) of the part at a place, or of the nearest part above it; null if nothing is known. */
  lineOf(place: Place): number | null
}

/** Documents of this size and more are refused: no API design is that large. */
export const MAX_CHARACTERS = 16 * 1024 * 1024
/** How often aliases may multiply the document. Beyond, it is a bomb. */
const MAX_ALIASES = 100
const MAX_PROBLEMS = 20

/**
 * Reads a Swagger 2.0, OpenAPI 3.0 or 3.1 document, in JSON or YAML. Throws `Invalid` with the line and column of everything
 * that is not well-formed, and for what is not such a document.
 */
export function readSource(text: string): SourceDocument {
  if (text.length > MAX_CHARACTERS)
    throw refused(`The document has ${text.length} characters; at most ${MAX_CHARACTERS} are read.`)
  if (text.trim() === '') throw refused('The document is empty.')
  const { value, lineOf } = readJson(text) ?? readYaml(text)
  if (!isRecord(value))
    throw refused('The document is not an OpenAPI document: it must be an object with "openapi" and "paths".')
  return { value, version: versionOf(value), lineOf }
}

function refused(message: string): Invalid {
  return new Invalid(message, [{ path: '', message }])
}

interface Parsed {
  readonly value: unknown
  readonly lineOf: SourceDocument['lineOf']
}

/** What the text is as JSON; null for what is not JSON, which the parser of YAML takes, or says what is wrong with. */
function readJson(given: string): Parsed | null {
  const text = given.replace(/^\uFEFF/, '')
  if (!/^\s*\{/.test(text)) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const places = new JsonPlaces(text)
  const twice = duplicateKeys(places).map(({ key, offset }) => ({
    path: '',
    message: `Line ${places.lineOf(offset)}, column ${places.columnOf(offset)}: the key "${key}" is there twice.`,
  }))
  if (twice.length > 0)
    throw new Invalid(`The document is not well-formed: ${twice[0]?.message}`, twice.slice(0, MAX_PROBLEMS))
  return {
    value,
    lineOf(place) {
      const offset = places.offsetOf(place)
      return offset === null ? null : places.lineOf(offset)
    },
  }
}

function duplicateKeys(places: JsonPlaces): ReturnType<JsonPlaces['duplicateKeys']> {
  try {
    return places.duplicateKeys()
  } catch (error) {
    if (error instanceof TooDeep) throw refused(`The document is nested too deeply: ${error.message}.`)
    throw error
  }
}

function readYaml(text: string): Parsed {
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
    const problems = document.errors.slice(0, MAX_PROBLEMS).map(({ message, pos }): Problem => {
      const { line, col } = lines.linePos(pos[0])
      return { path: '', message: `Line ${line}, column ${col}: ${message}.` }
    })
    throw new Invalid(`The document is not well-formed: ${problems[0]?.message ?? ''}`, problems)
  }
  return {
    value: toValue(() => document.toJS({ maxAliasCount: MAX_ALIASES })),
    lineOf: (place) => lineOf(document.contents, place, lines),
  }
}

function toValue(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    throw refused(`The document cannot be read: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

/** Walks down the syntax tree as far as the place goes. */
function lineOf(root: Node | null, place: Place, lines: LineCounter): number | null {
  let node: unknown = root
  let offset: number | undefined
  for (const key of place) {
    if (isAlias(node)) break
    if (isSeq(node)) {
      node = node.items[Number(key)]
      offset = (node as Node | undefined)?.range?.[0] ?? offset
    } else if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      if (pair === undefined) break
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else break
  }
  return offset === undefined ? null : lines.linePos(offset).line
}

function versionOf({ openapi, swagger, paths }: Fields): OpenApiVersion {
  if (paths !== undefined && !isRecord(paths)) throw refused('The field "paths" must be an object.')
  // YAML reads 2.0 as the number 2.
  if (swagger === '2.0' || swagger === 2) return '2.0'
  if (swagger !== undefined)
    throw refused(`The document is Swagger ${String(swagger)}; only Swagger 2.0, OpenAPI 3.0 and 3.1 can be imported.`)
  if (openapi === undefined)
    throw refused('The document is not an OpenAPI document: the field "openapi" (such as "openapi: 3.1.0") is missing.')
  const version = /^3\.[01](?=\.|$)/.exec(String(openapi))?.[0]
  if (version === '3.0' || version === '3.1') return version
  throw refused(`The document is OpenAPI ${String(openapi)}; only Swagger 2.0, OpenAPI 3.0 and 3.1 can be imported.`)
}

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The JSON Pointer of a place (RFC 6901). */
export function pointerOf(place: Place): string {
  return place.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
