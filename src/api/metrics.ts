import { createHash, timingSafeEqual } from 'node:crypto'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { mayEverywhere } from '../control/access.ts'
import type { Authenticator } from '../control/tokens.ts'
import { type Format, formatFor, formats } from '../telemetry/exposition.ts'
import { type Api, may } from './context.ts'
import { authenticate, bearerToken } from './guard.ts'
import { problem, sendProblem } from './problem.ts'

/** What `/metrics` is made of. */
export interface MetricsParts {
  /** The metrics, in pieces. */
  readonly expose: (format: Format) => Iterable<string>
  /** A token that opens nothing but this; null for none. */
  readonly token: string | null
  /** Peers that speak for others. */
  readonly trustedProxies: readonly string[]
}

/**
 * `/metrics`, for Prometheus. Open to programs of this machine, unless it has a token of its own; to all others with that token, or
 * with what lets read everything.
 */
export function metricsRoute(api: Api, { expose, token, trustedProxies }: MetricsParts, authenticator: Authenticator) {
  const isLocal = localRequests(trustedProxies)
  const isToken = token === null ? () => false : tokenTest(token)
  const isAllowed = async (request: FastifyRequest) => {
    if (token === null && isLocal(request)) return true
    if (isToken(bearerToken(request) ?? '')) return true
    const actor = await authenticate(request, authenticator)
    return actor !== null && mayEverywhere(actor, 'read')
  }
  // Public, as far as the guard goes: who may is asked here, where more than tokens counts.
  api.get('/metrics', { ...may('public'), schema: { hide: true } }, async (request, reply) => {
    if (!(await isAllowed(request)))
      return sendProblem(
        reply.header('www-authenticate', 'Bearer'),
        problem(
          401,
          'unauthorized',
          'Metrics take a token: send "Authorization: Bearer TOKEN" with that of TURNPIKE_METRICS_TOKEN, or one that may read everything.',
        ),
      )
    const format = formatFor(request.headers.accept)
    return reply.type(formats[format]).send(Readable.from(inTurns(expose(format))))
  })
}

/** Lets others have their turn between two pieces. */
async function* inTurns(pieces: Iterable<string>): AsyncGenerator<string> {
  for (const piece of pieces) {
    yield piece
    await setImmediate()
  }
}

/** Fields that say that somebody else sent the request. */
const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']

/**
 * Tells the requests that a program of this machine made for itself. Whatever came through a proxy is none of them; and neither is
 * what a browser sends to a name that its page has pointed at this machine (DNS rebinding), which the `Host` gives away.
 */
export function localRequests(
  trustedProxies: readonly string[],
): (
  request: Pick<FastifyRequest, 'headers'> & { readonly socket: { readonly remoteAddress?: string | undefined } },
) => boolean {
  const proxies = new BlockList()
  for (const entry of trustedProxies) {
    const [address = '', prefix] = entry.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) proxies.addAddress(address, family)
    else proxies.addSubnet(address, Number(prefix), family)
  }
  return ({ socket, headers }) => {
    const peer = plainAddress(socket.remoteAddress ?? '')
    if (!isLoopback(peer) || proxies.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4')) return false
    if (FORWARDING.some((name) => headers[name] !== undefined)) return false
    const host = URL.parse(`http://${headers.host ?? ''}`)?.hostname ?? ''
    return host === 'localhost' || isLoopback(host.replace(/^\[|\]$/g, ''))
  }
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}

function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

/** Compares in a time that says nothing about how much of it was right. */
function tokenTest(token: string): (given: string) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const right = digest(token)
  return (given) => timingSafeEqual(digest(given), right)
}
