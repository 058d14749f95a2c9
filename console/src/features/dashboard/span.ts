/** Which span of time is looked at, as the address says it. */

/** Spans until now that are offered, the shortest first. */
export const presets = ['live', '15m', '1h', '24h', '7d', '30d', '90d'] as const
export type Preset = (typeof presets)[number]

/** Search parameters of what is looked at. */
export interface SpanSearch {
  /** `live`; so long before now (`15m`); or when it begins, in ISO 8601. The last hour where it is left out. */
  readonly from?: string
  /** When it ends, in ISO 8601; now where it is left out. */
  readonly to?: string
}

export const DEFAULT_FROM = '1h'
const MINUTE_MS = 60_000
const FAST_MS = 5_000
const SLOW_MS = 60_000

/** What is asked of the API. */
export interface SpanQuery {
  readonly from: string
  readonly to?: string
}

/** How much the live view looks back on. */
export const LIVE_SPAN = '5m'
export const LIVE_STEPS = 300

export const isLive = ({ from }: SpanSearch) => from === 'live'

export function spanQuery(search: SpanSearch): SpanQuery {
  if (isLive(search)) return { from: LIVE_SPAN }
  const { from = DEFAULT_FROM, to } = search
  return to === undefined ? { from } : { from, to }
}

/** An hour until now, or less. */
const isShort = ({ from = DEFAULT_FROM, to }: SpanSearch) =>
  to === undefined && (isLive({ from }) || ['15m', '1h'].includes(from))

/** How often it is read again; never what is over. */
export function refetchMs(search: SpanSearch): number | false {
  if (search.to !== undefined) return false
  return isShort(search) ? FAST_MS : SLOW_MS
}

/** Whether it may be told by days, so that it matters whose they are. */
export const hasDays = (search: SpanSearch): boolean => !isShort(search)

/** Which of the offered spans it is; null for one of its own. */
export function presetOf({ from = DEFAULT_FROM, to }: SpanSearch): Preset | null {
  return to === undefined ? (presets.find((preset) => preset === from) ?? null) : null
}

/** A span between two moments, by whole minutes outwards: less is not known. */
export function spanBetween(from: number, to: number): Required<SpanSearch> {
  const iso = (ms: number) => new Date(ms).toISOString()
  return { from: iso(Math.floor(from / MINUTE_MS) * MINUTE_MS), to: iso(Math.ceil(to / MINUTE_MS) * MINUTE_MS) }
}

/** The span around a span, twice as long; it does not reach into the future. */
export function wider(from: number, to: number, now: number): Required<SpanSearch> {
  const half = (to - from) / 2
  return spanBetween(from - half, Math.min(to + half, now))
}

/** The span before a span, of the same length. */
export function before(from: string, to: string): Required<SpanSearch> {
  const start = Date.parse(from)
  return { from: new Date(2 * start - Date.parse(to)).toISOString(), to: from }
}
