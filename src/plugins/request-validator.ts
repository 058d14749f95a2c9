import { type Static, Type } from '#bundles/typebox'
import { boundaryOf, readParts } from '../lib/multipart.ts'
import { type SchemaCheck, SchemaCompiler } from '../lib/schema-compiler.ts'
import { readDeepObject, readValue } from './parameter-values.ts'
import {
  definePlugin,
  type Exchange,
  type Handlers,
  type Problem,
  type Reply,
  type RouteInterface,
  type RouteParameter,
} from './plugin.ts'

const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data'
const MAX_PROBLEMS = 100
const JSON_TYPE = /^(?:application|text)\/(?:[a-z0-9!#$&^_.+-]+\+)?json$/

const Config = Type.Object(
  {
    parameters: Type.Boolean({
      title: 'Parameters',
      description: 'Whether query, headers, cookies, path and form fields are checked.',
      default: true,
      examples: [true],
    }),
    contentTypes: Type.Boolean({
      title: 'Content types',
      description: 'Whether a body must be of one of the types that the method takes; 415 otherwise.',
      default: true,
      examples: [true],
    }),
    body: Type.Boolean({
      title: 'Body',
      description: 'Whether JSON bodies are checked by their schema.',
      default: true,
      examples: [true],
    }),
    unknownQuery: Type.Enum(['ignore', 'refuse'], {
      title: 'Unknown query',
      description: 'What becomes of query parameters that the method does not have.',
      default: 'ignore',
      examples: ['ignore'],
    }),
    maxBodyBytes: Type.Integer({
      title: 'Largest body',
      description: 'Bodies that are checked are held; larger ones are answered with 413, unread.',
      minimum: 1,
      maximum: 104_857_600,
      default: 1_048_576,
      examples: [1_048_576],
    }),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>

/** What the methods of one snapshot share: compiled schemas, by the models that they come from. */
const compilers = new WeakMap<object, SchemaCompiler>()

export const requestValidator = definePlugin({
  name: 'request-validator',
  summary: 'Checks requests by what the design says that methods take.',
  docs: 'Parameters are read by their schema and style, JSON bodies checked by theirs; all problems of a request are in one answer, each with its place: `/query/limit`, `/headers/x-a`, `/path/id`, `/cookies/c`, `/form/name`, `/body/items/0`. The first hundred are told, and of very large values the first. Patterns of schemas run in linear time (RE2: no look-around, no references); a deployment with any other pattern is refused. A method of which the design says nothing is not checked.',
  phase: 'validate',
  attach: ['stage', 'path', 'method'],
  config: Config,
  needsInterface: true,

  create(config, _env, method) {
    if (method === undefined) return {}
    return new Validator(config, method).handlers()
  },
})

/** A parameter with the check of its schema. */
interface CheckedParameter {
  readonly parameter: RouteParameter
  readonly check: SchemaCheck
}

class Validator {
  private readonly config: Config
  private readonly schemas: SchemaCompiler
  private readonly parameters: readonly CheckedParameter[]
  private readonly form: readonly CheckedParameter[]
  private readonly queryNames: ReadonlySet<string>
  private readonly body: RouteInterface['requestBody']
  private readonly contents: readonly { readonly type: string; readonly check: SchemaCheck | null }[]

  constructor(config: Config, { parameters, requestBody, schemas }: RouteInterface) {
    this.config = config
    this.schemas = compilers.get(schemas) ?? new SchemaCompiler(schemas)
    compilers.set(schemas, this.schemas)
    const checked = (config.parameters ? parameters : []).map((parameter) => ({
      parameter,
      check: this.schemas.compile(parameter.schema),
    }))
    this.parameters = checked.filter(({ parameter }) => parameter.in !== 'form')
    this.form = checked.filter(({ parameter }) => parameter.in === 'form')
    this.queryNames = new Set(parameters.filter((one) => one.in === 'query').map(({ name }) => name))
    this.body = requestBody
    this.contents = (requestBody?.content ?? []).map(({ contentType, schema }) => ({
      type: mediaType(contentType),
      check: config.body && schema !== undefined ? this.schemas.compile(schema) : null,
    }))
  }

  handlers(): Handlers {
    const isHeld =
      this.form.length > 0 || this.contents.some(({ check }) => check !== null) || this.body?.required === true
    return {
      ...(isHeld && { requestBodyBytes: this.config.maxBodyBytes }),
      onRequest: (x) => this.check(x),
    }
  }

  private check(x: Exchange): Reply | undefined {
    const problems: Problem[] = []
    this.checkParameters(x, problems)
    if (this.body !== null || this.form.length > 0) {
      const refused = this.checkBody(x, problems)
      if (refused !== undefined) return refused
    }
    if (problems.length === 0) return undefined
    const [first] = problems
    const detail = `${problems.length === 1 ? 'The request has a problem' : `The request has ${problems.length} problems; the first`}: ${first?.path} ${first?.message}.`
    return { reply: 'validation-failed', detail, errors: problems.slice(0, MAX_PROBLEMS) }
  }

  private checkParameters(x: Exchange, problems: Problem[]): void {
    const needsQuery =
      this.config.unknownQuery === 'refuse' || this.parameters.some(({ parameter }) => parameter.in === 'query')
    const query = needsQuery ? fieldsOf(x.request.query) : null
    for (const { parameter, check } of this.parameters) {
      const at = placeOf(parameter)
      const value = this.valueOf(x, parameter, query)
      if (value === undefined) {
        if (parameter.required) problems.push({ path: at, message: 'is missing' })
      } else for (const { path, message } of check(value)) problems.push({ path: at + path, message })
    }
    if (this.config.unknownQuery !== 'refuse' || query === null) return
    for (const name of query.keys())
      if (!this.queryNames.has(name.replace(/\[[^\]]*\]$/, '')) && !this.queryNames.has(name))
        problems.push({ path: `/query/${escapeKey(name)}`, message: 'is not a parameter of this method' })
  }

  private valueOf(
    x: Exchange,
    parameter: RouteParameter,
    query: ReadonlyMap<string, readonly string[]> | null,
  ): unknown {
    const { in: place, name } = parameter
    if (place === 'query') {
      if (parameter.style === 'deepObject') return readDeepObject(query ?? new Map(), parameter, this.schemas)
      const texts = query?.get(name)
      return texts === undefined ? undefined : readValue(texts, parameter, this.schemas)
    }
    if (place === 'header') {
      const values = x.request.headers.getAll(name.toLowerCase())
      return values.length === 0 ? undefined : readValue([values.join(',')], parameter, this.schemas)
    }
    if (place === 'cookie') {
      const value = cookieOf(x.request.headers.getAll('cookie'), name)
      return value === undefined ? undefined : readValue([value], parameter, this.schemas)
    }
    const raw = x.request.variable(name)
    return raw === undefined ? undefined : readValue([decoded(raw)], parameter, this.schemas)
  }

  private checkBody(x: Exchange, problems: Problem[]): Reply | undefined {
    const body = x.request.body
    const isEmpty = body === null ? x.request.contentLength === 0 : body.length === 0
    if (isEmpty && (body !== null || x.request.contentLength === 0)) {
      if (this.body?.required === true) problems.push({ path: '/body', message: 'is missing' })
      else if (this.form.length > 0) this.checkForm(new Map(), problems)
      return undefined
    }
    const given = mediaType(x.request.headers.get('content-type') ?? '')
    const content = this.contents.find(({ type }) => matches(type, given))
    if (content === undefined && this.config.contentTypes && this.contents.length > 0) {
      const types = this.contents.map(({ type }) => type).join(', ')
      return { reply: 'unsupported-content-type', detail: `The body must be of one of the types ${types}.` }
    }
    if (body === null) return undefined
    if (this.form.length > 0 && (given === FORM || given === MULTIPART)) {
      const fields = given === FORM ? fieldsOf(body.toString('utf8')) : partsOf(x, body)
      if (fields === null) problems.push({ path: '/body', message: 'is not a well-formed form' })
      else this.checkForm(fields, problems)
      return undefined
    }
    if (content?.check == null || !JSON_TYPE.test(given)) return undefined
    let value: unknown
    try {
      value = JSON.parse(body.toString('utf8'))
    } catch {
      problems.push({ path: '/body', message: 'is not JSON' })
      return undefined
    }
    for (const { path, message } of content.check(value)) problems.push({ path: `/body${path}`, message })
    return undefined
  }

  private checkForm(fields: ReadonlyMap<string, readonly (string | null)[]>, problems: Problem[]): void {
    for (const { parameter, check } of this.form) {
      const given = fields.get(parameter.name)
      // Of files only that they are there.
      if (given?.includes(null)) continue
      const texts = given as readonly string[] | undefined
      const at = placeOf(parameter)
      if (texts !== undefined)
        for (const { path, message } of check(readValue(texts, parameter, this.schemas)))
          problems.push({ path: at + path, message })
      else if (parameter.required) problems.push({ path: at, message: 'is missing' })
    }
  }
}

const PLACES = { path: 'path', query: 'query', header: 'headers', cookie: 'cookies', form: 'form' } as const

function placeOf({ in: place, name }: RouteParameter): string {
  return `/${PLACES[place]}/${escapeKey(place === 'header' ? name.toLowerCase() : name)}`
}

/** All fields of a query or form, decoded (WHATWG URL, section 5.1), each with all its values. */
function fieldsOf(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    const values = fields.get(name)
    if (values === undefined) fields.set(name, [value])
    else values.push(value)
  }
  return fields
}

/** The fields of a multipart form; null in the place of a file. Null for a body that is none. */
function partsOf(x: Exchange, body: Buffer): Map<string, (string | null)[]> | null {
  const boundary = boundaryOf(x.request.headers.get('content-type') ?? '')
  const parts = boundary === null ? null : readParts(body, boundary)
  if (parts === null) return null
  return new Map([...Map.groupBy(parts, ({ name }) => name)].map(([name, all]) => [name, all.map(({ text }) => text)]))
}

function cookieOf(fields: readonly string[], name: string): string | undefined {
  for (const pair of fields.flatMap((field) => field.split(';'))) {
    const equals = pair.indexOf('=')
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}

function matches(type: string, given: string): boolean {
  if (type === given || type === '*/*') return true
  return type.endsWith('/*') && given.startsWith(type.slice(0, -1))
}

function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase()
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
