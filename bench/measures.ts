import type { Finding } from './finding.ts'
import { bodies } from './measures/bodies.ts'
import { deployments } from './measures/deployments.ts'
import { idleConnections } from './measures/idle-connections.ts'
import { latency } from './measures/latency.ts'
import { startUp } from './measures/start-up.ts'
import { swaps } from './measures/swaps.ts'

/** Something that is measured of Turnpike itself, against a number and not against peers. */
export interface Measure {
  readonly name: string
  readonly summary: string
  /** Starts what it needs, measures, and stops it. `folder` is for files that go when the benchmark ends. */
  run(folder: string): Promise<readonly Finding[]>
}

/** To add one, add its line. */
export const measures: readonly Measure[] = [latency, startUp, idleConnections, bodies, deployments, swaps]
