import { HeaderList } from '../../lib/headers/header-list.ts'
import { hostName, isAuthority } from '../http1/authority.ts'
import { TARGET, TOKEN } from '../http1/characters.ts'
import {
  CONTENT_LENGTH,
  DATE,
  EXPECT,
  FORWARDING,
  HOP_BY_HOP,
  HOST,
  isForwardableTrailer,
  PLAIN,
} from '../http1/fields.ts'
import { type HeadFault, parseLength } from '../http1/head.ts'
import type { BlockLimits, FieldSink } from './decoder.ts'
import { AUTHORITY, COOKIE, type Field, FORBIDDEN, GRPC_TIMEOUT, METHOD, PATH, PSEUDO, SCHEME } from './fields.ts'

/** The head of a request as HTTP/2 sends it, read as strictly as HTTP/1's (RFC 9113, sections 8.2 and 8.3). Used again for the next. */
export class RequestFields implements FieldSink {
  /** Where fields go that are passed on. */
  headers = new HeaderList()
  method = ''
  /** Path and query as sent. */
  target = ''
  path = ''
  query = ''
  /** The authority asked for, as sent; and its host name, in lower case and without port. */
  host = ''
  hostName = ''
  contentLength = -1
  expectsContinue = false
  /** The deadline that a gRPC client gives its call, else null. */
  grpcTimeout: string | null = null
  /** What a client claims about others, apart from the headers: for trusted peers only. */
  readonly claims = new HeaderList()
  private fault: HeadFault | null = null
  private scheme = ''
  private authority = ''
  private hostField = ''
  private cookie = ''
  private isPastPseudo = false
  /** The authority of the request before: on one connection they are nearly always the same. */
  private knownHost = ''
  private knownHostName = ''

  /** Begins a head, whose fields go into `headers`. */
  begin(headers: HeaderList): void {
    headers.clear()
    this.headers = headers
    this.claims.clear()
    this.fault = null
    this.method = ''
    this.target = ''
    this.path = ''
    this.query = ''
    this.host = ''
    this.hostName = ''
    this.contentLength = -1
    this.expectsContinue = false
    this.grpcTimeout = null
    this.scheme = ''
    this.authority = ''
    this.hostField = ''
    this.cookie = ''
    this.isPastPseudo = false
  }

  take(field: Field): void {
    const { kind } = field
    if (kind >= PSEUDO) return this.takePseudo(field)
    this.isPastPseudo = true
    if (kind === PLAIN || kind === DATE) return this.headers.push(field.name, field.value)
    this.takeSpecial(field)
  }

  overflow(): void {
    this.fault ??= 'headers-too-large'
  }

  /** Each once, and before all others. */
  private takePseudo({ kind, value }: Field): void {
    if (this.isPastPseudo || value === '') return this.refuse('malformed-header')
    if (kind === METHOD && this.method === '') this.method = value
    else if (kind === PATH && this.target === '') this.target = value
    else if (kind === SCHEME && this.scheme === '') this.scheme = value
    else if (kind === AUTHORITY && this.authority === '') this.authority = value
    else this.refuse('malformed-header')
  }

  private takeSpecial({ kind, name, value }: Field): void {
    switch (kind) {
      case HOST:
        if (this.hostField !== '' || value === '') return this.refuse('invalid-host')
        this.hostField = value
        return
      case CONTENT_LENGTH:
        if (this.contentLength !== -1) return this.refuse('invalid-framing')
        this.contentLength = parseLength(value)
        return this.contentLength === -1 ? this.refuse('invalid-framing') : undefined
      case COOKIE:
        this.cookie = this.cookie === '' ? value : `${this.cookie}; ${value}`
        return
      case EXPECT:
        if (value.toLowerCase() !== '100-continue') return this.refuse('unsupported-expectation')
        this.expectsContinue = true
        return
      case FORWARDING:
        return this.claims.push(name, value)
      case GRPC_TIMEOUT:
        this.grpcTimeout = value
        return this.headers.push(name, value)
      case HOP_BY_HOP:
        return
      default:
        this.refuse('malformed-header')
    }
  }

  private refuse(fault: HeadFault): void {
    this.fault ??= fault
  }

  /** Settles what all fields together say. Returns what is wrong with them; null for nothing. `hasBody`: more than the head comes. */
  settle(hasBody: boolean, limits: BlockLimits & { readonly maxTargetBytes: number }): HeadFault | null {
    if (this.cookie !== '') this.headers.push('cookie', this.cookie)
    return this.fault ?? this.settleTarget(limits.maxTargetBytes) ?? this.settleHost() ?? this.settleLength(hasBody)
  }

  private settleTarget(maxTargetBytes: number): HeadFault | null {
    const { method, target, scheme } = this
    if (method === 'CONNECT') return 'unsupported-method'
    if (method === '' || target === '' || scheme === '') return 'malformed-header'
    if (!consistsOf(TOKEN, method)) return 'malformed-request-line'
    if (target.length > maxTargetBytes) return 'uri-too-long'
    if (scheme !== 'http' && scheme !== 'https') return 'invalid-uri'
    if (target === '*' && method === 'OPTIONS') {
      this.path = '*'
      return null
    }
    if (target.charCodeAt(0) !== SLASH || !consistsOf(TARGET, target)) return 'invalid-uri'
    const mark = target.indexOf('?')
    this.path = mark === -1 ? target : target.slice(0, mark)
    this.query = mark === -1 ? '' : target.slice(mark + 1)
    return null
  }

  /** One valid authority: where both `:authority` and `host` are there they must be the same (RFC 9113, section 8.3.1). */
  private settleHost(): HeadFault | null {
    const { authority, hostField } = this
    if (authority !== '' && hostField !== '' && authority.toLowerCase() !== hostField.toLowerCase())
      return 'invalid-host'
    const host = authority === '' ? hostField : authority
    if (host !== this.knownHost || host === '') {
      if (!isAuthority(host)) return 'invalid-host'
      this.knownHost = host
      this.knownHostName = hostName(host)
    }
    this.host = this.knownHost
    this.hostName = this.knownHostName
    return null
  }

  private settleLength(hasBody: boolean): HeadFault | null {
    if (!hasBody) {
      this.expectsContinue = false
      if (this.contentLength > 0) return 'invalid-framing'
    }
    return null
  }
}

/** Trailers, of a request or an answer. */
export class TrailerFields implements FieldSink {
  /** Those that may be passed on. */
  fields = new HeaderList()
  isMalformed = false

  begin(): void {
    this.fields = new HeaderList()
    this.isMalformed = false
  }

  take({ kind, name, value }: Field): void {
    if (kind === PLAIN || kind === GRPC_TIMEOUT) {
      if (isForwardableTrailer(name)) this.fields.push(name, value)
    } else if (kind >= PSEUDO || kind === FORBIDDEN) this.isMalformed = true
  }

  overflow(): void {
    this.isMalformed = true
  }
}

/** Takes nothing: for a block that must be decoded, whatever becomes of it. */
export const nobody: FieldSink = { take() {}, overflow() {} }

const SLASH = 0x2f

function consistsOf(table: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (table[text.charCodeAt(i)] !== 1) return false
  return true
}
