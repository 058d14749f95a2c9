import { compileTemplate, parseTemplate, type Template, type Variable } from '../lib/template.ts'
import type { Exchange, Problem } from './plugin.ts'

/** Variables with a fixed name. */
const fixed: Readonly<Record<string, { readonly description: string; readonly read: Variable<Exchange> }>> = {
  'request.clientIp': {
    description: 'The address of the client, as the trusted proxies resolve it.',
    read: (x) => x.clientIp,
  },
  'request.host': { description: 'The host that the client asked for.', read: (x) => x.request.host },
  'request.uri': { description: 'Path and query as the client sent them.', read: (x) => x.request.rawTarget },
  'request.uriPath': { description: 'The canonical path.', read: (x) => x.request.path },
  'request.uriPattern': { description: 'The path of the route: /pets/{petId}.', read: (x) => x.route.pattern },
  'request.scheme': { description: 'http or https.', read: (x) => x.request.scheme },
  'request.httpMethod': { description: 'The method of the request.', read: (x) => x.request.method },
  'request.timestamp': {
    description: 'When the request came (ISO 8601, UTC).',
    read: (x) => new Date(x.receivedAt).toISOString(),
  },
  'request.id': { description: 'The id of the request.', read: (x) => x.id },
  'consumer.id': { description: 'The id of who sends it, once that is known.', read: (x) => x.consumer?.id },
  'consumer.name': { description: 'The name of who sends it, once that is known.', read: (x) => x.consumer?.name },
  'client.certificate.subject': {
    description: 'The subject of the client certificate.',
    read: (x) => x.certificate?.subject,
  },
  'client.certificate.commonName': {
    description: 'The common name of the client certificate.',
    read: (x) => x.certificate?.commonName,
  },
  'client.certificate.issuer': {
    description: 'The issuer of the client certificate.',
    read: (x) => x.certificate?.issuer,
  },
  'client.certificate.serialNumber': {
    description: 'The serial number of the client certificate.',
    read: (x) => x.certificate?.serialNumber,
  },
  'client.certificate.fingerprint': {
    description: 'The SHA-256 fingerprint of the client certificate.',
    read: (x) => x.certificate?.fingerprint,
  },
  'client.certificate.san': {
    description: 'The other names of the client certificate.',
    read: (x) => x.certificate?.names,
  },
  'client.tls.version': { description: 'The version of TLS that the client came by.', read: (x) => x.tls?.version },
  'stage.name': { description: 'The name of the stage.', read: (x) => x.stage.name },
  'split.side': {
    description: 'Which side of a traffic split the request goes to.',
    read: (x) => x.split ?? undefined,
  },
  'response.httpStatus': {
    description: 'The status of the answer.',
    read: (x) => (x.response.status === 0 ? undefined : String(x.response.status)),
  },
  'error.type': { description: 'What kind of refusal or failure it is.', read: (x) => x.error?.type },
  'error.code': { description: 'The code of the refusal or failure.', read: (x) => x.error?.code },
  'error.message': { description: 'The refusal or failure in words.', read: (x) => x.error?.message },
}

interface Family {
  readonly prefix: string
  readonly description: string
  readonly read: (name: string) => Variable<Exchange>
}

/** Families of variables: the prefix, and how one of them is read. */
const families: readonly Family[] = [
  {
    prefix: 'request.path.',
    description: 'A variable of the path; of {name+} with the plus.',
    read: (name) => (x) => decoded(x.request.variable(name)),
  },
  {
    prefix: 'request.queryString.',
    description: 'A query parameter; several are joined by a comma.',
    read: (name) => (x) => queryValues(x.request.query, name),
  },
  {
    prefix: 'request.header.',
    description: 'A header of the request; several are joined by a comma.',
    read: readHeader,
  },
  {
    prefix: 'jwt.claims.',
    description: 'A claim of the token, once that is verified.',
    read: (name) => (x) => claimText(x.claims, name),
  },
  {
    prefix: 'stage.variable.',
    description: 'A variable of the stage.',
    read: (name) => (x) => (Object.hasOwn(x.stage.variables, name) ? x.stage.variables[name] : undefined),
  },
]

/** What values may refer to, for those who write them: `request.id`, and `request.header.NAME` for a family. */
export function contextVariables(): { readonly name: string; readonly description: string }[] {
  return [
    ...Object.entries(fixed).map(([name, { description }]) => ({ name, description })),
    ...families.map(({ prefix, description }) => ({ name: `${prefix}NAME`, description })),
  ]
}

/** The name of a path variable that a context variable refers to, or null if it refers to something else. */
export function pathVariableOf(variable: string): string | null {
  return variable.startsWith('request.path.') ? variable.slice('request.path.'.length) : null
}

/** Finds how a context variable is read; null if there is no variable of that name. */
export function resolveVariable(name: string): Variable<Exchange> | null {
  if (Object.hasOwn(fixed, name)) return fixed[name]?.read ?? null
  for (const { prefix, read } of families) {
    if (name.length > prefix.length && name.startsWith(prefix)) return read(name.slice(prefix.length))
  }
  return null
}

/** Compiles a header, query or body value with context variables; `encode` is applied to each value that is put in. */
export function compileValue(template: string, encode?: (value: string) => string): Template<Exchange> {
  return compileTemplate(template, resolveVariable, encode)
}

/**
 * Compiles a backend path or a location: values are percent-encoded, so that none can add a segment or a query; but those that
 * are of the canonical path stand in it as they are.
 */
export function compilePath(template: string): Template<Exchange> {
  return compileTemplate(template, resolvePathVariable, (value, name) =>
    name === 'request.uriPath' || pathVariableOf(name) !== null ? value : encodeURIComponent(value),
  )
}

/** What is wrong with the references of one template; `path` is the JSON Pointer of the template in its settings. */
export function checkTemplate(template: string, path: string, pathVariables: readonly string[]): Problem[] {
  return parseTemplate(template).flatMap((part) => {
    if (part.kind === 'text') return []
    if (resolveVariable(part.name) === null) return [{ path, message: `"${part.source}" is not a context variable.` }]
    const variable = pathVariableOf(part.name)
    if (variable === null || pathVariables.includes(variable)) return []
    const known = pathVariables.length === 0 ? 'it has none' : `it has ${pathVariables.join(', ')}`
    return [{ path, message: `"${part.source}" names a path variable that this path does not have: ${known}.` }]
  })
}

/** In a path, a path variable stays as it stands in the canonical path: already encoded. */
function resolvePathVariable(name: string): Variable<Exchange> | null {
  const variable = pathVariableOf(name)
  return variable === null ? resolveVariable(name) : (x) => x.request.variable(variable)
}

function readHeader(name: string): Variable<Exchange> {
  const key = name.toLowerCase()
  if (key === 'host') return (x) => x.request.host
  return (x) => x.request.headers.get(key)
}

/** A claim as text; objects and lists as JSON. A name with dots is looked for as it is, then step by step. */
function claimText(claims: Exchange['claims'], name: string): string | undefined {
  if (claims === null) return undefined
  const value = Object.hasOwn(claims, name) ? claims[name] : name.split('.').reduce<unknown>(member, claims)
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}

function decoded(value: string | undefined): string | undefined {
  return value?.includes('%') ? decodeURIComponent(value) : value
}

function queryValues(query: string, name: string): string | undefined {
  if (query === '') return undefined
  const values = new URLSearchParams(query).getAll(name)
  return values.length === 0 ? undefined : values.join(',')
}
