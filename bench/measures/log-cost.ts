import { cpuMicros } from '../cpu.ts'
import type { Finding } from '../finding.ts'
import type { Measure } from '../measure.ts'
import { median } from '../median.ts'
import { deployRoutes, HOST } from '../subjects/api.ts'
import { startTurnpike, type Turnpike } from '../subjects/turnpike.ts'
import { startUpstream } from '../subjects/upstream.ts'
import { wrk } from '../wrk.ts'

/**
 * What an access log to a file costs: one process serves two services that differ in nothing else, a second each in turns. What else the
 * machine does, and how the system has happened to compile the program, is the same for both; between two processes it is not.
 */

const LOGGED = 'logged'
const PAIRS = 30
const WARM_UP_SECONDS = 5

export const logCost: Measure = {
  name: 'log-cost',
  summary: 'what an access log to a file adds to a request, with and without in turns in one process',
  async run(folder) {
    const upstream = await startUpstream(folder)
    const turnpike = await startTurnpike()
    try {
      await setUp(turnpike, `http://127.0.0.1:${upstream.port}`)
      for (const host of [HOST, `${LOGGED}.localhost`]) await load(turnpike, host, WARM_UP_SECONDS)
      return findings(await pairs(turnpike))
    } finally {
      await turnpike.stop()
      await upstream.stop()
    }
  },
}

async function setUp(turnpike: Turnpike, upstreamUrl: string): Promise<void> {
  await deployRoutes(turnpike, upstreamUrl, 1)
  await deployRoutes(turnpike, upstreamUrl, 1, LOGGED)
  const plugins = [{ plugin: 'access-log', config: { sinks: [{ file: { keep: 1 } }] } }]
  await turnpike.api('PATCH', `/services/${LOGGED}/stages/live`, { plugins })
  await turnpike.api('POST', `/services/${LOGGED}/stages/live/deployments`, {})
}

/** CPU of a request without a log and with one, side by side. */
async function pairs(turnpike: Turnpike): Promise<{ plain: number; logged: number }[]> {
  const measured: { plain: number; logged: number }[] = []
  for (let i = 0; i < PAIRS; i++) {
    const plain = await load(turnpike, HOST, 1)
    measured.push({ plain, logged: await load(turnpike, `${LOGGED}.localhost`, 1) })
  }
  return measured
}

/** CPU of one request, in microseconds. */
async function load({ pid, port }: Turnpike, host: string, seconds: number): Promise<number> {
  const before = cpuMicros(pid)
  const { requests, errors } = await wrk({ port, host, path: '/called/4711', connections: 64, seconds })
  if (errors > 0) throw new Error(`${errors} requests to ${host} were not answered as they should be`)
  return (cpuMicros(pid) - before) / requests
}

function findings(measured: readonly { plain: number; logged: number }[]): Finding[] {
  const plain = median(measured.map((one) => one.plain))
  const added = median(measured.map((one) => one.logged - one.plain))
  return [
    { what: 'CPU per request without a log', measured: plain, aim: null, unit: 'µs' },
    // With statistics, which are always there, 4 µs.
    { what: 'a line of JSON in a file adds', measured: added, aim: 3, unit: 'µs' },
    { what: 'with a log, to without', measured: (plain + added) / plain, aim: 1.15, unit: '×' },
  ]
}
