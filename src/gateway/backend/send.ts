import { canonicalPath } from '../../lib/canonical-path.ts'
import { type GatewayExchange, SENT } from '../exchange.ts'
import { CHUNKED, SIZED } from '../http1/head.ts'
import type { RouteBackend } from '../table.ts'

/** What may stand in a request target; a template whose variables brought anything else must not reach a wire. */
const TARGET = /^[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=%]+$/

/**
 * Sends the request of `x` to its backend and lets its body follow. `isFresh` asks for a new connection. Returns false if
 * the backend path that its template gives cannot be used.
 */
export function send(x: GatewayExchange, to: RouteBackend, isFresh: boolean): boolean {
  const path = backendPath(x, to)
  if (path === null) return false
  const connection = to.backend.next().take(isFresh)
  x.backend = connection
  if (x.attempts === 0) x.times[SENT] = performance.now()
  x.attempts++
  connection.begin(x, path)
  if (!isWhole(x) && x.attempts === 1) x.client.readBody()
  return true
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
