import type { GatewayExchange } from './exchange.ts'

/**
 * Who has sent the last requests: the host that was asked for, the client's address and its `User-Agent`. They are the same for most
 * requests of a connection, so they are written once for all of those, and a request costs a comparison.
 */

const HOST = 0
const CLIENT_IP = 1
const USER_AGENT = 2
const TEXTS = 3
const MOST_BYTES = [80, 45, 150] as const
const ENTRY_BYTES = 280

/** What an exchange remembers of who sent its last request. */
export interface Caller {
  readonly owner: RecentCallers
  readonly serial: number
  /** The text of the head that it was read from; null where its fields had been changed. */
  source: string | null
  readonly host: string
  readonly clientIp: string
  readonly userAgent: string
}

export class RecentCallers {
  private readonly entries: number
  /** So many entries later one is written anew: it must outlive all requests that are remembered with it. */
  private readonly lasts: number
  private readonly bytes: Buffer
  private readonly lengths: Uint8Array
  /** How many there have been: the serial of the next one. */
  private written = 0

  /** For so many requests at a time. */
  constructor(capacity: number) {
    this.lasts = Math.max(1, capacity >> 2)
    this.entries = capacity + this.lasts
    this.bytes = Buffer.from(new ArrayBuffer(this.entries * ENTRY_BYTES))
    this.lengths = new Uint8Array(this.entries * TEXTS)
  }

  /** Where the caller of an exchange is written. */
  placeOf(x: GatewayExchange): number {
    const { caller, request, clientIp } = x
    const source = request.headers.source
    if (
      caller !== null &&
      caller.owner === this &&
      this.written - caller.serial <= this.lasts &&
      caller.host === request.host &&
      caller.clientIp === clientIp
    ) {
      if (source !== null && caller.source === source) return caller.serial % this.entries
      if (caller.userAgent === userAgentOf(x)) {
        caller.source = source
        return caller.serial % this.entries
      }
    }
    return this.write(x, source)
  }

  host(place: number): string {
    return this.text(place, HOST)
  }

  clientIp(place: number): string {
    return this.text(place, CLIENT_IP)
  }

  userAgent(place: number): string {
    return this.text(place, USER_AGENT)
  }

  private write(x: GatewayExchange, source: string | null): number {
    const serial = this.written++
    const place = serial % this.entries
    const { host } = x.request
    const { clientIp } = x
    let at = place * ENTRY_BYTES
    at += this.put(place, HOST, at, host)
    at += this.put(place, CLIENT_IP, at, clientIp)
    const length = this.put(place, USER_AGENT, at, userAgentOf(x))
    // A copy: what came is a part of the head of its request, all of which it would hold on to.
    const userAgent = this.bytes.toString('latin1', at, at + length)
    x.caller = { owner: this, serial, source, host, clientIp, userAgent }
    return place
  }

  /** Puts in a text that came over a wire, each character a byte; gives back how many bytes it took. */
  private put(place: number, which: 0 | 1 | 2, at: number, text: string): number {
    const length = text === '' ? 0 : this.bytes.write(text, at, MOST_BYTES[which], 'latin1')
    this.lengths[place * TEXTS + which] = length
    return length
  }

  private text(place: number, which: number): string {
    let start = place * ENTRY_BYTES
    for (let before = 0; before < which; before++) start += this.lengths[place * TEXTS + before] ?? 0
    return this.bytes.toString('utf8', start, start + (this.lengths[place * TEXTS + which] ?? 0))
  }
}

function userAgentOf({ request }: GatewayExchange): string {
  const text = request.headers.get('user-agent') ?? ''
  return text.length > MOST_BYTES[USER_AGENT] ? text.slice(0, MOST_BYTES[USER_AGENT]) : text
}
