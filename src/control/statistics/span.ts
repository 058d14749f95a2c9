import { Invalid } from '../../model/errors.ts'
import type { Problem } from '../../plugins/plugin.ts'
import {
  type Granularity,
  granularityFor,
  isKept,
  MAX_POINTS,
  MINUTES,
  type Retention,
} from '../../stats/granularity.ts'
import { areDaysWholeHours, isTimeZone, type Span, wholeSpan } from '../../stats/points.ts'

/** Spans as they are asked for, in words and times of people, and as buckets can tell them: in whole points. */

/** A span as it is asked for. */
export interface SpanQuery {
  /** ISO 8601, or before now: `15m`, `24h`, `7d`. */
  readonly from: string
  readonly to?: string | undefined
  readonly granularity?: Granularity | undefined
  readonly timeZone: string
  /** Whether the span before is wanted too. */
  readonly compare: boolean
}

const MINUTE_MS = 60_000

const UNITS = { m: 1, h: 60, d: 1_440, w: 10_080 } as const

export interface ReadSpan {
  readonly span: Span
  /** The span of the same length before; null where nobody asks for it. */
  readonly before: Span | null
  readonly granularity: Granularity
}

/** The span that is asked for by whole points, and their width. Throws `Invalid` with all that is wrong. */
export function readSpan(
  query: SpanQuery,
  { now, retention }: { readonly now: () => number; readonly retention: Retention },
): ReadSpan {
  const { timeZone, compare } = query
  const nowMs = now()
  const ends = readEnds(query, nowMs)
  const minutes = { from: Math.floor(ends.from), to: Math.ceil(ends.to) }
  const length = minutes.to - minutes.from
  const earliest = minutes.from - (compare ? length : 0)
  const kept = { now: nowMs / MINUTE_MS, retention }
  const wanted = granularityFor(ends.from, ends.to, kept.now, retention)
  const granularity =
    query.granularity ??
    (isKept(wanted, earliest, kept.now, retention) ? wanted : granularityFor(earliest, minutes.to, kept.now, retention))
  const trouble = troubleOf(minutes, earliest, granularity, timeZone, kept)
  if (trouble !== null) throw new Invalid('There are no such statistics.', [trouble])
  const span = wholeSpan(minutes, granularity, timeZone)
  const before = wholeSpan({ from: span.from - (span.to - span.from), to: span.from }, granularity, timeZone)
  return { span, before: compare ? before : null, granularity }
}

/** The ends of a span in minutes, with what is less than one. */
function readEnds({ from, to, timeZone }: Pick<SpanQuery, 'from' | 'to' | 'timeZone'>, now: number): Span {
  const start = readTime(from, now)
  const end = to === undefined ? now : readTime(to, now)
  const problems: Problem[] = []
  for (const [path, time, given] of [
    ['/from', start, from],
    ['/to', end, to],
  ] as const)
    if (time === null)
      problems.push({
        path,
        message: `"${given}" is no time: write 2030-01-31T12:00:00Z, or 15m, 24h, 7d for so long before now.`,
      })
  if (!isTimeZone(timeZone))
    problems.push({
      path: '/timeZone',
      message: `"${timeZone}" is not known: write UTC, or a name such as Europe/Berlin.`,
    })
  if (start !== null && end !== null && end <= start)
    problems.push({ path: '/to', message: 'It must be later than "from".' })
  if (problems.length > 0 || start === null || end === null)
    throw new Invalid('There are no such statistics.', problems)
  return { from: start / MINUTE_MS, to: end / MINUTE_MS }
}

function troubleOf(
  span: Span,
  earliest: number,
  granularity: Granularity,
  timeZone: string,
  { now, retention }: { readonly now: number; readonly retention: Retention },
): Problem | null {
  const points = (span.to - span.from) / MINUTES[granularity]
  if (points > MAX_POINTS)
    return {
      path: '/granularity',
      message: `That would be ${Math.ceil(points)} points, and ${MAX_POINTS} is the most: take a shorter span or wider points.`,
    }
  if (granularity !== '1d' && !isKept(granularity, earliest, now, retention))
    return {
      path: '/granularity',
      message: `Buckets of ${granularity} are kept for ${retention[granularity] / MINUTES['1d']} days: take wider points.`,
    }
  if (granularity !== '1d' || timeZone === 'UTC') return null
  if (!areDaysWholeHours(wholeSpan({ from: earliest, to: span.to }, '1d', timeZone), timeZone))
    return {
      path: '/timeZone',
      message: `Days in ${timeZone} do not begin at a whole hour of UTC, and cannot be told by buckets of an hour: take UTC.`,
    }
  if (isKept('1h', earliest, now, retention)) return null
  return {
    path: '/timeZone',
    message: `Buckets of an hour, which such days are told by, are kept for ${retention['1h'] / MINUTES['1d']} days: take UTC.`,
  }
}

/** Milliseconds since the Unix epoch; null for what is no time. */
function readTime(given: string, now: number): number | null {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(given) ?? []
  if (count !== undefined) return now - Number(count) * UNITS[unit as keyof typeof UNITS] * MINUTE_MS
  const time = /^\d{4}-\d\d/.test(given) ? Date.parse(given) : Number.NaN
  return Number.isNaN(time) ? null : time
}

export function isoOf(minute: number): string {
  return new Date(minute * MINUTE_MS).toISOString()
}
