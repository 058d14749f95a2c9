import fc from 'fast-check'
import type { GatewayResponses } from '../../../model/gateway-response.ts'
import type { Content, MethodResponse, Parameter, RequestBody } from '../../../model/interface.ts'
import type { JsonSchema } from '../../../model/json-schema.ts'
import { type Method, verbs } from '../../../model/method.ts'
import type { Model } from '../../../model/model.ts'
import type { NodePlugin } from '../../../plugins/registry.ts'
import type { Design } from '../../design.ts'
import { normalModel } from '../../normal-model.ts'
import { ancestors, pathVariables } from '../../paths.ts'

/** Any design that the rules allow, with everything in it that is hard to carry. */

const PATHS = ['/a', '/a/{x}', '/a/{x}/b', '/a/{x}/{rest+}', '/c%20d', '/e/f', '/1', '/e/{under_score}', '/~g/.h']
const MODELS = ['Pet', '1', 'a.b', 'c-d_e', 'constructor']
/** Names that look like something else: numbers, members of every object. */
const NAMES = ['limit', '1', 'constructor', 'X-Y', 'filter[a]', 'a b']
const HEADERS = ['X-A', 'x-b', '1', 'constructor']
const TYPES = ['application/json', 'text/*', 'application/x-www-form-urlencoded', 'multipart/form-data', '*/*']
const TEXTS = fc.constantFrom('', 'one', ' with "quotes" and\nlines ', '#/models/Pet', 'ß한😀')

const leaf: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.boolean(),
  fc.constantFrom<JsonSchema>(
    {},
    { type: 'string', description: 'said', deprecated: true },
    { type: ['integer', 'null'], exclusiveMinimum: 1, examples: [2] },
    { enum: ['a', null, { $ref: '#/models/None' }] },
    { const: { $ref: 'no reference' }, 'x-more': 1 },
    { type: 'string', contentMediaType: 'application/json', contentSchema: { type: 'object' } },
    { $defs: { own: { type: 'string' } }, properties: { 'a/b ~%': {}, again: { $ref: '#/$defs/own' } } },
    { properties: { 'a/b ~%': {}, again: { $ref: '#/properties/a~1b%20~0%25' } } },
  ),
  fc.constantFrom(...MODELS).map((name) => ({ $ref: `#/models/${name}` })),
)
const schema: fc.Arbitrary<JsonSchema> = fc.oneof(
  leaf,
  fc
    .tuple(leaf, leaf, fc.constantFrom(...MODELS))
    .map(([one, other, name]) => ({
      oneOf: [{ type: 'object', properties: { $ref: withoutOwn(one) } }, withoutOwn(other)],
      discriminator: { propertyName: 'kind', mapping: { a: `#/models/${name}`, b: 'elsewhere' } },
    })),
  leaf.map((one) => ({ allOf: [withoutOwn(one)] })),
)

/** A schema inside another one: what it refers to in itself would be elsewhere. */
function withoutOwn(one: JsonSchema): JsonSchema {
  return JSON.stringify(one).includes('"#/$defs') || JSON.stringify(one).includes('"#/properties') ? {} : one
}

const flags = { required: fc.boolean(), deprecated: fc.boolean(), description: TEXTS }

function parameters(path: string, verb: Method['verb']): fc.Arbitrary<Parameter[]> {
  const variables = pathVariables(path).map((variable) => variable.replace(/\+$/, ''))
  const ofPlace = (place: Parameter['in'], names: readonly string[], styles: readonly NonNullable<Parameter['style']>[]) =>
    fc
      .uniqueArray(
        fc
          .record({
            in: fc.constant(place),
            name: fc.constantFrom(...names, names[0] ?? ''),
            ...flags,
            schema,
            style: fc.option(fc.constantFrom(...styles), { nil: undefined }),
            explode: fc.option(fc.boolean(), { nil: undefined }),
          })
          .map(
            ({ style, explode, ...parameter }): Parameter => ({
              ...parameter,
              required: place === 'path' || parameter.required,
              ...(style !== undefined && { style }),
              ...(explode !== undefined && { explode }),
            }),
          ),
        { selector: ({ name }) => name.toLowerCase(), maxLength: 3 },
      )
  const bodiless = verb === 'GET' || verb === 'HEAD'
  return fc
    .tuple(
      variables.length === 0 ? fc.constant([]) : ofPlace('path', variables, ['simple', 'matrix']),
      ofPlace('query', NAMES, ['form', 'deepObject', 'pipeDelimited']),
      ofPlace('header', HEADERS, ['simple']),
      ofPlace('cookie', HEADERS, ['form']),
      bodiless ? fc.constant([]) : ofPlace('form', NAMES, ['form', 'spaceDelimited']),
    )
    .chain((lists) => fc.shuffledSubarray(lists.flat(), { minLength: lists.flat().length }))
}

const content = (hasForm: boolean): fc.Arbitrary<Content[]> =>
  fc.uniqueArray(
    fc.record({ contentType: fc.constantFrom(...TYPES), schema: fc.option(schema, { nil: undefined }) }).map(
      ({ contentType, schema: given }): Content => ({
        contentType,
        ...(given !== undefined && !(hasForm && /form/.test(contentType)) && { schema: given }),
      }),
    ),
    { selector: ({ contentType }) => contentType, maxLength: 3 },
  )

const responses: fc.Arbitrary<MethodResponse[]> = fc.uniqueArray(
  fc.record({
    status: fc.constantFrom('200', '404', '4XX', 'default', '100'),
    description: TEXTS,
    headers: fc.uniqueArray(
      fc.record({ name: fc.constantFrom(...HEADERS), description: TEXTS, required: fc.boolean(), schema }),
      { selector: ({ name }) => name.toLowerCase(), maxLength: 3 },
    ),
    content: content(false),
  }),
  { selector: ({ status }) => status, maxLength: 4 },
)

const plugins: fc.Arbitrary<NodePlugin[]> = fc.constantFrom<NodePlugin[]>(
  [],
  [{ plugin: 'request-id', off: true }],
  [{ plugin: 'key-auth', off: true }],
  [{ plugin: 'key-auth', config: { header: 'X-Key', query: 'api_key', keep: false, headers: false } }],
  [
    {
      plugin: 'timeout',
      config: { connect: 1, response: 2, total: 3 },
      when: 'request.method == "GET"',
      order: { after: 'request-id' },
    },
  ],
)

const backend = (path: string): fc.Arbitrary<Method['backend']> =>
  fc.constantFrom<Method['backend'][]>(
    { kind: 'http' },
    { kind: 'http', path: path.replace(/\{([^}]+)\}/g, '${request.path.$1}').replace(/$/, '/x') },
    { kind: 'mock', status: 418, headers: { 'x-a': '${request.id}' }, body: 'Ünï ${stage.variable.a}' },
  )

function method(path: string, verb: Method['verb']): fc.Arbitrary<Omit<Method, 'id' | 'resourceId'>> {
  return parameters(path, verb).chain((own) =>
    fc.record({
      verb: fc.constant(verb),
      name: fc.constantFrom('', 'A name'),
      description: TEXTS,
      tags: fc.subarray(['a', 'b']),
      deprecated: fc.boolean(),
      operationId: fc.constantFrom('', 'op', 'a/b:c'),
      parameters: fc.constant(own),
      requestBody: fc.option(
        fc.record({
          description: TEXTS,
          required: fc.boolean(),
          content: content(own.some((parameter) => parameter.in === 'form')),
        }) as fc.Arbitrary<RequestBody>,
      ),
      responses,
      backend: backend(path),
      plugins,
    }),
  )
}

const models: fc.Arbitrary<Model[]> = fc
  .tuple(
    ...MODELS.map((name) =>
      fc
        .record({
          name: fc.constant(name),
          description: TEXTS,
          dialect: fc.constantFrom<Model['dialect'][]>('2020-12', 'draft-07', 'draft-04'),
          schema: fc.oneof(schema, fc.constant({ properties: { again: { $ref: '#' } } })),
        })
        .map((model) =>
          // draft-04 knows neither true and false nor what later drafts brought.
          normalModel(
            model.dialect === '2020-12'
              ? model
              : { ...model, schema: { id: 'x', properties: { a: { minimum: 1, type: 'integer' } } } },
          ),
        ),
    ),
  )

const gatewayResponses: fc.Arbitrary<GatewayResponses> = fc.constantFrom<GatewayResponses[]>(
  {},
  { unauthorized: { status: 403, headers: { 'x-a': 'b' }, bodies: [{ contentType: 'text/plain', body: '${error.message}' }] } },
)

/** Designs of any shape. */
export const arbitraryDesign: fc.Arbitrary<Design> = fc
  .subarray(PATHS)
  .map((chosen) => [...new Set(['/', ...chosen.flatMap((path) => [...ancestors(path), path])])])
  .chain((paths) =>
    fc.tuple(
      fc.tuple(
        ...paths.map((path) =>
          fc.record({
            path: fc.constant(path),
            description: TEXTS,
            plugins,
            methods: fc
              .subarray([...verbs], { maxLength: 3 })
              .chain((chosen) => fc.tuple(...chosen.map((verb) => method(path, verb)))),
          }),
        ),
      ),
      models,
      gatewayResponses,
    ),
  )
  .map(([nodes, allModels, responsesOfGateway]) => ({
    resources: nodes.map(({ path, description, plugins: own }) => ({
      id: path,
      serviceId: 's',
      path,
      description,
      plugins: own,
    })),
    methods: nodes.flatMap(({ path, methods }) =>
      methods.map((one) => ({ ...one, id: `${one.verb} ${path}`, resourceId: path })),
    ),
    models: allModels,
    gatewayResponses: responsesOfGateway,
  }))
