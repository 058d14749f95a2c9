import { ABORTED, BY_GATEWAY, CELLS, STATUS, type TrafficDelta } from '../model/traffic.ts'

/** Counts of one route since the program started. */
export interface RouteTotals {
  calls: number
  byGateway: number
  aborted: number
  /** By class: `1xx` … `5xx`. */
  readonly statuses: Record<string, number>
}

/** Sums of all routes of all workers since the program started, by the id of the method. */
export class TotalsOfRoutes {
  private readonly byRoute = new Map<string, RouteTotals>()

  /** Adds what a worker has counted. */
  add({ series, cells }: TrafficDelta): void {
    for (let i = 0; i < cells.length; i += 3) {
      const of = series[cells[i] ?? 0]
      if (of?.kind === 'route') addCell(this.of(of.id), cells[i + 1] ?? CELLS, cells[i + 2] ?? 0)
    }
  }

  /** Every route of which anything was counted. */
  entries(): Iterable<[string, RouteTotals]> {
    return this.byRoute
  }

  private of(routeId: string): RouteTotals {
    let totals = this.byRoute.get(routeId)
    if (totals === undefined) {
      totals = { calls: 0, byGateway: 0, aborted: 0, statuses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 } }
      this.byRoute.set(routeId, totals)
    }
    return totals
  }
}

function addCell(totals: RouteTotals, cell: number, count: number): void {
  if (cell === BY_GATEWAY) totals.byGateway += count
  else if (cell === ABORTED) totals.aborted += count
  else if (cell >= STATUS && cell < STATUS + 1_000) {
    totals.calls += count
    const statusClass = `${Math.floor((cell - STATUS) / 100)}xx`
    if (statusClass !== '0xx') totals.statuses[statusClass] = (totals.statuses[statusClass] ?? 0) + count
  }
}
