import { routeSide } from '../model/traffic.ts'
import { Series } from './traffic-recorder.ts'

/**
 * The series of the sides of a stage's splits: each side with all that came to it, and each side of each route. They are made when
 * something comes to them, so a stage without a split has none; there are no more than its plugins name.
 */
export class SplitSeries {
  readonly stageId: string
  private readonly sides = new Map<string, Series>()
  private readonly routes = new Map<string, Map<string, Series>>()

  constructor(stageId: string) {
    this.stageId = stageId
  }

  ofSide(side: string): Series {
    return this.sides.get(side) ?? kept(this.sides, side, new Series(this.stageId, 'side', side))
  }

  ofRoute(routeId: string, side: string): Series {
    const ofRoute = this.routes.get(routeId) ?? this.newRoute(routeId)
    return ofRoute.get(side) ?? kept(ofRoute, side, new Series(this.stageId, 'route-side', routeSide(routeId, side)))
  }

  private newRoute(routeId: string): Map<string, Series> {
    const ofRoute = new Map<string, Series>()
    this.routes.set(routeId, ofRoute)
    return ofRoute
  }
}

function kept(among: Map<string, Series>, side: string, series: Series): Series {
  among.set(side, series)
  return series
}
