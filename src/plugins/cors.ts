import { type Static, Type } from '#bundles/typebox'
import { isFieldName } from '../lib/headers/header-list.ts'
import { ReadyField, RepeatedField } from '../lib/headers/ready-field.ts'
import { checkOrigin, originTest } from './origins.ts'
import { definePlugin, type Exchange, type Problem, type Reply } from './plugin.ts'

/** What all fields of the protocol begin with. Those of an answer are the gateway's word alone: what a backend says is dropped. */
const OWN = 'access-control-'
const VARY_BY_ORIGIN = new ReadyField('Vary', 'Origin')
const PREFLIGHT_VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'
const ANY = '*'

const Config = Type.Object(
  {
    origins: Type.Array(Type.String({ maxLength: 512 }), {
      title: 'Origins',
      description:
        'Origins that may call: `https://app.example.com`, `https://*.example.com` for all sub-domains, `null`, or `*` for all.',
      minItems: 1,
      maxItems: 1000,
      examples: [['https://app.example.com']],
    }),
    methods: Type.Array(Type.String({ maxLength: 64 }), {
      title: 'Methods',
      description: 'Methods that they may use; `*` for all.',
      default: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      maxItems: 100,
      examples: [['GET', 'POST']],
    }),
    headers: Type.Array(Type.String({ maxLength: 256 }), {
      title: 'Headers',
      description: 'Request headers that they may send beside the safe-listed ones; `*` for all.',
      default: [],
      maxItems: 1000,
      examples: [['content-type', 'authorization']],
    }),
    exposedHeaders: Type.Array(Type.String({ maxLength: 256 }), {
      title: 'Exposed headers',
      description:
        'Response headers that scripts may read beside the safe-listed ones; `*` for all, without credentials.',
      default: [],
      maxItems: 1000,
      examples: [['x-request-id']],
    }),
    credentials: Type.Boolean({
      title: 'Credentials',
      description: 'Whether cookies and credentials may be sent along. Not with the origin `*`.',
      default: false,
      examples: [false],
    }),
    maxAge: Type.Integer({
      title: 'Max age',
      description: 'Seconds for which a browser may keep the answer to a preflight request; 0 to ask each time.',
      minimum: 0,
      maximum: 86_400,
      default: 600,
      examples: [3600],
    }),
    privateNetwork: Type.Boolean({
      title: 'Private network',
      description: 'Whether pages of public sites may call, where the gateway is in a private network.',
      default: false,
      examples: [false],
    }),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>

export const cors = definePlugin({
  name: 'cors',
  summary: 'Lets pages of other origins call the API, by the CORS protocol of the Fetch standard.',
  docs: 'Preflight requests are answered here, on paths without a method OPTIONS too, before anything asks for credentials. An origin that is not allowed gets no CORS headers, so the browser keeps the answer from its page; the request itself is not refused, because CORS protects users and not the API. What the backend says of CORS is dropped. Answers of the gateway itself carry the headers too, so that pages can read errors.',
  phase: 'guard',
  attach: ['stage', 'path'],
  sides: ['request', 'response'],
  config: Config,
  answersOptions: true,

  check({ origins, methods, headers, exposedHeaders, credentials }) {
    return [
      ...origins.flatMap((origin, i) => checkListed(origin, origins, credentials, `/origins/${i}`)),
      ...methods.flatMap((method, i) => checkMethod(method, `/methods/${i}`)),
      ...headers.flatMap((name, i) => checkName(name, `/headers/${i}`)),
      ...exposedHeaders.flatMap((name, i) => checkName(name, `/exposedHeaders/${i}`)),
      ...(credentials && exposedHeaders.includes(ANY)
        ? [{ path: '/exposedHeaders', message: 'With credentials, "*" is just a name: list the headers.' }]
        : []),
    ]
  },

  create(config) {
    const isAllowed = originTest(config.origins)
    const isForAll = config.origins.includes(ANY)
    const allowOrigin: (origin: string) => string = isForAll ? () => ANY : (origin) => origin
    const allowed = new RepeatedField('Access-Control-Allow-Origin')
    const exposed = config.exposedHeaders.join(', ')
    const preflight = preflightHeaders(config)
    return {
      onRequest(x) {
        const origin = x.request.headers.get('origin') ?? ''
        x.origin = origin
        if (!isPreflight(x, origin)) return
        return answer(isAllowed(origin) ? [['Access-Control-Allow-Origin', allowOrigin(origin)], ...preflight(x)] : [])
      },
      onResponse(x) {
        const origin = x.origin ?? x.request.headers.get('origin') ?? ''
        // Our own answer to a preflight request is complete.
        if (isPreflight(x, origin) && x.response.status === 204) return
        const { headers } = x.response
        headers.removeBeginning(OWN)
        // Caches must know that the answer to another origin is another one; where all get the same, it is not.
        if (!isForAll) varyByOrigin(x)
        if (origin === '' || !isAllowed(origin)) return
        // It is one of those that are allowed, so it is a value as they are.
        allowed.put(headers, allowOrigin(origin))
        if (config.credentials) headers.set('Access-Control-Allow-Credentials', 'true')
        if (exposed !== '') headers.set('Access-Control-Expose-Headers', exposed)
      },
    }
  },
})

/** Fetch standard, section "CORS-preflight request". */
function isPreflight({ request }: Exchange, origin: string): boolean {
  return request.method === 'OPTIONS' && origin !== '' && request.headers.has('access-control-request-method')
}

function answer(headers: readonly (readonly [string, string])[]): Reply {
  return { status: 204, headers: [...headers, ['Vary', PREFLIGHT_VARY]], body: '' }
}

/** Makes what an allowed origin is told in the answer to a preflight request. */
function preflightHeaders({ methods, headers, credentials, maxAge, privateNetwork }: Config) {
  const always: [string, string][] = [
    ...(credentials ? [['Access-Control-Allow-Credentials', 'true'] as [string, string]] : []),
    ['Access-Control-Max-Age', String(maxAge)],
  ]
  const methodList = methods.join(', ')
  const headerList = headers.join(', ')
  return ({ request }: Exchange): [string, string][] => {
    const asked = request.headers.get('access-control-request-headers') ?? ''
    // "*" is spelt out as what was asked for: with credentials the sign itself would be just a name.
    const allowedMethods = methods.includes(ANY)
      ? (request.headers.get('access-control-request-method') ?? '')
      : methodList
    const allowedHeaders = headers.includes(ANY) ? asked : headerList
    return [
      ['Access-Control-Allow-Methods', allowedMethods],
      ...(allowedHeaders === '' ? [] : [['Access-Control-Allow-Headers', allowedHeaders] as [string, string]]),
      ...(privateNetwork && request.headers.get('access-control-request-private-network') === 'true'
        ? [['Access-Control-Allow-Private-Network', 'true'] as [string, string]]
        : []),
      ...always,
    ]
  }
}

function varyByOrigin({ response: { headers } }: Exchange): void {
  if (!headers.has('vary')) return headers.pushReady(VARY_BY_ORIGIN)
  const named = headers.getAll('vary').flatMap((value) => value.split(','))
  if (!named.some((name) => /^\s*(?:origin|\*)\s*$/i.test(name))) headers.add('Vary', 'Origin')
}

function checkListed(origin: string, all: readonly string[], credentials: boolean, path: string): Problem[] {
  if (origin !== ANY || !credentials) return checkOrigin(origin, all, path)
  const message =
    'With credentials, "*" is not allowed: list the origins, or use wildcards such as "https://*.example.com".'
  return [{ path, message }]
}

function checkMethod(method: string, path: string): Problem[] {
  if (method === ANY || (isFieldName(method) && method === method.toUpperCase())) return []
  return [{ path, message: `"${method}" is not a method: methods are written in upper case, such as GET.` }]
}

function checkName(name: string, path: string): Problem[] {
  return name === ANY || isFieldName(name)
    ? []
    : [{ path, message: `"${name}" is not a header name: use letters, digits and hyphens.` }]
}
