import { Invalid } from '../../model/errors.ts'
import type { Method, Verb } from '../../model/method.ts'
import type { Problem } from '../../plugins/plugin.ts'
import { isRecord, type SourceDocument } from './read.ts'

/** A method as a document describes it. */
export type ImportedMethod = Omit<Method, 'id' | 'resourceId'>

/** What a document says of its operations: one path with its methods. */
export interface ImportedPath {
  readonly path: string
  readonly line: number | null
  readonly description: string
  readonly methods: readonly ImportedMethod[]
}

const VERBS: Readonly<Record<string, Verb>> = {
  get: 'GET',
  head: 'HEAD',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  options: 'OPTIONS',
}
const MAX_NAME = 200
const MAX_DESCRIPTION = 10_000
const MAX_PATH_DESCRIPTION = 2_000
const MAX_TAG = 100

/** Reads all operations. `warnings` receives what is not carried over, one line for each kind. */
export function readOperations(source: SourceDocument, warnings: Problem[]): ImportedPath[] {
  const reader = new OperationReader(source)
  const paths = reader.read()
  warnings.push(...reader.warnings())
  return paths
}

class OperationReader {
  private readonly source: SourceDocument
  private readonly problems: Problem[] = []
  /** Kinds of things that are not carried over, with how often and where first. */
  private readonly dropped = new Map<string, { count: number; line: number | null; pointer: string }>()

  constructor(source: SourceDocument) {
    this.source = source
  }

  read(): ImportedPath[] {
    const { paths = {}, webhooks } = this.source.value
    if (webhooks !== undefined) this.drop('webhooks', ['webhooks'])
    this.noteDocument()
    const found = Object.entries(isRecord(paths) ? paths : {}).flatMap(([path, item]) =>
      path.startsWith('x-') ? [] : this.readPath(path, item),
    )
    if (this.problems.length > 0) throw new Invalid('The document cannot be imported.', this.problems)
    return found
  }

  warnings(): Problem[] {
    return [...this.dropped].map(([kind, { count, line, pointer }]) => ({
      path: pointer,
      message: `${at(line)}${count === 1 ? kind : `${kind} (${count} times; this is the first)`}: not carried over.`,
    }))
  }

  private noteDocument(): void {
    const { security, components } = this.source.value
    if (security !== undefined) this.drop('security requirements', ['security'])
    for (const kind of ['securitySchemes', 'schemas', 'callbacks']) {
      if (isRecord(components) && isRecord(components[kind]) && Object.keys(components[kind]).length > 0)
        this.drop(`components/${kind}`, ['components', kind])
    }
  }

  private readPath(path: string, given: unknown): ImportedPath[] {
    const place = ['paths', path]
    const item = this.resolve(given, place)
    if (item === null) return []
    const methods = Object.entries(item).flatMap(([key, operation]) =>
      this.readOperation(key, operation, [...place, key]),
    )
    if (item.parameters !== undefined) this.drop('parameters', [...place, 'parameters'])
    if (item.servers !== undefined) this.drop('servers of single paths', [...place, 'servers'])
    const description = text(item.description) || text(item.summary)
    return [
      {
        path: withoutTrailingSlash(path),
        line: this.source.lineOf(place),
        description: description.slice(0, MAX_PATH_DESCRIPTION),
        methods,
      },
    ]
  }

  private readOperation(key: string, given: unknown, place: string[]): ImportedMethod[] {
    if (key === 'trace') this.drop('TRACE operations', place)
    const verb = VERBS[key]
    if (verb === undefined) return []
    if (!isRecord(given)) {
      this.problems.push({
        path: pointer(place),
        message: `${at(this.source.lineOf(place))}an operation must be an object.`,
      })
      return []
    }
    for (const kind of ['parameters', 'requestBody', 'responses', 'callbacks', 'security', 'servers']) {
      if (given[kind] !== undefined) this.drop(KINDS[kind] ?? kind, [...place, kind])
    }
    const name = text(given.summary) || text(given.operationId)
    const description = text(given.description)
    if (name.length > MAX_NAME) this.drop(`names beyond ${MAX_NAME} characters`, [...place, 'summary'])
    if (description.length > MAX_DESCRIPTION)
      this.drop(`descriptions beyond ${MAX_DESCRIPTION} characters`, [...place, 'description'])
    const tags = Array.isArray(given.tags)
      ? given.tags.filter((tag) => typeof tag === 'string').map((tag) => tag.slice(0, MAX_TAG))
      : []
    return [
      {
        verb,
        name: name.slice(0, MAX_NAME),
        description: description.slice(0, MAX_DESCRIPTION),
        tags,
        deprecated: given.deprecated === true,
        operationId: '',
        parameters: [],
        requestBody: null,
        responses: [],
        backend: { kind: 'http' },
        plugins: [],
      },
    ]
  }

  /** Follows `$ref` inside the document, with the fields beside it laid over (3.1). Null where it leads nowhere. */
  private resolve(given: unknown, place: string[]): Readonly<Record<string, unknown>> | null {
    let item = given
    let beside: Record<string, unknown> = {}
    const seen = new Set<string>()
    while (isRecord(item) && typeof item.$ref === 'string') {
      const { $ref: reference, ...others } = item
      if (seen.has(reference) || !reference.startsWith('#/')) {
        const why = seen.has(reference)
          ? 'leads back to itself'
          : 'leads out of the document: put everything into one file first'
        this.problems.push({
          path: pointer(place),
          message: `${at(this.source.lineOf(place))}the reference "${reference}" ${why}.`,
        })
        return null
      }
      seen.add(reference)
      beside = { ...others, ...beside }
      item = this.lookUp(reference)
    }
    if (isRecord(item)) return { ...item, ...beside }
    const why =
      seen.size > 0 ? `the reference "${[...seen].at(-1)}" leads nowhere` : 'a path must be an object with operations'
    this.problems.push({ path: pointer(place), message: `${at(this.source.lineOf(place))}${why}.` })
    return null
  }

  private lookUp(reference: string): unknown {
    const keys = reference
      .slice(2)
      .split('/')
      .map((key) => decodePointer(key))
    return keys.reduce<unknown>((value, key) => {
      if (Array.isArray(value)) return value[Number(key)]
      return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
    }, this.source.value)
  }

  private drop(kind: string, place: readonly string[]): void {
    const known = this.dropped.get(kind)
    if (known === undefined)
      this.dropped.set(kind, { count: 1, line: this.source.lineOf(place), pointer: pointer(place) })
    else known.count++
  }
}

const KINDS: Readonly<Record<string, string>> = {
  requestBody: 'request bodies',
  security: 'security requirements',
  servers: 'servers of single operations',
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/** "Line 7: ", or nothing where the line is not known. */
export function at(line: number | null): string {
  return line === null ? '' : `Line ${line}: `
}

function pointer(keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function decodePointer(key: string): string {
  let decoded = key
  try {
    decoded = decodeURIComponent(key)
  } catch {
    // Not percent-encoded after all: the key is meant as it stands.
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~')
}
