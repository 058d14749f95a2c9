import type { Figures, StageStep } from '../../model/statistics.ts'
import { figuresOf } from '../../stats/figures.ts'
import type { Retention } from '../../stats/granularity.ts'
import type { Tally } from '../../stats/tally.ts'
import { type CollectorParts, type StageTallies, TrafficCollector } from './collector.ts'
import { StatisticsKeeper } from './keeper.ts'

/** How long buckets are kept, in days, and how many series there may be. */
export interface StatisticsSettings {
  readonly statisticsMinutes: number
  readonly statisticsTenMinutes: number
  readonly statisticsHours: number
  readonly statisticsDays: number
  readonly statisticsSeries: number
}

const DAY = 1_440

/** Statistics as the program has them: what gathers, what keeps, and what is needed to read. */
export class StatisticsService {
  readonly collector: TrafficCollector
  readonly retention: Retention
  readonly now: () => number
  private readonly keeper: StatisticsKeeper

  constructor(parts: Omit<CollectorParts, 'maxSeries'>, settings: StatisticsSettings) {
    const all = { ...parts, maxSeries: settings.statisticsSeries }
    this.now = parts.now
    this.retention = retentionOf(settings)
    this.collector = new TrafficCollector(all)
    this.keeper = new StatisticsKeeper(all, this.collector, this.retention)
  }

  /** Begins to make buckets. What comes is taken before that, too. */
  start(): void {
    this.keeper.start()
  }

  /** Writes down all that came, and ends. */
  async stop(): Promise<void> {
    await this.keeper.stop()
    await this.collector.stop()
  }
}

/** Wider buckets are kept at least as long as finer ones: nothing is shown by less than there is. */
function retentionOf(settings: StatisticsSettings): Retention {
  const minutes = settings.statisticsMinutes * DAY
  const tens = Math.max(minutes, settings.statisticsTenMinutes * DAY)
  const hours = Math.max(tens, settings.statisticsHours * DAY)
  return { '1m': minutes, '10m': tens, '1h': hours, '1d': Math.max(hours, settings.statisticsDays * DAY) }
}

/** What one second has brought. */
export function figuresOfStep(step: Tally, atMs: number): Figures & { readonly at: string } {
  return { at: new Date(atMs).toISOString(), ...figuresOf(step) }
}

/** The same by the id of the stage; of each only what a list of stages has room for. */
export function stepsOfStages(stages: StageTallies): Readonly<Record<string, StageStep>> {
  return Object.fromEntries(
    [...stages].map(([stageId, tally]) => {
      const { calls, failures, statusClasses, latency } = figuresOf(tally)
      return [stageId, { calls, failures, serverErrors: statusClasses['5xx'] ?? 0, p99Ms: latency.p99Ms }]
    }),
  )
}
