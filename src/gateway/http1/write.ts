import { statusTexts } from '../../lib/status-texts.ts'
import type { GatewayExchange } from '../exchange.ts'
import { CHUNKED, type Framing, NO_BODY, SIZED, UNTIL_CLOSE } from './head.ts'

/** Heads of HTTP/1.1 as text: always written anew from what was understood, never copied from what came in. */

/** `Date` (RFC 9110, section 6.6.1), made once a second. */
export class DateLine {
  private second = -1
  private line = ''
  private value = ''

  /** The field line for a time in milliseconds since the epoch. */
  at(now: number): string {
    const second = Math.floor(now / 1000)
    if (second !== this.second) {
      this.second = second
      this.value = new Date(second * 1000).toUTCString()
      this.line = `Date: ${this.value}\r\n`
    }
    return this.line
  }

  /** The same without name. */
  valueAt(now: number): string {
    this.at(now)
    return this.value
  }
}

export const dateLine = new DateLine()

/** The head of an exchange's response, with its empty line. `framing` and `contentLength` say how the body comes. */
export function responseHead(x: GatewayExchange, framing: Framing, contentLength: number, connection: string): string {
  const { status, reason, headers, hasDate } = x.response
  let text = statusLine(status, reason) + headers.toLines()
  if (!hasDate) text += dateLine.at(x.receivedAt)
  if (framing === CHUNKED) text += 'Transfer-Encoding: chunked\r\n'
  else if (contentLength >= 0 && (framing === SIZED || framing === NO_BODY)) text += lengthLines.of(contentLength)
  if (connection !== '') text += connection
  return text + LINE_END
}

const LINE_END = '\r\n'

/** `Content-Length` (RFC 9110, section 8.6). Most bodies are of a few lengths. */
class LengthLines {
  private readonly lengths = new Array<number>(REMEMBERED).fill(-1)
  private readonly lines = new Array<string>(REMEMBERED).fill('')

  /** The field line for so many bytes. */
  of(length: number): string {
    const place = length % REMEMBERED
    if (this.lengths[place] !== length) {
      this.lengths[place] = length
      this.lines[place] = `Content-Length: ${length}\r\n`
    }
    return this.lines[place] as string
  }
}

const REMEMBERED = 256
const lengthLines = new LengthLines()

/** Status lines without a reason of the backend's own, by status. */
const statusLines: readonly string[] = Array.from(
  { length: 1000 },
  (_, status) => `HTTP/1.1 ${status} ${statusTexts[status] ?? ''}\r\n`,
)

/** The status line; an empty `reason` gives the standard one. */
export function statusLine(status: number, reason: string): string {
  return reason === '' ? (statusLines[status] ?? `HTTP/1.1 ${status} \r\n`) : `HTTP/1.1 ${status} ${reason}\r\n`
}

/** How a response body can be sent to a client that speaks HTTP/1.`minorVersion`. */
export function clientFraming(framing: Framing, minorVersion: number): Framing {
  if (framing !== CHUNKED && framing !== UNTIL_CLOSE) return framing
  return minorVersion === 1 ? CHUNKED : UNTIL_CLOSE
}
