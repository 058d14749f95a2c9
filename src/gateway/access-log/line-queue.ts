import type { LineMaker } from '../../plugins/plugin.ts'
import type { GatewayExchange } from '../exchange.ts'
import type { RecordedCaller } from '../recent/callers.ts'
import type { RecentRequests } from '../recent/requests.ts'
import { SlotReader } from '../recent/slots.ts'

/**
 * Requests whose lines are still to be made. Between two requests a processor has done much else, most of it in the kernel, and has
 * nothing at hand any more of what makes a line: so lines are made some in a row, of what is remembered of their requests.
 */

/** So many lines in a row; more of them are no cheaper. */
const ROW = 32

/** A line that is to be made: used again and again. */
interface Waiting {
  readonly request: SlotReader
  maker: LineMaker
  rest: string
}

/** What makes the lines of one worker. */
export class LineQueue {
  private readonly recent: RecentRequests
  private readonly failed: (error: unknown) => void
  private readonly places: Waiting[] = []
  private waiting = 0
  private readonly makeRoom = () => this.makeAll()

  /** `failed` is told of a maker that throws. */
  constructor(recent: RecentRequests, failed: (error: unknown) => void) {
    this.recent = recent
    this.failed = failed
  }

  /** Takes the line that is wanted of an exchange, which has just been recorded. */
  add(x: GatewayExchange, maker: LineMaker, caller: RecordedCaller): void {
    const { recent } = this
    if (this.waiting === 0) recent.hold(this.makeRoom)
    const place = this.places[this.waiting] ?? this.newPlace(maker, caller)
    place.request.read(recent.lastSlot, caller, x)
    place.maker = maker
    place.rest = x.lineRest
    this.waiting++
    if (this.waiting === ROW) this.makeAll()
  }

  /** Makes all lines that wait. */
  makeAll(): void {
    const { places, waiting } = this
    if (waiting === 0) return
    this.waiting = 0
    for (let i = 0; i < waiting; i++) {
      const { request, maker, rest } = places[i] as Waiting
      try {
        maker.make(request, rest)
      } catch (error) {
        this.failed(error)
      }
    }
    this.recent.free()
  }

  private newPlace(maker: LineMaker, caller: RecordedCaller): Waiting {
    const { slots, lastSlot } = this.recent
    const place: Waiting = { request: new SlotReader(slots, slots.kind(lastSlot), caller), maker, rest: '' }
    this.places.push(place)
    return place
  }
}
