import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { NodePlugin } from '../plugins/registry.ts'
import { TEMPLATE_MARK } from '../plugins/template-mark.ts'
import { Id } from './id.ts'
import { MethodResponse, Parameter, RequestBody } from './interface.ts'
import { Nullable } from './nullable.ts'

/** The methods that a design may have; `ANY` stands for each one that is not there by name. */
export const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'ANY'] as const
export const Verb = Type.Enum(verbs, { title: 'Method', description: 'HTTP method, or ANY.' })
export type Verb = Static<typeof Verb>

/** Proxy backend: the request goes to the stage's backend. */
export const HttpBackend = Type.Object(
  {
    kind: Type.Literal('http'),
    path: Type.Optional(
      Type.String({
        title: 'Backend path',
        description: "Path below the stage's backend URL, with context variables; the request's own path if absent.",
        pattern: '^/',
        [EXPECTED]: 'a path that begins with /',
        maxLength: 2048,
        examples: ['/v2/bookings/${request.path.bookingId}'],
        [TEMPLATE_MARK]: true,
      }),
    ),
  },
  { additionalProperties: false },
)

/** Mock backend: the gateway answers by itself. */
export const MockBackend = Type.Object(
  {
    kind: Type.Literal('mock'),
    status: Type.Integer({ title: 'Status', description: 'HTTP status.', minimum: 200, maximum: 599, default: 200 }),
    headers: Type.Record(Type.String(), Type.String({ [TEMPLATE_MARK]: true }), {
      title: 'Headers',
      description: 'Names and values; values may use context variables.',
      default: {},
    }),
    body: Type.String({
      title: 'Body',
      description: 'Body; may use context variables.',
      maxLength: 1_048_576,
      default: '',
      [TEMPLATE_MARK]: true,
    }),
  },
  { additionalProperties: false },
)

/** `oneOf` with a discriminator, so that one mistake gives one message with its exact path, and defaults are filled in. */
export const MethodBackend = Type.Unsafe<Static<typeof HttpBackend> | Static<typeof MockBackend>>({
  type: 'object',
  title: 'Backend',
  description: 'Where requests of this method go.',
  discriminator: { propertyName: 'kind' },
  required: ['kind'],
  oneOf: [HttpBackend, MockBackend],
})
export type MethodBackend = Static<typeof MethodBackend>

/** All of a method that has a default: the method that a verb alone makes. */
export const methodDefaults = {
  name: '',
  description: '',
  tags: [],
  deprecated: false,
  operationId: '',
  parameters: [],
  requestBody: null,
  responses: [],
  backend: { kind: 'http' },
  plugins: [],
} satisfies Omit<Method, 'id' | 'resourceId' | 'verb'>

/** An HTTP method on a resource. */
export const Method = Type.Object({
  id: Id,
  resourceId: Id,
  verb: Verb,
  name: Type.String({ title: 'Name', description: 'Short name for people.', maxLength: 200, default: '' }),
  description: Type.String({ title: 'Description', description: 'What it does.', maxLength: 10_000, default: '' }),
  tags: Type.Array(Type.String({ maxLength: 100 }), {
    title: 'Tags',
    description: 'Groups in the documentation.',
    default: [],
  }),
  deprecated: Type.Boolean({ title: 'Deprecated', description: 'Marked so in the documentation.', default: false }),
  operationId: Type.String({
    title: 'Operation id',
    description: 'What generated clients call it; unique in its service, or empty.',
    pattern: '^[A-Za-z0-9._:/-]{0,200}$',
    [EXPECTED]: 'up to 200 letters, digits and any of . _ : / -',
    default: '',
    examples: ['listPets'],
  }),
  parameters: Type.Array(Parameter, {
    title: 'Parameters',
    description: 'Path, query, header, cookie and form parameters.',
    default: [],
    maxItems: 500,
  }),
  requestBody: Nullable(RequestBody, {
    title: 'Request body',
    description: 'null where nothing is said of one.',
    default: null,
  }),
  responses: Type.Array(MethodResponse, {
    title: 'Responses',
    description: 'By status.',
    default: [],
    maxItems: 200,
  }),
  backend: MethodBackend,
  plugins: Type.Array(NodePlugin, { title: 'Plugins', description: 'Plugins of this method.', default: [] }),
})
export type Method = Static<typeof Method>
