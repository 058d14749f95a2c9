import swagger from '@fastify/swagger'
import type { RouteOptions } from 'fastify'
import { type TSchema, Type } from '#bundles/typebox'
import type { Permission } from '../control/access.ts'
import type { Api } from './context.ts'
import { SESSION_COOKIE } from './guard.ts'
import { IfMatch, takesIfMatch } from './if-match.ts'
import { withNamedSchemas } from './named-schemas.ts'
import { problem } from './problem.ts'

/** The API's own OpenAPI document: what routes say of themselves, and what holds for all of them. */

const ProblemDetails = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What is wrong, why, and what would be right.' }),
    code: Type.String({ description: 'Stable, for machines.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({ path: Type.String({ description: 'JSON Pointer of the field.' }), message: Type.String() }),
        {
          description: 'Every wrong field.',
        },
      ),
    ),
  },
  { $id: 'Problem', title: 'Problem', description: 'Problem details (RFC 9457).' },
)

/** What each error means, and the code in its example. */
const ERRORS = {
  400: ['The request does not fit the schema.', 'invalid-request'],
  401: ['No token or session, or one that is not known or has expired.', 'unauthorized'],
  403: [
    'The caller may not do this; or a session was sent by a page of another site (`cross-site-request`).',
    'forbidden',
  ],
  404: ['What the path names is not there.', 'not-found'],
  409: ['It does not fit the present state.', 'conflict'],
  412: ['It has been changed since it was read: `If-Match` names an older version.', 'lost-update'],
  413: ['The body is too large.', 'too-large'],
  415: ['The body is not JSON.', 'unsupported-media-type'],
  422: ['It breaks rules: `errors` names all of them.', 'invalid'],
  429: ['Too many failed attempts: see `Retry-After`.', 'too-many-attempts'],
  500: ['It failed for a reason that is ours: the log of the program says more.', 'internal-error'],
  503: ['Something outside of the program has failed.', 'unavailable'],
} as const
type Status = keyof typeof ERRORS

/** Makes the document. Called before the routes are added. */
export async function describe(api: Api, version: string): Promise<void> {
  api.addSchema(ProblemDetails)
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Turnpike management API',
        version,
        description:
          'Everything that can be done with Turnpike. Errors are problem details (RFC 9457) with a stable `code`. What has a version answers with it as `ETag`; a change that sends it back in `If-Match` is refused with 412 if somebody else was faster. Resources, methods, models, gateway responses and restriction policies have the version of their service, deployments that of their stage. `x-permission` names what an operation asks of its caller: see the table of roles in the guide.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'A token of the API.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: SESSION_COOKIE,
            description: 'A session, begun by logging in. Changes also need the Origin of the server.',
          },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    refResolver: { buildLocalReference: ({ $id }, _uri, _fragment, i) => String($id ?? `schema-${i}`) },
    transformObject: (made) => ('openapiObject' in made ? withNamedSchemas(made.openapiObject) : made.swaggerObject),
    transform: ({ schema, url, route }) => ({ schema: { ...schema, ...common(route) }, url }),
  })
}

/** What holds for a route by its method, path and permission. */
function common(route: RouteOptions): object {
  const { permission = 'admin' } = route.config ?? {}
  const { schema = {} } = route
  const statuses = errorsOf(route, permission)
  const errors = Object.fromEntries(statuses.map((status) => [status, errorResponse(status)]))
  return {
    operationId: operationIdOf(schema.summary ?? ''),
    'x-permission': permission,
    ...(permission === 'public' && { security: [] }),
    ...(takesIfMatch(route) && { headers: IfMatch }),
    ...(schema.querystring !== undefined && { querystring: withoutDefaulted(schema.querystring) }),
    response: { ...successes(schema.response), ...errors },
  }
}

/** Parameters of a query; one that has a default may be left out. */
function withoutDefaulted(query: unknown): object {
  const {
    required = [],
    properties = {},
    ...rest
  } = query as TSchema & {
    readonly required?: readonly string[]
    readonly properties?: Readonly<Record<string, object>>
  }
  return { ...rest, properties, required: required.filter((name) => !('default' in (properties[name] ?? {}))) }
}

/** What generated clients call an operation: its summary up to the first comma, as one word. */
function operationIdOf(summary: string): string {
  const [said = ''] = summary.split(/[,:]/)
  const words = said.match(/[A-Za-z]+/g)?.filter((word) => !/^(?:an?|the)$/i.test(word)) ?? []
  return words.map((word, i) => (i === 0 ? word.toLowerCase() : word.charAt(0).toUpperCase() + word.slice(1))).join('')
}

/** What a success means, where its schema does not say so itself. */
const SUCCESSES: Readonly<Record<string, string>> = { 200: 'The answer.', 201: 'It was made.', 204: 'Done.' }

function successes(response: unknown): object {
  return Object.fromEntries(
    Object.entries((response ?? {}) as Record<string, object>).map(([status, schema]) => [
      status,
      { description: SUCCESSES[status] ?? '', ...schema },
    ]),
  )
}

function errorsOf(route: RouteOptions, permission: Permission): Status[] {
  const { method, url, schema, config } = route
  const changes = method !== 'GET'
  const isPublic = permission === 'public'
  const isNamed = url.includes('/:')
  const all: [status: Status, holds: boolean][] = [
    [400, changes || isNamed || schema?.querystring !== undefined],
    [401, !isPublic || config?.isLogin === true],
    // A change by a session from another site is refused whatever it asks for; so is a set-up by a wrong token.
    [403, isPublic ? changes && config?.isLogin !== true : changes || permission !== 'authenticated'],
    [404, isNamed],
    [409, changes],
    [412, takesIfMatch(route)],
    [413, changes],
    [415, changes],
    [422, changes],
    [429, config?.isLogin === true],
    [500, true],
    // Reads, too: what they read may be in a database that is gone.
    [503, true],
  ]
  return all.flatMap(([status, holds]) => (holds ? [status] : []))
}

function errorResponse(status: Status): object {
  const [description, code] = ERRORS[status]
  const example = problem(status, code, description)
  return {
    description,
    content: {
      'application/problem+json': {
        schema: { $ref: 'Problem#' } satisfies TSchema,
        examples: { [code]: { value: example } },
      },
    },
  }
}
