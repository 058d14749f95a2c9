import { hash } from 'node:crypto'
import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { isFieldName } from '../lib/headers/header-list.ts'
import {
  BadKey,
  isSignedBy,
  type JwsAlgorithm,
  type ParsedJws,
  parseJws,
  publicKey,
  publicKeyAlgorithms,
  secretAlgorithms,
  secretKey,
  type VerificationKey,
} from '../lib/jws.ts'
import { isSealed } from '../lib/vault.ts'
import { credentialsOf, identify, refusal, sharedKey, Verified } from './authentication.ts'
import { KeySet, KeySetFailure } from './key-sets.ts'
import {
  type Consumer,
  definePlugin,
  type Exchange,
  type Outcome,
  type PluginEnv,
  type Problem,
  type Reply,
} from './plugin.ts'
import type { ReplyCode } from './replies.ts'
import { Secret } from './secret.ts'

const MAX_TOKEN = 16_384
const MAX_KEPT = 10_000
/** A token by a published key is looked at again after this time: keys are withdrawn. */
const KEEP_MS = 5 * 60_000
const MAX_KEY_ID = 500

const keyId = Type.Optional(
  Type.String({
    title: 'Key id',
    description: '`kid`: a token that names another one is not by this key.',
    minLength: 1,
    maxLength: MAX_KEY_ID,
    examples: ['2026-01'],
  }),
)
const Config = Type.Object(
  {
    secrets: Type.Array(
      Type.Object(
        {
          keyId,
          algorithm: Type.Enum(secretAlgorithms, {
            title: 'Algorithm',
            description: 'The only one by which this key verifies.',
            examples: ['HS256'],
          }),
          secret: Secret({
            title: 'Secret',
            description: 'As long as the hash at least: 32, 48 or 64 bytes.',
            examples: ['…'],
          }),
        },
        { additionalProperties: false },
      ),
      {
        title: 'Secrets',
        description: 'Keys that issuer and gateway share.',
        default: [],
        maxItems: 100,
        examples: [[]],
      },
    ),
    publicKeys: Type.Array(
      Type.Object(
        {
          keyId,
          algorithm: Type.Enum(publicKeyAlgorithms, {
            title: 'Algorithm',
            description: 'The only one by which this key verifies.',
            examples: ['RS256'],
          }),
          pem: Type.String({
            title: 'PEM',
            description: 'A public key or certificate.',
            maxLength: 65_536,
            examples: ['-----BEGIN PUBLIC KEY-----…'],
          }),
        },
        { additionalProperties: false },
      ),
      { title: 'Public keys', description: 'Keys of issuers.', default: [], maxItems: 100, examples: [[]] },
    ),
    keySets: Type.Array(
      Type.Object(
        {
          url: Type.String({
            title: 'URL',
            description: 'Where the key set (JWKS) is.',
            pattern: '^https?://',
            [EXPECTED]: 'a URL that begins with http:// or https://',
            maxLength: 2048,
            examples: ['https://id.example.com/jwks.json'],
          }),
          algorithms: Type.Array(Type.Enum(publicKeyAlgorithms), {
            title: 'Algorithms',
            description: 'By which its keys may verify; never a shared secret.',
            default: ['RS256', 'ES256', 'EdDSA'],
            minItems: 1,
            examples: [['RS256']],
          }),
        },
        { additionalProperties: false },
      ),
      {
        title: 'Key sets',
        description: 'Published keys: kept for 5 minutes, fetched again for an unknown key at most every 10 seconds.',
        default: [],
        maxItems: 20,
        examples: [[{ url: 'https://id.example.com/jwks.json' }]],
      },
    ),
    issuers: Type.Array(Type.String({ maxLength: 500 }), {
      title: 'Issuers',
      description: '`iss`: one of these; none: whatever it is.',
      default: [],
      maxItems: 100,
      examples: [['https://id.example.com']],
    }),
    audiences: Type.Array(Type.String({ maxLength: 500 }), {
      title: 'Audiences',
      description: '`aud`: one of these; none: whatever it is.',
      default: [],
      maxItems: 100,
      examples: [['orders']],
    }),
    leeway: Type.Integer({
      title: 'Leeway',
      description: 'Seconds by which `exp` and `nbf` may be off.',
      minimum: 0,
      maximum: 86_400,
      default: 0,
      examples: [30],
    }),
    requireExpiry: Type.Boolean({
      title: 'Require expiry',
      description: 'Whether a token without `exp` is refused.',
      default: true,
      examples: [true],
    }),
    claims: Type.Array(
      Type.Object(
        {
          name: Type.String({
            title: 'Name',
            description: 'Of the claim.',
            minLength: 1,
            maxLength: 200,
            examples: ['tier'],
          }),
          type: Type.Enum(['string', 'array', 'number', 'date'], {
            title: 'Type',
            description: 'What it is; a date is in seconds since 1970, and not past.',
            default: 'string',
            examples: ['string'],
          }),
          required: Type.Boolean({
            title: 'Required',
            description: 'Whether it must be there.',
            default: true,
            examples: [true],
          }),
          values: Type.Array(Type.String({ maxLength: 500 }), {
            title: 'Values',
            description: 'One of these; of an array, one of its entries. None: whatever it is.',
            default: [],
            maxItems: 1000,
            examples: [['gold']],
          }),
        },
        { additionalProperties: false },
      ),
      {
        title: 'Claims',
        description: 'Conditions on claims.',
        default: [],
        maxItems: 100,
        examples: [[{ name: 'tier', values: ['gold'] }]],
      },
    ),
    header: Type.String({
      title: 'Header',
      description: 'Where the token is, behind `Bearer`.',
      default: 'authorization',
      maxLength: 100,
      examples: ['authorization'],
    }),
    consumerClaim: Type.String({
      title: 'Consumer claim',
      description: 'The claim that says who it is.',
      default: 'sub',
      maxLength: 200,
      examples: ['sub'],
    }),
    groupsClaim: Type.String({
      title: 'Groups claim',
      description: 'The claim that says their groups; empty for none.',
      default: '',
      maxLength: 200,
      examples: ['groups'],
    }),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>

export const jwt = definePlugin({
  name: 'jwt',
  summary: 'Lets callers in by a JSON Web Token (RFC 7519).',
  docs: 'Each key verifies by one algorithm, its own; what the token says of algorithms and keys (`alg`, `jwk`, `jku`, `x5u`) decides nothing, so `none` and a public key that is taken for a secret are impossible. `crit` is not supported and refused. Claims are `jwt.claims.NAME` in templates and conditions, and what `acl` looks at. A key set that cannot be fetched is answered with 500 (`jwks-unavailable`); the last good one serves for a day. A token that was verified is known by its digest until it expires, five minutes at most.',
  phase: 'authenticate',
  attach: ['stage', 'path', 'method'],
  config: Config,
  example: {
    keySets: [{ url: 'https://id.example.com/jwks.json' }],
    issuers: ['https://id.example.com'],
    audiences: ['orders'],
  },

  check({ secrets, publicKeys, keySets, header }) {
    const problems = [
      ...secrets.flatMap(({ secret, algorithm }, i) =>
        isSealed(secret) ? [] : faultOf(() => secretKey(secret, algorithm), `/secrets/${i}/secret`),
      ),
      ...publicKeys.flatMap(({ pem, algorithm }, i) =>
        faultOf(() => publicKey(pem, algorithm), `/publicKeys/${i}/pem`),
      ),
      ...(isFieldName(header)
        ? []
        : [{ path: '/header', message: `"${header}" is not a header name: use letters, digits and hyphens.` }]),
    ]
    if (secrets.length + publicKeys.length + keySets.length > 0) return problems
    return [...problems, { path: '', message: 'There is no key: give secrets, public keys or key sets.' }]
  },

  credentialsOf: ({ header }) => ({ headers: [header], query: [] }),

  create(config, env) {
    const verifier = env.shared(sharedKey('jwt', config), () => new Verifier(config, env))
    const refuse = (code: ReplyCode, detail?: string): Reply =>
      code === 'jwks-unavailable'
        ? { reply: code }
        : refusal(code, code === 'jwt-missing' ? 'Bearer' : 'Bearer error="invalid_token"', detail)
    const admit = (x: Exchange, outcome: Accepted | Refused): Reply | undefined => {
      if ('code' in outcome) return refuse(outcome.code, outcome.detail)
      x.claims = outcome.claims
      if (outcome.consumer !== null) identify(x, outcome.consumer)
      return undefined
    }
    return {
      onRequest(x): Outcome | Promise<Outcome> {
        const token = credentialsOf(x, config.header, 'bearer')
        if (token === null) return refuse('jwt-missing')
        const outcome = verifier.verify(token)
        return outcome instanceof Promise ? outcome.then((one) => admit(x, one)) : admit(x, outcome)
      },
    }
  },
})

interface Accepted {
  readonly claims: Readonly<Record<string, unknown>>
  readonly consumer: Consumer | null
}
interface Refused {
  readonly code: ReplyCode
  readonly detail?: string
}

class Verifier {
  private readonly config: Config
  private readonly env: PluginEnv
  private readonly keys: readonly VerificationKey[]
  private readonly keySets: readonly KeySet[]
  private readonly kept = new Verified<Accepted>(MAX_KEPT)

  constructor(config: Config, env: PluginEnv) {
    this.config = config
    this.env = env
    this.keys = [
      ...config.secrets.map(({ secret, algorithm, keyId: id = null }) => secretKey(secret, algorithm, id)),
      ...config.publicKeys.map(({ pem, algorithm, keyId: id = null }) => publicKey(pem, algorithm, id)),
    ]
    this.keySets = config.keySets.map(({ url, algorithms }) =>
      env.shared(
        `jwt key set ${url} ${algorithms.join(' ')}`,
        () => new KeySet(url, algorithms as JwsAlgorithm[], env),
      ),
    )
  }

  verify(token: string): Accepted | Refused | Promise<Accepted | Refused> {
    if (token.length > MAX_TOKEN) return { code: 'jwt-too-large' }
    const digest = hash('sha256', token, 'base64')
    const known = this.kept.get(digest, this.env.now())
    if (known !== undefined) return known
    const parsed = parseJws(token)
    if (parsed === null) return { code: 'jwt-malformed' }
    const { alg, crit, kid } = parsed.header
    if (crit !== undefined || typeof alg !== 'string') return { code: 'jwt-malformed' }
    if (kid !== undefined && (typeof kid !== 'string' || kid.length > MAX_KEY_ID)) return { code: 'jwt-malformed' }
    if (this.keySets.length === 0) return this.judge(parsed, digest, this.keys)
    const id = kid ?? null
    const sets = this.keySets.map((set) => set.known(id))
    if (sets.every((keys) => keys !== null)) return this.judge(parsed, digest, [...this.keys, ...sets.flat()])
    // What needs no published key does not wait for one.
    const own = this.candidates(this.keys, parsed)
    if (own.some((key) => isSignedBy(parsed, key))) return this.judge(parsed, digest, own)
    return Promise.all(this.keySets.map((set, i) => sets[i] ?? set.fetched())).then(
      (all) => this.judge(parsed, digest, [...this.keys, ...all.flat()]),
      (error): Refused => {
        if (error instanceof KeySetFailure) return { code: 'jwks-unavailable' }
        throw error
      },
    )
  }

  private judge(parsed: ParsedJws, digest: string, keys: readonly VerificationKey[]): Accepted | Refused {
    const candidates = this.candidates(keys, parsed)
    if (candidates.length === 0) return { code: 'jwt-key-unknown' }
    if (!candidates.some((key) => isSignedBy(parsed, key))) return { code: 'jwt-signature' }
    const refused = this.faultOfClaims(parsed.payload)
    if (refused !== null) return refused
    const { payload: claims } = parsed
    const accepted = { claims, consumer: this.consumerOf(claims) }
    const now = this.env.now()
    const ends = typeof claims.exp === 'number' ? (claims.exp + this.config.leeway) * 1000 : Number.POSITIVE_INFINITY
    this.kept.set(digest, accepted, Math.min(ends, now + KEEP_MS))
    return accepted
  }

  /** The keys that may have signed it: of its algorithm, and of its id where both have one. */
  private candidates(keys: readonly VerificationKey[], { header: { alg, kid } }: ParsedJws): VerificationKey[] {
    return keys.filter(({ id, algorithm }) => algorithm === alg && (id === null || kid === undefined || id === kid))
  }

  private faultOfClaims(claims: Readonly<Record<string, unknown>>): Refused | null {
    const { issuers, audiences, leeway, requireExpiry } = this.config
    const now = this.env.now() / 1000
    const { exp, nbf, iss, aud } = claims
    if (exp === undefined ? requireExpiry : typeof exp !== 'number')
      return { code: 'jwt-claim', detail: 'The claim "exp" is missing or not a number.' }
    if (typeof exp === 'number' && now >= exp + leeway) return { code: 'jwt-expired' }
    if (nbf !== undefined && typeof nbf !== 'number')
      return { code: 'jwt-claim', detail: 'The claim "nbf" is not a number.' }
    if (typeof nbf === 'number' && now < nbf - leeway) return { code: 'jwt-not-yet-valid' }
    if (issuers.length > 0 && !(typeof iss === 'string' && issuers.includes(iss))) return { code: 'jwt-issuer' }
    if (audiences.length > 0 && !listOf(aud).some((one) => audiences.includes(one))) return { code: 'jwt-audience' }
    const broken = this.config.claims.find((condition) => !holds(condition, claims, now))
    return broken === undefined
      ? null
      : { code: 'jwt-claim', detail: `The claim "${broken.name}" is not what this API takes.` }
  }

  private consumerOf(claims: Readonly<Record<string, unknown>>): Consumer | null {
    const { consumerClaim, groupsClaim } = this.config
    const id = own(claims, consumerClaim)
    if (typeof id !== 'string' || id === '') return null
    return { id, name: id, groups: groupsClaim === '' ? [] : listOf(own(claims, groupsClaim)) }
  }
}

function holds(
  { name, type, required, values }: Config['claims'][number],
  claims: Readonly<Record<string, unknown>>,
  now: number,
): boolean {
  const claim = own(claims, name)
  if (claim === undefined) return !required
  if (type === 'date') return typeof claim === 'number' && claim > now
  if (type === 'array')
    return Array.isArray(claim) && (values.length === 0 || claim.some((one) => values.includes(String(one))))
  return typeof claim === type && (values.length === 0 || values.includes(String(claim)))
}

function own(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

function listOf(claim: unknown): string[] {
  return (Array.isArray(claim) ? claim : [claim]).filter((one) => typeof one === 'string')
}

function faultOf(make: () => unknown, path: string): Problem[] {
  try {
    make()
    return []
  } catch (error) {
    if (error instanceof BadKey) return [{ path, message: `The key cannot be used: ${error.message}.` }]
    throw error
  }
}
