import fc from 'fast-check'
import { parameterPlaces } from '../../model/interface.ts'
import type { Verb } from '../../model/method.ts'
import { BODILESS, STYLES } from '../check-interface.ts'
import { pathVariables } from '../paths.ts'
import { arbitraryPlugins } from './arbitrary-plugins.ts'
import { plainText, some, text } from './arbitrary-texts.ts'

/** Methods for properties, as an export writes them. */

/** A method at a path; `models` are the names that it may refer to. */
export function arbitraryMethod(verb: Verb, path: string, models: readonly string[]) {
  const schema = inlineSchema(models)
  const content = contentOf(schema)
  return some({
    name: text,
    description: text,
    tags: fc.array(text, { minLength: 1, maxLength: 2 }),
    deprecated: fc.constant(true),
    operationId: fc.constantFrom('read', 'write'),
    parameters: parameters(verb, path, schema),
    requestBody: some({ description: text, required: fc.constant(true), content }),
    responses: responses(schema, content),
    backend,
    plugins: arbitraryPlugins('method'),
  })
}

const backend = fc.oneof(
  fc.record({ kind: fc.constant('http'), path: fc.constantFrom('/v2', '/v3/${request.uriPath}') }),
  fc.record(
    {
      kind: fc.constant('mock'),
      status: fc.constantFrom(201, 404),
      headers: fc.constantFrom({ 'x-a': '1' }, { 'x-b': '${request.id}', 'x-a': '2' }),
      body: plainText,
    },
    { requiredKeys: ['kind'] },
  ),
)

function inlineSchema(models: readonly string[]): fc.Arbitrary<unknown> {
  return fc.constantFrom<unknown>(
    true,
    { type: 'integer' },
    { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    ...models.map((name) => ({ $ref: `#/models/${name}` })),
  )
}

function contentOf(schema: fc.Arbitrary<unknown>) {
  const contentType = fc.constantFrom('application/json', 'text/*')
  return fc.uniqueArray(fc.record({ contentType, schema }, { requiredKeys: ['contentType'] }), {
    minLength: 1,
    maxLength: 2,
    selector: (one) => one.contentType,
  })
}

function parameters(verb: Verb, path: string, schema: fc.Arbitrary<unknown>) {
  const variables = pathVariables(path).map((name) => name.replace(/\+$/, ''))
  const places = parameterPlaces.filter(
    (place) => (place !== 'path' || variables.length > 0) && (place !== 'form' || !BODILESS.has(verb)),
  )
  const parameter = fc.constantFrom(...places).chain((place) =>
    fc.record(
      {
        in: fc.constant(place),
        name: place === 'path' ? fc.constantFrom(...variables) : fc.constantFrom('limit', 'x-b'),
        description: text,
        required: fc.constant(true),
        deprecated: fc.constant(true),
        schema,
        style: fc.constantFrom(...STYLES[place]),
        explode: fc.boolean(),
      },
      // What stands in a path is always required.
      { requiredKeys: ['in', 'name', 'schema', ...(place === 'path' ? (['required'] as const) : [])] },
    ),
  )
  return fc.uniqueArray(parameter, { minLength: 1, maxLength: 3, selector: (one) => `${one.in} ${one.name}` })
}

function responses(schema: fc.Arbitrary<unknown>, content: fc.Arbitrary<unknown>) {
  const header = fc.record(
    { name: fc.constantFrom('x-total', 'etag'), description: text, required: fc.constant(true), schema },
    { requiredKeys: ['name', 'schema'] },
  )
  const headers = fc.uniqueArray(header, { minLength: 1, maxLength: 2, selector: ({ name }) => name })
  const response = fc.record(
    { status: fc.constantFrom('200', '4XX', 'default'), description: text, headers, content },
    { requiredKeys: ['status'] },
  )
  return fc.uniqueArray(response, { minLength: 1, maxLength: 2, selector: ({ status }) => status })
}
