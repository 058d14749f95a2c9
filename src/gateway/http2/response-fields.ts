import type { HeaderList } from '../../lib/headers/header-list.ts'
import { CONTENT_LENGTH, DATE, PLAIN } from '../http1/fields.ts'
import { CHUNKED, NO_BODY, parseLength, SIZED } from '../http1/head.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { FieldSink } from './decoder.ts'
import { COOKIE, type Field, FORBIDDEN, GRPC_TIMEOUT, PSEUDO, STATUS } from './fields.ts'

/** The head of an answer as HTTP/2 sends it, read as strictly as HTTP/1's (RFC 9113, section 8.3.2). Used again for the next. */
export class ResponseFields implements FieldSink {
  private status = -1
  private contentLength = -1
  private hasDate = false
  private isWrong = false
  private isPastPseudo = false
  private headers: HeaderList | null = null

  /** Begins a head, whose fields go into `head.headers`. */
  begin(head: ResponseHead): void {
    head.headers.clear()
    this.headers = head.headers
    this.status = -1
    this.contentLength = -1
    this.hasDate = false
    this.isWrong = false
    this.isPastPseudo = false
  }

  take({ kind, name, value }: Field): void {
    if (kind >= PSEUDO) return this.takePseudo(kind, value)
    this.isPastPseudo = true
    if (kind === PLAIN || kind === DATE || kind === COOKIE || kind === GRPC_TIMEOUT) {
      this.headers?.push(name, value)
      if (kind === DATE) this.hasDate = true
    } else if (kind === CONTENT_LENGTH) {
      if (this.contentLength !== -1) this.isWrong = true
      this.contentLength = parseLength(value)
      if (this.contentLength === -1) this.isWrong = true
    } else if (kind === FORBIDDEN) this.isWrong = true
    // Claims about clients and fields of connections mean nothing in an answer.
  }

  overflow(): void {
    this.isWrong = true
  }

  private takePseudo(kind: number, value: string): void {
    const isRight = kind === STATUS && !this.isPastPseudo && this.status === -1 && /^[1-9]\d\d$/.test(value)
    if (isRight) this.status = Number(value)
    else this.isWrong = true
  }

  /** Settles what all fields together say, into `head`. Returns false for an answer that is malformed. `isEnd`: no body follows. */
  settle(head: ResponseHead, isBodiless: boolean, isEnd: boolean): boolean {
    const { status, contentLength } = this
    if (this.isWrong || status === -1 || status === 101) return false
    head.status = status
    head.reason = ''
    head.minorVersion = 1
    head.hasDate = this.hasDate
    head.contentLength = contentLength
    const hasBody = !isBodiless && status >= 200 && status !== 204 && status !== 304
    if (hasBody && isEnd && contentLength > 0) return false
    head.framing = !hasBody || isEnd ? NO_BODY : contentLength === -1 ? CHUNKED : SIZED
    return true
  }
}
