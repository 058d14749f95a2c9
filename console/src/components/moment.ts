/** Moments between the API, which has them in UTC, and fields, which have them in the time of the browser. */

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** A moment as a field of the kind `datetime-local` has it; empty for none. */
export function toLocal(moment: string | null): string {
  if (moment === null) return ''
  const date = new Date(moment)
  if (Number.isNaN(date.getTime())) return ''
  return new Date(date.getTime() - date.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16)
}

/** What such a field has, as a moment; null for none, and for what is not whole yet. */
export function fromLocal(text: string): string | null {
  const date = new Date(text)
  return text === '' || Number.isNaN(date.getTime()) ? null : date.toISOString()
}

/** The moment in so many days, to the minute. */
export const inDays = (days: number, now: number): string =>
  new Date(Math.floor((now + days * DAY_MS) / MINUTE_MS) * MINUTE_MS).toISOString()
