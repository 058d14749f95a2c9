import { HeaderList } from '../../lib/headers/header-list.ts'
import { ReceivedFields } from '../../lib/headers/received-fields.ts'
import { statusTexts } from '../../lib/status-texts.ts'
import { BytesBefore } from './bytes-before.ts'
import { COLON, CR, LF, SLASH, SPACE, TAB, TARGET, TOKEN, VALUE } from './characters.ts'
import {
  addToHash,
  CONNECTION,
  CONTENT_LENGTH,
  DATE,
  EXPECT,
  FOLDED,
  FORWARDING,
  HOST,
  kindOf,
  PLAIN,
  TRANSFER_ENCODING,
  UPGRADE,
} from './fields.ts'
import { KnownHeads } from './known-heads.ts'

/**
 * Message heads of HTTP/1.1, read strictly (RFC 9112, sections 2 to 6): one pass over the bytes as they came, each looked at
 * once; then one Latin-1 string of the whole head, of which all else is cut when it is asked for. Whatever could be read in
 * two ways is a fault, never repaired. A head that is not complete is read again from its beginning when more has come, so
 * that the cut of the bytes makes no difference.
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

/** What reading gives in the place of the position behind the head: more bytes are needed. */
export const INCOMPLETE = -1
/** The head is wrong. */
export const MALFORMED = -2
/** There are more fields than allowed. */
const TOO_MANY = -3
/** The version is a version, but none of ours. */
const UNSUPPORTED = -4

/** The fields that the codec itself must look at, with their kinds. */
export class SpecialFields {
  readonly fields = new ReceivedFields()
  readonly kinds: number[] = []

  clear(): void {
    this.fields.clear()
  }

  pushPlaces(kind: number, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    this.kinds[this.fields.count] = kind
    this.fields.push(nameStart, nameEnd, valueStart, valueEnd)
  }
}

/**
 * Reads the field lines of `bytes` from `start` up to their empty line (RFC 9112, section 5): no folding, no white space
 * before the colon, no bare CR or LF, no control characters. Puts the places of the fields, counted from `base`, into
 * `plain` or `special`. Returns the position behind the empty line, `INCOMPLETE`, `MALFORMED` or `TOO_MANY`.
 */
export function readFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  base: number,
  plain: HeaderList,
  special: SpecialFields,
  maxHeaders: number,
): number {
  let at = start
  for (let count = 0; at < end; count++) {
    let code = bytes[at] as number
    if (code === CR) return at + 1 >= end ? INCOMPLETE : bytes[at + 1] === LF ? at + 2 : MALFORMED
    if (count === maxHeaders) return TOO_MANY

    const nameStart = at
    let hash = 0
    let folded = FOLDED[code] as number
    while (folded !== 0) {
      hash = addToHash(hash, folded)
      if (++at === end) return INCOMPLETE
      folded = FOLDED[bytes[at] as number] as number
    }
    const nameEnd = at
    if (nameEnd === nameStart || bytes[nameEnd] !== COLON) return MALFORMED

    do {
      if (++at === end) return INCOMPLETE
      code = bytes[at] as number
    } while (code === SPACE || code === TAB)
    const valueStart = at
    while (VALUE[code] === 1) {
      if (++at === end) return INCOMPLETE
      code = bytes[at] as number
    }
    if (code !== CR) return MALFORMED
    if (at + 1 === end) return INCOMPLETE
    if (bytes[at + 1] !== LF) return MALFORMED
    let valueEnd = at
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1] as number)) valueEnd--
    at += 2

    const kind = kindOf(bytes, nameStart, nameEnd, hash)
    if (kind === PLAIN || kind === DATE)
      plain.pushPlaces(nameStart - base, nameEnd - base, valueStart - base, valueEnd - base)
    if (kind !== PLAIN) special.pushPlaces(kind, nameStart - base, nameEnd - base, valueStart - base, valueEnd - base)
  }
  return INCOMPLETE
}

/** What request and response heads share. Reused from message to message. */
abstract class MessageHead {
  /** Fields without those of framing, of the connection, and `Host`. */
  headers = new HeaderList()
  /** 0 or 1, of HTTP/1.x. */
  minorVersion = 1
  framing: Framing = NO_BODY
  /** Bytes of the body where the head says so, else -1. */
  contentLength = -1
  /** Whether the sender lets the connection go on. */
  keepAlive = true
  /** The protocols of `Upgrade`, in lower case, where `Connection` names it too (RFC 9110, section 7.8); else null. */
  upgrade: string | null = null
  protected readonly special = new SpecialFields()
  protected transferEncoding: string | null = null
  protected connectionOptions: string | null = null
  private upgradeOffer: string | null = null

  protected resetShared(): void {
    this.headers.clear()
    this.special.clear()
    this.framing = NO_BODY
    this.contentLength = -1
    this.transferEncoding = null
    this.connectionOptions = null
    this.upgrade = null
    this.upgradeOffer = null
  }

  /** Takes in the fields that mean something to the codec, now that `text`, the whole head, is there. */
  protected takeSpecial(text: string): HeadFault | null {
    const { fields, kinds } = this.special
    this.headers.readFrom(text)
    fields.readFrom(text)
    for (let i = 0; i < fields.count; i++) {
      const fault = this.takeField(kinds[i] as number, fields.valueAt(i), i)
      if (fault !== null) return fault
    }
    return null
  }

  /** Takes special field `i`. Those of both kinds of message are taken here. */
  protected takeField(kind: number, value: string, _i: number): HeadFault | null {
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
      case UPGRADE:
        this.upgradeOffer = joined(this.upgradeOffer, value)
        return null
      default:
        return null
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
    const { connectionOptions } = this
    this.keepAlive = this.minorVersion === 1
    if (connectionOptions === null) return
    if (connectionOptions === 'keep-alive' || connectionOptions === 'close') {
      this.keepAlive = connectionOptions === 'keep-alive'
      return
    }
    let isClosing = false
    for (const option of connectionOptions.toLowerCase().split(',')) {
      const name = option.trim()
      if (name === 'close') isClosing = true
      else if (name === 'keep-alive') this.keepAlive = true
      else if (name === 'upgrade') this.takeUpgrade()
      else this.headers.remove(name)
    }
    if (isClosing) this.keepAlive = false
  }

  /** HTTP/1.0 knows no upgrade: there it means nothing. */
  private takeUpgrade(): void {
    if (this.minorVersion === 1) this.upgrade = this.upgradeOffer?.toLowerCase() ?? null
  }
}

/** Of all connections of a thread. */
const knownHeads = new KnownHeads()

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
  /** Its host name, as stages are found by it: in lower case, without port. */
  hostName = ''
  expectsContinue = false
  /** What is wrong, where `read` gave `MALFORMED`. */
  fault: HeadFault = 'malformed-request-line'
  /** Claims about the client (`X-Forwarded-*` and kin), apart from the headers: for trusted peers only. */
  readonly claims = new HeaderList()
  private hostCount = 0
  private expectation: string | null = null
  private readonly before = new BytesBefore()
  private readonly known: KnownHeads
  /** Whether the fields are those of `known`. */
  private isShared = false
  /** The authority of the request before: on one connection they are nearly always the same. */
  private knownHost: string | null = null
  private knownHostName = ''

  /** `known` may be shared by all that read requests within the same limits. */
  constructor(known = knownHeads) {
    super()
    this.known = known
  }

  /** Reads the head in `bytes` from `start` on. Returns the position behind it, `INCOMPLETE`, or `MALFORMED` (see `fault`). */
  read(bytes: Buffer, start: number, end: number, limits: HeadLimits): number {
    const most = start + limits.maxHeadBytes + END_BYTES
    const stop = Math.min(end, most)

    let at = start
    while (at < stop && TOKEN[bytes[at] as number] === 1) at++
    if (at === stop) return stop === most ? this.refuse('uri-too-long') : INCOMPLETE
    if (at === start || bytes[at] !== SPACE) return this.refuse('malformed-request-line')
    const methodEnd = at

    const targetStart = at + 1
    const targetStop = Math.min(stop, targetStart + limits.maxTargetBytes + 1)
    at = targetStart
    while (at < targetStop && TARGET[bytes[at] as number] === 1) at++
    if (at === targetStop) return at < stop || stop === most ? this.refuse('uri-too-long') : INCOMPLETE
    if (bytes[at] !== SPACE || at === targetStart)
      return this.refuse(faultOfTarget(bytes[at] as number, at === targetStart))
    const targetEnd = at

    const version = readVersion(bytes, at + 1, stop)
    if (version === MALFORMED) return this.refuse('malformed-request-line')
    if (version === UNSUPPORTED) return this.refuse('unsupported-version')
    if (version === INCOMPLETE) return stop === most ? this.refuse('headers-too-large') : INCOMPLETE

    const fieldsStart = targetEnd + 1 + VERSION_LINE_BYTES
    if (version === this.minorVersion && bytes[targetStart] === SLASH) {
      const sameEnd = this.before.match(bytes, fieldsStart, stop)
      if (sameEnd !== -1) {
        const line = bytes.toString('latin1', start, targetEnd)
        this.method = methodName(line, methodEnd - start)
        if (this.method !== 'CONNECT') {
          if (!this.isShared) this.share(bytes.toString('latin1', fieldsStart, sameEnd))
          this.headers.restore()
          this.settleOrigin(line.slice(targetStart - start))
          return sameEnd
        }
      }
    }

    this.reset()
    this.minorVersion = version
    const behind = readFields(bytes, fieldsStart, stop, start, this.headers, this.special, limits.maxHeaders)
    if (behind === MALFORMED) return this.refuse('malformed-header')
    if (behind === TOO_MANY || (behind === INCOMPLETE && stop === most)) return this.refuse('headers-too-large')
    if (behind === INCOMPLETE) return INCOMPLETE

    const text = bytes.toString('latin1', start, behind)
    const target = text.slice(targetStart - start, targetEnd - start)
    this.method = methodName(text, methodEnd - start)
    const fault = this.takeSpecial(text) ?? this.settleTarget(target) ?? this.settleFraming() ?? this.settleRest()
    if (fault !== null) return this.refuse(fault)
    // A request with the same fields is the same but for its line; unless the target names the host, as an absolute one does.
    if (this.headers.settle() && target.charCodeAt(0) === SLASH) this.before.keep(bytes, fieldsStart, behind)
    return behind
  }

  /** The fields came once more: from now on they are read where other connections read them. */
  private share(text: string): void {
    const { headers, before } = this
    const { bytes, fields } = this.known.share(text, () => ({
      bytes: before.share(),
      fields: headers.receivedIn(text),
    }))
    before.use(bytes)
    headers.readReceived(fields)
    this.isShared = true
  }

  /** Makes it the head of a request that is refused before it is understood. */
  refuse(fault: HeadFault): typeof MALFORMED {
    this.reset()
    this.fault = fault
    return MALFORMED
  }

  /** Forgets the head of before, where nothing has come in its place. */
  forget(): void {
    this.reset()
  }

  private reset(): void {
    this.resetShared()
    this.before.forget()
    this.isShared = false
    this.method = ''
    this.minorVersion = 1
    this.setPath('', '', '')
    this.claims.clear()
    this.host = ''
    this.hostName = ''
    this.hostCount = 0
    this.expectation = null
    this.expectsContinue = false
  }

  protected override takeField(kind: number, value: string, i: number): HeadFault | null {
    switch (kind) {
      case HOST:
        this.host = value
        this.hostCount++
        return null
      case EXPECT:
        this.expectation = joined(this.expectation, value)
        return null
      case FORWARDING:
        this.claims.push(this.special.fields.nameAt(i), value)
        return null
      default:
        return super.takeField(kind, value, i)
    }
  }

  /** Takes the target apart by its form (RFC 9112, section 3.2) and settles the authority. */
  private settleTarget(target: string): HeadFault | null {
    if (this.method === 'CONNECT') return 'unsupported-method'
    let origin = target
    if (target.charCodeAt(0) !== SLASH) {
      if (target === '*' && this.method === 'OPTIONS') return this.settleHost() ?? this.setPath('*', '*', '')
      const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target)
      if (absolute === null) return 'invalid-uri'
      // The authority of the target replaces Host (section 3.2.2), which must still be there, once, and valid.
      const fault = this.settleHost()
      if (fault !== null) return fault
      this.host = absolute[1] ?? ''
      origin = absolute[2] ?? ''
      if (origin.charCodeAt(0) !== SLASH) origin = `/${origin}`
    }
    return this.settleHost() ?? this.settleOrigin(origin)
  }

  private settleOrigin(origin: string): null {
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
    if (this.hostCount !== 1) return 'invalid-host'
    if (this.knownHost === null || this.host !== this.knownHost) {
      if (!isAuthority(this.host)) return 'invalid-host'
      this.knownHost = owned(this.host)
      this.knownHostName = interned(hostName(this.host))
    }
    this.host = this.knownHost
    this.hostName = this.knownHostName
    return null
  }

  private settleRest(): HeadFault | null {
    this.settleConnection()
    if (this.expectation === null || this.minorVersion === 0) return null
    if (this.expectation.toLowerCase() !== '100-continue') return 'unsupported-expectation'
    this.expectsContinue = this.framing !== NO_BODY
    return null
  }
}

/** Limits on the head of a response. */
export type ResponseLimits = Pick<HeadLimits, 'maxHeadBytes' | 'maxHeaders'>

/** The head of an answer as it came last, on any connection to one target: its bytes, and what they mean. */
export class AnswerBefore {
  readonly bytes = new BytesBefore()
  readonly headers = new HeaderList()
  isBodiless = false
  minorVersion = 1
  status = 0
  reason = ''
  hasDate = false
  framing: Framing = NO_BODY
  contentLength = -1
  keepAlive = true
  upgrade: string | null = null

  /** Takes down what a head means. */
  take(head: ResponseHead, isBodiless: boolean): void {
    this.headers.copyFrom(head.headers)
    this.isBodiless = isBodiless
    this.minorVersion = head.minorVersion
    this.status = head.status
    this.reason = owned(head.reason)
    this.hasDate = head.hasDate
    this.framing = head.framing
    this.contentLength = head.contentLength
    this.keepAlive = head.keepAlive
    this.upgrade = head.upgrade
  }
}

/** The head of a response. */
export class ResponseHead extends MessageHead {
  status = 0
  /** The reason phrase where it is not the standard one of the status, else empty. */
  reason = ''
  hasDate = false
  private readonly before: AnswerBefore

  /** `before` may be shared by all that read answers within the same limits. */
  constructor(before = new AnswerBefore()) {
    super()
    this.before = before
  }

  /**
   * Reads the head in `bytes` from `start` on. `isBodiless` says that the request was HEAD. Returns the position behind it,
   * `INCOMPLETE`, or `MALFORMED` for anything that is not a valid response.
   */
  read(bytes: Buffer, start: number, end: number, isBodiless: boolean, limits: ResponseLimits): number {
    const { before } = this
    const sameEnd = isBodiless === before.isBodiless ? before.bytes.match(bytes, start, end) : -1
    if (sameEnd === -1) return this.readNew(bytes, start, end, isBodiless, limits)
    this.headers.copyFrom(before.headers)
    this.minorVersion = before.minorVersion
    this.status = before.status
    this.reason = before.reason
    this.hasDate = before.hasDate
    this.framing = before.framing
    this.contentLength = before.contentLength
    this.keepAlive = before.keepAlive
    this.upgrade = before.upgrade
    return sameEnd
  }

  private readNew(bytes: Buffer, start: number, end: number, isBodiless: boolean, limits: ResponseLimits): number {
    this.resetShared()
    this.hasDate = false
    const most = start + limits.maxHeadBytes
    const stop = Math.min(end, most)
    const incomplete = stop === most ? MALFORMED : INCOMPLETE
    const minorVersion = readStatusVersion(bytes, start, stop)
    if (minorVersion < 0) return minorVersion
    this.minorVersion = minorVersion
    const statusEnd = start + STATUS_LINE_BYTES
    if (statusEnd >= stop) return incomplete
    this.status = statusAt(bytes, statusEnd - 3)
    if (this.status === -1) return MALFORMED

    let at = statusEnd
    if (bytes[at] === SPACE) at++
    else if (bytes[at] !== CR) return MALFORMED
    const reasonStart = at
    while (at < stop && VALUE[bytes[at] as number] === 1) at++
    if (at + 1 >= stop) return at < stop && bytes[at] !== CR ? MALFORMED : incomplete
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return MALFORMED

    const behind = readFields(bytes, at + 2, stop, start, this.headers, this.special, limits.maxHeaders)
    if (behind === INCOMPLETE) return incomplete
    if (behind < 0) return MALFORMED
    const text = bytes.toString('latin1', start, behind)
    this.reason = isStandardReason(this.status, text, reasonStart - start, at - start)
      ? ''
      : text.slice(reasonStart - start, at - start)
    if (this.takeSpecial(text) !== null || !this.settle(isBodiless)) return MALFORMED
    if (!this.headers.isChanged && this.before.bytes.keep(bytes, start, behind)) this.before.take(this, isBodiless)
    return behind
  }

  protected override takeField(kind: number, value: string, i: number): HeadFault | null {
    if (kind !== DATE) return super.takeField(kind, value, i)
    this.hasDate = true
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

/** The empty line that ends a head, and the end of the line before it. */
const END_BYTES = 4
/** `HTTP/1.1` and CRLF. */
const VERSION_LINE_BYTES = 10
/** `HTTP/1.1 200`. */
const STATUS_LINE_BYTES = 12

/** Reads `HTTP/1.x` and CRLF. Returns x (0 or 1), `INCOMPLETE`, `MALFORMED` or `UNSUPPORTED`. */
function readVersion(bytes: Uint8Array, start: number, end: number): number {
  const digits = readDigits(bytes, start, end)
  if (digits < 0) return digits
  for (let i = 0; i < 2; i++) {
    if (start + 8 + i >= end) return INCOMPLETE
    if (bytes[start + 8 + i] !== (i === 0 ? CR : LF)) return MALFORMED
  }
  return digits === 10 || digits === 11 ? digits - 10 : UNSUPPORTED
}

/** Reads `HTTP/1.x` and a space. Returns x (0 or 1), `INCOMPLETE` or `MALFORMED`. */
function readStatusVersion(bytes: Uint8Array, start: number, end: number): number {
  const digits = readDigits(bytes, start, end)
  if (digits < 0) return digits
  if (start + 8 >= end) return INCOMPLETE
  return (digits === 10 || digits === 11) && bytes[start + 8] === SPACE ? digits - 10 : MALFORMED
}

const VERSION = 'HTTP/d.d'

/** Reads `HTTP/m.n` (RFC 9112, section 2.3). Returns ten times m plus n, `INCOMPLETE` or `MALFORMED`. */
function readDigits(bytes: Uint8Array, start: number, end: number): number {
  let digits = 0
  for (let i = 0; i < VERSION.length; i++) {
    if (start + i >= end) return INCOMPLETE
    const code = bytes[start + i] as number
    if (i === 5 || i === 7) {
      if (code < DIGIT_0 || code > DIGIT_9) return MALFORMED
      digits = digits * 10 + code - DIGIT_0
    } else if (code !== VERSION.charCodeAt(i)) return MALFORMED
  }
  return digits
}

const DIGIT_0 = 0x30
const DIGIT_9 = 0x39

/** Three digits at `at`, the first of which is not 0, as a number; else -1. */
function statusAt(bytes: Uint8Array, at: number): number {
  let status = 0
  for (let i = at; i < at + 3; i++) {
    const digit = (bytes[i] as number) - DIGIT_0
    if (digit < 0 || digit > 9) return -1
    status = status * 10 + digit
  }
  return status < 100 ? -1 : status
}

const standardReasons: readonly (string | undefined)[] = Array.from(
  { length: 1000 },
  (_, status) => statusTexts[status],
)

function isStandardReason(status: number, text: string, start: number, end: number): boolean {
  const reason = standardReasons[status]
  return reason !== undefined && reason.length === end - start && text.startsWith(reason, start)
}

/** The method that `text` begins with: one string for each of the usual ones, so that nothing is cut and comparing is cheap. */
function methodName(text: string, length: number): string {
  for (const method of METHODS) if (method.length === length && text.startsWith(method)) return method
  return owned(text.slice(0, length))
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'] as const

/** A copy of its own, which does not keep the whole head that the text was cut from. */
export function owned(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

/** The one copy of a text that the whole thread has: a `Map` finds such texts at once, and would make it of each other each time. */
function interned(text: string): string {
  return Object.keys({ [owned(text)]: true })[0] ?? ''
}

/** The host name of a valid authority: in lower case, without port and without the dot at the end. */
export function hostName(authority: string): string {
  return authority.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}

/** Plain digits that fit a safe integer (15 of them), or -1. */
export function parseLength(value: string): number {
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
function faultOfTarget(code: number, isEmpty: boolean): HeadFault {
  return isEmpty || code === CR || code === LF ? 'malformed-request-line' : 'invalid-uri'
}

const AUTHORITY = /^(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/

/** What no name has, though the grammar lets it pass: an empty label other than the root's at the end. */
const EMPTY_LABEL = /^\.|\.\./

/** A host name or IP literal with an optional port (RFC 3986, section 3.2, without user information). */
export function isAuthority(value: string): boolean {
  return value.length <= 261 && AUTHORITY.test(value) && !EMPTY_LABEL.test(value)
}
