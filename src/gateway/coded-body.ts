import type { HeaderList } from '../lib/headers/header-list.ts'
import type { BodyCoder, BodyCoderEvents, CreateBodyCoder } from '../plugins/plugin.ts'
import type { GatewayExchange, Upstream } from './exchange.ts'

/**
 * Stands between backend and client while the body of an answer is given another form on its way. To the client it is the
 * backend: either of them, client and coder, can hold the backend up.
 */
export class CodedBody implements Upstream, BodyCoderEvents {
  private readonly x: GatewayExchange
  private readonly fault: (x: GatewayExchange, error: unknown) => void
  private readonly coder: BodyCoder
  /** Null once the backend has sent all. */
  private backend: Upstream | null
  private trailers: HeaderList | null = null
  private isClientFull = false
  private isCoderFull = false

  constructor(x: GatewayExchange, create: CreateBodyCoder, fault: CodedBody['fault']) {
    this.x = x
    this.fault = fault
    this.backend = x.backend
    this.coder = create(this)
  }

  // ── from the backend ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes a part of the body, which is only valid during the call. */
  add(chunk: Buffer, start: number, end: number): void {
    if (this.coder.write(Buffer.from(chunk.subarray(start, end)))) return
    this.isCoderFull = true
    this.backend?.pause()
  }

  /** The body is complete. */
  complete(trailers: HeaderList | null): void {
    this.backend = null
    // Their list is the backend connection's, which may serve another exchange before all is coded.
    this.trailers = trailers?.clone() ?? null
    this.coder.end()
  }

  /** Drops what is not out yet. */
  close(): void {
    this.backend = null
    this.coder.close()
  }

  // ── to the client ────────────────────────────────────────────────────────────────────────────────────────────────

  onPart(part: Buffer): void {
    this.x.client.writeBody(part, 0, part.length)
  }

  onRoom(): void {
    this.isCoderFull = false
    this.release()
  }

  onEnd(): void {
    const { x } = this
    x.codedBody = null
    x.backend = null
    x.client.end(this.trailers)
  }

  onError(error: unknown): void {
    this.fault(this.x, error)
  }

  // ── Upstream: what the client asks of the backend ────────────────────────────────────────────────────────────────

  writeBody(chunk: Buffer, start: number, end: number): void {
    this.backend?.writeBody(chunk, start, end)
  }

  endBody(trailers: HeaderList | null): void {
    this.backend?.endBody(trailers)
  }

  flow(): void {
    this.backend?.flow()
  }

  pause(): void {
    this.isClientFull = true
    this.backend?.pause()
  }

  resume(): void {
    this.isClientFull = false
    this.release()
  }

  abandon(): void {
    this.backend?.abandon()
    this.close()
  }

  private release(): void {
    if (!this.isClientFull && !this.isCoderFull) this.backend?.resume()
  }
}
