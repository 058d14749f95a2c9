import type { FastifyReply, FastifyRequest } from 'fastify'
import { mayEverywhere, mayOnService, mayOnSome, type Permission } from '../control/access.ts'
import type { Actor, UnitRunner } from '../control/context.ts'
import type { Authenticator } from '../control/tokens.ts'
import type { Api } from './context.ts'
import { problem, sendProblem } from './problem.ts'

/** The cookie of a session. */
export const SESSION_COOKIE = 'turnpike_session'
/** Methods that change nothing, so that nobody gains from having another's browser send them (RFC 9110, section 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Lets in who shows that they may: every route names the permission that it needs, and one without does not start. */
export function guard(api: Api, authenticator: Authenticator, runner: UnitRunner): void {
  api.decorateRequest('actor', null)
  api.addHook('onRoute', ({ url, method, config }) => {
    if (config?.permission === undefined) throw new Error(`${String(method)} ${url} names no permission`)
  })
  api.addHook('onRequest', async (request, reply) => {
    const { permission } = request.routeOptions.config
    if (request.is404 || permission === 'public') return
    request.actor = await authenticate(request, authenticator)
    if (request.actor === null) return refuseUnknown(request, reply)
    if (request.actor.isCookie && !SAFE.has(request.method) && !isSameOrigin(request)) return refuseOrigin(reply)
    if (permission !== undefined && (await isAllowed(request, request.actor, permission, runner))) return
    return sendProblem(reply, problem(403, 'forbidden', refusal(request.actor)))
  })
}

async function authenticate(request: FastifyRequest, authenticator: Authenticator): Promise<Actor | null> {
  // A header that is there is what counts: a browser sends none by itself.
  if (request.headers.authorization !== undefined) {
    const token = bearerToken(request)
    return token === null ? null : authenticator.byToken(token)
  }
  const session = request.cookies[SESSION_COOKIE]
  return session === undefined ? null : authenticator.bySession(session)
}

async function isAllowed(
  { params, routeOptions }: FastifyRequest,
  actor: Actor,
  permission: Permission,
  runner: UnitRunner,
): Promise<boolean> {
  if (mayEverywhere(actor, permission)) return true
  // The use case itself looks at the service that it is about.
  if (routeOptions.config.onSome === true) return mayOnSome(actor, permission)
  const idOrName = (params as { serviceId?: string }).serviceId
  if (idOrName === undefined) return false
  const service = await runner.inTransaction(
    actor.name,
    async (unit) => (await unit.services.findByName(idOrName)) ?? (await unit.services.find(idOrName)),
  )
  // One that is not there is refused as one that is not theirs: names of services are not for everybody.
  return service !== null && mayOnService(actor, permission, service.id)
}

function refuseUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const hasProof = request.headers.authorization !== undefined || request.cookies[SESSION_COOKIE] !== undefined
  const detail = hasProof
    ? 'The token or session is not known, or has expired: log in, or send "Authorization: Bearer TOKEN" with one that is.'
    : 'A token or a session is needed: send "Authorization: Bearer TOKEN", or log in.'
  return sendProblem(reply.header('www-authenticate', 'Bearer realm="turnpike"'), problem(401, 'unauthorized', detail))
}

/** A browser sends cookies whoever asks it to: only our own pages may (OWASP, cross-site request forgery). */
function isSameOrigin({ headers, host }: FastifyRequest): boolean {
  if (headers['sec-fetch-site'] !== undefined) return headers['sec-fetch-site'] === 'same-origin'
  return headers.origin !== undefined && URL.parse(headers.origin)?.host === host
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

function refusal({ role, serviceRoles }: Actor): string {
  if (role !== null) return `The role "${role}" may not do this.`
  return Object.keys(serviceRoles).length === 0
    ? 'You have no role: ask an admin for one.'
    : 'Your roles are on single services, and none of them allows this.'
}

function bearerToken({ headers }: FastifyRequest): string | null {
  return /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(headers.authorization ?? '')?.[1] ?? null
}
