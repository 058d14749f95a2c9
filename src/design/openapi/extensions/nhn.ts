import type { Method } from '../../../model/method.ts'
import type { Report } from '../notes.ts'
import { type Fields, isRecord, type Place } from '../source.ts'
import { type ForeignPlugins, listOf, textsOf } from './foreign-plugins.ts'

/** Stage exports of NHN Cloud API Gateway: `x-nhncloud-apigateway: {"plugins": {TYPE: SETTINGS}}`. */

export const NHN = 'x-nhncloud-apigateway'

/** What each type of settings comes to. To add one, add its line. */
const converters: Readonly<Record<string, (settings: Fields, plugins: ForeignPlugins) => void>> = {
  CORS: (settings, plugins) => plugins.add('cors', corsOf(settings)),
  SET_REQUEST_HEADER: ({ headers }, plugins) =>
    plugins.add('request-transformer', { headers: { set: textsOf(headers) } }),
  REMOVE_REQUEST_HEADER: ({ headers }, plugins) =>
    plugins.add('request-transformer', { headers: { remove: listOf(headers) } }),
  ADD_REQUEST_QUERY_PARAMETER: ({ parameters }, plugins) =>
    plugins.add('request-transformer', { query: { add: textsOf(parameters) } }),
  SET_RESPONSE_HEADER: ({ headers }, plugins) =>
    plugins.add('response-transformer', { headers: { set: textsOf(headers) } }),
  REMOVE_RESPONSE_HEADER: ({ headers }, plugins) =>
    plugins.add('response-transformer', { headers: { remove: listOf(headers) } }),
  IP_ACL: ({ isPermit, ipAclList }, plugins) =>
    plugins.add('ip-restriction', {
      mode: isPermit === true ? 'allow' : 'deny',
      networks: (Array.isArray(ipAclList) ? ipAclList : []).map((entry) =>
        String(isRecord(entry) ? entry.ipCidrAddress : entry),
      ),
    }),
  HMAC: (settings, plugins) => plugins.add('hmac-auth', hmacOf(settings)),
  JWT: (settings, plugins) => plugins.add('jwt', jwtOf(settings)),
  API_KEY: ({ isActive }, plugins) => {
    if (isActive !== false) plugins.add('key-auth', { header: 'x-nhn-apikey' })
  },
  REQUEST_VALIDATOR: ({ isActive }, plugins) => {
    if (isActive !== false) plugins.add('request-validator', {})
  },
  PRE_API: ({ httpMethod, url, cacheTtl }, plugins) =>
    plugins.add('forward-auth', {
      url: String(url ?? ''),
      ...(httpMethod !== undefined && { method: String(httpMethod).toUpperCase() }),
      cache: Number(cacheTtl ?? 0),
      statuses: [200],
    }),
  RATE_LIMIT: (settings, plugins) => plugins.add('rate-limit', rateLimitOf(settings)),
}

/** Adds what a node says to its plugins; returns the backend that it says, or null. */
export function readNhn(node: Fields, place: Place, plugins: ForeignPlugins, report: Report): Method['backend'] | null {
  const extension = node[NHN]
  if (!isRecord(extension) || !isRecord(extension.plugins)) return null
  let backend: Method['backend'] | null = null
  for (const [type, given] of Object.entries(extension.plugins)) {
    const at = [...place, NHN, 'plugins', type]
    const settings = settingsOf(given)
    const convert = Object.hasOwn(converters, type) ? converters[type] : undefined
    if (settings === null) report.note('foreign', at, `${type} that cannot be read`)
    else if (type === 'HTTP') backend = proxyOf(settings)
    else if (type === 'MOCK') backend = mockOf(settings)
    else if (convert === undefined) report.note('foreign', at, type)
    else convert(settings, plugins)
  }
  return backend
}

/** Whether an operation was generated for the CORS plugin of its path, and is no method of its own. */
export function isGeneratedForCors(verb: string, { summary }: Fields, item: Fields): boolean {
  const extension = item[NHN]
  const plugins = isRecord(extension) && isRecord(extension.plugins) ? extension.plugins : {}
  return verb === 'options' && summary === 'CORS' && plugins.CORS !== undefined
}

/** Settings that older exports hold as JSON text. Null for what is neither. */
function settingsOf(given: unknown): Fields | null {
  if (typeof given !== 'string') return isRecord(given) ? given : null
  try {
    const read: unknown = JSON.parse(given)
    return isRecord(read) ? read : null
  } catch {
    return null
  }
}

function proxyOf({ frontendEndpointPath, backendEndpointPath }: Fields): Method['backend'] {
  const path = typeof backendEndpointPath === 'string' ? backendEndpointPath : undefined
  // What is as the client sent it needs no template.
  const own = String(frontendEndpointPath ?? '').replace(/\{([^}]+)\}/g, '${request.path.$1}')
  return path === undefined || path === own ? { kind: 'http' } : { kind: 'http', path }
}

function mockOf({ statusCode, headers, body }: Fields): Method['backend'] {
  const status = Number(statusCode ?? 200)
  return {
    kind: 'mock',
    status: Number.isInteger(status) ? status : 200,
    headers: textsOf(headers),
    body: String(body ?? ''),
  }
}

/** Clients of that format name no key, and sign under another name of the date. */
function hmacOf({ secretKey, clockSkewSeconds, enforceHeaders }: Fields): Fields {
  return {
    keys: [{ id: 'default', secret: String(secretKey ?? '') }],
    requireKeyId: false,
    dateHeader: 'x-nhn-date',
    algorithms: ['HmacSHA1', 'HmacSHA256', 'HmacSHA512'],
    clockSkew: Number(clockSkewSeconds ?? 300),
    requiredHeaders: listOf(enforceHeaders),
  }
}

/** What their types of keys are here. */
const LIMIT_KEYS: ReadonlyMap<unknown, string> = new Map([
  ['DEFAULT', 'all'],
  ['IP', 'client-ip'],
  ['HEADER', 'header'],
  ['PATH_VARIABLE', 'path-variable'],
])

function rateLimitOf({ requestPerSec, keyType = 'DEFAULT', extraKeyValue }: Fields): Fields {
  // A type that nobody knows is refused by the plugin, and told.
  const by = LIMIT_KEYS.get(keyType) ?? String(keyType)
  const hasName = by === 'header' || by === 'path-variable'
  return {
    requests: Number(requestPerSec),
    period: 'second',
    by,
    ...(hasName && { name: String(extraKeyValue ?? '') }),
  }
}

function jwtOf({ encryptAlgorithm, hs256, rs256, clockSkew, claimValidationCondition }: Fields): Fields {
  const { publicKeyType, rsaPublicKey, jwksUri } = isRecord(rs256) ? rs256 : {}
  const conditions = Object.entries(isRecord(claimValidationCondition) ? claimValidationCondition : {})
  return {
    ...(encryptAlgorithm === 'HS256' && {
      secrets: [{ algorithm: 'HS256', secret: String((isRecord(hs256) ? hs256.secretKey : undefined) ?? '') }],
    }),
    ...(encryptAlgorithm === 'RS256' &&
      (publicKeyType === 'JWKS_URI'
        ? { keySets: [{ url: String(jwksUri ?? ''), algorithms: ['RS256'] }] }
        : { publicKeys: [{ algorithm: 'RS256', pem: pemOf(String(rsaPublicKey ?? '')) }] })),
    leeway: Number(clockSkew ?? 0),
    requireExpiry: false,
    claims: conditions.flatMap(([name, condition]) => {
      if (!isRecord(condition)) return []
      const { dataType, value, required, validate } = condition
      return [
        {
          name,
          type: String(dataType ?? 'string').toLowerCase(),
          required: required === true,
          values: validate === true ? listOf(Array.isArray(value) ? value : String(value ?? '')) : [],
        },
      ]
    }),
  }
}

/** Some exports hold a key without the lines around it. */
function pemOf(key: string): string {
  return key.includes('-----BEGIN') ? key : `-----BEGIN PUBLIC KEY-----\n${key}\n-----END PUBLIC KEY-----\n`
}

function corsOf(settings: Fields): Fields {
  const { allowedMethods, allowedHeaders, allowedOrigins, exposedHeaders, maxCredentialsAge, allowCredentials } =
    settings
  const maxAge = Number(maxCredentialsAge ?? Number.NaN)
  return {
    origins: listOf(allowedOrigins),
    ...(allowedMethods !== undefined && { methods: listOf(allowedMethods).map((method) => method.toUpperCase()) }),
    headers: listOf(allowedHeaders),
    exposedHeaders: listOf(exposedHeaders),
    credentials: allowCredentials === true,
    // -1: browsers are not to keep it.
    ...(Number.isInteger(maxAge) && { maxAge: Math.max(0, maxAge) }),
  }
}
