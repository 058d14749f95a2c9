import { Timed } from '../lib/time-wheel.ts'

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
