import type { GatewayExchange } from '../exchange.ts'
import { CHUNKED } from '../http1/head.ts'
import type { Target } from './target.ts'

/** Asks the backend to leave HTTP (RFC 6455, section 4.1). */
const WEBSOCKET_LINES = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
const SPACE = ' '
const LINE_END = '\r\n'

/** The request head for a backend that speaks HTTP/1.1 (RFC 9112, section 3), framed by us. */
export function requestHead(x: GatewayExchange, target: Target, path: string): string {
  const { method, headers, framing, contentLength } = x.request
  // A plugin may have set another Host; the client's own stands in X-Forwarded-Host.
  const versionAndHost = headers.has('host') ? ' HTTP/1.1\r\n' : target.versionAndHost
  // Put together by "+": a template asks of each part whether it is a text.
  let text = method + SPACE + target.basePath + path + versionAndHost + headers.toLines() + x.client.forwardingLines
  if (x.webSocket !== null) text += WEBSOCKET_LINES
  if (framing === CHUNKED) text += 'Transfer-Encoding: chunked\r\n'
  else if (contentLength >= 0) text += `Content-Length: ${contentLength}\r\n`
  return text + LINE_END
}
