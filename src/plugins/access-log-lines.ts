import { isCredentialName, MASK, maskQuery, maskUrl } from '../lib/credential-names.ts'
import { LineBytes } from '../lib/line-bytes.ts'
import { CommonTimes, IsoTimes, jsonText, jsonWireText, quotedText, quotedWireText } from '../lib/log-text.ts'
import { compileTemplate } from '../lib/template.ts'
import { AlikeText } from './alike-text.ts'
import type { CredentialPlaces, Exchange, PluginScope } from './plugin.ts'
import { resolveVariable } from './variables.ts'

/** Lines of the access log. All that does not change from request to request is text before the first one comes. */

/** The fields of a JSON line, in their order, with what they say: what each request has of its own, then what is alike for most of a client. */
export const logFields = {
  time: 'when the request came, in UTC',
  level: '`info`, `warn` (4xx, or the client went away) or `error` (5xx)',
  requestId: 'the id of the request',
  method: 'method',
  path: 'canonical path, without query',
  query: 'query, with credentials masked',
  status: 'status of the answer; 0 where there was none',
  totalMs: 'from the head of the request to the end of the answer, in milliseconds',
  backendMs: 'from sending the request to the end of the answer of the backend; absent where none was asked',
  bytesIn: 'bytes of the request, head and body',
  bytesOut: 'bytes of the answer, head and body',
  consumerId: 'id of the consumer, where one is known',
  consumer: 'name of the consumer',
  error: 'code of the answer, where it was one of the gateway’s own',
  answeredBy: 'the plugin that answered, where one did',
  aborted: '`true` where the client went away before the answer was complete',
  upstream: 'URL of the target that the request was sent to last',
  traceId: 'id of the trace that the request belongs to: of its `traceparent`, or one that began here',
  clientIp: 'address of the client, as the trusted proxies resolve it',
  protocol: '`HTTP/1.1` and the like',
  scheme: '`http` or `https`',
  host: 'host that was asked for, with its port if one was given',
  userAgent: '`User-Agent`',
  referer: '`Referer`, with credentials masked',
  route: 'path of the route; absent where none matched',
  service: 'name of the service',
  stage: 'name of the stage',
  deployment: 'first 12 digits of the hash of the deployment',
} as const
export type LogField = keyof typeof logFields
export const logFieldNames = Object.keys(logFields) as LogField[]

/** What is the same for most requests of a client on a route; they are the last in a line. */
const alikeFields: ReadonlySet<LogField> = new Set([
  'clientIp',
  'protocol',
  'scheme',
  'host',
  'userAgent',
  'referer',
  'route',
  'service',
  'stage',
  'deployment',
])

/** What is written where nothing else is asked for. */
export const usualFields = logFieldNames.filter((field) => field !== 'query' && field !== 'scheme')

/** The most that is written of a text that clients choose. */
const MOST = { path: 2048, query: 2048, text: 1024, extra: 256, host: 255, id: 128 } as const

/** A field of the user's own: a name and a template. */
export interface ExtraField {
  readonly name: string
  readonly value: string
}

/** Severities of syslog (RFC 5424, section 6.2.1), and what JSON lines call them. */
export const ERROR = 3
export const WARNING = 4
export const INFORMATIONAL = 6
const LEVELS: Readonly<Record<number, string>> = { [ERROR]: 'error', [WARNING]: 'warn', [INFORMATIONAL]: 'info' }

/** How bad a request ended. */
export function severityOf(x: Exchange): number {
  const { status } = x.response
  if (status >= 500) return ERROR
  return status >= 400 || status === 0 || x.outcome.isAborted ? WARNING : INFORMATIONAL
}

/** Makes the line of a request, without its end. It is good until the next one is made. */
export type LogLine = (x: Exchange, severity: number, share: number) => LineBytes

/** Writes a part of a line, or nothing. */
type Piece = (line: LineBytes, x: Exchange, severity: number) => void

/** What lines are made for. */
export interface LineContext {
  readonly scope: PluginScope
  readonly credentials: CredentialPlaces
}

/** Makes the lines of the format `json`. `isSampled` adds the share that a line stands for. */
export function jsonLine(
  fields: readonly LogField[],
  extra: readonly ExtraField[],
  isSampled: boolean,
  context: LineContext,
): LogLine {
  const secrets = secretNames(context.credentials)
  const wanted = logFieldNames.filter((field) => fields.includes(field))
  const pieceOf = (field: LogField) => jsonPiece(field, context, secrets)
  const pieces = joined(wanted.filter((field) => !alikeFields.has(field)).map(pieceOf))
  const alike = joined(wanted.filter((field) => alikeFields.has(field)).map(pieceOf))
  const own = extra.map((one) => extraPiece(one, secrets))
  const writeAlike = (line: LineBytes, x: Exchange) => {
    for (const piece of alike) piece(line, x, INFORMATIONAL)
  }
  const line = new LineBytes()
  return (x, severity, share) => {
    line.clear()
    for (const piece of pieces) piece(line, x, severity)
    if (alike.length > 0) line.append(AlikeText.of(x, alike, writeAlike))
    for (const piece of own) piece(line, x, severity)
    if (isSampled) line.text(`,"share":${share}`)
    if (line.length === 0) line.text(',')
    // Every member begins with a comma, in the place of which the object begins.
    line.bytes[0] = BRACE
    line.text('}')
    return line
  }
}

const BRACE = 0x7b

/** Names of secrets of requests, and whether a field or a parameter is one. */
interface SecretNames {
  isHeader(name: string): boolean
  isQuery(name: string): boolean
}

function secretNames({ headers, query }: CredentialPlaces): SecretNames {
  const ofHeaders = new Set(headers.map((name) => name.toLowerCase()))
  const ofQuery = new Set(query)
  return {
    isHeader: (name) => ofHeaders.has(name.toLowerCase()) || isCredentialName(name),
    isQuery: (name) => ofQuery.has(name) || isCredentialName(name),
  }
}

/** Constant members side by side are written as one. */
function joined(pieces: readonly (Piece | string)[]): Piece[] {
  const parts: (Piece | string)[] = []
  for (const piece of pieces) {
    const last = parts.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') parts[parts.length - 1] = last + piece
    else parts.push(piece)
  }
  return parts.map((part) => (typeof part === 'string' ? (line) => line.text(part) : part))
}

function constant(name: string, value: string): string {
  return value === '' ? '' : `,"${name}":"${jsonText(value)}"`
}

/** Remembers the last text and what was made of it: requests of a client are alike. */
function remembering(make: (text: string) => string): (text: string) => string {
  let last = ''
  let made = make('')
  return (text) => {
    if (text === last) return made
    // Copies: the text is a part of the head of its request, all of which it would hold on to, and what is made of it may be in pieces.
    made = whole(make(text))
    last = whole(text)
    return made
  }
}

function whole(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

/** A member with a text that came over a wire, left out where there is none. */
function wireMember(name: string, most: number, read: (x: Exchange) => string | undefined): Piece {
  const before = `,"${name}":"`
  return (line, x) => {
    const value = read(x)
    if (value === undefined || value === '') return
    line.text(before)
    line.jsonWire(cut(value, most))
    line.text('"')
  }
}

/** The same for a text of ours. */
function ownMember(name: string, most: number, read: (x: Exchange) => string | undefined): Piece {
  const before = `,"${name}":"`
  return (line, x) => {
    const value = read(x)
    if (value === undefined) return
    line.text(before)
    line.json(cut(value, most))
    line.text('"')
  }
}

/** A member with a whole number. */
function wholeMember(name: string, read: (x: Exchange) => number): Piece {
  const before = `,"${name}":`
  return (line, x) => {
    line.text(before)
    line.whole(read(x))
  }
}

/** A member with milliseconds, left out where there are none. */
function millisMember(name: string, read: (x: Exchange) => number): Piece {
  const before = `,"${name}":`
  return (line, x) => {
    const ms = read(x)
    if (ms < 0) return
    line.text(before)
    line.millis(ms)
  }
}

/** A member with a text of ours that is plain, left out where there is none. */
function plainMember(name: string, read: (x: Exchange) => string | null): Piece {
  const before = `,"${name}":"`
  return (line, x) => {
    const value = read(x)
    if (value === null) return
    line.text(before)
    line.text(value)
    line.text('"')
  }
}

function cut(text: string, most: number): string {
  return text.length > most ? text.slice(0, most) : text
}

function jsonPiece(field: LogField, { scope }: LineContext, secrets: SecretNames): Piece | string {
  switch (field) {
    case 'time': {
      const times = new IsoTimes()
      const member = new LineBytes(64)
      let written = Number.NaN
      return (line, x) => {
        // Clocks are coarse: several requests are of one millisecond.
        if (x.receivedAt !== written) {
          written = x.receivedAt
          member.clear()
          member.text(`,"time":"${times.text(written)}"`)
        }
        line.append(member)
      }
    }
    case 'level':
      return (line, _x, severity) => line.text(LEVEL_MEMBERS[severity] ?? INFO_MEMBER)
    case 'requestId':
      return ownMember(field, MOST.id, (x) => x.id)
    case 'clientIp':
      return wireMember(field, MOST.host, (x) => x.clientIp)
    case 'protocol':
      return plainMember(field, (x) => x.outcome.protocol)
    case 'scheme':
      return plainMember(field, (x) => x.request.scheme)
    case 'host':
      return wireMember(field, MOST.host, (x) => x.request.host)
    case 'method':
      return wireMember(field, MOST.host, (x) => x.request.method)
    case 'path':
      return wireMember(field, MOST.path, (x) => x.request.path)
    case 'query':
      return wireMember(field, MOST.query, (x) => maskQuery(x.request.query, secrets.isQuery))
    case 'route':
      return constant(field, scope.pattern)
    case 'service':
      return constant(field, scope.service)
    case 'stage':
      return constant(field, scope.stage)
    case 'deployment':
      return constant(field, scope.deployment.slice(0, 12))
    case 'status':
      return wholeMember(field, (x) => x.response.status)
    case 'totalMs':
      return millisMember(field, (x) => x.outcome.totalMs)
    case 'backendMs':
      return millisMember(field, (x) => x.outcome.backendMs)
    case 'bytesIn':
      return wholeMember(field, (x) => x.outcome.bytesIn)
    case 'bytesOut':
      return wholeMember(field, (x) => x.outcome.bytesOut)
    case 'consumerId':
      return ownMember(field, MOST.extra, (x) => x.consumer?.id)
    case 'consumer':
      return ownMember(field, MOST.extra, (x) => x.consumer?.name)
    case 'error':
      return plainMember(field, (x) => (x.error === null ? null : x.error.code))
    case 'answeredBy':
      return plainMember(field, (x) => x.outcome.answeredByPlugin)
    case 'aborted':
      return (line, x) => (x.outcome.isAborted ? line.text(',"aborted":true') : undefined)
    case 'upstream': {
      const member = remembering((url) => `,"upstream":"${jsonText(maskUrl(url, secrets.isQuery))}"`)
      return (line, x) => (x.outcome.upstream === null ? undefined : line.text(member(x.outcome.upstream)))
    }
    case 'traceId':
      return plainMember(field, (x) => x.outcome.traceId)
    case 'userAgent':
      return wireMember(field, MOST.text, (x) => x.request.headers.get('user-agent'))
    case 'referer':
      return wireMember(field, MOST.text, (x) => refererOf(x, secrets))
  }
}

const LEVEL_MEMBERS: readonly (string | undefined)[] = Array.from(
  { length: INFORMATIONAL + 1 },
  (_, severity) => LEVELS[severity] && `,"level":"${LEVELS[severity]}"`,
)
const INFO_MEMBER = ',"level":"info"'

function refererOf(x: Exchange, secrets: SecretNames): string | undefined {
  const referer = x.request.headers.get('referer')
  return referer === undefined ? undefined : maskUrl(referer, secrets.isQuery)
}

/** Families of context variables whose values come over a wire as they are. */
const WIRE = /^request\.(?:header\.|host$|uri$|uriPath$|clientIp$|httpMethod$)/
const HEADER = 'request.header.'
const QUERY = 'request.queryString.'

function extraPiece({ name, value }: ExtraField, secrets: SecretNames): Piece {
  const template = compileTemplate<Exchange>(value, (variable) => loggedVariable(variable, secrets), extraText)
  return plainMember(jsonText(name), template)
}

function extraText(value: string, variable: string): string {
  return WIRE.test(variable) ? jsonWireText(cut(value, MOST.extra)) : jsonText(cut(value, MOST.extra))
}

/** How a context variable is read for a log: those that hold credentials are masked, whatever else they hold. */
function loggedVariable(variable: string, secrets: SecretNames): ReturnType<typeof resolveVariable> {
  const read = resolveVariable(variable)
  if (read === null) return null
  const masked = (x: Exchange) => (read(x) === undefined ? undefined : MASK)
  if (variable.startsWith(HEADER)) {
    const header = variable.slice(HEADER.length)
    if (secrets.isHeader(header)) return masked
    // A field that holds a URL can hold a credential in its query.
    if (header.toLowerCase() === 'referer') return (x) => refererOf(x, secrets)
  }
  if (variable.startsWith(QUERY) && secrets.isQuery(variable.slice(QUERY.length))) return masked
  if (variable === 'request.uri') return (x) => maskUrl(x.request.rawTarget, secrets.isQuery)
  return read
}

/** The context variable of a template that names a credential by what it is called; null where none does. */
export function credentialVariable(variable: string): string | null {
  for (const family of [HEADER, QUERY])
    if (variable.startsWith(family) && isCredentialName(variable.slice(family.length)))
      return variable.slice(family.length)
  return null
}

/**
 * Makes the lines of the formats `common` and `combined` (Apache's mod_log_config, as nginx writes them). The target is that
 * of the request as it was sent, with credentials masked; the bytes are those of the answer, with its head.
 */
export function commonLine(isCombined: boolean, { credentials }: LineContext): LogLine {
  const secrets = secretNames(credentials)
  const times = new CommonTimes()
  const agentText = remembering((agent) => (agent === '' ? '-' : quotedWireText(agent)))
  const line = new LineBytes()
  return (x) => {
    line.clear()
    line.text(textOf(x))
    return line
  }

  function textOf(x: Exchange): string {
    const { request, consumer, outcome } = x
    const user = consumer === null ? '-' : quotedText(cut(consumer.name, MOST.extra)).replaceAll(' ', '\\x20') || '-'
    const target = quotedWireText(cut(maskUrl(request.rawTarget, secrets.isQuery), MOST.path)).replaceAll(' ', '\\x20')
    const address = quotedWireText(cut(x.clientIp, MOST.host)).replaceAll(' ', '\\x20') || '-'
    const start = `${address} - ${user} [${times.text(x.receivedAt)}] "${request.method} ${target} ${outcome.protocol}" ${x.response.status} ${outcome.bytesOut}`
    if (!isCombined) return start
    const referer = refererOf(x, secrets)
    const agent = request.headers.get('user-agent')
    return `${start} "${referer === undefined ? '-' : quotedWireText(cut(referer, MOST.text))}" "${agentText(cut(agent ?? '', MOST.text))}"`
  }
}
