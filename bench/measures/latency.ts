import type { Finding } from '../finding.ts'
import { h2load, type PacedLoad } from '../h2load.ts'
import type { Measure } from '../measure.ts'
import { deployRoutes, HOST } from '../subjects/api.ts'
import { nginx } from '../subjects/nginx.ts'
import type { Subject } from '../subjects/subject.ts'
import { startTurnpike } from '../subjects/turnpike.ts'
import { startUpstream } from '../subjects/upstream.ts'

/** Few connections: h2load sends on all of them at once, and what waits for the others is not ours to measure. */
const RATE = 4_000
const SECONDS = 10
const CONNECTIONS = 8

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
    const peer = nginx.isInstalled() ? await nginx.start({ folder, upstreamPort: upstream.port }) : null
    const [direct, through] = [await drive(upstream), await drive(turnpike)]
    const throughPeer = peer === null ? null : await drive(peer)
    for (const subject of [turnpike, peer, upstream]) await subject?.stop()
    return [...findings(direct, through), ...(throughPeer === null ? [] : context(direct, throughPeer))]
  },
}

function context(direct: PacedLoad, throughNginx: PacedLoad): Finding[] {
  return [
    { what: 'the same of nginx, median', measured: throughNginx.p50Ms - direct.p50Ms, aim: null, unit: 'ms' },
    { what: 'the same of nginx, 99th percentile', measured: throughNginx.p99Ms - direct.p99Ms, aim: null, unit: 'ms' },
  ]
}

function findings(direct: PacedLoad, through: PacedLoad): Finding[] {
  return [
    { what: 'added latency, median', measured: through.p50Ms - direct.p50Ms, aim: 0.2, unit: 'ms' },
    { what: 'added latency, 99th percentile', measured: through.p99Ms - direct.p99Ms, aim: 1, unit: 'ms' },
    { what: 'failed requests', measured: through.failures, aim: 0, unit: '', isFault: true },
  ]
}
