import type { LineText } from '../lib/line-bytes.ts'
import { networkSet } from '../lib/network-set.ts'
import {
  newestFirst,
  type PlacedRequest,
  type RecentRequest,
  type RequestFilter,
  type RequestPlace,
} from '../model/recent-request.ts'
import { ENDED, type GatewayExchange } from './exchange.ts'
import { randomHex } from './random-id.ts'
import { RecentCallers } from './recent-callers.ts'
import { kindOf, type RequestKind } from './request-kind.ts'

/**
 * The last requests of one worker, in slots that are used again and again. Texts are copied into one buffer: as strings they
 * would be parts of the heads of their requests, and hold on to them with all that is secret there. Nothing is made ready to
 * be shown until somebody asks.
 */

/** Numbers of a slot. */
const ENDED_AT = 0
const RECEIVED_AT = 1
const TOTAL_MS = 2
const BACKEND_MS = 3
const BYTES_IN = 4
const BYTES_OUT = 5
const STATUS = 6
const ATTEMPTS = 7
const NUMBERS = 8

/** Texts of a slot, and the most bytes of each. The id can be put in later. */
const ID = 0
const PATH = 1
const TEXTS = 2
const MOST_BYTES = [128, 256] as const
const SLOT_BYTES = 384

/** Up to here a text is written character by character: that is done before a call of the system's own way has begun. */
const SHORT_TEXT = 48

/** What was between 0 of `performance.now()` and the Unix epoch when the thread started. */
const { timeOrigin } = performance

export class RecentRequests {
  private readonly worker: number
  private readonly capacity: number
  private readonly numbers: Float64Array
  private readonly lengths: Uint16Array
  private readonly bytes: Buffer
  private readonly view: DataView
  private readonly callers: RecentCallers
  /** Where in `callers` that of a slot is. */
  private readonly callerPlaces: Uint32Array
  private readonly isAborted: Uint8Array
  private readonly kinds: (RequestKind | null)[]
  /** How many requests there have been: the serial of the next one. */
  private written = 0

  /** `capacity` requests are remembered; none for 0. */
  constructor(worker: number, capacity: number) {
    this.worker = worker
    this.capacity = capacity
    this.numbers = new Float64Array(capacity * NUMBERS)
    this.lengths = new Uint16Array(capacity * TEXTS)
    const texts = new ArrayBuffer(capacity * SLOT_BYTES)
    this.bytes = Buffer.from(texts)
    this.view = new DataView(texts)
    this.callers = new RecentCallers(capacity)
    this.callerPlaces = new Uint32Array(capacity)
    this.isAborted = new Uint8Array(capacity)
    this.kinds = new Array<RequestKind | null>(capacity).fill(null)
  }

  /** Remembers an exchange that is over, in the place of the oldest. */
  record(x: GatewayExchange): void {
    if (this.capacity === 0) return
    const slot = this.written++ % this.capacity
    const { numbers, lengths } = this
    const at = slot * NUMBERS
    numbers[at + ENDED_AT] = timeOrigin + (x.times[ENDED] ?? 0)
    numbers[at + RECEIVED_AT] = x.receivedAt
    numbers[at + TOTAL_MS] = x.totalMs
    numbers[at + BACKEND_MS] = x.backendMs
    numbers[at + BYTES_IN] = x.bytesIn
    numbers[at + BYTES_OUT] = x.bytesOut
    numbers[at + STATUS] = x.response.status
    numbers[at + ATTEMPTS] = x.attempts
    this.isAborted[slot] = x.isAborted ? 1 : 0
    this.kinds[slot] = kindOf(x)
    this.callerPlaces[slot] = this.callers.placeOf(x)
    // Texts, cut to their bounds.
    const texts = slot * TEXTS
    const place = slot * SLOT_BYTES
    const id = x.knownId
    if (id === null) lengths[texts + ID] = 0
    else if (typeof id !== 'string') this.putReady(texts + ID, place, id)
    else this.put(texts + ID, place, id, MOST_BYTES[ID])
    this.put(texts + PATH, place + MOST_BYTES[ID], x.request.path, MOST_BYTES[PATH])
  }

  /** The newest that the filter wants, behind a place, at most so many. */
  list(filter: RequestFilter, before: RequestPlace | null, most: number): PlacedRequest[] {
    const matches = this.matcher(filter)
    const found: PlacedRequest[] = []
    for (let serial = this.written - 1; serial >= this.oldest && found.length < most; serial--) {
      if (before !== null && newestFirst(this.placeOf(serial), before) <= 0) continue
      if (matches(serial % this.capacity)) found.push(this.placed(serial))
    }
    return found
  }

  /** The newest request of an id; null where none is remembered. */
  find(id: string): PlacedRequest | null {
    if (id === '' || id.length > MOST_BYTES[ID]) return null
    const wanted = Buffer.from(id, 'latin1')
    for (let serial = this.written - 1; serial >= this.oldest; serial--) {
      const slot = serial % this.capacity
      const start = slot * SLOT_BYTES
      const length = this.lengths[slot * TEXTS + ID] ?? 0
      if (length === wanted.length && this.bytes.compare(wanted, 0, length, start, start + length) === 0)
        return this.placed(serial)
    }
    return null
  }

  /** Follows the requests from now on. Each call of what it gives back takes what has come since the one before. */
  follow(filter: RequestFilter): (most: number) => { items: PlacedRequest[]; missed: number } {
    const matches = this.matcher(filter)
    let next = this.written
    return (most) => {
      let missed = 0
      if (next < this.oldest) {
        missed = this.oldest - next
        next = this.oldest
      }
      const items: PlacedRequest[] = []
      for (; next < this.written; next++) {
        if (!matches(next % this.capacity)) continue
        if (items.length < most) items.push(this.placed(next))
        else missed++
      }
      return { items, missed }
    }
  }

  /** The serial of the oldest that is remembered. */
  private get oldest(): number {
    return Math.max(0, this.written - this.capacity)
  }

  /** Puts in a text that came over a wire, each character a byte. */
  private put(length: number, place: number, text: string, most: number): void {
    let written = text.length
    if (written > SHORT_TEXT) written = this.bytes.write(text, place, most, 'latin1')
    else for (let i = 0; i < written; i++) this.bytes[place + i] = text.charCodeAt(i)
    this.lengths[length] = written
  }

  /** The same for one that was made ready. */
  private putReady(length: number, place: number, { words, length: written }: LineText): void {
    const { view } = this
    for (let i = 0; i < words.length; i++) view.setInt32(place + i * 4, words[i] as number, true)
    this.lengths[length] = written
  }

  private placeOf(serial: number): RequestPlace {
    const endedAt = this.number(serial % this.capacity, ENDED_AT)
    return { endedAt, worker: this.worker, serial }
  }

  private number(slot: number, which: number): number {
    return this.numbers[slot * NUMBERS + which] ?? 0
  }

  private text(slot: number, which: typeof ID | typeof PATH): string {
    const start = slot * SLOT_BYTES + (which === ID ? 0 : MOST_BYTES[ID])
    return this.bytes.toString('utf8', start, start + (this.lengths[slot * TEXTS + which] ?? 0))
  }

  /** One whose id nobody has asked for has none. It is given one when it is shown, so that it can be found by it from then on. */
  private idOf(slot: number): string {
    const length = slot * TEXTS + ID
    if (this.lengths[length] === 0)
      this.lengths[length] = this.bytes.write(randomHex(16), slot * SLOT_BYTES, MOST_BYTES[ID], 'latin1')
    return this.text(slot, ID)
  }

  private placed(serial: number): PlacedRequest {
    const slot = serial % this.capacity
    const kind = this.kinds[slot] ?? null
    const stage = kind?.stage ?? null
    const orNull = (text: string | undefined) => (text === undefined || text === '' ? null : text)
    const backendMs = this.number(slot, BACKEND_MS)
    const caller = this.callerPlaces[slot] ?? 0
    const request: RecentRequest = {
      id: this.idOf(slot),
      receivedAt: new Date(this.number(slot, RECEIVED_AT)).toISOString(),
      service: stage?.service ?? null,
      stage: stage?.name ?? null,
      deployment: kind?.hash ?? null,
      route: orNull(kind?.pattern),
      methodId: orNull(kind?.routeId),
      clientIp: this.callers.clientIp(caller),
      protocol: kind?.protocol ?? '',
      scheme: kind?.scheme ?? '',
      host: this.callers.host(caller),
      method: kind?.method ?? '',
      path: this.text(slot, PATH),
      status: this.number(slot, STATUS),
      totalMs: rounded(this.number(slot, TOTAL_MS)),
      backendMs: backendMs < 0 ? null : rounded(backendMs),
      bytesIn: this.number(slot, BYTES_IN),
      bytesOut: this.number(slot, BYTES_OUT),
      consumerId: orNull(kind?.consumerId),
      consumer: orNull(kind?.consumer),
      error: kind?.error ?? null,
      answeredBy: kind?.plugin ?? null,
      isAborted: this.isAborted[slot] === 1,
      upstream: kind?.upstream ?? null,
      attempts: this.number(slot, ATTEMPTS),
      userAgent: orNull(this.callers.userAgent(caller)),
      worker: this.worker,
    }
    return { place: this.placeOf(serial), stageId: stage?.id ?? '', request }
  }

  /** Whether the request in a slot is one that is wanted. */
  private matcher(filter: RequestFilter): (slot: number) => boolean {
    const { route, method, pathPrefix, pathContains, consumer, minMs, error } = filter
    const stageIds = filter.stageIds === null ? null : new Set(filter.stageIds)
    const statuses = filter.statuses === undefined ? null : statusSet(filter.statuses)
    const clients = filter.clients === undefined ? null : networkSet([...filter.clients])
    const tests: ((slot: number) => boolean)[] = []
    if (stageIds !== null) tests.push((slot) => stageIds.has(this.kinds[slot]?.stage?.id ?? ''))
    if (statuses !== null) tests.push((slot) => statuses.has(this.number(slot, STATUS)))
    if (method !== undefined) tests.push((slot) => this.kinds[slot]?.method === method)
    if (route !== undefined)
      tests.push((slot) => this.kinds[slot]?.pattern === route || this.kinds[slot]?.routeId === route)
    if (minMs !== undefined) tests.push((slot) => this.number(slot, TOTAL_MS) >= minMs)
    if (error !== undefined) tests.push((slot) => this.kinds[slot]?.error === error)
    if (clients !== null) tests.push((slot) => clients.has(this.callers.clientIp(this.callerPlaces[slot] ?? 0)))
    if (pathPrefix !== undefined) tests.push((slot) => this.text(slot, PATH).startsWith(pathPrefix))
    if (pathContains !== undefined) tests.push((slot) => this.text(slot, PATH).includes(pathContains))
    if (consumer !== undefined)
      tests.push((slot) => this.kinds[slot]?.consumerId === consumer || this.kinds[slot]?.consumer === consumer)
    return (slot) => tests.every((holds) => holds(slot))
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/** Statuses, and those of classes (`4xx`). */
function statusSet(statuses: readonly string[]): ReadonlySet<number> {
  return new Set(
    statuses.flatMap((status) =>
      status.endsWith('xx')
        ? Array.from({ length: 100 }, (_, i) => Number(status.charAt(0)) * 100 + i)
        : [Number(status)],
    ),
  )
}
