/**
 * What workers count of requests, and hand over once a second: differences, which are only ever added up. A series has one cell
 * for each thing that is counted; most are never used, so a delta names those that are.
 */

/**
 * What a series is of; a side is one of a `traffic-split`. The journal knows kinds by their places here: new ones come last.
 */
export const seriesKinds = ['route', 'key', 'plan', 'deployment', 'side', 'route-side'] as const
export type SeriesKind = (typeof seriesKinds)[number]

/** Names a series. */
export interface SeriesKey {
  /** Empty for requests that no stage was found for. */
  readonly stageId: string
  readonly kind: SeriesKind
  /**
   * Of the method, the API key or the plan; the hash of the snapshot; the name of the side; what `routeSide` makes of a method and
   * a side. Of a route, empty for requests that matched none.
   */
  readonly id: string
}

/** The id of the series of one side of one route. */
export function routeSide(routeId: string, side: string): string {
  return `${routeId}/${side}`
}

/** The name of the side that the id of a series of either kind is of. */
export function sideOf(id: string): string {
  return id.slice(id.indexOf('/') + 1)
}

/** Cells that hold counts by bucket of `lib/log-histogram.ts`, in microseconds: from the head of the request to the end of the answer. */
export const TOTAL_TIME = 0
/** The same for the time from sending the request to the end of the backend's answer; only of requests that a backend was sent. */
export const BACKEND_TIME = 1_024
/** Cells that count final answers by status; `STATUS` itself counts requests that got none. Together: all requests. */
export const STATUS = 2_048
/** Sums. Bytes are those of heads and bodies, without the framing of chunks. */
export const BYTES_IN = 3_072
export const BYTES_OUT = 3_073
export const TOTAL_MICROS = 3_074
export const BACKEND_MICROS = 3_075
/** Requests that the gateway answered by itself. */
export const BY_GATEWAY = 3_076
/** Requests whose client went away before the answer was complete. */
export const ABORTED = 3_077
/** Cells that count answers of the gateway's own by `TrafficDelta.reasons`; the last one counts all reasons that have no cell. */
export const REASON = 3_200
export const MAX_REASONS = 896
export const CELLS = 4_096

/** Why the gateway answered by itself: which plugin did (empty for the gateway), with which reply (empty for an answer of the plugin's making). */
export interface Reason {
  readonly plugin: string
  readonly code: string
}

/** What one worker has counted since its last delta, within one minute. */
export interface TrafficDelta {
  /** Minutes since the Unix epoch. */
  readonly minute: number
  readonly series: readonly SeriesKey[]
  /** Three numbers for each cell that is not 0: place in `series`, cell, count. */
  readonly cells: Float64Array
  /** What the cells from `REASON` on stand for. */
  readonly reasons: readonly Reason[]
}
