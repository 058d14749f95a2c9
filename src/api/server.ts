import cookie from '@fastify/cookie'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import type { AlertWatch } from '../control/alert-watch.ts'
import type { Store } from '../control/context.ts'
import { Deployer } from '../control/deploy-stage.ts'
import type { LiveCertificates } from '../control/live-certificates.ts'
import type { LiveKeys } from '../control/live-keys.ts'
import { LoginThrottle } from '../control/login-throttle.ts'
import type { Explain, PreviewResponse, Publisher, RequestBook } from '../control/publisher.ts'
import type { SetUp } from '../control/set-up.ts'
import type { StatisticsService } from '../control/statistics/service.ts'
import { Authenticator } from '../control/tokens.ts'
import { onFirstUse } from '../lib/lazy-validator.ts'
import { TooManyAttempts } from '../model/errors.ts'
import { alertRoutes } from './alerts.ts'
import { auditRoutes } from './audit.ts'
import { backendRoutes } from './backends.ts'
import { bulkRoutes } from './bulk.ts'
import { canaryRoutes } from './canaries.ts'
import { certificateRoutes } from './certificates.ts'
import { compressAnswers } from './compress.ts'
import { consolePages } from './console.ts'
import { type Acme, type Api, type ApiContext, type ApiGateway, type DemoBackend, may } from './context.ts'
import { declarativeRoutes } from './declarative.ts'
import { demoRoutes } from './demo.ts'
import { deploymentRoutes } from './deployments.ts'
import { describe } from './describe.ts'
import { designRoutes } from './design.ts'
import { documentRoutes } from './documents.ts'
import { explainRoutes } from './explain.ts'
import { gatewayRoutes } from './gateway.ts'
import { gatewayResponseRoutes } from './gateway-responses.ts'
import { guard } from './guard.ts'
import { type Health, healthRoutes } from './health.ts'
import { importRoutes } from './imports.ts'
import { keyRoutes } from './keys.ts'
import { lintRoutes } from './lint.ts'
import { managedCertificateRoutes } from './managed-certificates.ts'
import { type MetricsParts, metricsRoute } from './metrics.ts'
import { modelRoutes } from './models.ts'
import { peopleRoutes } from './people.ts'
import { planRoutes } from './plans.ts'
import { pluginRoutes } from './plugins.ts'
import { policyRoutes } from './policies.ts'
import { problem, sendProblem, toProblem } from './problem.ts'
import { requestRoutes } from './requests.ts'
import { serviceRoutes } from './services.ts'
import { sessionRoutes } from './sessions.ts'
import { setUpRoutes } from './set-up.ts'
import { stageRoutes } from './stages.ts'
import { statisticsRoutes } from './statistics.ts'
import { statusRoutes } from './status.ts'
import { tokenRoutes } from './tokens.ts'

/** What the management API is made of. */
export interface ServerParts {
  readonly store: Store
  readonly publisher: Publisher
  readonly explain: Explain
  readonly previewResponse: PreviewResponse
  readonly liveKeys: LiveKeys
  readonly liveCertificates: LiveCertificates
  readonly acme: Acme
  readonly statistics: StatisticsService
  readonly requests: RequestBook
  readonly alertWatch: AlertWatch
  readonly version: string
  readonly baseDomain: string
  readonly gateway: ApiGateway
  /** Starts the demo backend, where it does not run yet. */
  readonly demo: () => Promise<DemoBackend>
  /** An admin token of this run only, for the CLI on this machine. */
  readonly localToken: string
  readonly setUp: SetUp
  readonly health: Health
  readonly metrics: Omit<MetricsParts, 'trustedProxies'>
  readonly trustedProxies: readonly string[]
  readonly logger: FastifyBaseLogger
}

/** Makes the management API, not listening yet. Throws if a route names no permission: nothing is open by oversight. */
export async function createServer({
  store,
  publisher,
  explain,
  previewResponse,
  liveKeys,
  liveCertificates,
  acme,
  statistics,
  requests,
  alertWatch,
  version,
  baseDomain,
  gateway,
  demo,
  localToken,
  setUp,
  health,
  metrics,
  trustedProxies,
  logger,
}: ServerParts): Promise<Api> {
  const api: Api = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    // What a path names: a value of a policy can be 200 characters, each of up to 12 when it is percent-encoded.
    routerOptions: { maxParamLength: 2_400 },
    // Whose word on the address and the scheme of a caller counts.
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>()
  const context: ApiContext = {
    runner: store,
    deployer: new Deployer(store, publisher, baseDomain),
    publisher,
    explain,
    previewResponse,
    liveKeys,
    liveCertificates,
    acme,
    statistics,
    requests,
    alertWatch,
    version,
    gateway,
    demo,
    setUp,
    throttle: new LoginThrottle(),
  }
  validateStrictly(api)
  answerWithProblems(api)
  await api.register(cookie)
  const authenticator = new Authenticator(store, localToken)
  guard(api, authenticator, store)
  compressAnswers(api)
  await describe(api, version)
  await api.register(
    async (v1) => {
      const routes = v1.withTypeProvider<TypeBoxTypeProvider>()
      for (const add of [
        statusRoutes,
        gatewayRoutes,
        serviceRoutes,
        designRoutes,
        pluginRoutes,
        bulkRoutes,
        modelRoutes,
        lintRoutes,
        gatewayResponseRoutes,
        policyRoutes,
        stageRoutes,
        backendRoutes,
        deploymentRoutes,
        canaryRoutes,
        explainRoutes,
        importRoutes,
        declarativeRoutes,
        documentRoutes,
        planRoutes,
        keyRoutes,
        certificateRoutes,
        managedCertificateRoutes,
        statisticsRoutes,
        requestRoutes,
        alertRoutes,
        setUpRoutes,
        demoRoutes,
        sessionRoutes,
        peopleRoutes,
        tokenRoutes,
        auditRoutes,
      ])
        add(routes, context)
      routes.get('/openapi.json', { ...may('public'), schema: { hide: true } }, () => api.swagger())
    },
    { prefix: '/api/v1' },
  )
  healthRoutes(api, health)
  metricsRoute(api, { ...metrics, trustedProxies }, authenticator)
  consolePages(api)
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
    // Errors tell of the schema, which has words for people.
    verbose: true,
  } as const
  const forBodies = addFormats.default(new Ajv({ ...options, coerceTypes: false }))
  const forUrls = addFormats.default(new Ajv({ ...options, coerceTypes: true }))
  api.setValidatorCompiler(({ schema, httpPart }) =>
    onFirstUse(() => (httpPart === 'body' ? forBodies : forUrls).compile(withoutAttachments(schema))),
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
    if (error instanceof TooManyAttempts) reply.header('retry-after', String(error.retryAfterSeconds))
    if (known === null) request.log.error(error, `${request.method} ${request.routeOptions.url ?? ''} failed`)
    return sendProblem(
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
    sendProblem(
      reply,
      problem(
        404,
        'not-found',
        `There is no ${request.method} ${request.url.split('?')[0]}: see /api/v1/openapi.json for what there is.`,
      ),
    ),
  )
}
