import { networkSet } from '../../lib/network-set.ts'
import {
  newestFirst,
  type PlacedRequest,
  type RecentRequest,
  type RequestFilter,
  type RequestPlace,
} from '../../model/recent-request.ts'
import type { GatewayExchange } from '../exchange.ts'
import type { RecordedCaller } from './callers.ts'
import {
  ATTEMPTS,
  BACKEND_MS,
  BYTES_IN,
  BYTES_OUT,
  ENDED_AT,
  ID,
  MOST_BYTES,
  RECEIVED_AT,
  Slots,
  STATUS,
  TOTAL_MS,
} from './slots.ts'

/** Of requests that nobody wants to remember so many are kept all the same, until lines have been made of them. */
const LEAST_SLOTS = 64

/** The last requests of one worker. Nothing is made ready to be shown until somebody asks. */
export class RecentRequests {
  /** What lines of logs are made of. */
  readonly slots: Slots
  private readonly worker: number
  /** How many can be asked for, and how many slots there are. */
  private readonly capacity: number
  private readonly slotCount: number
  /** How many requests there have been: the serial of the next one. */
  private written = 0
  /** The serial that would take the slot of a request that is held, and what frees it. */
  private heldUpTo = Number.POSITIVE_INFINITY
  private makeRoom: () => void = () => undefined

  /** `capacity` requests are remembered; none for 0. */
  constructor(worker: number, capacity: number) {
    this.worker = worker
    this.capacity = capacity
    this.slotCount = Math.max(capacity, LEAST_SLOTS)
    this.slots = new Slots(this.slotCount)
  }

  /** Remembers an exchange that is over, in the place of the oldest. Gives back who sent it. */
  record(x: GatewayExchange): RecordedCaller {
    if (this.written === this.heldUpTo) this.makeRoom()
    return this.slots.record(this.written++ % this.slotCount, x)
  }

  /** The slot of the request that was recorded last. */
  get lastSlot(): number {
    return (this.written - 1) % this.slotCount
  }

  /** Keeps what was recorded last, and what comes from now on, from being written over: `makeRoom`, which frees it, is called before. */
  hold(makeRoom: () => void): void {
    this.makeRoom = makeRoom
    this.heldUpTo = this.written - 1 + this.slotCount
  }

  free(): void {
    this.heldUpTo = Number.POSITIVE_INFINITY
  }

  /** The newest that the filter wants, behind a place, at most so many. */
  list(filter: RequestFilter, before: RequestPlace | null, most: number): PlacedRequest[] {
    const matches = this.matcher(filter)
    const found: PlacedRequest[] = []
    for (let serial = this.written - 1; serial >= this.oldest && found.length < most; serial--) {
      if (before !== null && newestFirst(this.placeOf(serial), before) <= 0) continue
      if (matches(serial % this.slotCount)) found.push(this.placed(serial))
    }
    return found
  }

  /** The newest request of an id; null where none is remembered. */
  find(id: string): PlacedRequest | null {
    if (id === '' || id.length > MOST_BYTES[ID]) return null
    const wanted = Buffer.from(id, 'latin1')
    for (let serial = this.written - 1; serial >= this.oldest; serial--)
      if (this.slots.hasId(serial % this.slotCount, wanted)) return this.placed(serial)
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
        if (!matches(next % this.slotCount)) continue
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

  private placeOf(serial: number): RequestPlace {
    const endedAt = this.slots.number(serial % this.slotCount, ENDED_AT)
    return { endedAt, worker: this.worker, serial }
  }

  private placed(serial: number): PlacedRequest {
    const { slots, worker } = this
    const { callers } = slots
    const slot = serial % this.slotCount
    const kind = slots.kind(slot)
    const { stage } = kind
    const caller = slots.callerPlace(slot)
    const backendMs = slots.number(slot, BACKEND_MS)
    const request: RecentRequest = {
      id: slots.id(slot),
      receivedAt: new Date(slots.number(slot, RECEIVED_AT)).toISOString(),
      service: stage?.service ?? null,
      stage: stage?.name ?? null,
      deployment: kind.hash,
      route: orNull(kind.pattern),
      methodId: orNull(kind.routeId),
      clientIp: callers.clientIp(caller),
      protocol: kind.protocol,
      scheme: kind.scheme,
      host: callers.host(caller),
      method: shownMethod(kind.method),
      path: slots.path(slot),
      status: slots.number(slot, STATUS),
      totalMs: rounded(slots.number(slot, TOTAL_MS)),
      backendMs: backendMs < 0 ? null : rounded(backendMs),
      bytesIn: slots.number(slot, BYTES_IN),
      bytesOut: slots.number(slot, BYTES_OUT),
      consumerId: orNull(callers.consumerId(caller)),
      consumer: orNull(callers.consumer(caller)),
      error: kind.error,
      answeredBy: kind.plugin,
      isAborted: slots.isAborted(slot),
      upstream: kind.upstream,
      attempts: slots.number(slot, ATTEMPTS),
      userAgent: orNull(callers.userAgent(caller)),
      worker,
    }
    return { place: this.placeOf(serial), stageId: stage?.id ?? '', request }
  }

  /** Whether the request in a slot is one that is wanted. */
  private matcher(filter: RequestFilter): (slot: number) => boolean {
    const { route, method, pathPrefix, pathContains, consumer, minMs, error } = filter
    const stageIds = filter.stageIds === null ? null : new Set(filter.stageIds)
    const statuses = filter.statuses === undefined ? null : statusSet(filter.statuses)
    const clients = filter.clients === undefined ? null : networkSet([...filter.clients])
    const { slots } = this
    const { callers } = slots
    const tests: ((slot: number) => boolean)[] = []
    if (stageIds !== null) tests.push((slot) => stageIds.has(slots.kind(slot).stage?.id ?? ''))
    if (statuses !== null) tests.push((slot) => statuses.has(slots.number(slot, STATUS)))
    if (method !== undefined) tests.push((slot) => shownMethod(slots.kind(slot).method) === method)
    if (route !== undefined)
      tests.push((slot) => slots.kind(slot).pattern === route || slots.kind(slot).routeId === route)
    if (minMs !== undefined) tests.push((slot) => slots.number(slot, TOTAL_MS) >= minMs)
    if (error !== undefined) tests.push((slot) => slots.kind(slot).error === error)
    if (clients !== null) tests.push((slot) => clients.has(callers.clientIp(slots.callerPlace(slot))))
    if (pathPrefix !== undefined) tests.push((slot) => slots.path(slot).startsWith(pathPrefix))
    if (pathContains !== undefined) tests.push((slot) => slots.path(slot).includes(pathContains))
    if (consumer !== undefined)
      tests.push((slot) => {
        const caller = slots.callerPlace(slot)
        return callers.consumerId(caller) === consumer || callers.consumer(caller) === consumer
      })
    return (slot) => tests.every((holds) => holds(slot))
  }
}

function orNull(text: string): string | null {
  return text === '' ? null : text
}

/** Names of methods are short; what a client made up is not told. */
function shownMethod(method: string): string {
  return method.length <= MOST_METHOD ? method : 'OTHER'
}

const MOST_METHOD = 12

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
