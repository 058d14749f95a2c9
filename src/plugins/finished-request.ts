import type { LineBytes, LineText } from '../lib/line-bytes.ts'

/** A request that is over, as the gateway remembers it: what lines of logs are made of. It is good only while one is made. */
export interface FinishedRequest {
  /** When it came, in milliseconds since the Unix epoch. */
  readonly receivedAt: number
  /** Of the answer; 0 where there was none. */
  readonly status: number
  /** From the head of the request to the end of the answer. */
  readonly totalMs: number
  /** From the sending of the request to the end of the backend's answer; -1 where no backend was asked. */
  readonly backendMs: number
  /** Bytes of head and body, without the framing of chunks. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** Whether the client went away before the answer was complete. */
  readonly isAborted: boolean
  readonly kind: RequestKind
  readonly caller: Caller
  /** Writes its id, the same that all others are told, as the inside of a JSON string. */
  writeId(line: LineBytes): void
  /** Writes the beginning of its canonical path, so many bytes at most, as the inside of a JSON string. */
  writePath(line: LineBytes, most: number): void
}

/** What a request has in common with others of its route. Texts are our own, but for the method. */
export interface RequestKind {
  readonly method: string
  /** `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`, as the client speaks it. */
  readonly protocol: string
  readonly scheme: string
  /** Code of the answer, where it was one of the gateway's own; null where it was not. */
  readonly error: string | null
  /** The plugin that answered; null where none did. */
  readonly plugin: string | null
  /** URL of the target that it was sent to last; null where it was sent to none. */
  readonly upstream: string | null
  readonly texts: MadeTexts
}

/** Who sent a request. Texts are as they came over the wire, but for the consumer's; empty for what is not known. */
export interface Caller {
  readonly clientIp: string
  readonly host: string
  readonly userAgent: string
  readonly referer: string
  readonly consumerId: string
  readonly consumer: string
  readonly texts: MadeTexts
}

/** What was made of something that is the same for many requests, and by whom: one thing, so that it is made once for them. */
export class MadeTexts {
  private maker: object | null = null
  private made: LineText | null = null

  /** What `maker` made of it last; null where it was another. */
  of(maker: object): LineText | null {
    return this.maker === maker ? this.made : null
  }

  keep(maker: object, made: LineText): LineText {
    this.maker = maker
    this.made = made
    return made
  }
}
