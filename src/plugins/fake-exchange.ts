import { HeaderList } from '../lib/header-list.ts'
import type { Exchange } from './plugin.ts'

/** For tests: an exchange as a plugin sees it, with only what the test is about. */
export interface ExchangeParts {
  id?: string
  method?: string
  path?: string
  query?: string
  clientIp?: string
  host?: string
  headers?: Readonly<Record<string, string>>
  variables?: Readonly<Record<string, string>>
  stageVariables?: Readonly<Record<string, string>>
  status?: number
}

/** Makes an exchange. */
export function exchange(parts: ExchangeParts = {}): Exchange {
  const { query = '', path = '/a', variables = {}, clientIp = '192.0.2.1' } = parts
  return {
    id: parts.id ?? '00112233445566778899aabbccddeeff',
    receivedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    clientIp,
    request: {
      method: parts.method ?? 'GET',
      scheme: 'http',
      host: parts.host ?? 'api.localhost',
      rawTarget: query === '' ? path : `${path}?${query}`,
      path,
      query,
      headers: headerList(parts.headers ?? {}),
      variable: (name) => variables[name],
    },
    response: { status: parts.status ?? 0, headers: new HeaderList() },
    route: { id: 'r1', pattern: path, method: parts.method ?? 'GET' },
    stage: { id: 's1', name: 'live', variables: parts.stageVariables ?? {} },
    consumer: null,
    error: null,
  }
}

function headerList(fields: Readonly<Record<string, string>>): HeaderList {
  const list = new HeaderList()
  for (const [name, value] of Object.entries(fields)) list.add(name, value)
  return list
}
