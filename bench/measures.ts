import type { Measure } from './measure.ts'
import { bodies } from './measures/bodies.ts'
import { consolePages } from './measures/console.ts'
import { deployments } from './measures/deployments.ts'
import { http2 } from './measures/http2.ts'
import { idleConnections } from './measures/idle-connections.ts'
import { keys } from './measures/keys.ts'
import { latency } from './measures/latency.ts'
import { limits } from './measures/limits.ts'
import { logCost } from './measures/log-cost.ts'
import { plugins } from './measures/plugins.ts'
import { sizes } from './measures/sizes.ts'
import { startUp } from './measures/start-up.ts'
import { statistics } from './measures/statistics.ts'
import { swaps } from './measures/swaps.ts'
import { webSockets } from './measures/web-sockets.ts'

/** To add one, add its line. */
export const measures: readonly Measure[] = [
  latency,
  startUp,
  idleConnections,
  bodies,
  deployments,
  swaps,
  sizes,
  plugins,
  logCost,
  keys,
  limits,
  http2,
  webSockets,
  statistics,
  consolePages,
]
