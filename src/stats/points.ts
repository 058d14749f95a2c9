import { ceilTo, floorTo, type Granularity, MINUTES } from './granularity.ts'

/** The spans of time that a series is told in. */

/** From a minute up to but not including another, since the Unix epoch. */
export interface Span {
  readonly from: number
  readonly to: number
}

const DAY = 1_440
const HOUR = 60
const MINUTE_MS = 60_000

/** A span by whole buckets: what is cut at either end is taken in whole. Days are those of the time zone. */
export function wholeSpan({ from, to }: Span, granularity: Granularity, timeZone: string): Span {
  if (granularity !== '1d' || timeZone === 'UTC')
    return { from: floorTo(from, MINUTES[granularity]), to: ceilTo(to, MINUTES[granularity]) }
  return { from: startOfDay(from, timeZone), to: ceilToDay(to, timeZone) }
}

/** The points of a whole span, without gaps. Days are those of the time zone: where clocks are changed, of 23 or 25 hours. */
export function pointsOf({ from, to }: Span, granularity: Granularity, timeZone: string): Span[] {
  const points: Span[] = []
  for (let start = from; start < to; ) {
    const end = granularity === '1d' && timeZone !== 'UTC' ? nextDay(start, timeZone) : start + MINUTES[granularity]
    points.push({ from: start, to: end })
    start = end
  }
  return points
}

/** Whether all days of a span begin at a whole hour of UTC, so that they can be told by buckets of an hour. */
export function areDaysWholeHours(span: Span, timeZone: string): boolean {
  return pointsOf(span, '1d', timeZone).every(({ from, to }) => from % HOUR === 0 && to % HOUR === 0)
}

/** Whether this is a time zone of the IANA database that is known here. */
export function isTimeZone(name: string): boolean {
  try {
    startOfDay(0, name)
    // An offset such as +02:00 is one that has no changes: that is hardly ever what is meant.
    return !/^[+-]/.test(name)
  } catch {
    return false
  }
}

function zoned(minute: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(minute * MINUTE_MS).toZonedDateTimeISO(timeZone)
}

function startOfDay(minute: number, timeZone: string): number {
  if (timeZone === 'UTC') return floorTo(minute, DAY)
  return zoned(minute, timeZone).startOfDay().epochMilliseconds / MINUTE_MS
}

function ceilToDay(minute: number, timeZone: string): number {
  const start = startOfDay(minute, timeZone)
  return start === minute ? minute : nextDay(start, timeZone)
}

function nextDay(start: number, timeZone: string): number {
  return zoned(start, timeZone).add({ days: 1 }).startOfDay().epochMilliseconds / MINUTE_MS
}
