import { performance } from 'node:perf_hooks'
import { canonicalPath } from '../../lib/canonical-path.ts'
import type { ReplyCode } from '../../plugins/replies.ts'
import { type GatewayExchange, SENT, STARTED } from '../exchange.ts'
import { CHUNKED, SIZED } from '../http1/head.ts'
import type { RouteBackend } from '../table.ts'
import type { BackendLink } from './backend-link.ts'

/** What may stand in a request target; a template whose variables brought anything else must not reach a wire. */
const TARGET = /^[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=%]+$/

/**
 * Sends the request of `x` to its backend and lets its body follow; to another target than before, where there is one.
 * `isFresh` asks for a new connection. Returns why it could not be sent, or null.
 */
export function send(x: GatewayExchange, to: RouteBackend, isFresh: boolean): ReplyCode | null {
  const path = backendPath(x, to)
  if (path === null) return 'invalid-context-variable'
  if (x.pool !== null) x.triedPools.push(x.pool)
  const pool = to.backend.next(x)
  x.pool = pool
  if (pool === null) return 'backend-unavailable'
  if (x.trace !== null) x.trace.beginAttempt(x, pool.target)
  if (x.attempts === 0) x.times[SENT] = sentAt(x)
  x.attempts++
  const link = pool.take(isFresh)
  if (link !== null) start(x, link, path)
  else if (!pool.wait(x, path, isFresh, start)) return 'backend-unavailable'
  return null
}

/** Without plugins it goes as soon as it comes, and the clock need not be read once more for that. */
function sentAt({ route, times }: GatewayExchange): number {
  return route.requestHandlers === null ? (times[STARTED] ?? 0) : performance.now()
}

/** Puts a link where the exchange has its backend. */
export function stand(x: GatewayExchange, link: BackendLink): void {
  x.backend = x.tries === null ? link : x.tries.carry(link)
}

/** Begins the exchange on a link. */
function start(x: GatewayExchange, link: BackendLink, path: string): void {
  stand(x, link)
  link.begin(x, path)
  if (isWhole(x)) return
  if (x.attempts === 1) x.client.readBody()
  else x.tries?.replay()
}

/** Whether no body follows the head of a request, or all of it came along. */
export function isWhole({ request }: GatewayExchange): boolean {
  return request.inlineBody !== null || (request.framing !== CHUNKED && request.framing !== SIZED)
}

/** Path and query for the backend, or null if the template gives something that is not a path. */
export function backendPath(x: GatewayExchange, { path: template }: RouteBackend): string | null {
  const { path, query } = x.request
  if (template === null) return query === '' ? path : `${path}?${query}`
  const rendered = template(x)
  if (!TARGET.test(rendered)) return null
  const mark = rendered.indexOf('?')
  // Variables side by side could form a dot segment that none of them is by itself.
  const canonical = canonicalPath(mark === -1 ? rendered : rendered.slice(0, mark))
  if (canonical === null) return null
  const own = mark === -1 ? '' : rendered.slice(mark + 1)
  const whole = own === '' || query === '' ? own + query : `${own}&${query}`
  return whole === '' ? canonical : `${canonical}?${whole}`
}
