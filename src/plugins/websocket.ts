import { type Static, Type } from '#bundles/typebox'
import { checkOrigin, originTest } from './origins.ts'
import { definePlugin, type Exchange, type Problem, type Reply } from './plugin.ts'

const VERSION = '13'
/** Sixteen random bytes in Base64 (RFC 6455, section 4.1). */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/
/** A name of a subprotocol (section 4.1): a token. */
const PROTOCOL = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

const Config = Type.Object(
  {
    origins: Type.Array(Type.String({ maxLength: 512 }), {
      title: 'Origins',
      description:
        'Origins whose pages may open WebSockets: `https://app.example.com`, `https://*.example.com` for all sub-domains, `null`; none for all. Browsers always say where a page is from; requests that say nothing are not of pages, and pass.',
      default: [],
      maxItems: 1000,
      examples: [['https://app.example.com']],
    }),
    protocols: Type.Array(Type.String({ maxLength: 256 }), {
      title: 'Subprotocols',
      description:
        'Subprotocols of which the client must offer one; the backend is not told of others. None: whatever it offers.',
      default: [],
      maxItems: 100,
      examples: [['graphql-transport-ws']],
    }),
    required: Type.Boolean({
      title: 'Required',
      description: 'Whether requests that do not ask for a WebSocket are refused with 426 instead of forwarded.',
      default: false,
      examples: [true],
    }),
    idle: Type.Number({
      title: 'Idle',
      description: 'Seconds without a byte in either direction, pings included, after which it is ended.',
      minimum: 1,
      maximum: 86_400,
      default: 300,
      examples: [60],
    }),
    life: Type.Number({
      title: 'Life',
      description: 'Seconds after which it is ended, whatever is going on.',
      minimum: 1,
      maximum: 2_592_000,
      default: 86_400,
      examples: [3600],
    }),
    most: Type.Integer({
      title: 'Most',
      description: 'How many may be open at once on a method, in all workers together.',
      minimum: 1,
      maximum: 1_000_000,
      default: 100_000,
      examples: [5000],
    }),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>

export const webSocket = definePlugin({
  name: 'websocket',
  summary: 'Lets clients open WebSockets to the backend.',
  docs: 'Without this plugin a request for an upgrade is forwarded as a plain one. With it, a request with `Upgrade: websocket` must be a handshake by RFC 6455; all other plugins of the route run on it first, and response plugins on the head of the answer. Then bytes go both ways as they are. An open WebSocket is a request under way: it is counted when it ends, holds its place in `concurrency-limit`, and goes on through deployments by the settings that it began with. The limits of `timeout` hold up to the answer of the handshake; after that, those here. When a limit is over, and when the program stops, both sides are sent a Close frame with the code 1001. See the guide on [WebSockets and streams](../guides/websocket-and-streams.md).',
  phase: 'limit',
  attach: ['stage', 'path', 'method'],
  config: Config,

  check({ origins, protocols }) {
    return [
      ...origins.flatMap((origin, i) => checkListed(origin, origins, `/origins/${i}`)),
      ...protocols.flatMap((protocol, i) => checkProtocol(protocol, `/protocols/${i}`)),
    ]
  },

  create(config, { limits, scope }) {
    const { required, idle, life, most } = config
    const places = limits.concurrency(`websocket ${scope.stageId} ${scope.routeId}`, most)
    const refuse = handshakeTest(config)
    const terms = { idleMs: idle * 1000, lifeMs: life * 1000 }
    return {
      onRequest(x) {
        if (!asksForWebSocket(x)) return required ? { reply: 'websocket-required', headers: UPGRADE_TO } : undefined
        const refusal = refuse(x)
        if (refusal !== undefined) return refusal
        if (!places.take(x, '')) return { reply: 'websocket-limit', headers: [['Retry-After', '1']] }
        x.webSocket = terms
      },
    }
  },
})

/** With 426 a server says what to upgrade to (RFC 9110, section 15.5.22). */
const UPGRADE_TO = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Version', VERSION],
] as const

function asksForWebSocket({ request: { upgrade } }: Exchange): boolean {
  return upgrade !== null && (upgrade === 'websocket' || upgrade.split(',').some((name) => name.trim() === 'websocket'))
}

/** Makes what tells why a handshake (RFC 6455, section 4.2.1) is not taken, and leaves of its subprotocols those that may be. */
function handshakeTest({ origins, protocols }: Config): (x: Exchange) => Reply | undefined {
  const isAllowed = originTest(origins)
  const taken = new Set(protocols)
  return ({ request }) => {
    const { headers } = request
    const malformed = (detail: string): Reply => ({ reply: 'websocket-handshake', detail })
    if (request.method !== 'GET') return malformed('A WebSocket is opened with GET.')
    if (request.body?.length !== 0) return malformed('The handshake of a WebSocket has no body.')
    const versions = headers.getAll('sec-websocket-version')
    if (versions.length !== 1 || versions[0] !== VERSION) return { reply: 'websocket-version', headers: UPGRADE_TO }
    const [key = '', another] = headers.getAll('sec-websocket-key')
    if (another !== undefined || !KEY.test(key))
      return malformed('Sec-WebSocket-Key must be there once: 16 bytes in Base64.')
    const origin = headers.get('origin')
    if (origins.length > 0 && origin !== undefined && !isAllowed(origin)) return { reply: 'websocket-origin' }

    const offered =
      headers
        .get('sec-websocket-protocol')
        ?.split(',')
        .map((name) => name.trim()) ?? []
    if (!offered.every((name) => PROTOCOL.test(name)) || new Set(offered).size < offered.length)
      return malformed('Sec-WebSocket-Protocol must be a list of different names.')
    if (taken.size === 0) return
    const left = offered.filter((name) => taken.has(name))
    if (left.length === 0) return { reply: 'websocket-protocol' }
    headers.set('Sec-WebSocket-Protocol', left.join(', '))
  }
}

function checkListed(origin: string, all: readonly string[], path: string): Problem[] {
  if (origin === '*') return [{ path, message: 'Pages of all origins may where none is listed: leave "*" out.' }]
  return checkOrigin(origin, all, path)
}

function checkProtocol(protocol: string, path: string): Problem[] {
  if (PROTOCOL.test(protocol)) return []
  return [{ path, message: `"${protocol}" is not the name of a subprotocol: use letters, digits, dots and hyphens.` }]
}
