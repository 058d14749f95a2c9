import { maskQuery, maskUrl } from '../../lib/credential-names.ts'
import { LineBytes, LineText } from '../../lib/line-bytes.ts'
import { jsonText, jsonWireText } from '../../lib/log-text.ts'
import { compileTemplate } from '../../lib/template.ts'
import type { CredentialPlaces, Exchange, PluginScope } from '../plugin.ts'
import { AlikeText, type AlikeWriter } from './alike-text.ts'
import {
  alikeFields,
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
import { loggedVariable, refererOf, type SecretNames, secretNames } from './secrets.ts'

/** How lines are written, whatever their route: which members they have, and what is known of requests before. */
export class JsonStyle implements AlikeWriter {
  readonly wants: Readonly<Record<LogField, boolean>>
  readonly wantsAlike: boolean
  readonly extra: readonly ExtraMember[]
  readonly isSampled: boolean
  readonly secrets: SecretNames
  private readonly upstreamMembers = new Map<string, LineText>()

  constructor({ fields, extra, isSampled }: StyleTerms, credentials: CredentialPlaces) {
    this.wants = Object.fromEntries(logFieldNames.map((name) => [name, fields.includes(name)])) as Record<
      LogField,
      boolean
    >
    this.wantsAlike = fields.some((field) => alikeFields.has(field))
    this.secrets = secretNames(credentials)
    this.extra = extra.map((one) => extraMember(one, this.secrets))
    this.isSampled = isSampled
  }

  /** What is the same for most requests of a client. */
  writeAlike(line: LineBytes, x: Exchange): void {
    const { wants } = this
    const { request, consumer } = x
    if (wants.consumerId && consumer !== null) writeOurs(line, TEXTS.consumerId, consumer.id)
    if (wants.consumer && consumer !== null) writeOurs(line, TEXTS.consumer, consumer.name)
    if (wants.clientIp) writeWire(line, TEXTS.clientIp, x.clientIp, MOST.host)
    if (wants.protocol) writePlain(line, TEXTS.protocol, x.outcome.protocol)
    if (wants.scheme) writePlain(line, TEXTS.scheme, request.scheme)
    if (wants.host) writeWire(line, TEXTS.host, request.host, MOST.host)
    if (wants.userAgent) writeWire(line, TEXTS.userAgent, request.headers.get('user-agent'), MOST.text)
    if (wants.referer) writeWire(line, TEXTS.referer, refererOf(x, this.secrets), MOST.text)
    if (wants.traceId) writePlain(line, TEXTS.traceId, x.outcome.traceId)
  }

  /** Targets are few, and asked again and again. */
  upstreamMember(url: string): LineText {
    const known = this.upstreamMembers.get(url)
    if (known !== undefined) return known
    if (this.upstreamMembers.size === MOST_UPSTREAMS) this.upstreamMembers.clear()
    const made = new LineText(`,"upstream":"${jsonText(maskUrl(url, this.secrets.isQuery))}"`)
    this.upstreamMembers.set(url, made)
    return made
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

/** The style of these terms: one for all routes that have the same, so that clients are alike whatever they call. */
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
  /** Where the request went: the same for all requests of the route. */
  private readonly place: LineText

  constructor(style: JsonStyle, scope: PluginScope) {
    this.style = style
    this.place = new LineText(placeMembers(style, scope))
  }

  /** The line of an exchange that is over, without its end. It is good until the next one is made, by whomever. */
  of(x: Exchange, severity: number, share: number): LineBytes {
    const { style, place } = this
    line.clear()
    writeOwn(line, style, x, severity)
    if (style.wantsAlike) line.append(AlikeText.of(x, style))
    line.ready(place)
    for (const { name, value } of style.extra) writePlain(line, name, value(x))
    if (style.isSampled) line.text(`,"share":${share}`)
    if (line.length === 0) line.byte(COMMA)
    line.bytes[0] = BRACE
    line.byte(CLOSING_BRACE)
    return line
  }
}

/** The line that is being made: one at a time, whoever makes it. */
const line = new LineBytes()
/** The second that times were of last, and their text up to its fractions. */
let lastSecond = Number.NaN
let timeMember = new LineText('')

/** What each request has of its own. */
function writeOwn(to: LineBytes, style: JsonStyle, x: Exchange, severity: number): void {
  const { wants, secrets } = style
  const { request, error, outcome } = x
  if (wants.time) writeTime(to, x.receivedAt)
  if (wants.level) to.ready(LEVELS[severity] ?? INFO)
  if (wants.requestId) {
    to.ready(TEXTS.requestId)
    x.writeId(to)
    to.byte(QUOTE)
  }
  if (wants.method) writeWire(to, TEXTS.method, request.method, MOST.host)
  if (wants.path) writeWire(to, TEXTS.path, request.path, MOST.path)
  if (wants.query) writeWire(to, TEXTS.query, maskQuery(request.query, secrets.isQuery), MOST.query)
  if (wants.status) {
    to.ready(NUMBERS.status)
    to.whole(x.response.status)
  }
  if (wants.totalMs) writeMillis(to, NUMBERS.totalMs, outcome.totalMs)
  if (wants.backendMs) writeMillis(to, NUMBERS.backendMs, outcome.backendMs)
  if (wants.bytesIn) {
    to.ready(NUMBERS.bytesIn)
    to.whole(outcome.bytesIn)
  }
  if (wants.bytesOut) {
    to.ready(NUMBERS.bytesOut)
    to.whole(outcome.bytesOut)
  }
  if (wants.error && error !== null) writePlain(to, TEXTS.error, error.code)
  if (wants.answeredBy) writePlain(to, TEXTS.answeredBy, outcome.answeredByPlugin)
  if (wants.aborted && outcome.isAborted) to.ready(ABORTED)
  if (wants.upstream && outcome.upstream !== null) to.ready(style.upstreamMember(outcome.upstream))
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

function placeMembers({ wants }: JsonStyle, scope: PluginScope): string {
  const values = {
    route: scope.pattern,
    service: scope.service,
    stage: scope.stage,
    deployment: scope.deployment.slice(0, HASH_DIGITS),
  }
  return Object.entries(values)
    .filter(([name, value]) => wants[name as LogField] && value !== '')
    .map(([name, value]) => `,"${name}":"${jsonText(value)}"`)
    .join('')
}

/** The beginnings of members: of those with a text, and of those with a number. */
const TEXTS = beginnings('"')
const NUMBERS = beginnings('')

function beginnings(quote: string): Readonly<Record<LogField, LineText>> {
  return Object.fromEntries(logFieldNames.map((name) => [name, new LineText(`,"${name}":${quote}`)])) as Record<
    LogField,
    LineText
  >
}

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
const MOST_UPSTREAMS = 256
const MOST_STYLES = 1_000
const BRACE = 0x7b
const CLOSING_BRACE = 0x7d
const QUOTE = 0x22
const COMMA = 0x2c

/** A member with a text that came over a wire, left out where there is none. */
function writeWire(line: LineBytes, name: LineText, value: string | undefined, most: number): void {
  if (value === undefined || value === '') return
  line.ready(name)
  line.jsonWire(cut(value, most))
  line.byte(QUOTE)
}

/** The same for a text of ours. */
function writeOurs(line: LineBytes, name: LineText, value: string): void {
  line.ready(name)
  line.json(cut(value, MOST.extra))
  line.byte(QUOTE)
}

/** The same for one that stands for itself in a JSON string, left out where there is none. */
function writePlain(line: LineBytes, name: LineText, value: string | null): void {
  if (value === null) return
  line.ready(name)
  line.text(value)
  line.byte(QUOTE)
}

/** A member with milliseconds, left out where there are none. */
function writeMillis(line: LineBytes, name: LineText, ms: number): void {
  if (ms < 0) return
  line.ready(name)
  line.millis(ms)
}

/** A member of the user's own. */
interface ExtraMember {
  readonly name: LineText
  /** Its text, as it stands in a JSON string. */
  value(x: Exchange): string
}

/** Families of context variables whose values come over a wire as they are. */
const WIRE = /^request\.(?:header\.|host$|uri$|uriPath$|clientIp$|httpMethod$)/

function extraMember({ name, value }: ExtraField, secrets: SecretNames): ExtraMember {
  const read = (variable: string) => loggedVariable(variable, secrets)
  return { name: new LineText(`,"${jsonText(name)}":"`), value: compileTemplate<Exchange>(value, read, extraText) }
}

function extraText(value: string, variable: string): string {
  return WIRE.test(variable) ? jsonWireText(cut(value, MOST.extra)) : jsonText(cut(value, MOST.extra))
}
