import { type JsonSchema, mapSchema } from '../../lib/json-schema.ts'
import type { Content, MethodResponse, Parameter } from '../../model/interface.ts'
import { type Dialect, MODEL_REFERENCE } from '../../model/json-schema.ts'
import type { Method } from '../../model/method.ts'
import type { Model } from '../../model/model.ts'
import type { Resource } from '../../model/resource.ts'
import { FORM_TYPES } from '../check-interface.ts'
import { type Design, inOrder } from '../design.ts'
import type { Overlaid } from '../effective.ts'
import { pathVariables } from '../paths.ts'
import { TURNPIKE, TURNPIKE_ANY } from './extensions/turnpike.ts'
import { writeForm } from './forms.ts'
import { type Security, securityOf } from './security.ts'
import { type Place, pointerOf } from './source.ts'

/** A design as an OpenAPI 3.1 document. What OpenAPI has no words for travels in `x-turnpike`, so that nothing is lost. */

/** A document, as it is written. */
export type OpenApiDocument = Readonly<Record<string, unknown>>

export interface ExportOptions {
  readonly title: string
  readonly description: string
  readonly version: string
  /** Where the API is served; none for a draft. */
  readonly servers: readonly string[]
  /** What a stage lays over the design; `noOverlay` for a draft. */
  readonly stage: Overlaid
  /** Whether backends, plugins and gateway responses go with it: for whoever keeps the design, not for its clients. */
  readonly isWhole: boolean
}

/** How a model says its dialect; the newest is that of OpenAPI 3.1 itself. */
const SCHEMA_URLS: Readonly<Record<Dialect, string | null>> = {
  'draft-04': 'http://json-schema.org/draft-04/schema#',
  'draft-07': 'http://json-schema.org/draft-07/schema#',
  '2020-12': null,
}
const FORM = 'application/x-www-form-urlencoded'

/** Writes a design as a document; equal designs are equal documents. */
export function exportOpenApi(design: Design, options: ExportOptions): OpenApiDocument {
  const { title, description, version, servers, stage, isWhole } = options
  const { resources, methods, models, gatewayResponses } = inOrder(design)
  const methodsOf = Map.groupBy(methods, ({ resourceId }) => resourceId)
  const shown = resources.filter(({ id }) => isWhole || methodsOf.has(id))
  const security = securityOf(resources, stage, isWhole)
  const schemes = security.schemesOf(methods.filter((method) => isShown(method, isWhole)))
  return {
    openapi: '3.1.0',
    info: { title, ...(description !== '' && { description }), version },
    ...(servers.length > 0 && { servers: servers.map((url) => ({ url })) }),
    paths: Object.fromEntries(
      shown.map((resource) => [
        resource.path,
        writePath(resource, methodsOf.get(resource.id) ?? [], { security, isWhole }),
      ]),
    ),
    ...((models.length > 0 || schemes !== null) && {
      components: {
        ...(models.length > 0 && {
          schemas: Object.fromEntries(models.map((model) => [model.name, writeModel(model)])),
        }),
        ...(schemes !== null && { securitySchemes: schemes }),
      },
    }),
    ...(isWhole && { [TURNPIKE]: { gatewayResponses, ...modelDescriptions(models) } }),
  }
}

interface Writing extends Pick<ExportOptions, 'isWhole'> {
  readonly security: Security
}

/** ANY is nothing that clients know. */
function isShown({ verb }: Method, isWhole: boolean): boolean {
  return isWhole || verb !== 'ANY'
}

function writePath({ path, description, plugins }: Resource, methods: readonly Method[], writing: Writing) {
  const { isWhole } = writing
  return {
    ...(description !== '' && { description }),
    ...Object.fromEntries(
      methods
        .filter((method) => isShown(method, isWhole))
        .map((method) => {
          const key = method.verb === 'ANY' ? TURNPIKE_ANY : method.verb.toLowerCase()
          return [key, writeOperation(method, path, ['paths', path, key], writing)]
        }),
    ),
    ...(isWhole && { [TURNPIKE]: { plugins } }),
  }
}

function writeOperation(method: Method, path: string, place: Place, { security, isWhole }: Writing) {
  const { name, description, tags, deprecated, operationId, parameters, responses, backend, plugins } = method
  const own = parameters.filter((parameter) => parameter.in !== 'form')
  const written = [
    ...own.map((parameter, i) => writeParameter(parameter, path, [...place, 'parameters', i])),
    ...impliedParameters(own, path),
  ]
  const requestBody = writeBody(method, [...place, 'requestBody', 'content'])
  const required = security.of(method)
  return {
    ...(tags.length > 0 && { tags }),
    ...(name !== '' && { summary: name }),
    ...(description !== '' && { description }),
    ...(operationId !== '' && { operationId }),
    ...(deprecated && { deprecated }),
    ...(written.length > 0 && { parameters: written }),
    ...(requestBody !== null && { requestBody }),
    ...(responses.length > 0 && {
      responses: Object.fromEntries(
        responses.map((response) => [
          response.status,
          writeResponse(response, [...place, 'responses', response.status]),
        ]),
      ),
    }),
    ...(required !== null && { security: required }),
    ...(isWhole && { [TURNPIKE]: { backend, plugins } }),
  }
}

function writeParameter(parameter: Parameter, path: string, place: Place) {
  const { in: where, name, description, required, deprecated, schema, style, explode } = parameter
  return {
    name: where === 'path' ? templateName(name, path) : name,
    in: where,
    ...(description !== '' && { description }),
    ...(required && { required }),
    ...(deprecated && { deprecated }),
    schema: link(schema, [...place, 'schema']),
    ...(style !== undefined && { style }),
    ...(explode !== undefined && { explode }),
  }
}

/** Every variable of a path is a parameter in OpenAPI (3.1, section 4.8.8.2); those that the design does not describe are marked. */
function impliedParameters(parameters: readonly Parameter[], path: string) {
  const described = new Set(parameters.flatMap((one) => (one.in === 'path' ? [one.name] : [])))
  return pathVariables(path)
    .filter((variable) => !described.has(variable.replace(/\+$/, '')))
    .map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' }, 'x-turnpike-implied': true }))
}

/** The name of a path parameter as the template has it: with its "+". */
function templateName(name: string, path: string): string {
  return pathVariables(path).find((variable) => variable.replace(/\+$/, '') === name) ?? name
}

function writeBody({ requestBody, parameters }: Method, place: Place) {
  const form = parameters.filter((parameter) => parameter.in === 'form')
  if (form.length === 0) {
    if (requestBody === null) return null
    const { description, required, content } = requestBody
    return {
      ...(description !== '' && { description }),
      content: writeContent(content, place),
      ...(required && { required }),
    }
  }
  const { description = '', required = false, content = [] } = requestBody ?? {}
  const types = content.filter(({ contentType, schema }) => FORM_TYPES.has(contentType) && schema === undefined)
  const writeAs = (contentType: string, isImplied: boolean) =>
    writeForm(form, isImplied, (schema, keys) => link(schema, [...place, contentType, ...keys]))
  return {
    ...(description !== '' && { description }),
    content: {
      ...writeContent(content, place),
      ...Object.fromEntries(types.map(({ contentType }) => [contentType, writeAs(contentType, false)])),
      ...(types.length === 0 && { [FORM]: writeAs(FORM, true) }),
    },
    ...(required && { required }),
    ...(requestBody === null && { 'x-turnpike-implied': true }),
  }
}

function writeResponse({ description, headers, content }: MethodResponse, place: Place) {
  return {
    description,
    ...(headers.length > 0 && {
      headers: Object.fromEntries(
        headers.map(({ name, description: said, required, schema }) => [
          name,
          {
            ...(said !== '' && { description: said }),
            ...(required && { required }),
            schema: link(schema, [...place, 'headers', name, 'schema']),
          },
        ]),
      ),
    }),
    ...(content.length > 0 && { content: writeContent(content, [...place, 'content']) }),
  }
}

function writeContent(content: readonly Content[], place: Place) {
  return Object.fromEntries(
    content.map(({ contentType, schema }) => [
      contentType,
      schema === undefined ? {} : { schema: link(schema, [...place, contentType, 'schema']) },
    ]),
  )
}

function writeModel({ name, dialect, schema }: Model): JsonSchema {
  const linked = link(schema, ['components', 'schemas', name])
  const url = SCHEMA_URLS[dialect]
  return url === null || typeof linked === 'boolean' ? linked : { $schema: url, ...linked }
}

/** References as a document has them: to models where those stand, and inside a schema from the root of the document. */
function link(schema: JsonSchema, place: Place): JsonSchema {
  return mapSchema(schema, ({ $ref, discriminator, ...others }) => ({
    ...others,
    ...(discriminator !== undefined && { discriminator: linkMapping(discriminator) }),
    ...(typeof $ref === 'string' && { $ref: linkReference($ref, place) }),
  })) as JsonSchema
}

function linkReference(reference: string, place: Place): string {
  if (reference.startsWith(MODEL_REFERENCE))
    return `#${pointerOf(['components', 'schemas', reference.slice(MODEL_REFERENCE.length)])}`
  // Characters that a fragment may not have are percent-encoded (RFC 6901, section 6).
  return `#${pointerOf(place).replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g, encodeURIComponent)}${reference.slice(1)}`
}

function linkMapping(discriminator: unknown): unknown {
  if (typeof discriminator !== 'object' || discriminator === null || !('mapping' in discriminator)) return discriminator
  const { mapping } = discriminator
  if (typeof mapping !== 'object' || mapping === null) return discriminator
  const linked = Object.entries(mapping).map(([value, target]) => [
    value,
    typeof target === 'string' && target.startsWith(MODEL_REFERENCE) ? linkReference(target, []) : target,
  ])
  return { ...discriminator, mapping: Object.fromEntries(linked) }
}

function modelDescriptions(models: readonly Model[]) {
  const described = models.filter(({ description }) => description !== '')
  return described.length === 0
    ? {}
    : { modelDescriptions: Object.fromEntries(described.map(({ name, description }) => [name, description])) }
}
