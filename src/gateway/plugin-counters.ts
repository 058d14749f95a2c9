/** Counts what plugins did that nobody sees. */

/** What is counted of a plugin of a route. */
export interface PluginEvents {
  /** Requests that a plugin in shadow would have refused. */
  readonly shadowRefusals: number
  /** Conditions that had no value, so that the plugin ran. */
  readonly conditionFailures: number
  /** What the plugin itself counts, by what it is called. */
  readonly events: Readonly<Record<string, number>>
}

/** Events of one plugin of a route since the last report. */
export interface PluginCounts {
  readonly routeId: string
  readonly plugin: string
  readonly events: PluginEvents
}

/** The sums of one plugin of a route. */
class Sums {
  shadowRefusals = 0
  conditionFailures = 0
  readonly events = new Map<string, number>()

  count(event: string, more = 1): void {
    this.events.set(event, (this.events.get(event) ?? 0) + more)
  }

  get told(): PluginEvents {
    const { shadowRefusals, conditionFailures } = this
    return { shadowRefusals, conditionFailures, events: Object.fromEntries(this.events) }
  }
}

/** Events of plugins by route: of the few that have any. */
export class PluginCounters {
  private readonly byRoute = new Map<string, Map<string, Sums>>()

  /** Counts events of a plugin of a route. */
  add(
    routeId: string,
    plugin: string,
    { shadowRefusals = 0, conditionFailures = 0, events = {} }: Partial<PluginEvents>,
  ): void {
    const sums = this.sumsOf(routeId, plugin)
    sums.shadowRefusals += shadowRefusals
    sums.conditionFailures += conditionFailures
    for (const [event, count] of Object.entries(events)) sums.count(event, count)
  }

  /** Counts one event of a plugin's own. */
  count(routeId: string, plugin: string, event: string): void {
    this.sumsOf(routeId, plugin).count(event)
  }

  /** The events of the plugins of a route. */
  of(routeId: string): Record<string, PluginEvents> {
    return Object.fromEntries([...(this.byRoute.get(routeId) ?? [])].map(([plugin, sums]) => [plugin, sums.told]))
  }

  /** The events of all routes together, by plugin. */
  byPlugin(): ({ readonly plugin: string } & PluginEvents)[] {
    const sums = new PluginCounters()
    for (const ofRoute of this.byRoute.values()) for (const [plugin, own] of ofRoute) sums.add('', plugin, own.told)
    return Object.entries(sums.of('')).map(([plugin, events]) => ({ plugin, ...events }))
  }

  /** What has come since the last call; the counters begin anew. */
  take(): PluginCounts[] {
    const taken = [...this.byRoute].flatMap(([routeId, ofRoute]) =>
      [...ofRoute].map(([plugin, sums]) => ({ routeId, plugin, events: sums.told })),
    )
    this.byRoute.clear()
    return taken
  }

  private sumsOf(routeId: string, plugin: string): Sums {
    let ofRoute = this.byRoute.get(routeId)
    if (ofRoute === undefined) {
      ofRoute = new Map()
      this.byRoute.set(routeId, ofRoute)
    }
    let sums = ofRoute.get(plugin)
    if (sums === undefined) {
      sums = new Sums()
      ofRoute.set(plugin, sums)
    }
    return sums
  }
}
