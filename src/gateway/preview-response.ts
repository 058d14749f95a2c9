import type { GatewayResponse } from '../model/gateway-response.ts'
import { type GatewayResponseName, type ReplyCode, replies } from '../plugins/replies.ts'
import { fillReply } from './answer.ts'
import { GatewayExchange } from './exchange.ts'
import { clientFor } from './explaining/client.ts'
import { compileResponses } from './responses.ts'
import type { StageTable } from './table.ts'

/** What the gateway would answer, with the parts that answer: for whoever redefines it, and wants to see what comes of it. */

/** For whom it is. */
export interface PreviewedFor {
  readonly service: string
  readonly host: string
  /** Of a request: picks one of the bodies. Empty for none. */
  readonly accept: string
}

/** Addresses for documentation (RFC 5737). */
const SAMPLE_ADDRESS = '203.0.113.7'

/** The answer of a type to a sample request; `response` is null for the default one. */
export function previewResponse(
  type: GatewayResponseName,
  response: GatewayResponse | null,
  { service, host, accept }: PreviewedFor,
): { status: number; headers: { name: string; value: string }[]; body: string } {
  const x = new GatewayExchange(clientFor(SAMPLE_ADDRESS, 'https', host))
  x.begin(Date.now())
  x.clientIp = SAMPLE_ADDRESS
  const { request } = x
  request.method = 'GET'
  request.scheme = 'https'
  request.host = host
  request.rawTarget = '/orders/42?page=1'
  request.path = '/orders/42'
  request.query = 'page=1'
  request.headers.clear()
  if (accept !== '') request.headers.add('Accept', accept)
  const stage = { id: 'preview', service, name: 'preview', hosts: [host], variables: {} }
  const responses = compileResponses(response === null ? {} : { [type]: response })
  // Of the table of a stage, an answer of the gateway's own takes nothing but these.
  x.stageTable = { stage, responses } as unknown as StageTable
  const body = fillReply(x, firstOf(type))
  return {
    status: x.response.status,
    headers: [...x.response.headers].map(([name, value]) => ({ name, value })),
    // The codec writes each character as a byte.
    body: Buffer.from(body, 'latin1').toString('utf8'),
  }
}

/** The first reason for an answer of a type. */
function firstOf(type: GatewayResponseName): ReplyCode {
  const codes = Object.keys(replies) as ReplyCode[]
  const found = codes.find((code) => replies[code].type === type)
  if (found === undefined) throw new Error(`no reply is of the type ${type}`)
  return found
}
