import type { GatewayResponse, GatewayResponses } from '../../../model/gateway-response.ts'
import type { Method, Verb } from '../../../model/method.ts'
import type { GatewayResponseName } from '../../../plugins/replies.ts'
import { checkGatewayResponse } from '../../check-gateway-response.ts'
import type { Report } from '../notes.ts'
import { schemesIn } from '../security.ts'
import { type Fields, isRecord, type Place } from '../source.ts'
import { type ForeignPlugins, listOf, textsOf } from './foreign-plugins.ts'

/** Exports of REST APIs of Amazon API Gateway: `x-amazon-apigateway-*`. */

const PREFIX = 'x-amazon-apigateway-'
export const AWS_ANY = `${PREFIX}any-method`
const KEY_SOURCE = `${PREFIX}api-key-source`

/** What their types of gateway responses are here. */
const RESPONSES: Readonly<Record<string, readonly GatewayResponseName[]>> = {
  ACCESS_DENIED: ['forbidden'],
  API_CONFIGURATION_ERROR: ['internal-error'],
  BAD_REQUEST_BODY: ['bad-request'],
  BAD_REQUEST_PARAMETERS: ['bad-request'],
  INTEGRATION_FAILURE: ['bad-gateway', 'upstream-unavailable'],
  INTEGRATION_TIMEOUT: ['gateway-timeout'],
  INVALID_API_KEY: ['unauthorized'],
  MISSING_AUTHENTICATION_TOKEN: ['not-found'],
  QUOTA_EXCEEDED: ['quota-exceeded'],
  REQUEST_TOO_LARGE: ['payload-too-large'],
  RESOURCE_NOT_FOUND: ['not-found'],
  THROTTLED: ['rate-limited'],
  UNAUTHORIZED: ['unauthorized'],
}
/** Their variables in templates, and ours. Longer names first. */
const VARIABLES: readonly [theirs: RegExp, ours: string][] = [
  [/\$context\.error\.messageString/g, '"${error.message}"'],
  [/\$context\.error\.message/g, '${error.message}'],
  [/\$context\.error\.responseType/g, '${error.type}'],
  [/\$context\.requestId/g, '${request.id}'],
  [/\$context\.identity\.sourceIp/g, '${request.clientIp}'],
  [/\$context\.httpMethod/g, '${request.httpMethod}'],
  [/\$context\.stage/g, '${stage.name}'],
  [/\$\{?stageVariables\.([A-Za-z0-9_]+)\}?/g, '${stage.variable.$1}'],
]

/** Adds what an operation says to its plugins; returns the backend that it says, or null. */
export function readAwsOperation(
  operation: Fields,
  {
    verb,
    place,
    needsKey,
    plugins,
    report,
  }: { verb: Verb; place: Place; needsKey: boolean; plugins: ForeignPlugins; report: Report },
): Method['backend'] | null {
  if (needsKey) plugins.add('key-auth', {})
  if (operation[`${PREFIX}request-validator`] !== undefined) plugins.add('request-validator', {})
  const given = operation[`${PREFIX}integration`]
  const at = [...place, `${PREFIX}integration`]
  if (!isRecord(given)) return null
  const type = String(given.type ?? '').toLowerCase()
  if (typeof given.timeoutInMillis === 'number') plugins.add('timeout', { response: given.timeoutInMillis / 1000 })
  if (type === 'mock') return readMock(given, at, report)
  if (type !== 'http' && type !== 'http_proxy') {
    report.note('foreign', at, `integration of type "${type}"`)
    return null
  }
  const theirs = String(given.httpMethod ?? verb).toUpperCase()
  if (theirs !== verb && theirs !== 'ANY' && verb !== 'ANY') report.note('foreignVerb', at, `${verb} as ${theirs}`)
  if (hasTemplates(given.requestTemplates)) report.note('foreignTemplate', at)
  const paths = readRequestParameters(given.requestParameters, at, plugins, report)
  return proxyTo(String(given.uri ?? ''), paths, at, report)
}

/** Extensions of the whole document: plugins of the root path, and gateway responses. */
export function readAwsDocument(root: Fields, plugins: ForeignPlugins, report: Report): GatewayResponses | null {
  const cors = root[`${PREFIX}cors`]
  if (isRecord(cors)) plugins.add('cors', corsOf(cors))
  for (const key of [
    'binary-media-types',
    'policy',
    'documentation',
    'importexport-version',
    'minimum-compression-size',
  ]) {
    if (root[PREFIX + key] !== undefined) report.note('foreign', [PREFIX + key], PREFIX + key)
  }
  if (root[`${PREFIX}request-validator`] !== undefined) plugins.add('request-validator', {})
  if (takesKeysOfAuthorizers(root)) report.note('foreign', [KEY_SOURCE], KEY_SOURCE)
  for (const scheme of Object.values(schemesIn(root))) readAuthorizer(scheme, plugins)
  const responses = root[`${PREFIX}gateway-responses`]
  return isRecord(responses) ? readGatewayResponses(responses, report) : null
}

/**
 * The names of the security schemes by which an export of theirs says that a method needs an API key. In other documents a scheme
 * that looks the same is about keys of the backend.
 */
export function awsKeySchemes(root: Fields): string[] {
  if (takesKeysOfAuthorizers(root) || !hasIntegrations(root)) return []
  return Object.entries(schemesIn(root)).flatMap(([name, scheme]) => (isKeyScheme(scheme) ? [name] : []))
}

/** Schemes with a type or an authorizer of theirs are others in disguise. */
function isKeyScheme(scheme: unknown): boolean {
  if (!isRecord(scheme) || Object.keys(scheme).some((key) => key.startsWith(PREFIX))) return false
  const { type, in: where, name } = scheme
  return type === 'apiKey' && where === 'header' && String(name).toLowerCase() === 'x-api-key'
}

function takesKeysOfAuthorizers(root: Fields): boolean {
  return root[KEY_SOURCE] === 'AUTHORIZER'
}

function hasIntegrations({ paths }: Fields): boolean {
  return Object.values(isRecord(paths) ? paths : {}).some((item) =>
    Object.values(isRecord(item) ? item : {}).some(
      (operation) => isRecord(operation) && operation[`${PREFIX}integration`] !== undefined,
    ),
  )
}

/** JWT authorizers; the keys are where OpenID Connect puts them for most issuers. */
function readAuthorizer(scheme: unknown, plugins: ForeignPlugins): void {
  const authorizer = isRecord(scheme) ? scheme[`${PREFIX}authorizer`] : undefined
  if (!isRecord(authorizer) || authorizer.type !== 'jwt') return
  const { issuer, audience } = isRecord(authorizer.jwtConfiguration) ? authorizer.jwtConfiguration : {}
  if (typeof issuer !== 'string') return
  plugins.add('jwt', {
    keySets: [{ url: `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`, algorithms: ['RS256'] }],
    issuers: [issuer],
    audiences: listOf(audience),
  })
}

/** The backend of a URI: its path; where it goes belongs to a stage. */
function proxyTo(
  uri: string,
  paths: Readonly<Record<string, string>>,
  place: Place,
  report: Report,
): Method['backend'] {
  const [, host = '', rest = ''] = /^(?:https?:\/\/)?([^/]*)(\/[^?]*)?/i.exec(uri) ?? []
  if (host !== '') report.note('foreignHost', place, `"${host}"`)
  const path = rest
    .replace(/\$\{stageVariables\.([A-Za-z0-9_]+)\}/g, '\u0000{stage.variable.$1}')
    .replace(/(^|[^\u0000])\{([^}]+)\}/g, (_, before, name) => `${before}\${request.path.${paths[name] ?? name}}`)
    .replaceAll('\u0000', '$')
  return path === '' ? { kind: 'http' } : { kind: 'http', path }
}

/** Which variable of the request each one of the URI is; headers and query parameters become plugins. */
function readRequestParameters(
  given: unknown,
  place: Place,
  plugins: ForeignPlugins,
  report: Report,
): Record<string, string> {
  const paths: Record<string, string> = {}
  for (const [to, from] of Object.entries(textsOf(given))) {
    const [, where, name = ''] = /^integration\.request\.(path|header|querystring)\.(.+)$/.exec(to) ?? []
    const value = sourceOf(from)
    if (value === null || where === undefined) report.note('foreign', place, `request parameter ${to}`)
    else if (where === 'path') {
      const variable = /^\$\{request\.path\.(.+)\}$/.exec(value)?.[1]
      if (variable === undefined) report.note('foreign', place, `request parameter ${to}`)
      else paths[name] = variable
    } else if (where === 'header' && value !== `\${request.header.${name}}`)
      plugins.add('request-transformer', { headers: { set: { [name]: value } } })
    else if (where === 'querystring' && value !== `\${request.queryString.${name}}`)
      plugins.add('request-transformer', { query: { set: { [name]: value } } })
  }
  return paths
}

/** Where a value comes from, as a template of ours; null for what has no counterpart. */
function sourceOf(from: string): string | null {
  const literal = /^'(.*)'$/.exec(from)
  if (literal !== null) return (literal[1] ?? '').replaceAll('${', '$ {')
  const [, where, name = ''] = /^method\.request\.(path|header|querystring)\.(.+)$/.exec(from) ?? []
  if (where === 'path') return `\${request.path.${name}}`
  if (where === 'header') return `\${request.header.${name}}`
  if (where === 'querystring') return `\${request.queryString.${name}}`
  const known = translate(`$${from}`)
  return known.includes('$context') ? null : known.startsWith('${') ? known : null
}

/** A mock answers with its default response, or the first one. */
function readMock({ responses }: Fields, place: Place, report: Report): Method['backend'] {
  const all = isRecord(responses) ? responses : {}
  const first = isRecord(all.default) ? all.default : Object.values(all).find(isRecord)
  const { statusCode, responseParameters, responseTemplates } = first ?? {}
  const status = Number(statusCode ?? 200)
  const headers = Object.entries(textsOf(responseParameters)).flatMap(([to, from]) => {
    const name = /^method\.response\.header\.(.+)$/.exec(to)?.[1]
    const value = sourceOf(from)
    if (name !== undefined && value !== null) return [[name, value] as const]
    report.note('foreign', place, `response parameter ${to}`)
    return []
  })
  const [[contentType, template] = ['', '']] = Object.entries(textsOf(responseTemplates))
  const body = translate(template)
  const isOurs = !/\$(?!\{)|^\s*#/m.test(body)
  if (!isOurs) report.note('foreignTemplate', place)
  return {
    kind: 'mock',
    status: Number.isInteger(status) ? status : 200,
    headers: { ...(contentType !== '' && { 'content-type': contentType }), ...Object.fromEntries(headers) },
    body: isOurs ? body : '',
  }
}

function readGatewayResponses(given: Fields, report: Report): GatewayResponses {
  const read: Record<string, GatewayResponse> = {}
  for (const [type, response] of Object.entries(given)) {
    const place = [`${PREFIX}gateway-responses`, type]
    const ours = Object.hasOwn(RESPONSES, type) ? RESPONSES[type] : undefined
    const made = isRecord(response) && ours !== undefined ? gatewayResponseOf(response) : null
    if (made === null || ours === undefined || checkGatewayResponse(made).length > 0)
      report.note('foreign', place, `gateway response ${type}`)
    else for (const name of ours) read[name] = made
  }
  return read
}

/** Null where a template or parameter has no counterpart. */
function gatewayResponseOf({ statusCode, responseParameters, responseTemplates }: Fields): GatewayResponse | null {
  const headers = Object.entries(textsOf(responseParameters)).map(([to, from]) => [
    /^gatewayresponse\.header\.(.+)$/.exec(to)?.[1],
    sourceOf(from),
  ])
  const bodies = Object.entries(textsOf(responseTemplates)).map(([contentType, template]) => ({
    contentType: contentType.toLowerCase(),
    body: translate(template),
  }))
  if (headers.some(([name, value]) => name === undefined || value === null)) return null
  if (bodies.some(({ body }) => /\$(?!\{)/.test(body))) return null
  const status = statusCode === undefined ? null : Number(statusCode)
  return { status, headers: Object.fromEntries(headers), bodies }
}

function corsOf(given: Fields): Fields {
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, allowCredentials, maxAge } = given
  return {
    origins: listOf(allowOrigins),
    ...(allowMethods !== undefined && { methods: listOf(allowMethods) }),
    headers: listOf(allowHeaders),
    exposedHeaders: listOf(exposeHeaders),
    credentials: allowCredentials === true,
    ...(typeof maxAge === 'number' && { maxAge }),
  }
}

function translate(template: string): string {
  return VARIABLES.reduce(
    (text, [theirs, ours]) => text.replace(theirs, ours.replaceAll('$', '$$$$').replace('$$1', '$1')),
    template,
  )
}

function hasTemplates(given: unknown): boolean {
  return Object.values(textsOf(given)).some(
    (template) => !/^\s*\{\s*"statusCode"\s*:\s*\d+\s*\}\s*$|^\s*$/.test(template),
  )
}
