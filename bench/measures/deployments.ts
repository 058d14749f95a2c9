import type { Measure } from '../measure.ts'
import { median } from '../median.ts'
import { sleep } from '../processes.ts'
import { deployRoutes, HOST, redeploy } from '../subjects/api.ts'
import { startTurnpike, type Turnpike } from '../subjects/turnpike.ts'
import { startUpstream } from '../subjects/upstream.ts'
import { wrk } from '../wrk.ts'

const TIMES = 5
const DEPLOYMENTS = 500
const PER_SECOND = 50
const CONNECTIONS = 16

export const deployments: Measure = {
  name: 'deployments',
  summary: 'how long a deployment takes, and what it costs those who call',
  async run(folder) {
    const upstream = await startUpstream(folder)
    const upstreamUrl = `http://127.0.0.1:${upstream.port}`
    const small = await startTurnpike()
    await deployRoutes(small, upstreamUrl, 100)
    const smallMs = await deploymentMs(small)
    const failures = await failuresUnderLoad(small)
    await small.stop()
    const large = await startTurnpike()
    await deployRoutes(large, upstreamUrl, 10_000)
    const largeMs = await deploymentMs(large)
    await large.stop()
    await upstream.stop()
    return [
      { what: 'live on every worker, 100 routes', measured: smallMs, aim: 50, unit: 'ms' },
      { what: 'live on every worker, 10,000 routes', measured: largeMs, aim: 500, unit: 'ms' },
      { what: `failed requests at ${PER_SECOND} deployments/s`, measured: failures, aim: 0, unit: '', isFault: true },
    ]
  },
}

/** From the call of the management API to its answer, which comes when the deployment is live. */
async function deploymentMs(turnpike: Turnpike): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < TIMES; i++) {
    const began = performance.now()
    await redeploy(turnpike, i)
    times.push(performance.now() - began)
  }
  return median(times)
}

async function failuresUnderLoad(turnpike: Turnpike): Promise<number> {
  const seconds = DEPLOYMENTS / PER_SECOND
  const load = wrk({
    port: turnpike.port,
    host: HOST,
    path: '/called/1',
    connections: CONNECTIONS,
    seconds: seconds + 2,
  })
  const began = performance.now()
  for (let i = 0; i < DEPLOYMENTS; i++) {
    await redeploy(turnpike, TIMES + i)
    await sleep(Math.max(0, began + ((i + 1) * 1000) / PER_SECOND - performance.now()))
  }
  const took = (performance.now() - began) / 1000
  if (took > seconds * 1.1)
    console.error(`bench: ${DEPLOYMENTS} deployments took ${took.toFixed(1)} s instead of ${seconds} s`)
  return (await load).errors
}
