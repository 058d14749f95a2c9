import { HeaderList } from '../../lib/headers/header-list.ts'
import { hostName, isAuthority } from './authority.ts'
import { BytesBefore } from './bytes-before.ts'
import { CR, LF, SLASH, SPACE, TARGET, TOKEN } from './characters.ts'
import { readFields } from './field-lines.ts'
import { EXPECT, FORWARDING, HOST } from './fields.ts'
import {
  type HeadFault,
  type HeadLimits,
  INCOMPLETE,
  MALFORMED,
  NO_BODY,
  owned,
  TOO_MANY,
  UNSUPPORTED,
} from './head.ts'
import { KnownHeads } from './known-heads.ts'
import { joined, MessageHead } from './message-head.ts'
import { readVersion, VERSION_LINE_BYTES } from './version.ts'

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

/** The empty line that ends a head, and the end of the line before it. */
const END_BYTES = 4

/** The method that `text` begins with: one string for each of the usual ones, so that nothing is cut and comparing is cheap. */
function methodName(text: string, length: number): string {
  for (const method of METHODS) if (method.length === length && text.startsWith(method)) return method
  return owned(text.slice(0, length))
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'] as const

/** The one copy of a text that the whole thread has: a `Map` finds such texts at once, and would make it of each other each time. */
function interned(text: string): string {
  return Object.keys({ [owned(text)]: true })[0] ?? ''
}

/** A target that ends in a wrong character: a bad character in the URI, or a request line with too few or too many words. */
function faultOfTarget(code: number, isEmpty: boolean): HeadFault {
  return isEmpty || code === CR || code === LF ? 'malformed-request-line' : 'invalid-uri'
}
