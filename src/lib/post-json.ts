import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { checkedLookup } from './checked-lookup.ts'
import { isForbiddenHost } from './forbidden-address.ts'

/** Posts for people who may not reach everything that this machine can reach. */

/** The reason why something was not taken. */
export class PostFailed extends Error {}

/** Why nothing can be posted to a URL, as a sentence; null where it can. Names are looked at again when they are resolved. */
export function postTrouble(url: string): string | null {
  const parsed = URL.parse(url)
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) return 'It must be an HTTP or HTTPS URL.'
  if (parsed.username !== '' || parsed.password !== '') return 'A URL with a user name or a password is not taken.'
  if (isForbiddenHost(parsed.hostname)) return `${parsed.hostname} is a link-local or metadata address.`
  return null
}

/**
 * Posts JSON text, without following redirects; what is answered with 2xx counts as taken, and nothing of the answer is read.
 * Link-local and metadata addresses are refused, where names lead to them too. Throws `PostFailed`.
 */
export function postJson(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<void> {
  const trouble = postTrouble(url)
  if (trouble !== null) return Promise.reject(new PostFailed(trouble))
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const request = send(
    url,
    {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
      signal: AbortSignal.timeout(timeoutMs),
      lookup: checkedLookup,
      agent: false,
    },
    ({ statusCode = 0 }) => {
      if (statusCode >= 200 && statusCode < 300) resolve()
      else reject(new PostFailed(`it answered ${statusCode}`))
      request.destroy()
    },
  )
  request.on('error', ({ name, message }) =>
    reject(
      new PostFailed(
        name === 'AbortError' || name === 'TimeoutError' ? `it took longer than ${timeoutMs / 1000} s` : message,
      ),
    ),
  )
  request.end(body)
  return promise
}
