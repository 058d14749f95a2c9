import { expose, type Format } from './exposition.ts'
import { type GatewayVitals, gatewayFamilies } from './gateway-metrics.ts'
import { type Family, listed, single } from './metric.ts'
import type { ProcessMetrics } from './process-metrics.ts'
import type { TrafficTotals } from './traffic-totals.ts'

/** Where the metrics of the program come from. Nothing of it is asked of the store. */
export interface MetricSources {
  readonly version: string
  readonly traffic: TrafficTotals
  readonly gateway: () => GatewayVitals
  readonly process: ProcessMetrics
  readonly store: () => { readonly isUp: boolean; readonly latencyMs: number }
  /** What other parts have to tell. */
  readonly more: () => readonly Family[]
}

/** All metrics of the program: one list, whichever way they leave. */
export class Metrics {
  private readonly sources: MetricSources

  constructor(sources: MetricSources) {
    this.sources = sources
  }

  families(): Family[] {
    const { version, traffic, gateway, process: ofProcess, store, more } = this.sources
    const { isUp, latencyMs } = store()
    return [
      listed(
        { name: 'turnpike_build_info', help: 'The versions of program and Node.js. Always 1.', type: 'gauge' },
        [{ version, node: process.versions.node }],
        (versions) => [versions, 1],
      ),
      ...gatewayFamilies(gateway()),
      single(
        { name: 'turnpike_store_up', help: 'Whether the store could be used when it was last tried.', type: 'gauge' },
        isUp ? 1 : 0,
      ),
      single(
        {
          name: 'turnpike_store_latency_seconds',
          help: 'How long a transaction that reads one row took when it was last tried.',
          type: 'gauge',
          unit: 'seconds',
        },
        latencyMs / 1_000,
      ),
      ...more(),
      ...ofProcess.families(),
      ...traffic.families(),
    ]
  }

  /** The metrics as a scraper reads them, in pieces. */
  expose(format: Format): Generator<string> {
    return expose(this.families(), format)
  }
}
