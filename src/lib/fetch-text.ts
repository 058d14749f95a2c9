import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { checkedLookup } from './checked-lookup.ts'
import { isForbiddenHost } from './forbidden-address.ts'

/** Fetches for people who may not reach everything that this machine can reach. */

/** The reason why something was not fetched. */
export class FetchFailed extends Error {}

export interface FetchTextOptions {
  readonly accept: string
  /** A longer body is refused. */
  readonly maxBytes: number
  /** For all of it, redirects too. */
  readonly timeoutMs: number
}

const MOST_REDIRECTS = 5

/**
 * The text at an HTTP or HTTPS URL. Link-local and metadata addresses are refused, where names or redirects lead to them too:
 * what is connected to is the very address that was looked at. Throws `FetchFailed`.
 */
export async function fetchText(url: string, { accept, maxBytes, timeoutMs }: FetchTextOptions): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs)
  let at = parse(url)
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await get(at, accept, signal, timeoutMs)
    const { statusCode = 0, headers } = response
    if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) {
      if (statusCode === 200) return readBody(response, maxBytes, timeoutMs)
      response.destroy()
      throw new FetchFailed(`it answered ${statusCode}`)
    }
    response.destroy()
    at = parse(headers.location, at)
  }
  throw new FetchFailed(`it redirects more than ${MOST_REDIRECTS} times`)
}

function parse(url: string, base?: URL): URL {
  const parsed = URL.parse(url, base)
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol))
    throw new FetchFailed(`"${url}" is not an HTTP or HTTPS URL`)
  if (parsed.username !== '' || parsed.password !== '')
    throw new FetchFailed('a URL with a user name or a password is not taken')
  if (isForbiddenHost(parsed.hostname)) throw new FetchFailed(`${parsed.hostname} is a link-local or metadata address`)
  return parsed
}

function get(url: URL, accept: string, signal: AbortSignal, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(url, { headers: { accept }, signal, lookup: checkedLookup, agent: false }, resolve)
    request.on('error', (error) => reject(failure(error, timeoutMs)))
    request.end()
  })
}

async function readBody(response: IncomingMessage, maxBytes: number, timeoutMs: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.byteLength
      if (size > maxBytes) throw new FetchFailed(`it is larger than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    throw failure(error, timeoutMs)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function failure(error: unknown, timeoutMs: number): FetchFailed {
  if (error instanceof FetchFailed) return error
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (name === 'AbortError' || name === 'TimeoutError')
    return new FetchFailed(`it took longer than ${timeoutMs / 1000} s`)
  return new FetchFailed(message || name)
}
