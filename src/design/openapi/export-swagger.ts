import { canonicalJson } from '../../lib/canonical-json.ts'
import { type JsonSchema, mapSchema } from '../../lib/json-schema.ts'
import type { Content, MethodResponse, Parameter } from '../../model/interface.ts'
import { MODEL_REFERENCE } from '../../model/json-schema.ts'
import type { Method } from '../../model/method.ts'
import type { Model } from '../../model/model.ts'
import type { Resource } from '../../model/resource.ts'
import { type Design, inOrder } from '../design.ts'
import { pathVariables } from '../paths.ts'
import type { ExportOptions, OpenApiDocument } from './export.ts'
import { TURNPIKE, TURNPIKE_ANY } from './extensions/turnpike.ts'
import type { ImportedDesign } from './imported.ts'
import { sortedInterface } from './interface-order.ts'
import { readDesign } from './read-design.ts'
import { type Security, securityOf } from './security.ts'
import { type Fields, isRecord } from './source.ts'

/**
 * A design as a Swagger 2.0 document, for tools that read nothing newer. 2.0 cannot say everything that a design says: where
 * reading it back would give something else, the design's own words stand beside it in `x-turnpike`.
 */

/** What a parameter of 2.0 may say of its value without being a body (2.0, section "Parameter Object"). */
const VALUE_WORDS = new Set([
  'type',
  'format',
  'items',
  'default',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'enum',
  'multipleOf',
])
const VALUE_TYPES = new Set(['string', 'number', 'integer', 'boolean', 'array'])

/** Writes a design as a document; equal designs are equal documents. */
export function exportSwagger(design: Design, options: ExportOptions): OpenApiDocument {
  const ordered = inOrder(design)
  const plain = writeDocument(ordered, options, EXACT)
  const read = readBack(plain)
  if (read === null) return writeDocument(ordered, options, { isExact: () => false, models: ordered.models })
  const exact = new Set(read.models.map((model) => canonicalJson(model)))
  return writeDocument(ordered, options, {
    isExact: exactMethods(ordered, read),
    models: ordered.models.filter((model) => !exact.has(canonicalJson(model))),
  })
}

/** What can be read back as it is. */
interface Fidelity {
  readonly isExact: (method: Method) => boolean
  /** Those that cannot. */
  readonly models: readonly Model[]
}
const EXACT: Fidelity = { isExact: () => true, models: [] }

/** What an import of the document would make of it; null where it would be refused. */
function readBack(document: OpenApiDocument): ImportedDesign | null {
  try {
    // As it arrives: without what JSON does not have.
    return readDesign({ value: JSON.parse(JSON.stringify(document)), version: '2.0', lineOf: () => null })
  } catch {
    return null
  }
}

function exactMethods({ resources }: Design, read: ImportedDesign): Fidelity['isExact'] {
  const pathOf = new Map(resources.map(({ id, path }) => [id, path]))
  const texts = new Map(
    read.paths.flatMap(({ path, methods }) => methods.map((method) => [`${method.verb} ${path}`, textOf(method)])),
  )
  return (method) => texts.get(`${method.verb} ${pathOf.get(method.resourceId)}`) === textOf(method)
}

function textOf(method: Pick<Method, 'parameters' | 'requestBody' | 'responses'>): string {
  return canonicalJson(sortedInterface(method))
}

function writeDocument(
  { resources, methods, models, gatewayResponses }: Design,
  { title, description, version, servers, stage }: ExportOptions,
  fidelity: Fidelity,
): OpenApiDocument {
  const methodsOf = Map.groupBy(methods, ({ resourceId }) => resourceId)
  const server = servers[0] === undefined ? null : URL.parse(servers[0])
  const described = models.filter((model) => model.description !== '')
  const security = securityOf(resources, stage, true)
  const schemes = security.schemesOf(methods)
  return {
    swagger: '2.0',
    info: { title, ...(description !== '' && { description }), version },
    ...(server !== null && { host: server.host, basePath: server.pathname, schemes: [server.protocol.slice(0, -1)] }),
    paths: Object.fromEntries(
      resources.map((resource) => [
        resource.path,
        writePath(resource, methodsOf.get(resource.id) ?? [], { ...fidelity, security }),
      ]),
    ),
    ...(models.length > 0 && {
      definitions: Object.fromEntries(
        models.map(({ name, dialect, schema }) => [name, oldSchema(schema, dialect === 'draft-04')]),
      ),
    }),
    ...(schemes !== null && { securityDefinitions: schemes }),
    [TURNPIKE]: {
      gatewayResponses,
      ...(described.length > 0 && {
        modelDescriptions: Object.fromEntries(described.map((model) => [model.name, model.description])),
      }),
      ...(fidelity.models.length > 0 && { models: fidelity.models }),
    },
  }
}

interface Writing extends Pick<Fidelity, 'isExact'> {
  readonly security: Security
}

function writePath(
  { path, description, plugins }: Resource,
  methods: readonly Method[],
  { isExact, security }: Writing,
) {
  return {
    // A path of 2.0 has no description of its own.
    ...Object.fromEntries(
      methods.map((method) => [
        method.verb === 'ANY' ? TURNPIKE_ANY : method.verb.toLowerCase(),
        writeOperation(method, path, { isExact: isExact(method), required: security.of(method) }),
      ]),
    ),
    [TURNPIKE]: { plugins, ...(description !== '' && { description }) },
  }
}

function writeOperation(
  method: Method,
  path: string,
  { isExact, required }: { isExact: boolean; required: ReturnType<Security['of']> },
) {
  const { name, description, tags, deprecated, operationId, responses, backend, plugins } = method
  const parameters = [...writeParameters(method, path), ...writeBody(method)]
  const consumes = method.requestBody?.content.map(({ contentType }) => contentType) ?? []
  const produces = [...new Set(responses.flatMap(({ content }) => content.map(({ contentType }) => contentType)))]
  const { parameters: own, requestBody, responses: ownResponses } = method
  return {
    ...(tags.length > 0 && { tags }),
    ...(name !== '' && { summary: name }),
    ...(description !== '' && { description }),
    ...(operationId !== '' && { operationId }),
    ...(deprecated && { deprecated }),
    ...(consumes.length > 0 && { consumes }),
    ...(produces.length > 0 && { produces }),
    ...(parameters.length > 0 && { parameters }),
    responses:
      responses.length === 0
        ? { default: { description: '' } }
        : Object.fromEntries(responses.map((response) => [statusOf(response), writeResponse(response)])),
    ...(required !== null && { security: required }),
    [TURNPIKE]: {
      backend,
      plugins,
      ...(!isExact && { interface: { parameters: own, requestBody, responses: ownResponses } }),
    },
  }
}

function writeParameters({ parameters }: Method, path: string): Fields[] {
  const described = new Set(parameters.flatMap((one) => (one.in === 'path' ? [one.name] : [])))
  const variables = pathVariables(path)
  const nameOf = (name: string) => variables.find((variable) => variable.replace(/\+$/, '') === name) ?? name
  return [
    ...parameters
      .filter(({ in: where }) => where !== 'cookie')
      .map((parameter) => ({
        name: parameter.in === 'path' ? nameOf(parameter.name) : parameter.name,
        in: parameter.in === 'form' ? 'formData' : parameter.in,
        ...(parameter.description !== '' && { description: parameter.description }),
        ...(parameter.required && { required: true }),
        ...valueOfParameter(parameter),
      })),
    ...variables
      .filter((variable) => !described.has(variable.replace(/\+$/, '')))
      .map((name) => ({ name, in: 'path', required: true, type: 'string', 'x-turnpike-implied': true })),
  ]
}

/** What a value is, as far as 2.0 has words for it. */
function valueOfParameter({
  in: where,
  schema,
  style,
  explode,
}: Pick<Parameter, 'in' | 'schema' | 'style' | 'explode'>): Fields {
  const words = isRecord(schema) ? (oldSchema(schema, false) as Fields) : {}
  if (!VALUE_TYPES.has(String(words.type))) return { type: 'string' }
  const known = Object.fromEntries(Object.entries(words).filter(([word]) => VALUE_WORDS.has(word)))
  if (words.type !== 'array') return known
  const listed = where === 'query' || where === 'form'
  const format =
    style === 'spaceDelimited' ? 'ssv' : style === 'pipeDelimited' ? 'pipes' : explode === false ? 'csv' : 'multi'
  const items = valueOfParameter({ in: where, schema: (known.items ?? {}) as JsonSchema })
  return { ...known, items, ...(listed && { collectionFormat: format }) }
}

function writeBody({ parameters, requestBody }: Method): Fields[] {
  if (requestBody === null || parameters.some((parameter) => parameter.in === 'form')) return []
  const { description, required, content } = requestBody
  const described = content.find(({ schema }) => schema !== undefined)
  return [
    {
      name: 'body',
      in: 'body',
      ...(description !== '' && { description }),
      ...(required && { required }),
      schema: described?.schema === undefined ? {} : oldSchema(described.schema, false),
    },
  ]
}

function writeResponse({ description, headers, content }: MethodResponse) {
  const described = content.find(({ schema }: Content) => schema !== undefined)
  return {
    description,
    ...(headers.length > 0 && {
      headers: Object.fromEntries(
        headers.map(({ name, description: said, schema }) => [
          name,
          { ...(said !== '' && { description: said }), ...valueOfParameter({ in: 'header', schema }) },
        ]),
      ),
    }),
    ...(described?.schema !== undefined && { schema: oldSchema(described.schema, false) }),
  }
}

/** 2.0 has no classes of statuses. */
function statusOf({ status }: MethodResponse): string {
  return status.endsWith('XX') ? `${status[0]}00` : status
}

/** A schema in the words of 2.0, which are those of draft-04; what they cannot say is left out. */
function oldSchema(schema: JsonSchema, isOld: boolean): JsonSchema {
  const objects = mapSchema(typeof schema === 'boolean' ? { not: schema ? { not: {} } : {} } : schema, (one) =>
    linked(isOld ? one : oldWords(one)),
  )
  return typeof schema === 'boolean' && schema ? {} : (objects as JsonSchema)
}

function oldWords(schema: Fields): Fields {
  const {
    type,
    const: value,
    examples,
    exclusiveMinimum,
    exclusiveMaximum,
    prefixItems: _,
    $defs: __,
    ...others
  } = schema
  const types = Array.isArray(type) ? type.filter((one) => one !== 'null') : [type]
  return {
    ...Object.fromEntries(
      Object.entries(others).map(([word, one]) => [
        word,
        typeof one === 'boolean' && SCHEMA_WORDS.has(word) ? (one ? {} : { not: {} }) : one,
      ]),
    ),
    ...(type !== undefined && types.length === 1 && { type: types[0] }),
    ...(Array.isArray(type) && type.includes('null') && { 'x-nullable': true }),
    ...(value !== undefined && { enum: [value] }),
    ...(Array.isArray(examples) && examples.length > 0 && { example: examples[0] }),
    ...(typeof exclusiveMinimum === 'number' && { minimum: exclusiveMinimum, exclusiveMinimum: true }),
    ...(typeof exclusiveMaximum === 'number' && { maximum: exclusiveMaximum, exclusiveMaximum: true }),
  }
}

/** Keywords of draft-04 whose schema cannot be `true` or `false`. */
const SCHEMA_WORDS = new Set(['not', 'items'])

function linked({ $ref, ...schema }: Fields): Fields {
  if (typeof $ref !== 'string') return schema
  // Only models are there to be referred to; what refers to a part of itself is said beside the document.
  return $ref.startsWith(MODEL_REFERENCE)
    ? { ...schema, $ref: `#/definitions/${$ref.slice(MODEL_REFERENCE.length)}` }
    : schema
}
