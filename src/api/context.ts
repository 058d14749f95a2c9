import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify'
import { type Static, type TProperties, type TSchema, Type } from '#bundles/typebox'
import type { Permission } from '../control/access.ts'
import type { AlertWatch } from '../control/alert-watch.ts'
import type { Actor, Unit, UnitRunner } from '../control/context.ts'
import type { Deployer } from '../control/deploy-stage.ts'
import { findService, findStage } from '../control/find.ts'
import type { LiveCertificates } from '../control/live-certificates.ts'
import type { LiveKeys } from '../control/live-keys.ts'
import type { LoginThrottle } from '../control/login-throttle.ts'
import type { Explain, PreviewResponse, Publisher, RequestBook } from '../control/publisher.ts'
import type { GatewayAddress } from '../control/send-request.ts'
import type { SetUp } from '../control/set-up.ts'
import type { StatisticsService } from '../control/statistics/service.ts'
import { Invalid } from '../model/errors.ts'

/** What gets certificates from an authority. */
export interface Acme {
  readonly directoryUrl: string
  /** Looks now whether anything is due. */
  look(): void
}

/** Where clients of the APIs connect to. */
export interface ApiGateway extends GatewayAddress {
  /** Null where HTTPS is off. */
  readonly tlsPort: number | null
}

/** The demo backend, running. */
export interface DemoBackend {
  readonly url: string
  /** Its OpenAPI document, as text. */
  readonly document: string
}

/** What a route may need beside its request. */
export interface ApiContext {
  readonly runner: UnitRunner
  readonly deployer: Deployer
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
  /** Where clients of the APIs connect to on this node. */
  readonly gateway: ApiGateway
  readonly demo: () => Promise<DemoBackend>
  readonly setUp: SetUp
  readonly throttle: LoginThrottle
}

/** Our Fastify: schemas are TypeBox. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route asks of its caller; each names one, and one without does not start. */
    permission?: Permission
    /** Whether the permission on some service is enough to be heard: the use case looks at which. */
    onSome?: boolean
    /** Whether it is where passwords are tried. */
    isLogin?: boolean
    /** The route changes nothing that has a version, so it takes no `If-Match`. */
    isUnversioned?: true
  }
  interface FastifyRequest {
    actor: Actor | null
    /** Whether what the caller has shown still lets them do this: for answers that go on. */
    mayGoOn: () => Promise<boolean>
  }
}

/** A JSON Schema among what is answered: of it a form can be made. */
export const JsonSchema = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description })

export const may = (permission: Permission) => ({ config: { permission } })

/** The same for an operation that looks by itself at the service that it is about. */
export const mayOnSome = (permission: Permission) => ({ config: { permission, onSome: true } })

/** The same for a change of something that has no version, or of nothing: it takes no `If-Match`. */
export const mayUnversioned = (permission: Permission) => ({ config: { permission, isUnversioned: true } as const })

/** Who calls: known, because the route asked for a permission. */
export function callerOf(request: FastifyRequest): Actor {
  if (request.actor === null) throw new Error('the route asks for no permission, so nobody is known')
  return request.actor
}

/** The name of the caller, for audit and deployments. */
export function actorOf(request: FastifyRequest): string {
  return request.actor?.name ?? 'anonymous'
}

/** The version that `If-Match` names; null without it. Throws `Invalid` for what is not one of our ETags. */
export function expectedVersion(request: FastifyRequest): number | null {
  const given = request.headers['if-match']
  if (given === undefined || given === '*') return null
  const version = /^"(\d+)"$/.exec(given)?.[1]
  if (version === undefined)
    throw new Invalid('If-Match must be an ETag that this API gave.', [
      { path: '/headers/if-match', message: `"${given}" is not one: it looks like "12", quotes included.` },
    ])
  return Number(version)
}

/**
 * Runs a use case on a part of something and answers with the version of the whole as ETag, as the use case leaves it: in the
 * same transaction, so that it never stands for what somebody else has changed since.
 */
export async function withVersion<T>(
  runner: UnitRunner,
  request: FastifyRequest,
  reply: Pick<FastifyReply, 'header'>,
  whole: (unit: Unit) => Promise<Versioned>,
  work: (unit: Unit) => Promise<T>,
): Promise<T> {
  const { value, tag } = await runner.inTransaction(actorOf(request), async (unit) => {
    const value = await work(unit)
    return { value, tag: etag(await whole(unit)) }
  })
  reply.header('etag', tag)
  return value
}

/** The whole that resources, methods and gateway responses are parts of. */
export const serviceOf =
  ({ params }: { readonly params: Static<typeof ServiceParams> }) =>
  (unit: Unit): Promise<Versioned> =>
    findService(unit, params.serviceId)

/** The whole that deployments are parts of. */
export const stageOf =
  ({ params }: { readonly params: Static<typeof StageParams> }) =>
  async (unit: Unit): Promise<Versioned> =>
    findStage(unit, await findService(unit, params.serviceId), params.stageId)

interface Versioned {
  readonly version: number
}

export const etag = ({ version }: Versioned) => `"${version}"`

const name = (description: string) => Type.String({ description, minLength: 1, maxLength: 64 })
export const ServiceParams = Type.Object({ serviceId: name('Id or name of the service.') })
export const ResourceParams = Type.Object({
  serviceId: name('Id or name of the service.'),
  resourceId: name('Id of the resource.'),
})
export const MethodParams = Type.Object({
  serviceId: name('Id or name of the service.'),
  methodId: name('Id of the method.'),
})
export const StageParams = Type.Object({
  serviceId: name('Id or name of the service.'),
  stageId: name('Id or name of the stage.'),
})
/** A number that every database can look for. */
export const DeploymentNumber = (description: string) =>
  Type.Integer({ description, minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
export const DeploymentParams = Type.Object({
  ...StageParams.properties,
  number: DeploymentNumber('Number of the deployment.'),
})

/**
 * The body of a change: every field may be left out, and then stays as it is; a body without any is refused. The defaults of
 * the fields are for creation, so they are not here.
 */
export function Changes<Fields extends TProperties>(fields: Fields) {
  const own = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, withoutDefault(field)])) as Fields
  return Type.Partial(Type.Object(own), { minProperties: 1, additionalProperties: false })
}

function withoutDefault(field: TSchema): TSchema {
  // TypeBox keeps what a schema is in properties that a spread would not copy.
  const { default: _, ...descriptors } = Object.getOwnPropertyDescriptors(field) as Record<string, PropertyDescriptor>
  return Object.defineProperties({}, descriptors) as TSchema
}

export const Page = {
  limit: Type.Integer({ description: 'How many at most.', minimum: 1, maximum: 1000, default: 100 }),
  after: Type.String({ description: 'The last name or path of the page before.', maxLength: 255, default: '' }),
}
