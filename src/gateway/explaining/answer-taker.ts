import type { ReplyCode } from '../../plugins/replies.ts'
import type { BackendEvents } from '../backend/connection.ts'
import type { GatewayExchange } from '../exchange.ts'

/** Of a longer body only so much is told. */
export const BODY_BYTES = 65_536

type BackendAnswer = { readonly body: string } | { readonly failed: ReplyCode }

/** Takes the backend's answer into memory, up to a bound. */
export class AnswerTaker implements BackendEvents {
  private readonly settled = Promise.withResolvers<BackendAnswer>()
  private text = ''

  get next(): Promise<BackendAnswer> {
    return this.settled.promise
  }

  informational(): void {
    // Not the answer.
  }

  head(x: GatewayExchange, head: Parameters<BackendEvents['head']>[1], body: string | null): void {
    x.response.status = head.status
    x.response.headers.clear()
    for (const [name, value] of head.headers) x.response.headers.add(name, value)
    if (body !== null) return this.settled.resolve({ body })
    x.isAnswered = true
    x.backend?.flow()
  }

  /** A WebSocket is not opened for nobody: that the backend would is the answer. */
  switched(x: GatewayExchange, head: Parameters<BackendEvents['switched']>[1]): void {
    x.backend?.abandon()
    this.head(x, head, '')
  }

  body(_x: GatewayExchange, chunk: Buffer, start: number, end: number): void {
    if (this.text.length < BODY_BYTES) this.text += chunk.toString('latin1', start, end)
  }

  end(): void {
    this.settled.resolve({ body: this.text })
  }

  failed(_x: GatewayExchange, code: ReplyCode): void {
    this.settled.resolve({ failed: code })
  }
}
