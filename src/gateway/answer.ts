import { statusTexts } from '../lib/status-texts.ts'
import type { Problem, Reply } from '../plugins/plugin.ts'
import { gatewayResponses, type ReplyCode, type ReplyDefinition, replies } from '../plugins/replies.ts'
import type { GatewayExchange } from './exchange.ts'
import { fillGrpcStatus, isGrpc } from './grpc.ts'
import { fillRedefined } from './responses.ts'

/** The gateway's own answers, put into an exchange's response. */

/**
 * Fills the response of `x` with one of the gateway's own answers as the user has redefined it, else as problem details
 * (RFC 9457). Returns the body.
 */
export function fillReply(x: GatewayExchange, code: ReplyCode, detail?: string, errors?: readonly Problem[]): string {
  const definition: ReplyDefinition = replies[code]
  const message = detail ?? definition.detail
  const redefined = x.stageTable?.responses.get(definition.type)
  const { status: usual, title } = gatewayResponses[definition.type]
  const status = redefined?.status ?? usual
  x.error = { type: definition.type, code, message }
  startResponse(x, status)
  if (isGrpc(x.request.headers)) return fillGrpc(x, status, message)
  const body = redefined === undefined ? null : fillRedefined(x, redefined)
  if (body !== null) return latin1(body)
  x.response.headers.push('Content-Type', 'application/problem+json')
  return latin1(JSON.stringify({ type: 'about:blank', title, status, detail: message, code, requestId: x.id, errors }))
}

/** The same for a call of gRPC: no body. */
function fillGrpc({ response }: GatewayExchange, status: number, message: string): string {
  response.status = fillGrpcStatus(response.headers, status, message)
  return ''
}

/** Fills the response of `x` with what a plugin gave. Returns the body as Latin-1 text. */
export function fillPluginReply(x: GatewayExchange, reply: Reply): string {
  if ('reply' in reply) {
    const body = fillReply(x, reply.reply, reply.detail, reply.errors)
    for (const [name, value] of reply.headers ?? []) x.response.headers.set(name, value)
    return body
  }
  startResponse(x, reply.status)
  for (const [name, value] of reply.headers) x.response.headers.add(name, value)
  // What a plugin says in words of HTTP, a client of gRPC does not read.
  if (reply.status >= 400 && isGrpc(x.request.headers))
    return fillGrpc(x, reply.status, statusTexts[reply.status] ?? 'refused')
  return typeof reply.body === 'string' ? latin1(reply.body) : Buffer.from(reply.body).toString('latin1')
}

/** Begins an answer of our own, which never carries anything of a backend's. That a stage wants HTTPS is said in all of them. */
function startResponse({ request, response, stageTable }: GatewayExchange, status: number): void {
  response.status = status
  response.reason = ''
  response.hasDate = false
  response.headers.clear()
  const hsts = stageTable?.stage.hsts
  if (hsts !== undefined && request.scheme === 'https') response.headers.set('Strict-Transport-Security', hsts)
}

/** The UTF-8 bytes of a text, each as one character: what the codec writes. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
