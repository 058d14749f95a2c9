import { HeaderList } from '../../lib/headers/header-list.ts'
import { statusTexts } from '../../lib/status-texts.ts'
import { BytesBefore } from './bytes-before.ts'
import { CR, LF, SPACE, VALUE } from './characters.ts'
import { readFields } from './field-lines.ts'
import { DATE } from './fields.ts'
import {
  type Framing,
  type HeadFault,
  type HeadLimits,
  INCOMPLETE,
  MALFORMED,
  NO_BODY,
  owned,
  UNTIL_CLOSE,
} from './head.ts'
import { MessageHead } from './message-head.ts'
import { DIGIT_0, readStatusVersion, STATUS_LINE_BYTES } from './version.ts'

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
