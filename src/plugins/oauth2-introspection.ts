import { createHash } from 'node:crypto'
import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { isForbiddenHost } from '../lib/forbidden-address.ts'
import { credentialsOf, identify, refusal, sharedKey, Verified } from './authentication.ts'
import {
  type Consumer,
  definePlugin,
  type Exchange,
  type Outcome,
  OutgoingFailure,
  type OutgoingResponse,
  type PluginEnv,
  type Reply,
} from './plugin.ts'
import { Secret } from './secret.ts'

const MAX_TOKEN = 16_384
const MAX_KEPT = 10_000
const MAX_ANSWER_BYTES = 65_536
/** How long a token that is not active is not asked for again. */
const INACTIVE_MS = 10_000

const Config = Type.Object(
  {
    url: Type.String({
      title: 'URL',
      description: 'The introspection endpoint.',
      pattern: '^https?://',
      [EXPECTED]: 'a URL that begins with http:// or https://',
      maxLength: 2048,
      examples: ['https://id.example.com/introspect'],
    }),
    clientId: Type.String({
      title: 'Client id',
      description: 'What the gateway is to the authorization server.',
      minLength: 1,
      maxLength: 500,
      examples: ['gateway'],
    }),
    clientSecret: Secret({ title: 'Client secret', description: 'What proves it.', examples: ['…'] }),
    scopes: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      title: 'Scopes',
      description: 'All of these are needed.',
      default: [],
      maxItems: 100,
      examples: [['orders:read']],
    }),
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
      description:
        'Seconds for which an answer holds at most, and never beyond the end of the token; 0: each request is asked for.',
      minimum: 0,
      maximum: 86_400,
      default: 300,
      examples: [60],
    }),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>
type Claims = Readonly<Record<string, unknown>>

export const oauth2Introspection = definePlugin({
  name: 'oauth2-introspection',
  summary: 'Lets callers in whose token the authorization server knows (RFC 7662).',
  docs: 'The consumer is the `sub` of the answer, else its `client_id`; what it says is `jwt.claims.NAME` in templates and conditions, and what `acl` looks at. A token that was withdrawn is noticed when the cache ends. A server that cannot be reached, takes too long or answers anything but an object with `active` is 502: nobody comes in.',
  phase: 'authenticate',
  attach: ['stage', 'path', 'method'],
  config: Config,

  check({ url }) {
    const parsed = URL.parse(url)
    if (parsed === null) return [{ path: '/url', message: `"${url}" is not a URL: write https://HOST/PATH.` }]
    return isForbiddenHost(parsed.hostname)
      ? [{ path: '/url', message: `${parsed.hostname} is a link-local or metadata address.` }]
      : []
  },

  create(config, env) {
    const { scopes } = config
    // What one route has asked the others need not.
    const server = env.shared(
      sharedKey('oauth2-introspection', { ...config, scopes: [] }),
      () => new Server(config, env),
    )
    const admit = (x: Exchange, claims: Claims | null): Reply | undefined => {
      if (claims === null) return refusal('token-inactive', 'Bearer error="invalid_token"')
      const granted = new Set(typeof claims.scope === 'string' ? claims.scope.split(' ') : [])
      const missing = scopes.find((scope) => !granted.has(scope))
      if (missing !== undefined)
        return { ...refusal('token-scope', `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`) }
      x.claims = claims
      const consumer = consumerOf(claims)
      if (consumer !== null) identify(x, consumer)
      return undefined
    }
    return {
      onRequest(x): Outcome | Promise<Outcome> {
        const token = credentialsOf(x, 'authorization', 'bearer')
        if (token === null) return refusal('token-missing', 'Bearer')
        // RFC 6750, section 2.1: nothing else can be a token.
        if (token.length > MAX_TOKEN || !/^[A-Za-z0-9\-._~+/]+=*$/.test(token))
          return refusal('token-inactive', 'Bearer error="invalid_token"')
        const known = server.known(token)
        if (known !== undefined) return admit(x, known)
        return server.ask(token).then(
          (claims) => admit(x, claims),
          (error): Reply => {
            if (error instanceof OutgoingFailure) return { reply: 'introspection-failed' }
            throw error
          },
        )
      },
    }
  },
})

/** An authorization server: what it has said of tokens, for a while. */
class Server {
  private readonly config: Config
  private readonly env: PluginEnv
  /** Null for a token that is not active. */
  private readonly kept = new Verified<Claims | null>(MAX_KEPT)
  private readonly asked = new Map<string, Promise<Claims | null>>()

  constructor(config: Config, env: PluginEnv) {
    this.config = config
    this.env = env
  }

  /** What it has said of a token; undefined for nothing that still holds. */
  known(token: string): Claims | null | undefined {
    return this.config.cache === 0 ? undefined : this.kept.get(digestOf(token), this.env.now())
  }

  /** Asks, once for all who ask for the same token at the same time. Rejects with `OutgoingFailure`. */
  ask(token: string): Promise<Claims | null> {
    const digest = digestOf(token)
    const running = this.asked.get(digest)
    if (running !== undefined) return running
    const asking = this.introspect(token, digest).finally(() => this.asked.delete(digest))
    this.asked.set(digest, asking)
    return asking
  }

  private async introspect(token: string, digest: string): Promise<Claims | null> {
    const { url, clientId, clientSecret, timeout, cache } = this.config
    const answer = await this.env.fetch({
      method: 'POST',
      url,
      headers: [
        ['content-type', 'application/x-www-form-urlencoded'],
        ['accept', 'application/json'],
        // RFC 6749, section 2.3.1: both are form-encoded first.
        ['authorization', `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(clientSecret)}`).toString('base64')}`],
      ],
      body: `token=${encodeURIComponent(token)}&token_type_hint=access_token`,
      timeoutMs: timeout * 1000,
      maxBytes: MAX_ANSWER_BYTES,
    })
    const claims = read(answer)
    const now = this.env.now()
    const ends = typeof claims?.exp === 'number' ? claims.exp * 1000 : Number.POSITIVE_INFINITY
    const active = claims !== null && ends > now ? claims : null
    this.kept.set(digest, active, Math.min(ends, now + (active === null ? INACTIVE_MS : cache * 1000)))
    return active
  }
}

/** The claims of an active token; null for one that is not. Throws `OutgoingFailure` for any other answer. */
function read({ status, body }: OutgoingResponse): Claims | null {
  if (status !== 200) throw new OutgoingFailure('malformed', `it answered ${status}`)
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw new OutgoingFailure('malformed', 'it is not JSON')
  }
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    !('active' in value) ||
    typeof value.active !== 'boolean'
  )
    throw new OutgoingFailure('malformed', 'it does not say whether the token is active')
  return value.active ? (value as Claims) : null
}

function consumerOf({ sub, client_id: client, username }: Claims): Consumer | null {
  const id = [sub, client].find((one) => typeof one === 'string' && one !== '')
  if (typeof id !== 'string') return null
  return { id, name: typeof username === 'string' ? username : id, groups: [] }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+')
}
