import type { HeaderList } from '../lib/headers/header-list.ts'
import { Timed, type TimeWheel } from '../lib/time-wheel.ts'
import type { BreakerPlan, BreakerTurn } from '../plugins/plugin.ts'
import { isGrpc, UNKNOWN } from './grpc.ts'

const NO_TICKET = -1

/** The call of one exchange that a circuit breaker has let through. Used again for the next one. */
export class BreakerCall extends Timed {
  private readonly wheel: TimeWheel
  private plan: BreakerPlan | null = null
  private ticket = NO_TICKET
  private startedAt = 0
  private isSlow = false
  /** Of a call of gRPC that has been answered, and whose status is still to come; it is settled as one that went well. */
  private answeredTicket = NO_TICKET

  constructor(wheel: TimeWheel) {
    super()
    this.wheel = wheel
  }

  /** Asks for a call. 0: it may be made, and one of the other methods is owed. Else none, for so many milliseconds. */
  enter(plan: BreakerPlan): number {
    const ticket = plan.breaker.admit()
    if (ticket < 0) {
      plan.count('refused')
      return -ticket
    }
    this.plan = plan
    this.ticket = ticket
    this.isSlow = false
    this.answeredTicket = NO_TICKET
    if (plan.slowMs !== null) {
      this.startedAt = performance.now()
      this.wheel.schedule(this, plan.slowMs)
    }
    return 0
  }

  /** The head of an answer has come. */
  answered(status: number, headers: HeaderList): void {
    const { plan, ticket } = this
    if (plan === null) return
    const { failureStatuses, failureGrpcCodes } = plan
    if (failureStatuses.has(status)) return this.settle(true)
    if (failureGrpcCodes === null || status !== 200 || !isGrpc(headers)) return this.settle(false)
    const code = headers.get('grpc-status')
    this.settle(code !== undefined && failureGrpcCodes.has(code))
    // Streams may go on for hours: nobody waits for what they come to.
    if (code === undefined) this.answeredTicket = ticket
  }

  /** An answer has come to its end, with these trailers; or was broken off, with none. */
  ended(trailers: HeaderList | null): void {
    const { plan, answeredTicket } = this
    if (plan === null || answeredTicket === NO_TICKET) return
    this.answeredTicket = NO_TICKET
    const code = trailers?.get('grpc-status') ?? String(UNKNOWN)
    if (plan.failureGrpcCodes?.has(code) === true) this.tell(plan, plan.breaker.failLate(answeredTicket))
  }

  /** There is no answer, and it is the backend's fault. */
  failed(): void {
    this.settle(true)
  }

  /** The exchange is over: whoever has heard nothing of the call by now will not hear of it. */
  finished(): void {
    const { plan, ticket, isSlow } = this
    this.answeredTicket = NO_TICKET
    if (ticket === NO_TICKET) return
    this.leave()
    if (!isSlow) plan?.breaker.release(ticket)
  }

  /** It has taken long enough to be called slow, whatever becomes of it: who waits for its end may wait too long. */
  override onDeadline(): void {
    const { plan, ticket } = this
    if (plan === null || ticket === NO_TICKET) return
    this.isSlow = true
    this.tell(plan, plan.breaker.settle(ticket, false, true))
  }

  private settle(hasFailed: boolean): void {
    const { plan, ticket, isSlow } = this
    if (plan === null || ticket === NO_TICKET) return
    this.leave()
    if (isSlow) {
      if (hasFailed) this.tell(plan, plan.breaker.failLate(ticket))
      return
    }
    // The wheel is coarse, and may not have been here yet.
    const isLate = plan.slowMs !== null && performance.now() - this.startedAt >= plan.slowMs
    this.tell(plan, plan.breaker.settle(ticket, hasFailed, isLate))
  }

  private leave(): void {
    this.ticket = NO_TICKET
    this.wheel.cancel(this)
  }

  private tell(plan: BreakerPlan, turn: BreakerTurn): void {
    if (turn !== null) plan.count(turn)
  }
}
