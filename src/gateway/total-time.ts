import { Timed } from '../lib/time-wheel.ts'
import type { GatewayExchange } from './exchange.ts'

/** Whose exchange has a deadline as a whole. */
export interface TotallyTimed {
  /** The exchange has had its time. */
  onTotalTime(): void
}

/** The deadline of a whole exchange, beside those of its steps. */
export class TotalTime extends Timed {
  private readonly owner: TotallyTimed

  constructor(owner: TotallyTimed) {
    super()
    this.owner = owner
  }

  override onDeadline(): void {
    this.owner.onTotalTime()
  }
}

/**
 * Takes an exchange that has had its time from its backend. Where that is what it has waited for, the target is told that it was
 * late, and so is the breaker. `isClientLate`: the client still owes its body, or has given too little time itself.
 */
export function leaveLate(x: GatewayExchange, isClientLate: boolean): void {
  const { backend, isAnswered } = x
  if (backend !== null && backend.isWaiting !== true && !isAnswered && !isClientLate) {
    x.pool?.onFailure('backend-timeout')
    if (x.breaker !== null) x.breakerCall?.failed()
  }
  backend?.abandon()
  x.backend = null
}
