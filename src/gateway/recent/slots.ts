import type { LineBytes } from '../../lib/line-bytes.ts'
import type { FinishedRequest } from '../../plugins/finished-request.ts'
import { ENDED, type GatewayExchange } from '../exchange.ts'
import { ID_DIGITS, writeRandomId } from '../random-id.ts'
import { RecentCallers, type RecordedCaller } from './callers.ts'
import { kindOf, type RecordedKind } from './kinds.ts'

/**
 * Where requests that are over are written down, in slots that are used again and again. Texts are copied into one buffer: as
 * strings they would be parts of the heads of their requests, and hold on to them with all that is secret there.
 */

/** Numbers of a slot. */
export const ENDED_AT = 0
export const RECEIVED_AT = 1
export const TOTAL_MS = 2
export const BACKEND_MS = 3
export const BYTES_IN = 4
export const BYTES_OUT = 5
export const STATUS = 6
export const ATTEMPTS = 7
const NUMBERS = 8

/** Texts of a slot, and the most bytes of each. The id can be put in later. */
export const ID = 0
const PATH = 1
const TEXTS = 2
export const MOST_BYTES = [128, 256] as const
const SLOT_BYTES = 384

/** Up to here a text is written character by character: that is done before a call of the system's own way has begun. */
const SHORT_TEXT = 48

/** What was between 0 of `performance.now()` and the Unix epoch when the thread started. */
const { timeOrigin } = performance

export class Slots {
  readonly callers: RecentCallers
  private readonly numbers: Float64Array
  private readonly lengths: Uint16Array
  private readonly bytes: Buffer
  private readonly view: DataView
  /** Where in `callers` that of a slot is. */
  private readonly callerPlaces: Uint32Array
  private readonly aborted: Uint8Array
  private readonly kinds: (RecordedKind | null)[]

  constructor(slots: number) {
    this.callers = new RecentCallers(slots)
    this.numbers = new Float64Array(slots * NUMBERS)
    this.lengths = new Uint16Array(slots * TEXTS)
    const texts = new ArrayBuffer(slots * SLOT_BYTES)
    this.bytes = Buffer.from(texts)
    this.view = new DataView(texts)
    this.callerPlaces = new Uint32Array(slots)
    this.aborted = new Uint8Array(slots)
    this.kinds = new Array<RecordedKind | null>(slots).fill(null)
  }

  /** Writes down an exchange that is over. Gives back who sent it. */
  record(slot: number, x: GatewayExchange): RecordedCaller {
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
    this.aborted[slot] = x.isAborted ? 1 : 0
    this.kinds[slot] = kindOf(x)
    const caller = this.callers.of(x)
    this.callerPlaces[slot] = this.callers.placeOf(caller)
    // Texts, cut to their bounds.
    const texts = slot * TEXTS
    const place = slot * SLOT_BYTES
    const id = x.knownId
    if (id === null) lengths[texts + ID] = 0
    else this.put(texts + ID, place, id, MOST_BYTES[ID])
    this.put(texts + PATH, place + MOST_BYTES[ID], x.request.path, MOST_BYTES[PATH])
    return caller
  }

  number(slot: number, which: number): number {
    return this.numbers[slot * NUMBERS + which] ?? 0
  }

  isAborted(slot: number): boolean {
    return this.aborted[slot] === 1
  }

  /** Of a slot that was written. */
  kind(slot: number): RecordedKind {
    return this.kinds[slot] as RecordedKind
  }

  callerPlace(slot: number): number {
    return this.callerPlaces[slot] ?? 0
  }

  path(slot: number): string {
    const start = slot * SLOT_BYTES + MOST_BYTES[ID]
    return this.bytes.toString('utf8', start, start + (this.lengths[slot * TEXTS + PATH] ?? 0))
  }

  /** Writes the path as the inside of a JSON string. */
  writePath(line: LineBytes, slot: number): void {
    line.jsonBytes(this.view, slot * SLOT_BYTES + MOST_BYTES[ID], this.lengths[slot * TEXTS + PATH] ?? 0)
  }

  /** Whether a request has this id: not so for one that has none yet. */
  hasId(slot: number, id: Buffer): boolean {
    const start = slot * SLOT_BYTES
    const length = this.lengths[slot * TEXTS + ID] ?? 0
    return length === id.length && this.bytes.compare(id, 0, length, start, start + length) === 0
  }

  /** One whose id nobody has asked for has none. It is given one when it is told, so that it can be found by it from then on. */
  id(slot: number): string {
    const length = this.haveId(slot)
    return this.bytes.toString('utf8', slot * SLOT_BYTES, slot * SLOT_BYTES + length)
  }

  /** Writes the id, as `path`. */
  writeId(line: LineBytes, slot: number): void {
    line.jsonBytes(this.view, slot * SLOT_BYTES, this.haveId(slot))
  }

  private haveId(slot: number): number {
    const place = slot * TEXTS + ID
    const length = this.lengths[place] ?? 0
    if (length !== 0) return length
    writeRandomId(this.view, slot * SLOT_BYTES)
    this.lengths[place] = ID_DIGITS
    return ID_DIGITS
  }

  /** Puts in a text that came over a wire, each character a byte. */
  private put(length: number, place: number, text: string, most: number): void {
    let written = text.length
    if (written > SHORT_TEXT) written = this.bytes.write(text, place, most, 'latin1')
    else for (let i = 0; i < written; i++) this.bytes[place + i] = text.charCodeAt(i)
    this.lengths[length] = written
  }
}

/** One of the requests in slots, as lines of logs are made of it. Numbers are fields: what a getter gives back is put into a box first. */
export class SlotReader implements FinishedRequest {
  receivedAt = Number.NaN
  status = 0
  totalMs = Number.NaN
  backendMs = Number.NaN
  bytesIn = 0
  bytesOut = 0
  isAborted = false
  kind: RecordedKind
  caller: RecordedCaller
  private readonly slots: Slots
  private slot = 0
  /** The path where the slot has not all of it; else empty. */
  private longPath = ''

  constructor(slots: Slots, kind: RecordedKind, caller: RecordedCaller) {
    this.slots = slots
    this.kind = kind
    this.caller = caller
  }

  /** Goes to another one, which was recorded of an exchange. */
  read(slot: number, caller: RecordedCaller, x: GatewayExchange): void {
    const { slots } = this
    const { path } = x.request
    this.slot = slot
    this.receivedAt = x.receivedAt
    this.status = x.response.status
    this.totalMs = slots.number(slot, TOTAL_MS)
    this.backendMs = slots.number(slot, BACKEND_MS)
    this.bytesIn = x.bytesIn
    this.bytesOut = x.bytesOut
    this.isAborted = x.isAborted
    this.kind = slots.kind(slot)
    this.caller = caller
    this.longPath = path.length > MOST_BYTES[PATH] ? path : ''
  }

  writeId(line: LineBytes): void {
    this.slots.writeId(line, this.slot)
  }

  writePath(line: LineBytes, most: number): void {
    const { longPath } = this
    if (longPath === '') this.slots.writePath(line, this.slot)
    else line.jsonWire(longPath.length > most ? longPath.slice(0, most) : longPath)
  }
}
