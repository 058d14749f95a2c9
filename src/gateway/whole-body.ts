import type { Exchange, HandlerResult, Handlers, Outcome } from '../plugins/plugin.ts'
import type { GatewayExchange, Upstream } from './exchange.ts'
import { NO_BODY, SIZED } from './http1/head.ts'

/** Bodies that a plugin wants whole. All others stream. */

const TOO_LARGE: Outcome = { reply: 'payload-too-large' }

/** Has the whole request body at hand before `onRequest` is called, up to `maxBytes`. */
export function withRequestBody(
  onRequest: NonNullable<Handlers['onRequest']>,
  maxBytes: number,
): NonNullable<Handlers['onRequest']> {
  return (x: Exchange): HandlerResult => {
    // The exchanges of this gateway are the only ones that its handlers are called with.
    const refused = readRequestBody(x as GatewayExchange, maxBytes)
    if (refused === null) return onRequest(x)
    return refused instanceof Promise ? refused.then((reply) => reply ?? onRequest(x)) : refused
  }
}

/** Null where the body is at hand; else the refusal, or a promise of either. */
export function readRequestBody(x: GatewayExchange, maxBytes: number): Outcome | Promise<Outcome> | null {
  const { request } = x
  if (request.framing === NO_BODY) return null
  const length = request.inlineBody?.length ?? request.contentLength
  if (length > maxBytes) return TOO_LARGE
  if (request.inlineBody !== null) return null
  return new Promise((resolve) => {
    x.backend = new WholeRequest(x, maxBytes, resolve)
    x.client.readBody()
  })
}

/** Stands where the backend would: takes the request body and puts it into the request. */
class WholeRequest implements Upstream {
  private readonly x: GatewayExchange
  private readonly maxBytes: number
  private readonly done: (refused: Outcome) => void
  private readonly parts: Buffer[] = []
  private size = 0

  constructor(x: GatewayExchange, maxBytes: number, done: (refused: Outcome) => void) {
    this.x = x
    this.maxBytes = maxBytes
    this.done = done
  }

  writeBody(chunk: Buffer, start: number, end: number): void {
    this.size += end - start
    if (this.size <= this.maxBytes) {
      this.parts.push(Buffer.from(chunk.subarray(start, end)))
      return
    }
    this.x.backend = null
    this.done(TOO_LARGE)
  }

  /** The body goes on with its length; its trailers have lost their place (RFC 9110, section 6.5.1). */
  endBody(): void {
    const { request } = this.x
    request.inlineBody = Buffer.concat(this.parts, this.size).toString('latin1')
    request.framing = SIZED
    request.contentLength = this.size
    this.x.backend = null
    this.done(undefined)
  }

  flow(): void {}
  pause(): void {}
  resume(): void {}
  // The exchange is over, and with it the request plugins: nobody waits for the body.
  abandon(): void {}
}

/** Collects the body of an answer. */
export class WholeResponse {
  private readonly maxBytes: number
  private readonly parts: Buffer[] = []
  private size = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Takes a part, which is only valid during the call. Returns false where it is too much. */
  add(chunk: Buffer, start: number, end: number): boolean {
    this.size += end - start
    if (this.size > this.maxBytes) return false
    this.parts.push(Buffer.from(chunk.subarray(start, end)))
    return true
  }

  /** All of it, as Latin-1 text. */
  text(): string {
    return Buffer.concat(this.parts, this.size).toString('latin1')
  }
}
