import { createHmac } from 'node:crypto'
import { acl } from '../../src/plugins/acl.ts'
import { cors } from '../../src/plugins/cors.ts'
import { type ExchangeParts, exchange, fakeEnv } from '../../src/plugins/fake-exchange.ts'
import { hmacAuth } from '../../src/plugins/hmac-auth.ts'
import { ipRestriction } from '../../src/plugins/ip-restriction.ts'
import { jwt } from '../../src/plugins/jwt.ts'
import type { Handlers, RouteInterface } from '../../src/plugins/plugin.ts'
import { requestId } from '../../src/plugins/request-id.ts'
import { requestTransformer } from '../../src/plugins/request-transformer.ts'
import { requestValidator } from '../../src/plugins/request-validator.ts'
import type { Finding } from '../finding.ts'
import type { Measure } from '../measure.ts'
import { median } from '../median.ts'

/** What each plugin costs per request: its own handlers, in one thread, on exchanges that are made beforehand. */

const ROUNDS = 15
const REQUESTS = 5_000
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const SECRET = 'a secret of at least thirty-two bytes'

interface Subject {
  readonly name: string
  readonly aim: number
  readonly handlers: Handlers
  /** The i-th request. */
  request(i: number): ExchangeParts
}

const env = fakeEnv({ now: () => NOW })
const usual = { accept: '*/*', 'user-agent': 'bench/1.0', 'accept-encoding': 'gzip, br' }
const token = (i: number) => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: `user-${i}`, iss: 'https://id.example.com', aud: 'orders', exp: NOW / 1000 + 3600, scope: 'orders:read orders:write' })}`
  return `Bearer ${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`
}
const signature = () => {
  const date = new Date(NOW).toISOString()
  const value = createHmac('sha256', SECRET).update(`GET\n/a?b=1\n${date}`).digest('base64')
  return { 'x-date': date, authorization: `hmac keyId="k", algorithm="HmacSHA256", headers="", signature="${value}"` }
}
const order = {
  id: 17,
  customer: 'ada',
  note: 'x'.repeat(500),
  lines: Array.from({ length: 8 }, (_, i) => ({ article: `article-${i}`, count: i + 1, price: 9.5 })),
}
const orders: RouteInterface = {
  parameters: [{ in: 'query', name: 'b', required: true, schema: { type: 'integer' } }],
  requestBody: { required: true, content: [{ contentType: 'application/json', schema: { $ref: '#/models/Order' } }] },
  schemas: {
    Order: {
      type: 'object',
      required: ['id', 'customer', 'lines'],
      properties: {
        id: { type: 'integer' },
        customer: { type: 'string', maxLength: 100 },
        note: { type: 'string' },
        lines: { type: 'array', items: { $ref: '#/models/Line' } },
      },
    },
    Line: {
      type: 'object',
      required: ['article', 'count'],
      properties: {
        article: { type: 'string', pattern: '^[a-z0-9-]+$' },
        count: { type: 'integer', minimum: 1 },
        price: { type: 'number' },
      },
      additionalProperties: false,
    },
  },
}
const jwtSettings = {
  secrets: [{ algorithm: 'HS256', secret: SECRET }],
  publicKeys: [],
  keySets: [],
  issuers: ['https://id.example.com'],
  audiences: ['orders'],
  leeway: 0,
  requireExpiry: true,
  claims: [],
  header: 'authorization',
  consumerClaim: 'sub',
  groupsClaim: '',
} as const
const body = JSON.stringify(order)

const subjects: readonly Subject[] = [
  {
    name: 'request-id',
    aim: 1.5,
    handlers: requestId.create({ header: 'x-request-id', trustClient: false, echo: true } as never, env),
    request: () => ({ headers: usual }),
  },
  {
    name: 'ip-restriction, 10,000 networks',
    aim: 1.5,
    handlers: ipRestriction.create(
      {
        mode: 'allow',
        networks: ['192.0.2.0/24', ...Array.from({ length: 9_999 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`)],
      },
      env,
    ),
    request: () => ({ headers: usual }),
  },
  {
    name: 'cors, a simple request',
    aim: 1.5,
    handlers: cors.create(
      {
        origins: ['https://app.example.com'],
        methods: ['GET'],
        headers: [],
        exposedHeaders: [],
        credentials: false,
        maxAge: 600,
        privateNetwork: false,
      },
      env,
    ),
    request: () => ({ headers: { ...usual, origin: 'https://app.example.com' }, status: 200 }),
  },
  {
    name: 'request-transformer, 3 headers',
    aim: 1.5,
    handlers: requestTransformer.create(
      {
        headers: {
          set: { 'x-a': 'one', 'x-b': '${request.id}', 'x-c': '${stage.name}' },
          add: {},
          rename: {},
          remove: [],
        },
        query: { set: {}, add: {}, remove: [] },
      },
      env,
    ),
    request: () => ({ headers: usual }),
  },
  {
    name: 'hmac-auth, HmacSHA256',
    aim: 8,
    handlers: hmacAuth.create(
      {
        keys: [{ id: 'k', secret: SECRET, groups: [] }],
        requireKeyId: true,
        dateHeader: 'x-date',
        clockSkew: 300,
        algorithms: ['HmacSHA256'],
        requiredHeaders: [],
        bodyDigest: false,
        maxBodyBytes: 1,
        rejectReplays: false,
      },
      env,
    ),
    request: () => ({ query: 'b=1', headers: { ...usual, ...signature() } }),
  },
  {
    name: 'jwt, HS256 at first sight',
    aim: 15,
    handlers: jwt.create(structuredClone(jwtSettings) as never, env),
    request: (i) => ({ headers: { ...usual, authorization: token(i) } }),
  },
  {
    name: 'jwt, a token that was seen',
    aim: 3,
    handlers: jwt.create(structuredClone(jwtSettings) as never, env),
    request: () => ({ headers: { ...usual, authorization: token(0) } }),
  },
  {
    name: 'acl by scope',
    aim: 1.5,
    handlers: acl.create({ mode: 'allow', consumers: [], groups: [], scopes: ['orders:read'], claims: {} }, env),
    request: () => ({ headers: usual, claims: { scope: 'orders:read orders:write' } }),
  },
  {
    name: `request-validator, a body of ${body.length} bytes`,
    aim: 15,
    handlers: requestValidator.create(
      { parameters: true, contentTypes: true, body: true, unknownQuery: 'ignore', maxBodyBytes: 1_048_576 },
      env,
      orders,
    ),
    request: () => ({ method: 'POST', query: 'b=1', headers: { ...usual, 'content-type': 'application/json' }, body }),
  },
]

export const plugins: Measure = {
  name: 'plugins',
  summary: 'what each plugin costs per request, by itself',
  async run() {
    const findings: Finding[] = []
    for (const subject of subjects)
      findings.push({ what: subject.name, measured: await microsecondsOf(subject), aim: subject.aim, unit: 'µs' })
    return findings
  },
}

/** The median of the rounds, each with requests that no round before has seen. */
async function microsecondsOf({ handlers, request }: Subject): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const all = Array.from({ length: REQUESTS }, (_, i) => exchange(request(round * REQUESTS + i)))
    const began = process.cpuUsage()
    for (const x of all) {
      const outcome = handlers.onRequest?.(x)
      if (outcome !== undefined) throw new Error(`refused: ${JSON.stringify(await outcome)}`)
      handlers.onResponse?.(x)
    }
    const { user, system } = process.cpuUsage(began)
    rounds.push((user + system) / REQUESTS)
  }
  return median(rounds)
}
