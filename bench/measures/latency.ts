import type { Finding } from '../finding.ts'
import { h2load, type PacedLoad } from '../h2load.ts'
import type { Measure } from '../measures.ts'
import { deployRoutes, HOST } from '../subjects/api.ts'
import type { Subject } from '../subjects/subject.ts'
import { startTurnpike } from '../subjects/turnpike.ts'
import { startUpstream } from '../subjects/upstream.ts'

/** About half of what one worker does on two shared cores, load generator and upstream included. */
const RATE = 10_000
const SECONDS = 10
const CONNECTIONS = 64

export const latency: Measure = {
  name: 'latency',
  summary: `what Turnpike adds to a direct call at ${RATE.toLocaleString('en-US')} requests/s`,
  async run(folder) {
    const upstream = await startUpstream(folder)
    const turnpike = await startTurnpike()
    await deployRoutes(turnpike, `http://127.0.0.1:${upstream.port}`, 1)
    const drive = ({ port }: Subject, seconds = SECONDS) =>
      h2load({ port, host: HOST, path: '/called/4711', connections: CONNECTIONS, seconds, rate: RATE, folder })
    await drive(turnpike, 3)
    const [direct, through] = [await drive(upstream), await drive(turnpike)]
    await turnpike.stop()
    await upstream.stop()
    return findings(direct, through)
  },
}

function findings(direct: PacedLoad, through: PacedLoad): Finding[] {
  return [
    { what: 'added latency, median', measured: through.p50Ms - direct.p50Ms, aim: 0.2, unit: 'ms' },
    { what: 'added latency, 99th percentile', measured: through.p99Ms - direct.p99Ms, aim: 1, unit: 'ms' },
    { what: 'failed requests', measured: through.failures, aim: 0, unit: '', isFault: true },
  ]
}
