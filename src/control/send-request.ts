import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http'
import { Invalid, Unavailable } from '../model/errors.ts'
import type { ReceivedAnswer, SentRequest } from '../model/sent-request.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import { hostNames } from '../snapshot/compile.ts'

/** Where clients reach the gateway of this node. */
export interface GatewayAddress {
  readonly host: string
  readonly port: number
}

/** The host name by which a stage is always reached. */
export function firstHost(service: Service, stage: Stage, baseDomain: string): string {
  const [host = ''] = hostNames(service, stage, baseDomain)
  return host
}

/** Of an answer, so much is shown. */
const MAX_BODY_BYTES = 1024 * 1024
/** Longer than the gateway itself waits for a backend, unless it is told otherwise. */
const TIMEOUT_MS = 90_000

/**
 * Sends a request to a host name through the gateway, as a client would, so that it counts as any other. Throws `Invalid` for what
 * cannot be written as a request, and `Unavailable` where the gateway gives no whole answer.
 */
export async function sendRequest(
  gateway: GatewayAddress,
  hostName: string,
  sent: SentRequest,
): Promise<ReceivedAnswer> {
  const startedAt = performance.now()
  const request = open(gateway, hostName, sent)
  try {
    request.end(sent.body)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const { body, isCut } = await readBody(response)
    return {
      status: response.statusCode ?? 0,
      headers: fieldsOf(response),
      body,
      isCut,
      durationMs: performance.now() - startedAt,
    }
  } catch (error) {
    throw new Unavailable(
      `The gateway gave no whole answer within ${TIMEOUT_MS / 1000} s: ${error instanceof Error ? error.message : String(error)}.`,
    )
  } finally {
    request.destroy()
  }
}

function open(
  { host, port }: GatewayAddress,
  hostName: string,
  { method, target, headers, body }: SentRequest,
): ClientRequest {
  const length = body === '' ? [] : ['Content-Length', String(Buffer.byteLength(body))]
  const fields = headers.filter(({ name }) => !/^(?:host|content-length|transfer-encoding|connection)$/i.test(name))
  try {
    return openRequest({
      host,
      port,
      method,
      path: target,
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // As they are given: in this order, and each as often as it is there.
      headers: [
        'Host',
        hostName,
        ...fields.flatMap(({ name, value }) => [name, value]),
        ...length,
      ] as unknown as string[],
    })
  } catch (error) {
    // Node refuses what no request may have: a space in the target, a line end in a header.
    const message = error instanceof Error ? error.message : String(error)
    throw new Invalid('This cannot be sent as a request.', [{ path: '', message }])
  }
}

async function readBody(response: IncomingMessage): Promise<{ body: string; isCut: boolean }> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MAX_BODY_BYTES) break
  }
  return { body: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString(), isCut: size > MAX_BODY_BYTES }
}

function fieldsOf({ rawHeaders }: IncomingMessage): { name: string; value: string }[] {
  return rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [{ name, value: rawHeaders[i + 1] ?? '' }] : []))
}
