/** Counts what plugins did that nobody sees. */

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

  /** The events of all routes together, by plugin. */
  byPlugin(): ({ readonly plugin: string } & PluginEvents)[] {
    const sums = new PluginCounters()
    for (const ofRoute of this.byRoute.values()) for (const [plugin, events] of ofRoute) sums.add('', plugin, events)
    return Object.entries(sums.of('')).map(([plugin, events]) => ({ plugin, ...events }))
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
