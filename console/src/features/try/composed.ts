import { isCredential } from './commands.ts'
import { type Pair, splitTarget, targetOf } from './target.ts'

/** A request while it is composed, and the same in the address of the page: without anything secret. */

export interface Composed {
  /** What the path is made of; empty for a path that was typed. */
  readonly pattern: string
  readonly method: string
  readonly path: string
  readonly query: readonly Pair[]
  readonly headers: readonly Pair[]
  readonly body: string
}

/** As the address has it. */
export interface ComposedSearch {
  readonly pattern?: string
  readonly method?: string
  readonly target?: string
  readonly headers?: string
  readonly body?: string
}

/** Longer bodies make no address that can be sent to anybody. */
const MAX_BODY = 2_000

export function fromSearch({
  pattern = '',
  method = 'GET',
  target = '/',
  headers = '',
  body = '',
}: ComposedSearch): Composed {
  return { pattern, method, ...splitTarget(target), headers: readHeaders(headers), body }
}

export function toSearch({ pattern, method, path, query, headers, body }: Composed): ComposedSearch {
  const open = headers.filter(({ name }) => name !== '' && !isCredential(name))
  const openQuery = query.filter(({ name }) => !isCredential(name))
  return {
    ...(pattern !== '' && { pattern }),
    method,
    target: targetOf(path, openQuery),
    ...(open.length > 0 && { headers: open.map(({ name, value }) => `${name}: ${value}`).join('\n') }),
    ...(body !== '' && body.length <= MAX_BODY && { body }),
  }
}

function readHeaders(text: string): Pair[] {
  return text
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => {
      const colon = line.indexOf(':')
      return { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }
    })
}

/** The header fields that are sent: those that were written, and the type of a body that says none. */
export function fieldsOf({ headers, body }: Pick<Composed, 'headers' | 'body'>): Pair[] {
  const own = headers.filter(({ name }) => name.trim() !== '').map(({ name, value }) => ({ name: name.trim(), value }))
  const saysType = own.some(({ name }) => name.toLowerCase() === 'content-type')
  return body === '' || saysType ? own : [{ name: 'Content-Type', value: typeOf(body) }, ...own]
}

function typeOf(body: string): string {
  try {
    JSON.parse(body)
    return 'application/json'
  } catch {
    return 'text/plain; charset=utf-8'
  }
}
