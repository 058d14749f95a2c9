import { HeaderList } from '../../lib/header-list.ts'
import { COLON, CR, LF, SPACE, TAB, TARGET, TOKEN, VALUE } from './characters.ts'
import {
  CONNECTION,
  CONTENT_LENGTH,
  DATE,
  EXPECT,
  type FieldKind,
  FORWARDING,
  fieldName,
  HOP_BY_HOP,
  HOST,
  PLAIN,
  TRANSFER_ENCODING,
} from './fields.ts'

/**
 * Message heads of HTTP/1.1, read strictly (RFC 9112, sections 2 to 6): one pass over one Latin-1 string, each byte looked
 * at once. Whatever could be read in two ways is a fault, never repaired.
 */

/** Limits on a head. */
export interface HeadLimits {
  /** Bytes of start line and fields together. */
  readonly maxHeadBytes: number
  readonly maxHeaders: number
  readonly maxTargetBytes: number
}

export const defaultHeadLimits: HeadLimits = { maxHeadBytes: 16_384, maxHeaders: 100, maxTargetBytes: 8_192 }

/** What can be wrong with a head; each is the code of a reply to the client. */
export type HeadFault =
  | 'malformed-request-line'
  | 'malformed-header'
  | 'invalid-host'
  | 'invalid-framing'
  | 'unsupported-transfer-coding'
  | 'unsupported-version'
  | 'unsupported-method'
  | 'unsupported-expectation'
  | 'headers-too-large'
  | 'uri-too-long'
  | 'invalid-uri'

/** The body ends with the head. */
export const NO_BODY = 0
/** The body has `contentLength` bytes. */
export const SIZED = 1
/** The body is in chunks. */
export const CHUNKED = 2
/** The body ends with the connection (responses only). */
export const UNTIL_CLOSE = 3
export type Framing = typeof NO_BODY | typeof SIZED | typeof CHUNKED | typeof UNTIL_CLOSE

/** What is given the fields of a head or of trailers. */
export interface FieldTaker {
  /** Takes one field. Returns its fault, or null. */
  takeField(name: string, value: string): HeadFault | null
}

/**
 * Reads the field lines of `text` from `start` to `end` (RFC 9112, section 5): no folding, no white space before the
 * colon, no bare CR or LF, no control characters. Returns the first fault, or null.
 */
export function readFields(
  taker: FieldTaker,
  text: string,
  start: number,
  end: number,
  maxHeaders: number,
): HeadFault | null {
  let count = 0
  let at = start
  while (at < end) {
    const nameStart = at
    while (TOKEN[text.charCodeAt(at)] === 1) at++
    if (at === nameStart || text.charCodeAt(at) !== COLON) return 'malformed-header'
    const name = text.slice(nameStart, at)
    at++
    let code = text.charCodeAt(at)
    while (code === SPACE || code === TAB) code = text.charCodeAt(++at)
    const valueStart = at
    while (VALUE[code] === 1) code = text.charCodeAt(++at)
    if (code !== CR || text.charCodeAt(at + 1) !== LF) return 'malformed-header'
    let valueEnd = at
    while (valueEnd > valueStart && isBlank(text.charCodeAt(valueEnd - 1))) valueEnd--
    if (++count > maxHeaders) return 'headers-too-large'
    const fault = taker.takeField(name, text.slice(valueStart, valueEnd))
    if (fault !== null) return fault
    at += 2
  }
  return null
}

/** What request and response heads share. Reused from message to message. */
abstract class MessageHead implements FieldTaker {
  /** Fields without those of framing, of the connection, and `Host`. */
  headers = new HeaderList()
  /** 0 or 1, of HTTP/1.x. */
  minorVersion = 1
  framing: Framing = NO_BODY
  /** Bytes of the body where the head says so, else -1. */
  contentLength = -1
  /** Whether the sender lets the connection go on. */
  keepAlive = true
  protected transferEncoding: string | null = null
  protected connectionOptions: string | null = null

  protected resetShared(): void {
    this.headers.clear()
    this.framing = NO_BODY
    this.contentLength = -1
    this.transferEncoding = null
    this.connectionOptions = null
  }

  abstract takeField(name: string, value: string): HeadFault | null

  /** Takes a field that both kinds of message have; returns undefined for the others. */
  protected takeShared(kind: FieldKind, value: string): HeadFault | null | undefined {
    switch (kind) {
      case CONTENT_LENGTH:
        // Even twice the same is refused: no sender that is worth it does that.
        if (this.contentLength !== -1) return 'invalid-framing'
        this.contentLength = parseLength(value)
        return this.contentLength === -1 ? 'invalid-framing' : null
      case TRANSFER_ENCODING:
        this.transferEncoding = joined(this.transferEncoding, value)
        return null
      case CONNECTION:
        this.connectionOptions = joined(this.connectionOptions, value)
        return null
      case HOP_BY_HOP:
        return null
      default:
        return undefined
    }
  }

  /**
   * Decides the framing from the fields (RFC 9112, section 6.3). Both lengths at once, or a coding in HTTP/1.0, are what
   * smuggling is made of: faults.
   */
  protected settleFraming(): HeadFault | null {
    if (this.transferEncoding === null) {
      if (this.contentLength > 0) this.framing = SIZED
      return null
    }
    if (this.contentLength !== -1 || this.minorVersion === 0) return 'invalid-framing'
    if (this.transferEncoding.toLowerCase() !== 'chunked') return faultOfCodings(this.transferEncoding)
    this.framing = CHUNKED
    return null
  }

  /** Applies `Connection`: whether the connection goes on, and the fields that it names (RFC 9110, section 7.6.1). */
  protected settleConnection(): void {
    this.keepAlive = this.minorVersion === 1
    if (this.connectionOptions === null) return
    let isClosing = false
    for (const option of this.connectionOptions.toLowerCase().split(',')) {
      const name = option.trim()
      if (name === 'close') isClosing = true
      else if (name === 'keep-alive') this.keepAlive = true
      else this.headers.remove(name)
    }
    if (isClosing) this.keepAlive = false
  }
}

/** The head of a request. */
export class RequestHead extends MessageHead {
  method = ''
  /** Path as sent, beginning with `/`; `*` for `OPTIONS *`. */
  path = ''
  /** Query as sent, without the question mark. */
  query = ''
  /** Path and query as sent. */
  target = ''
  /** The authority asked for, as sent. */
  host = ''
  expectsContinue = false
  /** Claims about the client (`X-Forwarded-*` and kin), apart from the headers: for trusted peers only. */
  readonly claims = new HeaderList()
  private hostCount = 0
  private expectation: string | null = null

  /**
   * Reads the head in `text` from `start` to `end`, where `end` is behind its last CRLF and before the empty line.
   * Returns the first fault, or null.
   */
  read(text: string, start: number, end: number, limits: HeadLimits): HeadFault | null {
    this.reset()
    let at = start
    while (TOKEN[text.charCodeAt(at)] === 1) at++
    if (at === start || text.charCodeAt(at) !== SPACE) return 'malformed-request-line'
    this.method = text.slice(start, at)
    const targetStart = at + 1
    at = targetStart
    while (TARGET[text.charCodeAt(at)] === 1) at++
    if (text.charCodeAt(at) !== SPACE || at === targetStart) return faultOfTarget(text, targetStart, at, end)
    if (at - targetStart > limits.maxTargetBytes) return 'uri-too-long'
    const version = at + 1
    if (text.startsWith('HTTP/1.1\r\n', version)) this.minorVersion = 1
    else if (text.startsWith('HTTP/1.0\r\n', version)) this.minorVersion = 0
    else
      return /^HTTP\/\d\.\d\r\n/.test(text.slice(version, version + 10))
        ? 'unsupported-version'
        : 'malformed-request-line'
    const fault = readFields(this, text, version + 10, end, limits.maxHeaders)
    if (fault !== null) return fault
    return this.settleTarget(text.slice(targetStart, at)) ?? this.settleFraming() ?? this.settleRest()
  }

  private reset(): void {
    this.resetShared()
    this.claims.clear()
    this.host = ''
    this.hostCount = 0
    this.expectation = null
    this.expectsContinue = false
  }

  override takeField(name: string, value: string): HeadFault | null {
    const { key, kind } = fieldName(name)
    switch (kind) {
      case PLAIN:
      case DATE:
        this.headers.push(name, key, value)
        return null
      case HOST:
        this.host = value
        this.hostCount++
        return null
      case EXPECT:
        this.expectation = joined(this.expectation, value)
        return null
      case FORWARDING:
        this.claims.push(name, key, value)
        return null
      default:
        return this.takeShared(kind, value) ?? null
    }
  }

  /** Takes the target apart by its form (RFC 9112, section 3.2) and settles the authority. */
  private settleTarget(target: string): HeadFault | null {
    if (this.method === 'CONNECT') return 'unsupported-method'
    let origin = target
    if (target.charCodeAt(0) !== 0x2f) {
      if (target === '*' && this.method === 'OPTIONS') return this.settleHost() ?? this.setPath('*', '*', '')
      const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target)
      if (absolute === null) return 'invalid-uri'
      // The authority of the target replaces Host (section 3.2.2), which must still be there, once, and valid.
      const fault = this.settleHost()
      if (fault !== null) return fault
      this.host = absolute[1] ?? ''
      origin = absolute[2] ?? ''
      if (origin.charCodeAt(0) !== 0x2f) origin = `/${origin}`
    }
    const fault = this.settleHost()
    if (fault !== null) return fault
    const mark = origin.indexOf('?')
    return mark === -1
      ? this.setPath(origin, origin, '')
      : this.setPath(origin, origin.slice(0, mark), origin.slice(mark + 1))
  }

  private setPath(target: string, path: string, query: string): null {
    this.target = target
    this.path = path
    this.query = query
    return null
  }

  /** Exactly one valid Host (RFC 9112, section 3.2); HTTP/1.0 may come without. */
  private settleHost(): HeadFault | null {
    if (this.hostCount === 0 && this.minorVersion === 0 && this.host === '') return null
    return this.hostCount === 1 && isAuthority(this.host) ? null : 'invalid-host'
  }

  private settleRest(): HeadFault | null {
    this.settleConnection()
    if (this.expectation === null || this.minorVersion === 0) return null
    if (this.expectation.toLowerCase() !== '100-continue') return 'unsupported-expectation'
    this.expectsContinue = this.framing !== NO_BODY
    return null
  }
}

/** The head of a response. */
export class ResponseHead extends MessageHead {
  status = 0
  reason = ''
  hasDate = false

  /**
   * Reads the head in `text` from `start` to `end`, where `end` is behind its last CRLF and before the empty line.
   * `isBodiless` says that the request was HEAD. Returns false for anything that is not a valid response.
   */
  read(text: string, start: number, end: number, isBodiless: boolean, maxHeaders: number): boolean {
    this.resetShared()
    this.hasDate = false
    if (text.startsWith('HTTP/1.1 ', start)) this.minorVersion = 1
    else if (text.startsWith('HTTP/1.0 ', start)) this.minorVersion = 0
    else return false
    const status = statusAt(text, start + 9)
    if (status < 100) return false
    this.status = status
    let at = start + 12
    if (text.charCodeAt(at) === SPACE) at++
    else if (text.charCodeAt(at) !== CR) return false
    const reasonStart = at
    while (VALUE[text.charCodeAt(at)] === 1) at++
    if (text.charCodeAt(at) !== CR || text.charCodeAt(at + 1) !== LF) return false
    this.reason = text.slice(reasonStart, at)
    return readFields(this, text, at + 2, end, maxHeaders) === null && this.settle(isBodiless)
  }

  override takeField(name: string, value: string): HeadFault | null {
    const { key, kind } = fieldName(name)
    const shared = kind === PLAIN ? undefined : this.takeShared(kind, value)
    if (shared !== undefined) return shared
    if (kind === DATE) this.hasDate = true
    this.headers.push(name, key, value)
    return null
  }

  private settle(isBodiless: boolean): boolean {
    if (this.settleFraming() !== null) return false
    this.settleConnection()
    const { status } = this
    if (isBodiless || status < 200 || status === 204 || status === 304) {
      this.framing = NO_BODY
    } else if (this.framing === NO_BODY && this.contentLength === -1) {
      this.framing = UNTIL_CLOSE
      this.keepAlive = false
    }
    return true
  }
}

/** Several fields of one name mean the same as one with a list (RFC 9110, section 5.2). */
function joined(list: string | null, value: string): string {
  return list === null ? value : `${list},${value}`
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}

/** Three digits at `at`, or -1. */
function statusAt(text: string, at: number): number {
  const digits = text.slice(at, at + 3)
  return /^[1-9]\d\d$/.test(digits) ? Number(digits) : -1
}

/** Plain digits that fit a safe integer (15 of them), or -1. */
function parseLength(value: string): number {
  if (value.length === 0 || value.length > 15) return -1
  let length = 0
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return -1
    length = length * 10 + digit
  }
  return length
}

/** Unknown codings are 501 (RFC 9112, section 6.1); known ones in a wrong place are faults of framing. */
function faultOfCodings(codings: string): HeadFault {
  const known = codings.split(',').every((coding) => /^(?:chunked)?$/i.test(coding.trim()))
  return known || (!/chunked\s*$/i.test(codings) && /chunked/i.test(codings))
    ? 'invalid-framing'
    : 'unsupported-transfer-coding'
}

/** A target that ends in a wrong character: a bad character in the URI, or a request line with too few or too many words. */
function faultOfTarget(text: string, start: number, at: number, end: number): HeadFault {
  if (at === start || at >= end || text.charCodeAt(at) === CR || text.charCodeAt(at) === LF)
    return 'malformed-request-line'
  return 'invalid-uri'
}

const AUTHORITY = /^(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/
const validAuthorities = new Set<string>()
const MAX_AUTHORITIES = 4096

/** A host name or IP literal with an optional port (RFC 3986, section 3.2, without user information). Remembers what it has seen. */
function isAuthority(value: string): boolean {
  if (validAuthorities.has(value)) return true
  if (value.length > 261 || !AUTHORITY.test(value)) return false
  if (validAuthorities.size < MAX_AUTHORITIES) validAuthorities.add(Buffer.from(value, 'latin1').toString('latin1'))
  return true
}
