import { createHash } from 'node:crypto'
import type { HeaderList } from '../../lib/headers/header-list.ts'
import type { ResponseHead } from '../http1/response-head.ts'

/** The backend's side of the opening handshake (RFC 6455, section 4.1): what the `websocket` plugin has checked is answered. */

/** By which a server shows that it has understood the key (section 1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The answer to a key. */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64')
}

/** What is wrong with the 101 that answers a request with these fields, in a sentence; null where it is right. */
export function faultOfSwitch(asked: HeaderList, { headers, upgrade }: ResponseHead): string | null {
  if (upgrade !== 'websocket') return 'The backend has switched to something else than WebSocket.'
  if (headers.get('sec-websocket-accept') !== acceptOf(asked.get('sec-websocket-key') ?? ''))
    return 'The backend does not answer the key of the handshake.'
  const protocol = headers.get('sec-websocket-protocol')
  if (protocol !== undefined && !listOf(asked.get('sec-websocket-protocol')).includes(protocol))
    return 'The backend has chosen a subprotocol that was not on offer.'
  const offered = new Set(listOf(asked.get('sec-websocket-extensions')).map(extensionName))
  const chosen = listOf(headers.get('sec-websocket-extensions')).map(extensionName)
  return chosen.every((name) => offered.has(name)) ? null : 'The backend has chosen an extension that was not on offer.'
}

function listOf(value: string | undefined): string[] {
  return (value ?? '').split(',').flatMap((entry) => entry.trim() || [])
}

/** What an extension is called, without its parameters. */
function extensionName(extension: string): string {
  return extension.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}
