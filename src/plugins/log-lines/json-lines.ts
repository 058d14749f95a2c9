import { maskQuery, maskUrl } from '../../lib/credential-names.ts'
import { type LineBytes, LineText } from '../../lib/line-bytes.ts'
import { jsonText, jsonWireText } from '../../lib/log-text.ts'
import { compileTemplate } from '../../lib/template.ts'
import type { Caller, FinishedRequest, RequestKind } from '../finished-request.ts'
import type { CredentialPlaces, Exchange, PluginScope } from '../plugin.ts'
import {
  cut,
  ERROR,
  type ExtraField,
  INFORMATIONAL,
  type LogField,
  type LogLines,
  logFieldNames,
  MOST,
  WARNING,
} from './fields.ts'
import { loggedVariable, type SecretNames, secretNames } from './secrets.ts'

/** How lines are written, whatever their route: which members they have. */
export class JsonStyle {
  readonly wants: Readonly<Record<LogField, boolean>>
  readonly secrets: SecretNames
  private readonly extra: readonly ExtraMember[]
  private readonly isSampled: boolean

  constructor({ fields, extra, isSampled }: StyleTerms, credentials: CredentialPlaces) {
    this.wants = Object.fromEntries(logFieldNames.map((name) => [name, fields.includes(name)])) as Record<
      LogField,
      boolean
    >
    this.secrets = secretNames(credentials)
    this.extra = extra.map((one) => extraMember(one, this.secrets))
    this.isSampled = isSampled
  }

  /** The members of who sent a request: made once for all of theirs that are alike. */
  callerMembers(caller: Caller): LineText {
    return caller.texts.of(this) ?? caller.texts.keep(this, new LineText(this.membersOfCaller(caller)))
  }

  /** The members that are not remembered of a request; for most there are none. */
  restOf(x: Exchange, share: number): string {
    const { wants, extra } = this
    const { query } = x.request
    let rest = ''
    if (wants.query && query !== '') rest += wireMember('query', maskQuery(query, this.secrets.isQuery), MOST.query)
    if (wants.traceId) rest += ourMember('traceId', x.outcome.traceId)
    for (const { name, value } of extra) rest += `${name}${value(x)}"`
    return this.isSampled ? `${rest},"share":${share}` : rest
  }

  private membersOfCaller({ clientIp, host, userAgent, referer, consumerId, consumer }: Caller): string {
    const { wants, secrets } = this
    let members = ''
    if (wants.clientIp) members += wireMember('clientIp', clientIp, MOST.host)
    if (wants.host) members += wireMember('host', host, MOST.host)
    if (wants.userAgent) members += wireMember('userAgent', userAgent, MOST.text)
    if (wants.referer) members += wireMember('referer', maskUrl(referer, secrets.isQuery), MOST.text)
    if (wants.consumerId) members += ourMember('consumerId', consumerId)
    if (wants.consumer) members += ourMember('consumer', consumer)
    return members
  }
}

/** What the user says of lines. */
export interface StyleTerms {
  readonly fields: readonly LogField[]
  readonly extra: readonly ExtraField[]
  /** Whether lines say what share of requests they stand for. */
  readonly isSampled: boolean
}

const styles = new Map<string, JsonStyle>()

/** The style of these terms: one for all routes that have the same, so that callers are alike whatever they call. */
export function jsonStyle(terms: StyleTerms, credentials: CredentialPlaces): JsonStyle {
  const key = JSON.stringify([terms, credentials])
  const known = styles.get(key)
  if (known !== undefined) return known
  if (styles.size === MOST_STYLES) styles.clear()
  const made = new JsonStyle(terms, credentials)
  styles.set(key, made)
  return made
}

/**
 * Lines of the format `json` of one route. Each member begins with a comma; in the place of the first the object begins. Members are
 * written one after the other in one function: a table of small ones costs as much in calls as what they write.
 */
export class JsonLines implements LogLines {
  private readonly style: JsonStyle
  private readonly scope: PluginScope

  constructor(style: JsonStyle, scope: PluginScope) {
    this.style = style
    this.scope = scope
  }

  restOf(x: Exchange, share: number): string {
    return this.style.restOf(x, share)
  }

  write(to: LineBytes, request: FinishedRequest, severity: number, rest: string): void {
    const { style } = this
    const start = to.length
    writeOwn(to, style.wants, request, severity)
    to.ready(this.kindMembers(request.kind))
    to.ready(style.callerMembers(request.caller))
    if (rest !== '') to.text(rest)
    if (to.length === start) to.byte(COMMA)
    to.bytes[start] = BRACE
    to.byte(CLOSING_BRACE)
  }

  /** The members of what requests of the route have in common: made once for those that do. */
  private kindMembers(kind: RequestKind): LineText {
    return kind.texts.of(this) ?? kind.texts.keep(this, new LineText(this.membersOfKind(kind)))
  }

  private membersOfKind({ method, error, plugin, upstream, protocol, scheme }: RequestKind): string {
    const { wants, secrets } = this.style
    const { pattern, service, stage, deployment } = this.scope
    let members = ''
    if (wants.method) members += wireMember('method', method, MOST.host)
    if (wants.error) members += ourMember('error', error)
    if (wants.answeredBy) members += ourMember('answeredBy', plugin)
    if (wants.upstream) members += ourMember('upstream', upstream === null ? null : maskUrl(upstream, secrets.isQuery))
    if (wants.protocol) members += ourMember('protocol', protocol)
    if (wants.scheme) members += ourMember('scheme', scheme)
    if (wants.route) members += ourMember('route', pattern)
    if (wants.service) members += ourMember('service', service)
    if (wants.stage) members += ourMember('stage', stage)
    if (wants.deployment) members += ourMember('deployment', deployment.slice(0, HASH_DIGITS))
    return members
  }
}

/** The second that times were of last, and their text up to its fractions. */
let lastSecond = Number.NaN
let timeMember = new LineText('')

/** What each request has of its own. */
function writeOwn(to: LineBytes, wants: JsonStyle['wants'], request: FinishedRequest, severity: number): void {
  if (wants.time) writeTime(to, request.receivedAt)
  if (wants.level) to.ready(LEVELS[severity] ?? INFO)
  if (wants.requestId) {
    to.ready(REQUEST_ID)
    request.writeId(to)
    to.byte(QUOTE)
  }
  if (wants.path) {
    to.ready(PATH)
    request.writePath(to, MOST.path)
    to.byte(QUOTE)
  }
  if (wants.status) {
    to.ready(STATUS)
    to.whole(request.status)
  }
  if (wants.totalMs) writeMillis(to, TOTAL_MS, request.totalMs)
  if (wants.backendMs) writeMillis(to, BACKEND_MS, request.backendMs)
  if (wants.bytesIn) {
    to.ready(BYTES_IN)
    to.whole(request.bytesIn)
  }
  if (wants.bytesOut) {
    to.ready(BYTES_OUT)
    to.whole(request.bytesOut)
  }
  if (wants.aborted && request.isAborted) to.ready(ABORTED)
}

function writeTime(to: LineBytes, time: number): void {
  const second = Math.floor(time / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    timeMember = new LineText(`,"time":"${new Date(second * 1000).toISOString().slice(0, UP_TO_FRACTIONS)}`)
  }
  to.ready(timeMember)
  to.threeDigits(time - second * 1000)
  to.ready(END_OF_TIME)
}

/** The beginnings of members that each request has of its own. */
const REQUEST_ID = new LineText(',"requestId":"')
const PATH = new LineText(',"path":"')
const STATUS = new LineText(',"status":')
const TOTAL_MS = new LineText(',"totalMs":')
const BACKEND_MS = new LineText(',"backendMs":')
const BYTES_IN = new LineText(',"bytesIn":')
const BYTES_OUT = new LineText(',"bytesOut":')
const INFO = new LineText(',"level":"info"')
const LEVELS: readonly (LineText | undefined)[] = Array.from({ length: INFORMATIONAL + 1 }, (_, severity) => {
  if (severity === ERROR) return new LineText(',"level":"error"')
  return severity === WARNING ? new LineText(',"level":"warn"') : INFO
})
const ABORTED = new LineText(',"aborted":true')
const END_OF_TIME = new LineText('Z"')
/** `2026-11-26T11:27:15.` */
const UP_TO_FRACTIONS = 20
const HASH_DIGITS = 12
const MOST_STYLES = 1_000
const BRACE = 0x7b
const CLOSING_BRACE = 0x7d
const QUOTE = 0x22
const COMMA = 0x2c

/** A member with a text that came over a wire, left out where there is none. */
function wireMember(name: LogField, value: string, most: number): string {
  return value === '' ? '' : `,"${name}":"${jsonWireText(cut(value, most))}"`
}

/** The same for a text of ours. */
function ourMember(name: LogField, value: string | null): string {
  return value === null || value === '' ? '' : `,"${name}":"${jsonText(cut(value, MOST.text))}"`
}

/** A member with milliseconds, left out where there are none. */
function writeMillis(line: LineBytes, name: LineText, ms: number): void {
  if (ms < 0) return
  line.ready(name)
  line.millis(ms)
}

/** A member of the user's own. */
interface ExtraMember {
  /** Its beginning. */
  readonly name: string
  /** Its text, as it stands in a JSON string. */
  value(x: Exchange): string
}

/** Families of context variables whose values come over a wire as they are. */
const WIRE = /^request\.(?:header\.|host$|uri$|uriPath$|clientIp$|httpMethod$)/

function extraMember({ name, value }: ExtraField, secrets: SecretNames): ExtraMember {
  const read = (variable: string) => loggedVariable(variable, secrets)
  return { name: `,"${jsonText(name)}":"`, value: compileTemplate<Exchange>(value, read, extraText) }
}

function extraText(value: string, variable: string): string {
  return WIRE.test(variable) ? jsonWireText(cut(value, MOST.extra)) : jsonText(cut(value, MOST.extra))
}
