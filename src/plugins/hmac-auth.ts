import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { isFieldName } from '../lib/headers/header-list.ts'
import { consumerFields, credentialsOf, identify, refusal, sharedKey, Verified } from './authentication.ts'
import { definePlugin, type Exchange, type Handlers, type PluginEnv, type Problem, type Reply } from './plugin.ts'
import type { ReplyCode } from './replies.ts'
import { Secret } from './secret.ts'

const ALGORITHMS = { HmacSHA1: 'sha1', HmacSHA256: 'sha256', HmacSHA512: 'sha512' } as const
type Algorithm = keyof typeof ALGORITHMS
const algorithmNames = Object.keys(ALGORITHMS) as readonly Algorithm[]

/** ISO 8601 with seconds, and where it is. */
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/
const MAX_SIGNED_HEADERS = 50
const MAX_REMEMBERED = 100_000
const DIGEST_FIELD = 'content-digest'

const Config = Type.Object(
  {
    keys: Type.Array(
      Type.Object(
        {
          id: Type.String({
            title: 'Id',
            description: 'What the client calls the key: `keyId`.',
            pattern: '^[A-Za-z0-9._~:/+=@-]{1,200}$',
            [EXPECTED]: 'up to 200 letters, digits and any of . _ ~ : / + = @ -',
            examples: ['orders-service'],
          }),
          secret: Secret({
            title: 'Secret',
            description: 'What client and gateway share.',
            minLength: 8,
            examples: ['a secret that both know'],
          }),
          ...consumerFields,
        },
        { additionalProperties: false },
      ),
      {
        title: 'Keys',
        description: 'Whose signatures are taken.',
        minItems: 1,
        maxItems: 1000,
        examples: [[{ id: 'orders-service', secret: 'a secret that both know' }]],
      },
    ),
    requireKeyId: Type.Boolean({
      title: 'Require key id',
      description: 'Whether the client must say which key it uses. Without, all keys are tried where it does not.',
      default: true,
      examples: [true],
    }),
    dateHeader: Type.String({
      title: 'Date header',
      description: 'Where the client says when it signed: `x-nhn-date` for clients of that format.',
      default: 'x-date',
      maxLength: 100,
      examples: ['x-date'],
    }),
    clockSkew: Type.Integer({
      title: 'Clock skew',
      description: 'Seconds by which the date may be off; 0: the date is not checked.',
      minimum: 0,
      maximum: 86_400,
      default: 300,
      examples: [300],
    }),
    algorithms: Type.Array(Type.Enum(algorithmNames), {
      title: 'Algorithms',
      description: 'Those that are taken.',
      minItems: 1,
      default: ['HmacSHA256', 'HmacSHA512'],
      examples: [['HmacSHA256']],
    }),
    requiredHeaders: Type.Array(Type.String({ maxLength: 100 }), {
      title: 'Required headers',
      description: 'Headers that must be among those that are signed.',
      default: [],
      maxItems: MAX_SIGNED_HEADERS,
      examples: [['content-type']],
    }),
    bodyDigest: Type.Boolean({
      title: 'Body digest',
      description:
        'Whether `Content-Digest` (RFC 9530, sha-256 or sha-512) must be there, signed, and that of the body.',
      default: false,
      examples: [false],
    }),
    maxBodyBytes: Type.Integer({
      title: 'Largest body',
      description: 'With `bodyDigest`: bodies are held until their digest is known; larger ones are answered with 413.',
      minimum: 1,
      maximum: 104_857_600,
      default: 1_048_576,
      examples: [1_048_576],
    }),
    rejectReplays: Type.Boolean({
      title: 'Reject replays',
      description: 'Whether a signature is taken once within the clock skew, by each worker.',
      default: false,
      examples: [false],
    }),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>

export const hmacAuth = definePlugin({
  name: 'hmac-auth',
  summary: 'Lets clients in that sign their requests with a shared secret.',
  docs: [
    'The client sends the date in `x-date` (ISO 8601, `2026-01-02T03:04:05Z`, or with an offset) and',
    '',
    '```',
    'Authorization: hmac keyId="ID", algorithm="HmacSHA256", headers="h1,h2", signature="BASE64"',
    '```',
    '',
    'The text that is signed is method, request target (path and query as sent) and date, then `name:value` for each of the listed headers, with names in lower case and several values joined by a comma; all lines joined by a line feed. The signature is the HMAC of that text by the secret, in Base64.',
    '',
    'Refusals are 401 with a code that says which check has failed, and never a hint of the right value. Replays are remembered by each worker for itself; where that is not enough, sign a body digest and keep operations idempotent.',
  ].join('\n'),
  phase: 'authenticate',
  attach: ['stage', 'path', 'method'],
  config: Config,

  check({ keys, dateHeader, requiredHeaders, rejectReplays, clockSkew }) {
    const ids = keys.map(({ id }) => id)
    return [
      ...ids.flatMap((id, i) =>
        ids.indexOf(id) === i
          ? []
          : [{ path: `/keys/${i}/id`, message: `"${id}" is there twice: give each key its own id.` }],
      ),
      ...[
        ...requiredHeaders.map((name, i) => ({ name, path: `/requiredHeaders/${i}` })),
        { name: dateHeader, path: '/dateHeader' },
      ].flatMap(({ name, path }): Problem[] =>
        isFieldName(name)
          ? []
          : [{ path, message: `"${name}" is not a header name: use letters, digits and hyphens.` }],
      ),
      ...(rejectReplays && clockSkew === 0
        ? [
            {
              path: '/rejectReplays',
              message:
                'Without a clock skew a signature holds for ever, and cannot be remembered so long: set "clockSkew".',
            },
          ]
        : []),
    ]
  },

  create(config, env): Handlers {
    const verify = verifier(config, env)
    return {
      ...(config.bodyDigest && { requestBodyBytes: config.maxBodyBytes }),
      onRequest: verify,
    }
  },
})

/** What the client says of its signature. */
interface Signature {
  readonly keyId: string | null
  readonly algorithm: Algorithm
  readonly headers: readonly string[]
  readonly signature: Buffer
}

function verifier(config: Config, env: PluginEnv): (x: Exchange) => Reply | undefined {
  const { keys, requireKeyId, clockSkew, bodyDigest, rejectReplays } = config
  const dateHeader = config.dateHeader.toLowerCase()
  const allowed = new Set<string>(config.algorithms)
  const required = [...config.requiredHeaders.map((name) => name.toLowerCase()), ...(bodyDigest ? [DIGEST_FIELD] : [])]
  const known = keys.map(({ id, secret, groups }) => ({
    id,
    // Made once: it costs as much as a signature.
    key: createSecretKey(Buffer.from(secret, 'utf8')),
    consumer: { id, name: id, groups },
  }))
  const byId = new Map(known.map((key) => [key.id, key]))
  const seen = rejectReplays
    ? env.shared(sharedKey('hmac-auth', config), () => new Verified<true>(MAX_REMEMBERED))
    : null
  const refuse = (code: ReplyCode, detail?: string) => refusal(code, 'hmac', detail)

  return (x) => {
    const given = credentialsOf(x, 'authorization', 'hmac')
    if (given === null) return refuse('hmac-missing')
    const said = readSignature(given)
    if ('fault' in said) return refuse(said.fault)
    if (!allowed.has(said.algorithm)) return refuse('hmac-algorithm')
    if (said.keyId === null && requireKeyId) return refuse('hmac-key-missing')
    const missing = required.find((name) => !said.headers.includes(name))
    if (missing !== undefined)
      return refuse('hmac-header-unsigned', `The header ${missing} must be among those that are signed.`)

    const date = x.request.headers.get(dateHeader)
    if (date === undefined) return refuse('hmac-date-missing', `The header ${dateHeader} is missing.`)
    const time = DATE.test(date) ? Date.parse(date) : Number.NaN
    if (Number.isNaN(time)) return refuse('hmac-date-malformed')
    if (clockSkew > 0 && Math.abs(env.now() - time) > clockSkew * 1000) return refuse('hmac-expired')

    const text = signedText(x, date, said.headers)
    if (typeof text !== 'string')
      return refuse('hmac-header-missing', `The header ${text.missing} is signed, but missing.`)
    const candidates = said.keyId === null ? known : [byId.get(said.keyId)].filter((key) => key !== undefined)
    let match: (typeof known)[number] | undefined
    // All are tried, so that the time says nothing of which one it is.
    for (const key of candidates) if (isSigned(text, key.key, said)) match = key
    if (match === undefined) return refuse('hmac-mismatch')

    if (bodyDigest && !isDigestOf(x.request.headers.get(DIGEST_FIELD) ?? '', x.request.body))
      return refuse('hmac-body-digest')
    if (seen !== null) {
      const id = `${match.id} ${said.signature.toString('base64')}`
      if (seen.get(id, env.now()) !== undefined) return refuse('hmac-replayed')
      seen.set(id, true, time + clockSkew * 1000 + 1)
    }
    identify(x, match.consumer)
    return undefined
  }
}

/** Reads `keyId="…", algorithm="…", headers="…", signature="…"`. */
function readSignature(given: string): Signature | { readonly fault: ReplyCode } {
  const fields = new Map<string, string>()
  const pattern = /\s*([A-Za-z]+)="([^"]*)"\s*(?:,|$)/y
  let end = 0
  for (let match = pattern.exec(given); match !== null; match = pattern.exec(given)) {
    const [whole, name = '', value = ''] = match
    // The same twice could be read in two ways.
    if (fields.has(name)) return { fault: 'hmac-malformed' }
    fields.set(name, value)
    end += whole.length
    if (end === given.length) break
  }
  if (end !== given.length || fields.size === 0) return { fault: 'hmac-malformed' }
  const [algorithm, signature] = [fields.get('algorithm'), fields.get('signature')]
  if (algorithm === undefined || !Object.hasOwn(ALGORITHMS, algorithm)) return { fault: 'hmac-algorithm' }
  if (signature === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(signature)) return { fault: 'hmac-signature-missing' }
  const headers = (fields.get('headers') ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (headers.length > MAX_SIGNED_HEADERS || new Set(headers).size < headers.length || !headers.every(isFieldName))
    return { fault: 'hmac-malformed' }
  return {
    keyId: fields.get('keyId') ?? null,
    algorithm: algorithm as Algorithm,
    headers,
    signature: Buffer.from(signature, 'base64'),
  }
}

/** The text that a request is signed by; or the header that is listed and not there. */
function signedText(x: Exchange, date: string, headers: readonly string[]): string | { readonly missing: string } {
  const { request } = x
  let text = `${request.method}\n${request.rawTarget}\n${date}`
  for (const name of headers) {
    const values = name === 'host' ? [request.host] : request.headers.getAll(name)
    if (values.length === 0) return { missing: name }
    text += `\n${name}:${values.join(',')}`
  }
  return text
}

function isSigned(text: string, key: KeyObject, { algorithm, signature }: Signature): boolean {
  const right = createHmac(ALGORITHMS[algorithm], key).update(text).digest()
  return right.length === signature.length && timingSafeEqual(right, signature)
}

/** Whether a `Content-Digest` (RFC 9530, section 2) is that of a body: of those that we know all, and at least one. */
function isDigestOf(field: string, body: Buffer | null): boolean {
  const digests = [...field.matchAll(/(?:^|,)\s*(sha-256|sha-512)=:([A-Za-z0-9+/]+={0,2}):(?=\s*(?:,|$))/g)]
  return (
    digests.length > 0 &&
    digests.every(([, algorithm, value = '']) => {
      const right = createHash(algorithm === 'sha-512' ? 'sha512' : 'sha256')
        .update(body ?? '')
        .digest()
      const given = Buffer.from(value, 'base64')
      return right.length === given.length && timingSafeEqual(right, given)
    })
  )
}
