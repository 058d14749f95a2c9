import type { HeaderList } from '../../lib/headers/header-list.ts'
import type { GatewayExchange } from '../exchange.ts'

/** What plugins may change, as one line each. */
export function stateOf({ id, request, response, consumer, sendTo }: GatewayExchange): Map<string, string> {
  const fields = (kind: string, headers: HeaderList) =>
    [...new Set([...headers].map(([name]) => name.toLowerCase()))].map((name): [string, string] => [
      `${kind} header ${name}`,
      headers.getAll(name).join(', '),
    ])
  return new Map([
    ['request id', id],
    ['query', request.query],
    ['consumer', consumer?.name ?? ''],
    ...(sendTo === null ? [] : [['backend', sendTo.name] as const]),
    ...fields('request', request.headers),
    ...(response.status === 0
      ? []
      : [['status', String(response.status)] as const, ...fields('response', response.headers)]),
  ])
}

/** What is another than before, in words. */
export function changesOf(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((what) => {
    const [old, now] = [before.get(what), after.get(what)]
    if (old === now) return []
    if (old === undefined) return [`${what} is set to "${now}"`]
    return now === undefined ? [`${what} is removed`] : [`${what} is "${now}" instead of "${old}"`]
  })
}
