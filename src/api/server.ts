import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Ajv } from 'ajv'
import fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { mayEverywhere } from '../control/access.ts'
import type { Store } from '../control/context.ts'
import { Deployer } from '../control/deploy-stage.ts'
import type { Explain, Publisher } from '../control/publisher.ts'
import { Authenticator } from '../control/tokens.ts'
import { type Api, type ApiContext, may } from './context.ts'
import { deploymentRoutes } from './deployments.ts'
import { designRoutes } from './design.ts'
import { explainRoutes } from './explain.ts'
import { gatewayResponseRoutes } from './gateway-responses.ts'
import { importRoutes } from './imports.ts'
import { problem, toProblem } from './problem.ts'
import { serviceRoutes } from './services.ts'
import { stageRoutes } from './stages.ts'
import { statusRoutes } from './status.ts'

/** What the management API is made of. */
export interface ServerParts {
  readonly store: Store
  readonly publisher: Publisher
  readonly explain: Explain
  readonly version: string
  readonly baseDomain: string
  /** An admin token of this run only, for the CLI on this machine. */
  readonly localToken: string
  readonly logger: FastifyBaseLogger
}

/** Makes the management API, not listening yet. Throws if a route names no permission: nothing is open by oversight. */
export async function createServer({
  store,
  publisher,
  explain,
  version,
  baseDomain,
  localToken,
  logger,
}: ServerParts): Promise<Api> {
  const api: Api = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>()
  const context: ApiContext = {
    runner: store,
    deployer: new Deployer(store, publisher, baseDomain),
    publisher,
    explain,
    version,
  }
  validateStrictly(api)
  answerWithProblems(api)
  guard(api, new Authenticator(store, localToken))
  await describe(api, version)
  await api.register(
    async (v1) => {
      const routes = v1.withTypeProvider<TypeBoxTypeProvider>()
      for (const add of [
        statusRoutes,
        serviceRoutes,
        designRoutes,
        gatewayResponseRoutes,
        stageRoutes,
        deploymentRoutes,
        explainRoutes,
        importRoutes,
      ])
        add(routes, context)
      routes.get('/openapi.json', { ...may('public'), schema: { hide: true } }, () => api.swagger())
    },
    { prefix: '/api/v1' },
  )
  await api.ready()
  return api
}

/** Bodies are taken as they are, with all errors told; only what comes as text in a URL is turned into numbers. */
function validateStrictly(api: Api): void {
  const options = {
    allErrors: true,
    useDefaults: true,
    removeAdditional: false,
    discriminator: true,
    strict: false,
  } as const
  const forBodies = new Ajv({ ...options, coerceTypes: false })
  const forUrls = new Ajv({ ...options, coerceTypes: true })
  api.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? forBodies : forUrls).compile(withoutAttachments(schema)),
  )
  // The types have checked what we answer; a second look at run time would only cost.
  api.setSerializerCompiler(() => JSON.stringify)
}

/** Plugins are left to the use case, which knows each by its name, fills in its defaults and says what is wrong to people. */
function withoutAttachments(schema: unknown): object {
  return JSON.parse(
    JSON.stringify(schema, (_key, value) => (value?.discriminator?.propertyName === 'plugin' ? {} : value)),
  )
}

function answerWithProblems(api: Api): void {
  api.setErrorHandler((error, request, reply) => {
    const known = toProblem(error)
    if (known === null) request.log.error(error, `${request.method} ${request.routeOptions.url ?? ''} failed`)
    return send(
      reply,
      known ??
        problem(
          500,
          'internal-error',
          'The operation failed for a reason that is ours: the log of the program says more.',
        ),
    )
  })
  api.setNotFoundHandler((request, reply) =>
    send(
      reply,
      problem(
        404,
        'not-found',
        `There is no ${request.method} ${request.url.split('?')[0]}: see /api/v1/openapi.json for what there is.`,
      ),
    ),
  )
}

function send(reply: FastifyReply, details: { status: number }): FastifyReply {
  return reply.code(details.status).type('application/problem+json').serializer(JSON.stringify).send(details)
}

/** Every route names the permission that it needs, and every request shows that it has it. */
function guard(api: Api, authenticator: Authenticator): void {
  api.decorateRequest('actor', null)
  api.addHook('onRoute', ({ url, method, config }) => {
    if (config?.permission === undefined) throw new Error(`${String(method)} ${url} names no permission`)
  })
  api.addHook('onRequest', async (request, reply) => {
    const { permission } = request.routeOptions.config
    if (request.is404 || permission === 'public') return
    const token = bearerToken(request)
    request.actor = token === null ? null : await authenticator.byToken(token)
    if (request.actor === null) {
      const detail =
        token === null
          ? 'A token is needed: send "Authorization: Bearer TOKEN".'
          : 'The token is not known, or has expired.'
      return send(reply.header('www-authenticate', 'Bearer realm="turnpike"'), problem(401, 'unauthorized', detail))
    }
    if (permission === undefined || !mayEverywhere(request.actor, permission)) {
      return send(reply, problem(403, 'forbidden', `The role "${request.actor.role}" may not do this.`))
    }
  })
}

function bearerToken({ headers }: FastifyRequest): string | null {
  return /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(headers.authorization ?? '')?.[1] ?? null
}

async function describe(api: Api, version: string): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Turnpike management API',
        version,
        description:
          'Everything that can be done with Turnpike. Errors are problem details (RFC 9457) with a stable `code`.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  })
}
