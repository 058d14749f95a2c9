/** Counts of one route, in this order. */
export const CALLS = 0
/** Answered by the gateway itself. */
export const BY_GATEWAY = 6
/** The client went away before the answer was complete. */
export const ABORTED = 7
export const COUNTS_PER_ROUTE = 8

/** Counts of one route since the last report: calls, 1xx … 5xx, answered by the gateway, aborted. */
export interface RouteCounts {
  readonly routeId: string
  readonly counts: readonly number[]
}

/** The counters of one stage in one worker: a few additions a request, reported as differences once a second. */
export class RouteCounters {
  private readonly ids: readonly string[]
  private readonly counts: Float64Array
  private readonly dirty: number[] = []
  private readonly isDirty: Uint8Array

  /** `routeIds` in the order of the routes' indexes, which begin with 1; 0 counts what matched no route. */
  constructor(routeIds: readonly string[]) {
    this.ids = ['', ...routeIds]
    this.counts = new Float64Array(this.ids.length * COUNTS_PER_ROUTE)
    this.isDirty = new Uint8Array(this.ids.length)
  }

  /** Counts one finished request. `status` is that of the final answer, 0 if there was none. */
  count(route: number, status: number, isByGateway: boolean, isAborted: boolean): void {
    const base = route * COUNTS_PER_ROUTE
    const { counts } = this
    counts[base + CALLS] = (counts[base + CALLS] ?? 0) + 1
    const statusClass = (status / 100) | 0
    if (statusClass >= 1 && statusClass <= 5) counts[base + statusClass] = (counts[base + statusClass] ?? 0) + 1
    if (isByGateway) counts[base + BY_GATEWAY] = (counts[base + BY_GATEWAY] ?? 0) + 1
    if (isAborted) counts[base + ABORTED] = (counts[base + ABORTED] ?? 0) + 1
    if (this.isDirty[route] === 1) return
    this.isDirty[route] = 1
    this.dirty.push(route)
  }

  /** What has come since the last call; the counters begin anew. */
  take(): RouteCounts[] {
    const taken = this.dirty.map((route) => {
      const base = route * COUNTS_PER_ROUTE
      const counts = Array.from(this.counts.subarray(base, base + COUNTS_PER_ROUTE))
      this.counts.fill(0, base, base + COUNTS_PER_ROUTE)
      this.isDirty[route] = 0
      return { routeId: this.ids[route] ?? '', counts }
    })
    this.dirty.length = 0
    return taken
  }
}

/** What is counted of a plugin of a route. */
export interface PluginEvents {
  /** Requests that a plugin in shadow would have refused. */
  readonly shadowRefusals: number
  /** Conditions that had no value, so that the plugin ran. */
  readonly conditionFailures: number
}

/** Events of one plugin of a route since the last report. */
export interface PluginCounts {
  readonly routeId: string
  readonly plugin: string
  readonly events: PluginEvents
}

const NO_EVENTS: PluginEvents = { shadowRefusals: 0, conditionFailures: 0 }

/** Events of plugins by route: of the few that have any. */
export class PluginCounters {
  private readonly byRoute = new Map<string, Map<string, PluginEvents>>()

  /** Counts events of a plugin of a route. */
  add(routeId: string, plugin: string, { shadowRefusals = 0, conditionFailures = 0 }: Partial<PluginEvents>): void {
    const ofRoute = this.byRoute.get(routeId) ?? new Map<string, PluginEvents>()
    const sum = ofRoute.get(plugin) ?? NO_EVENTS
    this.byRoute.set(routeId, ofRoute)
    ofRoute.set(plugin, {
      shadowRefusals: sum.shadowRefusals + shadowRefusals,
      conditionFailures: sum.conditionFailures + conditionFailures,
    })
  }

  /** The events of the plugins of a route. */
  of(routeId: string): Record<string, PluginEvents> {
    return Object.fromEntries(this.byRoute.get(routeId) ?? [])
  }

  /** What has come since the last call; the counters begin anew. */
  take(): PluginCounts[] {
    const taken = [...this.byRoute].flatMap(([routeId, ofRoute]) =>
      [...ofRoute].map(([plugin, events]) => ({ routeId, plugin, events })),
    )
    this.byRoute.clear()
    return taken
  }
}
