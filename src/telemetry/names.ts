/** A snapshot that is live, as far as names go. */
export interface NamedStage {
  readonly stage: { readonly id: string; readonly service: string; readonly name: string }
  readonly routes: readonly { readonly id: string; readonly pattern: string; readonly method: string }[]
}

/** How the series of a route is called. All are empty where no stage was found, the last two where no route was. */
export interface SeriesNames {
  readonly service: string
  readonly stage: string
  readonly route: string
  readonly method: string
}

/** What is live now. */
export interface LiveStages {
  /** Another whenever something else is live. */
  readonly version: number
  readonly stages: Iterable<NamedStage>
}

interface Index {
  readonly version: number
  readonly byStage: ReadonlyMap<string, { readonly names: SeriesNames; readonly routes: Map<string, SeriesNames> }>
}

const NOWHERE: SeriesNames = { service: '', stage: '', route: '', method: '' }

/** The names of the routes that are live, by the ids that workers count by. */
export class RouteNames {
  private readonly live: LiveStages
  private index: Index = { version: -1, byStage: new Map() }

  constructor(live: LiveStages) {
    this.live = live
  }

  /** Changes with what is live. */
  get version(): number {
    return this.live.version
  }

  /** The names of a route; null for one that is not live. */
  find(stageId: string, routeId: string): SeriesNames | null {
    if (stageId === '') return NOWHERE
    const stage = this.current().byStage.get(stageId)
    if (stage === undefined) return null
    return routeId === '' ? stage.names : (stage.routes.get(routeId) ?? null)
  }

  /** Tells which labels are of something that is live; those that name no route or no stage are where the rest of them is. */
  liveLabels(): (values: Readonly<Record<string, string>>) => boolean {
    const names = [...this.current().byStage.values()].flatMap(({ names, routes }) => [names, ...routes.values()])
    const known = new Set(names.map(({ service, stage, route, method }) => `${service}\n${stage}\n${route}\n${method}`))
    return ({ service = '', stage = '', route = '', method = '' }) =>
      service === '' || known.has(`${service}\n${stage}\n${route}\n${method}`)
  }

  private current(): Index {
    const { live } = this
    const { version } = live
    if (this.index.version !== version) this.index = { version, byStage: new Map(Array.from(live.stages, indexed)) }
    return this.index
  }
}

/** Of snapshots that stay live when others change. */
const indexes = new WeakMap<NamedStage, ReturnType<typeof indexOf>>()

function indexed(stage: NamedStage) {
  const index = indexes.get(stage) ?? indexOf(stage)
  indexes.set(stage, index)
  return index
}

function indexOf({ stage, routes }: NamedStage) {
  const names = { service: stage.service, stage: stage.name, route: '', method: '' }
  const byId = routes.map(({ id, pattern, method }): [string, SeriesNames] => [
    id,
    { ...names, route: pattern, method },
  ])
  return [stage.id, { names, routes: new Map(byId) }] as const
}
