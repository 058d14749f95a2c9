import type { FastifyReply, FastifyRequest } from 'fastify'
import { mayEverywhere, mayOnService, mayOnSome, type Permission } from '../control/access.ts'
import type { Actor, UnitRunner } from '../control/context.ts'
import { lookUpService } from '../control/find.ts'
import type { Authenticator } from '../control/tokens.ts'
import { sameJson } from '../lib/same-json.ts'
import type { Api } from './context.ts'
import { problem, sendProblem } from './problem.ts'

/** The cookie of a session. */
export const SESSION_COOKIE = 'turnpike_session'
/** Methods that change nothing, so that nobody gains from having another's browser send them (RFC 9110, section 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Lets in who shows that they may: every route names the permission that it needs, and one without does not start. */
export function guard(api: Api, authenticator: Authenticator, runner: UnitRunner): void {
  api.decorateRequest('actor', null)
  api.decorateRequest('mayGoOn', async function (this: FastifyRequest) {
    const actor = await authenticate(this, authenticator)
    // Whoever may do more or less than before begins anew: what they are shown was chosen by what they might do.
    return actor !== null && this.actor !== null && sameJson(grantsOf(actor), grantsOf(this.actor))
  })
  api.addHook('onRoute', ({ url, method, config, schema }) => {
    if (config?.permission === undefined) throw new Error(`${String(method)} ${url} names no permission`)
    // So that whoever walks the document, as the tests do, sees everything that can do or tell something.
    if (schema?.hide === true && config.permission !== 'public')
      throw new Error(`${String(method)} ${url} is hidden from the API's document but not public`)
  })
  api.addHook('onRequest', async (request, reply) => {
    const { permission } = request.routeOptions.config
    // Answers may hold a token's value, and are for the caller alone.
    reply.header('cache-control', 'no-store')
    if (request.is404 || permission === 'public') return
    request.actor = await authenticate(request, authenticator)
    if (request.actor === null) return refuseUnknown(request, reply)
    if (request.actor.isCookie && !SAFE.has(request.method) && !isSameOrigin(request)) return refuseOrigin(reply)
    if (permission !== undefined && (await isAllowed(request, request.actor, permission, runner))) return
    return sendProblem(reply, problem(403, 'forbidden', refusal(request.actor, permission)))
  })
}

const grantsOf = ({ role, serviceRoles }: Actor) => ({ role, serviceRoles })

/** Who sends a request, by what they show; null for nobody that is known. */
export async function authenticate(request: FastifyRequest, authenticator: Authenticator): Promise<Actor | null> {
  // A header that is there is what counts: a browser sends none by itself.
  if (request.headers.authorization !== undefined) {
    const token = bearerToken(request)
    return token === null ? null : authenticator.byToken(token)
  }
  const session = request.cookies[SESSION_COOKIE]
  return session === undefined ? null : authenticator.bySession(session)
}

async function isAllowed(
  request: FastifyRequest,
  actor: Actor,
  permission: Permission,
  runner: UnitRunner,
): Promise<boolean> {
  if (mayEverywhere(actor, permission)) return true
  // The use case itself looks at the service that it is about.
  if (request.routeOptions.config.onSome === true) return mayOnSome(actor, permission)
  const params = request.params as { serviceId?: string }
  const idOrName = params.serviceId
  if (idOrName === undefined) return false
  const service = await runner.inTransaction(actor.name, (unit) => lookUpService(unit, idOrName))
  // One that is not there is refused as one that is not theirs: names of services are not for everybody.
  if (service === null || !mayOnService(actor, permission, service.id)) return false
  // From here on it is this one, even if another is given the name before the operation runs.
  params.serviceId = service.id
  return true
}

function refuseUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const hasProof = request.headers.authorization !== undefined || request.cookies[SESSION_COOKIE] !== undefined
  const detail = hasProof
    ? 'The token or session is not known, or has expired: log in, or send "Authorization: Bearer TOKEN" with one that is.'
    : 'A token or a session is needed: send "Authorization: Bearer TOKEN", or log in.'
  return sendProblem(reply, problem(401, 'unauthorized', detail))
}

/** A browser sends cookies whoever asks it to: only our own pages may (OWASP, cross-site request forgery). */
function isSameOrigin({ headers, protocol, host }: FastifyRequest): boolean {
  // What the browser itself says counts first: scripts cannot set it, and it is right behind every proxy.
  if (headers['sec-fetch-site'] !== undefined) return headers['sec-fetch-site'] === 'same-origin'
  const own = URL.parse(`${protocol}://${host}`)?.origin
  return own !== undefined && headers.origin === own
}

function refuseOrigin(reply: FastifyReply): FastifyReply {
  return sendProblem(
    reply,
    problem(
      403,
      'cross-site-request',
      'Changes by a session are only taken from pages of this server: send its Origin, or use a token.',
    ),
  )
}

function refusal({ role, serviceRoles }: Actor, permission: Permission | undefined): string {
  const isPartial = Object.keys(serviceRoles).length > 0
  const given = isPartial
    ? `your roles on single services${role === null ? '' : ` and "${role}" everywhere`} do not give it here`
    : role === null
      ? 'you have no role'
      : `the role "${role}" does not have it`
  return `This takes the permission "${permission}", and ${given}: ask an admin.`
}

/** The token of the `Authorization` header; null for none. */
export function bearerToken({ headers }: FastifyRequest): string | null {
  return /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(headers.authorization ?? '')?.[1] ?? null
}
