import { createHash } from 'node:crypto'
import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { isForbiddenHost } from '../lib/forbidden-address.ts'
import { isFieldName, isFieldValue } from '../lib/headers/header-list.ts'
import { sharedKey, Verified } from './authentication.ts'
import {
  definePlugin,
  type Exchange,
  type Outcome,
  OutgoingFailure,
  type OutgoingResponse,
  type PluginEnv,
  type Problem,
  type Reply,
} from './plugin.ts'

/** Marks our own calls: one that comes back to a route with this plugin would go round for ever. */
const MARK = 'x-pre-call'
const MAX_KEPT = 10_000
const MAX_ANSWER_BYTES = 65_536
/** What frames a message or belongs to one connection: never taken from an answer. */
const FRAMING = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'proxy-connection',
])

const Names = (title: string, description: string, fallback: string[]) =>
  Type.Array(Type.String({ maxLength: 256 }), {
    title,
    description,
    default: fallback,
    maxItems: 100,
    examples: [['authorization']],
  })

const Config = Type.Object(
  {
    url: Type.String({
      title: 'URL',
      description: 'What is asked: http or https.',
      pattern: '^https?://',
      [EXPECTED]: 'a URL that begins with http:// or https://',
      maxLength: 2048,
      examples: ['http://auth.internal/check'],
    }),
    method: Type.Enum(['GET', 'POST', 'HEAD'], {
      title: 'Method',
      description: 'How it is asked; the body of the request is not sent along.',
      default: 'GET',
      examples: ['GET'],
    }),
    requestHeaders: Names('Request headers', 'Headers of the request that it sees.', ['authorization', 'cookie']),
    statuses: Type.Array(Type.Integer({ minimum: 200, maximum: 299 }), {
      title: 'Statuses',
      description: 'With which the request goes on; none: all of 2xx.',
      default: [],
      maxItems: 100,
      examples: [[200]],
    }),
    copyToRequest: Names(
      'Copy to request',
      'Headers of its answer that the backend gets, in the place of what the client sent under these names.',
      [],
    ),
    copyToClient: Names('Copy to client', 'Headers of its answer that the client gets where it is refused.', [
      'content-type',
      'location',
      'set-cookie',
      'www-authenticate',
    ]),
    timeout: Type.Number({
      title: 'Time-out',
      description: 'Seconds that it may take.',
      minimum: 0.1,
      maximum: 60,
      default: 5,
      examples: [2],
    }),
    cache: Type.Integer({
      title: 'Cache',
      description: 'Seconds for which a yes holds for requests that are alike; 0: each is asked for.',
      minimum: 0,
      maximum: 86_400,
      default: 0,
      examples: [60],
    }),
    cacheBy: Type.Enum(['request', 'headers'], {
      title: 'Cache by',
      description:
        '`request`: alike are requests of one method, host, path and query with the same request headers; `headers`: with the same request headers, whatever they ask for.',
      default: 'request',
      examples: ['request'],
    }),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>

export const forwardAuth = definePlugin({
  name: 'forward-auth',
  summary: 'Asks a service of yours whether a request may go on.',
  docs: 'The service gets the chosen headers, and `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri` and `-For`. With 2xx the request goes on; any other answer goes to the client as it is, with its body (up to 64 KiB) and the chosen headers. A service that cannot be reached, takes too long or answers too much is 502: nobody comes in. Only a yes is kept. A call of this plugin that comes back to a route with this plugin is refused.',
  phase: 'validate',
  attach: ['stage', 'path', 'method'],
  config: Config,

  check({ url, requestHeaders, copyToRequest, copyToClient }) {
    const parsed = URL.parse(url)
    const names = (list: readonly string[], field: string) =>
      list.flatMap((name, i): Problem[] => {
        const path = `/${field}/${i}`
        if (!isFieldName(name))
          return [{ path, message: `"${name}" is not a header name: use letters, digits and hyphens.` }]
        return FRAMING.has(name.toLowerCase())
          ? [{ path, message: `"${name}" is set by the gateway itself: leave it out.` }]
          : []
      })
    return [
      ...(parsed === null ? [{ path: '/url', message: `"${url}" is not a URL: write http://HOST/PATH.` }] : []),
      ...(parsed !== null && (parsed.username !== '' || parsed.password !== '')
        ? [{ path: '/url', message: 'The URL has no user name and no password.' }]
        : []),
      ...(parsed !== null && isForbiddenHost(parsed.hostname)
        ? [{ path: '/url', message: `${parsed.hostname} is a link-local or metadata address.` }]
        : []),
      ...names(requestHeaders, 'requestHeaders'),
      ...names(copyToRequest, 'copyToRequest'),
      ...names(copyToClient, 'copyToClient'),
    ]
  },

  create(config, env) {
    const asker = env.shared(sharedKey('forward-auth', config), () => new Asker(config, env))
    return { onRequest: (x) => asker.ask(x) }
  },
})

/** What a yes carries over to the request. */
type Carried = readonly (readonly [string, string])[]

class Asker {
  private readonly config: Config
  private readonly env: PluginEnv
  private readonly forwarded: readonly string[]
  private readonly statuses: ReadonlySet<number>
  private readonly kept = new Verified<Carried>(MAX_KEPT)

  constructor(config: Config, env: PluginEnv) {
    this.config = config
    this.env = env
    this.forwarded = config.requestHeaders.map((name) => name.toLowerCase())
    this.statuses = new Set(config.statuses)
  }

  ask(x: Exchange): Outcome | Promise<Outcome> {
    if (x.request.headers.has(MARK)) return { reply: 'forward-auth-loop' }
    const key = this.config.cache > 0 ? this.keyOf(x) : ''
    const known = key === '' ? undefined : this.kept.get(key, this.env.now())
    if (known !== undefined) return this.goOn(x, known)
    return this.env
      .fetch({
        method: this.config.method,
        url: this.config.url,
        headers: this.headersFor(x),
        timeoutMs: this.config.timeout * 1000,
        maxBytes: MAX_ANSWER_BYTES,
      })
      .then(
        (answer) => this.judge(x, answer, key),
        (error): Reply => {
          if (error instanceof OutgoingFailure) return { reply: 'forward-auth-failed' }
          throw error
        },
      )
  }

  private judge(x: Exchange, { status, headers, body }: OutgoingResponse, key: string): Outcome {
    const isYes = this.statuses.size === 0 ? status >= 200 && status < 300 : this.statuses.has(status)
    if (!isYes) {
      // Nothing that could not be the answer to this request.
      if (status < 200 || status > 599) return { reply: 'forward-auth-failed' }
      return { status: status < 300 ? 403 : status, headers: pick(headers, this.config.copyToClient), body }
    }
    const carried = pick(headers, this.config.copyToRequest)
    if (key !== '') this.kept.set(key, carried, this.env.now() + this.config.cache * 1000)
    return this.goOn(x, carried)
  }

  private goOn({ request: { headers } }: Exchange, carried: Carried): undefined {
    // What the client sent under these names is never taken for what the service says.
    for (const name of this.config.copyToRequest) headers.remove(name.toLowerCase())
    for (const [name, value] of carried) headers.set(name, value)
    return undefined
  }

  private headersFor(x: Exchange): [string, string][] {
    const { request, clientIp } = x
    return [
      ...this.forwarded.flatMap((name): [string, string][] => {
        const values = request.headers.getAll(name)
        return values.length === 0 ? [] : [[name, values.join(name === 'cookie' ? '; ' : ', ')]]
      }),
      ['x-forwarded-method', request.method],
      ['x-forwarded-proto', request.scheme],
      ['x-forwarded-host', request.host],
      ['x-forwarded-uri', request.rawTarget],
      ['x-forwarded-for', clientIp],
      [MARK, '1'],
    ]
  }

  /** Requests that are alike, by a digest of all that the service is shown of them. */
  private keyOf(x: Exchange): string {
    const { method, scheme, host, rawTarget } = x.request
    const of = this.config.cacheBy === 'request' ? [method, scheme, host, rawTarget, x.clientIp] : []
    const shown = this.forwarded.map((name) => x.request.headers.getAll(name))
    return createHash('sha256')
      .update(JSON.stringify([of, shown]))
      .digest('base64')
  }
}

function pick(headers: ReadonlyMap<string, string>, names: readonly string[]): [string, string][] {
  return names.flatMap((name): [string, string][] => {
    const value = headers.get(name.toLowerCase())
    return value === undefined || !isFieldValue(value) ? [] : [[name, value]]
  })
}
