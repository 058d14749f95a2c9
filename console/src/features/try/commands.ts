import type { Pair } from './target.ts'

/** A request as commands that do the same. */

export interface CommandRequest {
  readonly method: string
  readonly target: string
  readonly headers: readonly Pair[]
  readonly body: string
}

/** For a POSIX shell. */
const quote = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

/** The request as `curl` sends it. */
export function curlOf(origin: string, { method, target, headers, body }: CommandRequest): string {
  return [
    `curl -i${method === 'GET' ? '' : method === 'HEAD' ? ' -I' : ` -X ${quote(method)}`} ${quote(origin + target)}`,
    ...headers.map(({ name, value }) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === '' ? [] : [`--data-binary ${quote(body)}`]),
  ].join(' \\\n  ')
}

interface ExplainOptions {
  readonly stage: string
  readonly against: string
  readonly call: boolean
}

/** The request as `turnpike explain` takes it. */
export function explainOf(
  { stage, against, call }: ExplainOptions,
  { method, target, headers, body }: CommandRequest,
): string {
  return [
    `turnpike explain ${stage} ${quote(method)} ${quote(target)}`,
    ...headers.map(({ name, value }) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === '' ? [] : [`--body ${quote(body)}`]),
    ...(against === 'live' ? [] : [`--against ${against}`]),
    ...(call ? ['--call'] : []),
  ].join(' \\\n  ')
}

/** What a header that proves who somebody is shows instead of its value, where others may look on. */
const HIDDEN = '•••'
const CREDENTIAL = /^(?:authorization|proxy-authorization|cookie)$|key|token|secret|password|credential/i

/** Whether a header is likely to hold a secret: it is kept out of the address of the page. */
export const isCredential = (name: string): boolean => CREDENTIAL.test(name)

/** Headers as others may see them. */
export function hideCredentials(headers: readonly Pair[]): Pair[] {
  return headers.map(({ name, value }) => ({ name, value: isCredential(name) ? HIDDEN : value }))
}
