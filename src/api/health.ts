import type { FastifyReply } from 'fastify'
import { type Api, may } from './context.ts'

/** One thing that must be right, and what is the matter with it. For everybody to read: no addresses, no names. */
export interface Check {
  readonly name: string
  readonly isOk: boolean
  readonly reason: string
}

/** Answers what the program can say of itself. */
export interface Health {
  /** Whether it should go on: what fails here is only mended by a new start. */
  live(): readonly Check[]
  /** Whether it can do its work now. */
  ready(): Promise<readonly Check[]>
}

/** `/livez` and `/readyz`, for whoever keeps the program running. */
export function healthRoutes(api: Api, health: Health): void {
  api.get('/livez', { ...may('public'), schema: { hide: true } }, (_, reply) => sendChecks(reply, health.live()))
  api.get('/readyz', { ...may('public'), schema: { hide: true } }, async (_, reply) =>
    sendChecks(reply, await health.ready()),
  )
}

function sendChecks(reply: FastifyReply, checks: readonly Check[]): FastifyReply {
  const isOk = checks.every((check) => check.isOk)
  return reply.code(isOk ? 200 : 503).send({
    status: isOk ? 'ok' : 'unavailable',
    checks: checks.map(({ name, isOk: isFine, reason }) => ({ name, status: isFine ? 'ok' : 'failing', reason })),
  })
}
