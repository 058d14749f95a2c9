import { namesOf } from '../../lib/headers/header-list.ts'
import { type Caller, MadeTexts } from '../../plugins/finished-request.ts'
import type { GatewayExchange } from '../exchange.ts'

/**
 * Who has sent the last requests: the host that was asked for, the client's address, its `User-Agent`, the consumer. They are the same
 * for most requests of a connection, so they are written once for all of those, and a request costs a comparison.
 */

const HOST = 0
const CLIENT_IP = 1
const USER_AGENT = 2
const CONSUMER_ID = 3
const CONSUMER = 4
const TEXTS = 5
/** The fields that are told of a caller. */
const TOLD = namesOf('user-agent', 'referer')
/** What is remembered of each; lines of logs have more of them. */
const MOST_BYTES = [80, 45, 150, 40, 96] as const
const ENTRY_BYTES = 416
/** What comes with a request can be long, also what a consumer is known by: the claims of a token. */
const MOST_TEXT = 1024
const MOST_CONSUMER = 256

/** What an exchange remembers of who sent its last request. */
export interface RecordedCaller extends Caller {
  readonly owner: RecentCallers
  readonly serial: number
  /** The text of the head that it was read from; null where what is told of it had been changed. */
  source: string | null
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
    this.lasts = Math.max(LEAST_LASTS, capacity >> 2)
    this.entries = capacity + this.lasts
    this.bytes = Buffer.from(new ArrayBuffer(this.entries * ENTRY_BYTES))
    this.lengths = new Uint8Array(this.entries * TEXTS)
  }

  /** The caller of an exchange that is over. */
  of(x: GatewayExchange): RecordedCaller {
    const { caller } = x
    if (caller !== null && caller.owner === this && this.written - caller.serial <= this.lasts && isOf(caller, x))
      return caller
    return this.write(x)
  }

  /** Where a caller is written. */
  placeOf({ serial }: RecordedCaller): number {
    return serial % this.entries
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

  consumerId(place: number): string {
    return this.text(place, CONSUMER_ID)
  }

  consumer(place: number): string {
    return this.text(place, CONSUMER)
  }

  private write(x: GatewayExchange): RecordedCaller {
    const { request, consumer } = x
    const caller: RecordedCaller = {
      owner: this,
      serial: this.written++,
      source: request.headers.sourceOf(TOLD),
      host: ownText(request.host),
      clientIp: x.clientIp,
      userAgent: ownText(cut(request.headers.get('user-agent') ?? '', MOST_TEXT)),
      // Whole: where a part is missing, a credential might not be known for one.
      referer: ownText(request.headers.get('referer') ?? ''),
      consumerId: consumer === null ? '' : ownUnicode(cut(consumer.id, MOST_CONSUMER)),
      consumer: consumer === null ? '' : ownUnicode(cut(consumer.name, MOST_CONSUMER)),
      texts: new MadeTexts(),
    }
    const place = this.placeOf(caller)
    let at = place * ENTRY_BYTES
    at += this.put(place, HOST, at, caller.host, 'latin1')
    at += this.put(place, CLIENT_IP, at, caller.clientIp, 'latin1')
    at += this.put(place, USER_AGENT, at, caller.userAgent, 'latin1')
    at += this.put(place, CONSUMER_ID, at, caller.consumerId, 'utf8')
    this.put(place, CONSUMER, at, caller.consumer, 'utf8')
    x.caller = caller
    return caller
  }

  /** Puts in a text (one that came over a wire has bytes for characters); gives back how many bytes it took. */
  private put(place: number, which: 0 | 1 | 2 | 3 | 4, at: number, text: string, encoding: 'latin1' | 'utf8'): number {
    const length = text === '' ? 0 : this.bytes.write(text, at, MOST_BYTES[which], encoding)
    this.lengths[place * TEXTS + which] = length
    return length
  }

  private text(place: number, which: number): string {
    let start = place * ENTRY_BYTES
    for (let before = 0; before < which; before++) start += this.lengths[place * TEXTS + before] ?? 0
    return this.bytes.toString('utf8', start, start + (this.lengths[place * TEXTS + which] ?? 0))
  }
}

/** With few requests to be remembered there can be many connections, whose callers would be written each time. */
const LEAST_LASTS = 1_024

/** Whether a caller sent this request too. */
function isOf(caller: RecordedCaller, x: GatewayExchange): boolean {
  const { request, clientIp, consumer } = x
  if (
    caller.host !== request.host ||
    caller.clientIp !== clientIp ||
    caller.consumerId !== (consumer === null ? '' : cut(consumer.id, MOST_CONSUMER)) ||
    caller.consumer !== (consumer === null ? '' : cut(consumer.name, MOST_CONSUMER))
  )
    return false
  const { headers } = request
  const source = headers.sourceOf(TOLD)
  if (source !== null && caller.source === source) return true
  if (
    caller.userAgent !== cut(headers.get('user-agent') ?? '', MOST_TEXT) ||
    caller.referer !== (headers.get('referer') ?? '')
  )
    return false
  caller.source = source
  return true
}

function cut(text: string, most: number): string {
  return text.length > most ? text.slice(0, most) : text
}

/** A copy: what came is a part of the head of its request, all of which it would hold on to. */
function ownText(text: string): string {
  return text === '' ? '' : Buffer.from(text, 'latin1').toString('latin1')
}

/** The same for a text that is no wire's. */
function ownUnicode(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}
