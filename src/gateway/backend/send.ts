import { canonicalPath } from '../../lib/canonical-path.ts'
import type { GatewayExchange } from '../exchange.ts'
import { CHUNKED, SIZED } from '../http1/head.ts'
import type { RouteBackend } from '../table.ts'
import type { Target } from './target.ts'

/** What may stand in a request target; a template whose variables brought anything else must not reach a wire. */
const TARGET = /^[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=%]+$/

/**
 * Sends the request of `x` to its backend and lets its body follow. `isFresh` asks for a new connection. Returns false if
 * the backend path that its template gives cannot be used.
 */
export function send(x: GatewayExchange, to: RouteBackend, isFresh: boolean): boolean {
  const pool = to.backend.next()
  const head = writeHead(x, to, pool.target)
  if (head === null) return false
  const { request } = x
  const connection = pool.take(isFresh)
  x.backend = connection
  x.attempts++
  const isWhole = request.inlineBody !== null || (request.framing !== CHUNKED && request.framing !== SIZED)
  connection.begin(x, request.inlineBody === null ? head : head + request.inlineBody, isWhole)
  if (!isWhole && x.attempts === 1) x.client.readBody()
  return true
}

/** The head that a target is sent, or null if the backend path that its template gives cannot be used. */
export function writeHead(x: GatewayExchange, to: RouteBackend, target: Target): string | null {
  const path = backendPath(x, to)
  return path === null ? null : requestHead(x, target, path)
}

/** Path and query for the backend, or null if the template gives something that is not a path. */
function backendPath(x: GatewayExchange, { path: template }: RouteBackend): string | null {
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

/** The request head for the backend (RFC 9112, section 3), framed by us. */
function requestHead(x: GatewayExchange, target: Target, path: string): string {
  const { method, headers, framing, contentLength } = x.request
  // A plugin may have set another Host; the client's own stands in X-Forwarded-Host.
  const versionAndHost = headers.has('host') ? ' HTTP/1.1\r\n' : target.versionAndHost
  const text = `${method} ${target.basePath}${path}${versionAndHost}${headers.toLines()}${x.client.forwardingLines}`
  if (framing === CHUNKED) return `${text}Transfer-Encoding: chunked\r\n\r\n`
  if (contentLength >= 0) return `${text}Content-Length: ${contentLength}\r\n\r\n`
  return `${text}\r\n`
}
