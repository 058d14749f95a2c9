import { LineBytes } from '../../lib/line-bytes.ts'
import type { Exchange } from '../plugin.ts'

/** Who writes lines with such a part. */
export interface AlikeWriter {
  writeAlike(line: LineBytes, x: Exchange): void
}

/**
 * The part of a log line that is the same for most requests of a client: where it comes from, what it asks, what it calls itself.
 * It is written once, and copied for as long as requests on the connection are alike.
 */
export class AlikeText {
  private readonly writer: AlikeWriter
  private readonly line = new LineBytes(512)
  private consumerId: string | undefined
  private consumerName: string | undefined
  private clientIp = ''
  private host = ''
  private scheme = ''
  private protocol = ''
  private ownTraceId: string | null = null
  private userAgent: string | undefined
  private referer: string | undefined
  private traceparent: string | undefined
  /** The text of the fields that it was read from; null where they had been changed. */
  private source: string | null = null

  private constructor(writer: AlikeWriter) {
    this.writer = writer
  }

  /** What `writer` says of an exchange: as it was written for the one before, where that is the same. */
  static of(x: Exchange, writer: AlikeWriter): LineBytes {
    const { memo } = x
    if (memo instanceof AlikeText && memo.writer === writer) {
      if (!memo.holds(x)) memo.read(x)
      return memo.line
    }
    const made = new AlikeText(writer)
    made.read(x)
    x.memo = made
    return made.line
  }

  private holds(x: Exchange): boolean {
    const { request, consumer } = x
    if (
      this.consumerId !== consumer?.id ||
      this.consumerName !== consumer?.name ||
      this.clientIp !== x.clientIp ||
      this.host !== request.host ||
      this.scheme !== request.scheme ||
      this.protocol !== x.outcome.protocol ||
      this.ownTraceId !== x.outcome.ownTraceId
    )
      return false
    const { headers } = request
    const { source } = headers
    if (source !== null && source === this.source) return true
    if (
      headers.get('user-agent') !== this.userAgent ||
      headers.get('referer') !== this.referer ||
      headers.get('traceparent') !== this.traceparent
    )
      return false
    this.source = source
    return true
  }

  private read(x: Exchange): void {
    const { request, consumer } = x
    const { headers } = request
    this.consumerId = consumer?.id
    this.consumerName = consumer?.name
    this.clientIp = x.clientIp
    this.host = request.host
    this.scheme = request.scheme
    this.protocol = x.outcome.protocol
    this.ownTraceId = x.outcome.ownTraceId
    this.userAgent = ownText(headers.get('user-agent'))
    this.referer = ownText(headers.get('referer'))
    this.traceparent = ownText(headers.get('traceparent'))
    this.source = headers.source
    this.line.clear()
    this.writer.writeAlike(this.line, x)
  }
}

/** A copy: what came is a part of the head of its request, all of which it would hold on to. */
function ownText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'latin1').toString('latin1')
}
