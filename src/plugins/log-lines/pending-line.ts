import { LineBytes } from '../../lib/line-bytes.ts'

/** What a line is made of, as it is kept until the line is made. It is used again and again, and holds on to no request in between. */
export class PendingLine {
  severity = 0
  share = 1
  receivedAt = 0.5
  readonly id = new LineBytes(128)
  method = ''
  path = ''
  query = ''
  status = 0
  totalMs = 0.5
  backendMs = 0.5
  bytesIn = 0
  bytesOut = 0
  error: string | null = null
  answeredBy: string | null = null
  isAborted = false
  upstream: string | null = null
  /** What is the same for most requests of the client; null where none of it is wanted. */
  alike: LineBytes | null = null
  /** Members of the user's own, as they stand in the line. */
  extra = ''

  /** Lets go of what is a part of the head of its request, all of which it would hold on to. */
  clear(): void {
    this.method = ''
    this.path = ''
    this.query = ''
    this.extra = ''
    this.alike = null
  }
}
