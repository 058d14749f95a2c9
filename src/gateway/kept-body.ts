import type { HeaderList } from '../lib/headers/header-list.ts'
import type { Upstream } from './exchange.ts'

/** A request body that streams on, and of which what has come is kept up to a limit, so that it can be sent once more. */
export class KeptBody {
  private maxBytes = 0
  private parts: Buffer[] = []
  private size = 0
  private isOver = false
  private trailers: HeaderList | null = null
  /** Whether its end has come. */
  isEnded = false

  /** Begins to keep a body of at most so many bytes. */
  begin(maxBytes: number): void {
    this.forget()
    this.maxBytes = maxBytes
    this.isOver = false
    this.isEnded = false
  }

  /** Whether all that has come is here. */
  get isIntact(): boolean {
    return !this.isOver
  }

  /** Keeps a part, which is only valid during the call. `isForced`: it has gone nowhere else. */
  add(chunk: Buffer, start: number, end: number, isForced: boolean): void {
    if (this.isOver) return
    this.size += end - start
    if (this.size > this.maxBytes && !isForced) {
      this.isOver = true
      this.parts = []
    } else this.parts.push(Buffer.from(chunk.subarray(start, end)))
  }

  end(trailers: HeaderList | null): void {
    this.isEnded = true
    // The list is used again for the next body.
    this.trailers = trailers === null ? null : trailers.clone()
  }

  /** Sends what has come. */
  sendTo(link: Upstream): void {
    for (const part of this.parts) link.writeBody(part, 0, part.length)
    if (this.isEnded) link.endBody(this.trailers)
  }

  /** All of it, as Latin-1 text. */
  text(): string {
    return Buffer.concat(this.parts, this.size).toString('latin1')
  }

  /** Lets go of what is kept. What comes from now on is not kept either. */
  forget(): void {
    this.parts = []
    this.size = 0
    this.isOver = true
    this.trailers = null
  }
}
