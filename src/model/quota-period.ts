/** The periods of quotas: days and months of UTC, each with a number that grows by one. */
export type QuotaUnit = 'day' | 'month'

/** One period: from `startsAt` to before `endsAt`, in milliseconds since the Unix epoch. */
export interface QuotaPeriod {
  /** Days or months since January 1970. */
  readonly number: number
  readonly startsAt: number
  readonly endsAt: number
}

const DAY_MS = 86_400_000

/** The period that a moment is in. */
export function quotaPeriodAt(unit: QuotaUnit, ms: number): QuotaPeriod {
  if (unit === 'day') {
    const number = Math.floor(ms / DAY_MS)
    return { number, startsAt: number * DAY_MS, endsAt: (number + 1) * DAY_MS }
  }
  const date = new Date(ms)
  const number = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
  return { number, startsAt: Date.UTC(1970, number), endsAt: Date.UTC(1970, number + 1) }
}
