import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { checkedLookup, ForbiddenAddress } from '../lib/checked-lookup.ts'
import { isForbiddenAddress } from '../lib/forbidden-address.ts'
import { OutgoingFailure, type OutgoingRequest, type OutgoingResponse } from '../plugins/plugin.ts'

/**
 * Calls that plugins make: key sets, token introspection, forward-auth. They are bounded in time and size, follow no
 * redirects, and never reach link-local and metadata addresses: the address that was checked is the one that is connected to.
 */

const MAX_SOCKETS = 64
const KEEP_MS = 30_000

const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: KEEP_MS, lookup: checkedLookup }

/** Node's HTTP clients, and the connections that they keep. */
type Clients = ReturnType<typeof makeClients>
let clients: Clients | null = null

/** Loaded with the first call: most workers never make one, and the clients are 5 MB for each. */
function makeClients() {
  const [http, https] = [process.getBuiltinModule('node:http'), process.getBuiltinModule('node:https')]
  return {
    'http:': { send: http.request, agent: new http.Agent(agentOptions) },
    'https:': { send: https.request, agent: new https.Agent(agentOptions) },
  }
}

/** Makes a call. Rejects with `OutgoingFailure`, and with nothing else. */
export function fetchForPlugin(call: OutgoingRequest): Promise<OutgoingResponse> {
  return new Promise((done, fail) => {
    const url = URL.parse(call.url)
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
      return fail(new OutgoingFailure('address-refused', `"${call.url}" is not an http or https URL`))
    const host = url.hostname.replace(/^\[|\]$/g, '')
    // Addresses are not looked up, so they are checked here.
    if (isIP(host) !== 0 && isForbiddenAddress(host)) return fail(toFailure(new ForbiddenAddress(host), host))
    clients ??= makeClients()
    const { send, agent } = clients[url.protocol]
    const request = send(url, {
      method: call.method,
      agent,
      headers: Object.fromEntries(call.headers),
    })
    const timer = setTimeout(
      () => request.destroy(new OutgoingFailure('timeout', `${url.host} did not answer within ${call.timeoutMs} ms`)),
      call.timeoutMs,
    )
    request.on('close', () => clearTimeout(timer))
    request.on('error', (error) => fail(toFailure(error, url.host)))
    request.on('response', (response) => {
      readBody(response, call.maxBytes, url.host).then(
        (body) => {
          done({ status: response.statusCode ?? 0, headers: headersOf(response), body })
        },
        (error) => {
          request.destroy()
          fail(toFailure(error, url.host))
        },
      )
    })
    request.end(call.body)
  })
}

async function readBody(response: IncomingMessage, maxBytes: number, host: string): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length
    if (size > maxBytes) throw new OutgoingFailure('too-large', `${host} answered with more than ${maxBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts, size)
}

function headersOf(response: IncomingMessage): ReadonlyMap<string, string> {
  return new Map(Object.entries(response.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]))
}

function toFailure(error: unknown, host: string): OutgoingFailure {
  if (error instanceof OutgoingFailure) return error
  if (error instanceof ForbiddenAddress) return new OutgoingFailure('address-refused', error.message)
  const message = error instanceof Error ? error.message : String(error)
  const isMalformed = error instanceof Error && 'code' in error && String(error.code).startsWith('HPE_')
  return new OutgoingFailure(isMalformed ? 'malformed' : 'unreachable', `${host}: ${message}`)
}
