import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { InlineSchema } from './json-schema.ts'

/** What a method takes and gives: parameters, body and responses. Documentation and validation of requests come from it. */

const description = Type.String({ title: 'Description', description: 'For people.', maxLength: 10_000, default: '' })
const strict = { additionalProperties: false }

/** Where parameters stand. `form` fields are in the body. */
export const parameterPlaces = ['path', 'query', 'header', 'cookie', 'form'] as const

export const Parameter = Type.Object(
  {
    in: Type.Enum(parameterPlaces, { title: 'Place', description: 'path, query, header, cookie or form.' }),
    name: Type.String({
      title: 'Name',
      description: 'Of a path parameter: one of the variables of the path, without "+". Unique in its place.',
      minLength: 1,
      maxLength: 200,
      examples: ['limit'],
    }),
    description,
    required: Type.Boolean({
      title: 'Required',
      description: 'Path parameters always are.',
      default: false,
    }),
    deprecated: Type.Boolean({ title: 'Deprecated', description: 'Marked so in the documentation.', default: false }),
    schema: InlineSchema,
    style: Type.Optional(
      Type.Enum(['form', 'spaceDelimited', 'pipeDelimited', 'deepObject', 'simple', 'label', 'matrix'], {
        title: 'Style',
        description: 'How arrays and objects are written (OpenAPI 3.1, section 4.8.12); that of the place if absent.',
      }),
    ),
    explode: Type.Optional(
      Type.Boolean({
        title: 'Explode',
        description: 'Whether each item of an array is a parameter of its own; as OpenAPI has it if absent.',
      }),
    ),
  },
  strict,
)
export type Parameter = Static<typeof Parameter>

/** One kind of body. */
export const Content = Type.Object(
  {
    contentType: Type.String({
      title: 'Content type',
      description: 'Media type or range, in lower case.',
      pattern: '^[a-z0-9!#$&^_.+*-]+/[a-z0-9!#$&^_.+*-]+(?: *;.*)?$',
      [EXPECTED]: 'a media type or a range of them, in lower case',
      maxLength: 200,
      examples: ['application/json'],
    }),
    schema: Type.Optional(InlineSchema),
  },
  strict,
)
export type Content = Static<typeof Content>

export const RequestBody = Type.Object(
  {
    description,
    required: Type.Boolean({ title: 'Required', description: 'Whether there must be one.', default: false }),
    content: Type.Array(Content, {
      title: 'Content',
      description: 'The kinds of bodies that are taken. Fields of forms are parameters with the place "form".',
      default: [],
      maxItems: 50,
    }),
  },
  { title: 'Request body', description: 'What the body of a request is.', ...strict },
)
export type RequestBody = Static<typeof RequestBody>

export const MethodResponse = Type.Object(
  {
    status: Type.String({
      title: 'Status',
      description: 'Three digits, a class such as 4XX, or "default" for all that are not there.',
      pattern: '^(?:[1-5][0-9]{2}|[1-5]XX|default)$',
      [EXPECTED]: 'three digits, a class such as 4XX, or "default"',
      examples: ['200'],
    }),
    description,
    headers: Type.Array(
      Type.Object(
        {
          name: Type.String({ title: 'Name', description: 'Of the header.', minLength: 1, maxLength: 200 }),
          description,
          required: Type.Boolean({ title: 'Required', description: 'Whether it is always there.', default: false }),
          schema: InlineSchema,
        },
        strict,
      ),
      { title: 'Headers', description: 'Headers of the response.', default: [], maxItems: 100 },
    ),
    content: Type.Array(Content, { title: 'Content', description: 'The kinds of bodies.', default: [], maxItems: 50 }),
  },
  strict,
)
export type MethodResponse = Static<typeof MethodResponse>
