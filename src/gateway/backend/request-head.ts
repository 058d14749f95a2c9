import type { GatewayExchange } from '../exchange.ts'
import { CHUNKED } from '../http1/head.ts'
import type { Target } from './target.ts'

/** Asks the backend to leave HTTP (RFC 6455, section 4.1). */
const WEBSOCKET_LINES = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'

/** The request head for a backend that speaks HTTP/1.1 (RFC 9112, section 3), framed by us. */
export function requestHead(x: GatewayExchange, target: Target, path: string): string {
  const { method, headers, framing, contentLength } = x.request
  // A plugin may have set another Host; the client's own stands in X-Forwarded-Host.
  const versionAndHost = headers.has('host') ? ' HTTP/1.1\r\n' : target.versionAndHost
  const start = `${method} ${target.basePath}${path}${versionAndHost}${headers.toLines()}${x.client.forwardingLines}`
  const text = x.webSocket === null ? start : start + WEBSOCKET_LINES
  if (framing === CHUNKED) return `${text}Transfer-Encoding: chunked\r\n\r\n`
  if (contentLength >= 0) return `${text}Content-Length: ${contentLength}\r\n\r\n`
  return `${text}\r\n`
}
