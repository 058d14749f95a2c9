import { Invalid } from '../../model/errors.ts'
import type { Verb } from '../../model/method.ts'
import type { Model } from '../../model/model.ts'
import { checkInterface } from '../check-interface.ts'
import { checkModel } from '../check-models.ts'
import { parsePath, pathVariables } from '../paths.ts'
import { AWS_ANY, awsKeySchemes, readAwsDocument, readAwsOperation } from './extensions/aws.ts'
import { ForeignPlugins } from './extensions/foreign-plugins.ts'
import { isGeneratedForCors, NHN, readNhn } from './extensions/nhn.ts'
import {
  readBackend,
  readDescription,
  readGatewayResponses,
  readInterface,
  readModels,
  readPlugins,
  TURNPIKE,
  TURNPIKE_ANY,
} from './extensions/turnpike.ts'
import type { ImportedDesign, ImportedMethod, ImportedPath } from './imported.ts'
import { InterfaceReader } from './interface.ts'
import { Report } from './notes.ts'
import { type PathTemplate, readPathTemplate } from './path-template.ts'
import { References } from './references.ts'
import { Schemas } from './schemas.ts'
import { alternativesOf, impliedSchemes, schemesIn } from './security.ts'
import { type Fields, isRecord, type Place, type SourceDocument } from './source.ts'
import { SwaggerReader } from './swagger.ts'

const VERBS: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['get', 'GET'],
  ['head', 'HEAD'],
  ['post', 'POST'],
  ['put', 'PUT'],
  ['patch', 'PATCH'],
  ['delete', 'DELETE'],
  ['options', 'OPTIONS'],
  [TURNPIKE_ANY, 'ANY'],
  [AWS_ANY, 'ANY'],
])
const MAX_NAME = 200
const MAX_DESCRIPTION = 10_000
const MAX_PATH_DESCRIPTION = 2_000
const MAX_TAG = 100
const OPERATION_ID = /^[A-Za-z0-9._:/-]{0,200}$/

/** What each part of a document may say. What is not among it is told; `x-` fields apart. */
const PATH_WORDS = new Set([...VERBS.keys(), '$ref', 'summary', 'description', 'parameters', 'servers', 'trace'])
const OPERATION_WORDS = new Set([
  'tags',
  'summary',
  'description',
  'operationId',
  'parameters',
  'requestBody',
  'responses',
  'deprecated',
  'consumes',
  'produces',
  'schemes',
  'callbacks',
  'security',
  'servers',
  'externalDocs',
])
/** Extensions that are read. */
const KNOWN_EXTENSIONS = new Set([TURNPIKE, TURNPIKE_ANY, AWS_ANY, NHN])

/** What a document says, in the words of a design. Throws `Invalid` with all problems, each with its line. */
export function readDesign(source: SourceDocument): ImportedDesign {
  const report = new Report(source)
  const design = new DesignReader(source, report).read()
  const problems = report.problems()
  if (problems.length > 0) throw new Invalid(`The document cannot be imported: ${problems[0]?.message}`, problems)
  return { ...design, notes: report.notes() }
}

class DesignReader {
  private readonly source: SourceDocument
  private readonly report: Report
  private readonly references: References
  private readonly schemas: Schemas
  private readonly interfaces: InterfaceReader
  private readonly swagger: SwaggerReader
  /** Security schemes that become plugins. */
  private readonly keySchemes: ReadonlySet<string>
  /** Those that are plugins already, in the document's own words. */
  private readonly impliedSchemes: ReadonlySet<string>

  constructor(source: SourceDocument, report: Report) {
    this.source = source
    this.report = report
    this.references = new References(source, report)
    this.schemas = new Schemas(source, this.references, report)
    this.interfaces = new InterfaceReader(this.references, this.schemas, report)
    this.swagger = new SwaggerReader(source.value, this.references, report)
    this.keySchemes = new Set(awsKeySchemes(source.value))
    this.impliedSchemes = new Set(impliedSchemes(source.value))
  }

  read(): Omit<ImportedDesign, 'notes'> {
    const { value } = this.source
    this.noteDocument()
    const rootPlugins = new ForeignPlugins(this.report, [])
    const foreignResponses = readAwsDocument(value, rootPlugins, this.report)
    readNhn(value, [], rootPlugins, this.report)
    const entries = Object.entries(isRecord(value.paths) ? value.paths : {})
    const paths = entries.flatMap(([template, item]) =>
      template.startsWith('x-') ? [] : this.readPath(template, item),
    )
    const info = isRecord(value.info) ? value.info : {}
    const models = this.readModels()
    this.assertSound(paths, new Set(models.map(({ name }) => name)))
    return {
      title: String(info.title ?? ''),
      description: this.text(info.description, MAX_PATH_DESCRIPTION, ['info', 'description']),
      paths: withRootPlugins(paths, rootPlugins.attachments('path', [])),
      models,
      gatewayResponses: readGatewayResponses(value, this.report) ?? foreignResponses,
    }
  }

  private readModels(): Model[] {
    const exact = new Map(readModels(this.source.value, this.report).map((model) => [model.name, model]))
    const models = this.schemas.models().map((model) => exact.get(model.name) ?? model)
    const names = new Set(models.map(({ name }) => name))
    for (const model of exact.values())
      for (const { path, message } of checkModel(model, names))
        this.report.problem([TURNPIKE, 'models'], `model "${model.name}", ${path}: ${message}`)
    return models
  }

  private noteDocument(): void {
    const { value } = this.source
    const { webhooks, security, servers, host, externalDocs, tags } = value
    if (webhooks !== undefined) this.report.note('webhooks', ['webhooks'])
    if (security !== undefined) this.report.note('security', ['security'])
    const [first] = Array.isArray(servers) ? servers : []
    if (isRecord(first)) this.report.note('servers', ['servers'], `"${String(first.url)}"`)
    if (host !== undefined || value.basePath !== undefined)
      this.report.note('servers', ['host'], `"${String(host ?? '')}${String(value.basePath ?? '')}"`)
    if (Object.keys(schemesIn(value)).some((name) => !this.keySchemes.has(name) && !this.impliedSchemes.has(name)))
      this.report.note(
        'securitySchemes',
        'securityDefinitions' in value ? ['securityDefinitions'] : ['components', 'securitySchemes'],
      )
    if (externalDocs !== undefined) this.report.note('externalDocs', ['externalDocs'])
    if (Array.isArray(tags) && tags.some((tag) => isRecord(tag) && tag.description !== undefined))
      this.report.note('tagDescriptions', ['tags'])
    for (const key of Object.keys(value)) {
      if (key.startsWith('x-') && !KNOWN_EXTENSIONS.has(key) && !key.startsWith('x-amazon-apigateway-'))
        this.report.note('extension', [key], key)
    }
  }

  private readPath(template: string, given: unknown): ImportedPath[] {
    const place = ['paths', template]
    const found = this.references.resolve(given, place, 'a path')
    if (found === null) return []
    if (!template.startsWith('/')) {
      this.report.problem(place, `"${template}" does not begin with "/".`)
      return []
    }
    const path = readPathTemplate(template)
    for (const { message } of parsePath(path.path).problems) this.report.problem(place, message)
    for (const change of path.changes) this.report.note(change, place)
    const item = found.value
    if (item.servers !== undefined) this.report.note('servers', [...found.place, 'servers'], 'of single paths')
    this.noteUnknown(item, PATH_WORDS, found.place)
    const plugins = new ForeignPlugins(this.report, found.place)
    readNhn(item, found.place, plugins, this.report)
    const methods = Object.entries(item).flatMap(([key, operation]) => {
      const verb = VERBS.get(key)
      if (key === 'trace') this.report.note('trace', [...found.place, key])
      if (verb === undefined || (isRecord(operation) && isGeneratedForCors(key, operation, item))) return []
      return this.readOperation(operation, {
        verb,
        path,
        item,
        itemPlace: found.place,
        place: [...found.place, key],
        plugins,
      })
    })
    return [
      {
        path: path.path,
        template,
        line: this.source.lineOf(place),
        description: this.text(
          item.description ?? readDescription(item) ?? item.summary,
          MAX_PATH_DESCRIPTION,
          found.place,
        ),
        plugins: readPlugins(item, found.place, this.report) ?? plugins.attachments('path', pathVariables(path.path)),
        methods,
      },
    ]
  }

  private readOperation(
    given: unknown,
    {
      verb,
      path,
      item,
      itemPlace,
      place,
      plugins: pathPlugins,
    }: { verb: Verb; path: PathTemplate; item: Fields; itemPlace: Place; place: Place; plugins: ForeignPlugins },
  ): ImportedMethod[] {
    if (!isRecord(given)) {
      this.report.problem(place, 'an operation must be an object.')
      return []
    }
    this.noteOperation(given, place)
    const parameters = [...parametersOf(item, itemPlace), ...parametersOf(given, place)]
    const { requestBody, responses } = given
    const described =
      this.source.version === '2.0'
        ? this.swagger.read(given, { parameters, place })
        : { parameters, requestBody, responses }
    const plugins = new ForeignPlugins(this.report, place)
    const foreign =
      readAwsOperation(given, { verb, place, needsKey: this.needsKey(given), plugins, report: this.report }) ??
      readNhn(this.withoutCors(given, place, pathPlugins), place, plugins, this.report)
    const slash: ImportedMethod['backend'] = path.changes.has('trailingSlash')
      ? { kind: 'http', path: `${path.path.replace(/\{([^}]+)\}/g, '${request.path.$1}')}/` }
      : null
    const name = this.text(given.summary, MAX_NAME, [...place, 'summary'])
    return [
      {
        verb,
        name,
        description: this.text(given.description, MAX_DESCRIPTION, [...place, 'description']),
        tags: this.readTags(given.tags, place),
        deprecated: given.deprecated === true,
        operationId: this.readOperationId(given.operationId, place),
        ...(readInterface(given, place, this.report) ??
          this.interfaces.read({ verb, variables: path.variables, place, ...described })),
        backend: readBackend(given, place, this.report) ?? foreign ?? slash,
        plugins: readPlugins(given, place, this.report) ?? plugins.attachments('method', pathVariables(path.path)),
        line: this.source.lineOf(place),
      },
    ]
  }

  /** Whether nobody may call without an API key. */
  private needsKey({ security }: Fields): boolean {
    const alternatives = alternativesOf(security)
    return (
      alternatives.every((names) => names.length > 0) && alternatives.flat().some((name) => this.keySchemes.has(name))
    )
  }

  /** Whether anything is required that no plugin says. */
  private hasOtherSecurity(operation: Fields): boolean {
    const needsKey = this.needsKey(operation)
    return alternativesOf(operation.security)
      .flat()
      .some((name) => !this.impliedSchemes.has(name) && !(needsKey && this.keySchemes.has(name)))
  }

  /** Older exports repeat the CORS settings of a path on its methods; ours belong to the path. */
  private withoutCors(operation: Fields, place: Place, path: ForeignPlugins): Fields {
    const extension = operation[NHN]
    if (!isRecord(extension) || !isRecord(extension.plugins)) return operation
    const { CORS, ...plugins } = extension.plugins
    if (CORS !== undefined && !path.has('cors')) readNhn({ [NHN]: { plugins: { CORS } } }, place, path, this.report)
    return { ...operation, [NHN]: { plugins } }
  }

  private noteOperation(operation: Fields, place: Place): void {
    const has = (key: string) => {
      const value = operation[key]
      return value !== undefined && !(Array.isArray(value) && value.length === 0)
    }
    if (has('callbacks')) this.report.note('callbacks', [...place, 'callbacks'])
    if (this.hasOtherSecurity(operation)) this.report.note('security', [...place, 'security'])
    if (has('servers')) this.report.note('servers', [...place, 'servers'], 'of single operations')
    if (has('externalDocs')) this.report.note('externalDocs', [...place, 'externalDocs'])
    this.noteUnknown(operation, OPERATION_WORDS, place)
  }

  private noteUnknown(node: Fields, words: ReadonlySet<string>, place: Place): void {
    for (const key of Object.keys(node)) {
      if (words.has(key) || KNOWN_EXTENSIONS.has(key)) continue
      if (!key.startsWith('x-')) this.report.note('unknownField', [...place, key], `"${key}"`)
      else if (!key.startsWith('x-amazon-apigateway-')) this.report.note('extension', [...place, key], key)
      else if (!READ_OF_AWS.has(key)) this.report.note('foreign', [...place, key], key)
    }
  }

  private readTags(given: unknown, place: Place): string[] {
    const tags = Array.isArray(given) ? given.filter((tag) => typeof tag === 'string') : []
    return tags.map((tag) => this.text(tag, MAX_TAG, [...place, 'tags']))
  }

  private readOperationId(given: unknown, place: Place): string {
    const id = typeof given === 'string' ? given : ''
    if (OPERATION_ID.test(id)) return id
    this.report.note('renamedOperationId', [...place, 'operationId'])
    return id.replace(/[^A-Za-z0-9._:/-]+/g, '_').slice(0, MAX_NAME)
  }

  private text(given: unknown, most: number, place: Place): string {
    const text = typeof given === 'string' ? given : ''
    if (text.length > most) this.report.note('longText', place)
    return text.slice(0, most)
  }

  /** What was read is what a design takes: a fault here is one of this reader, and nothing is imported. */
  private assertSound(paths: readonly ImportedPath[], models: ReadonlySet<string>): void {
    for (const { path, template, methods } of paths)
      for (const method of methods)
        for (const { path: pointer, message } of checkInterface(method, path, models))
          this.report.problem(['paths', template, method.verb.toLowerCase()], `${pointer}: ${message}`)
  }
}

const READ_OF_AWS = new Set(['x-amazon-apigateway-integration', 'x-amazon-apigateway-request-validator', AWS_ANY])

function parametersOf(node: Fields, place: Place): { value: unknown; place: Place }[] {
  const { parameters } = node
  return Array.isArray(parameters) ? parameters.map((value, i) => ({ value, place: [...place, 'parameters', i] })) : []
}

/** The paths with plugins of the whole document, which run on its root. */
function withRootPlugins(paths: readonly ImportedPath[], plugins: readonly unknown[] | null): readonly ImportedPath[] {
  if (plugins === null) return paths
  const root = paths.find(({ path }) => path === '/')
  if (root === undefined)
    return [{ path: '/', template: '/', line: null, description: '', plugins, methods: [] }, ...paths]
  return paths.map((one) => (one === root ? { ...one, plugins: [...(one.plugins ?? []), ...plugins] } : one))
}
