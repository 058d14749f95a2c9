import { isFieldValue } from '../lib/headers/header-list.ts'
import type { Template } from '../lib/template.ts'
import type { Exchange } from '../plugins/plugin.ts'
import type { GatewayResponseName } from '../plugins/replies.ts'
import { compileValue } from '../plugins/variables.ts'
import type { Snapshot, SnapshotResponse } from '../snapshot/snapshot.ts'
import { negotiate } from './accept.ts'
import type { GatewayExchange } from './exchange.ts'

/** Gateway responses that users have redefined, ready to run. */

/** One of them. */
export interface CompiledResponse {
  /** Null for the default of the type. */
  readonly status: number | null
  readonly headers: readonly (readonly [name: string, value: Template<Exchange>])[]
  /** Empty for the default body. */
  readonly bodies: readonly { readonly contentType: string; readonly body: Template<Exchange> }[]
  readonly mediaTypes: readonly string[]
}

export type CompiledResponses = ReadonlyMap<GatewayResponseName, CompiledResponse>

/** Compiles those of a snapshot. */
export function compileResponses(responses: Snapshot['responses']): CompiledResponses {
  return new Map(
    Object.entries(responses).map(([name, response]) => [name as GatewayResponseName, compileResponse(response)]),
  )
}

function compileResponse({ status, headers, bodies }: SnapshotResponse): CompiledResponse {
  const mediaTypes = bodies.map(({ contentType }) => contentType.split(';')[0]?.trim() ?? '')
  return {
    status,
    headers: Object.entries(headers).map(([name, value]) => [name, compileValue(value)] as const),
    bodies: bodies.map(({ contentType, body }, i) => ({
      contentType,
      body: compileValue(body, escapeFor(mediaTypes[i] ?? '')),
    })),
    mediaTypes,
  }
}

/** What makes of a value a text that cannot end what it stands in. */
function escapeFor(mediaType: string): ((value: string) => string) | undefined {
  if (/[/+]json$/.test(mediaType)) return (value) => JSON.stringify(value).slice(1, -1)
  if (/[/+](?:xml|html)$/.test(mediaType))
    return (value) => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
  return undefined
}

/**
 * Puts the headers of a redefined response into `x`, whose status is set. Returns its body, or null for the default one:
 * also where a value cannot go on a wire.
 */
export function fillRedefined(x: GatewayExchange, { headers, bodies, mediaTypes }: CompiledResponse): string | null {
  const rendered = headers.map(([name, value]) => [name, value(x)] as const)
  if (!rendered.every(([, value]) => isFieldValue(value))) return null
  for (const [name, value] of rendered) x.response.headers.set(name, value)
  const picked = bodies[negotiate(x.request.headers.get('accept'), mediaTypes)]
  if (picked === undefined) return null
  const body = picked.body(x)
  x.response.headers.set('Content-Type', picked.contentType)
  if (bodies.length > 1) x.response.headers.add('Vary', 'Accept')
  return body
}
