import type { Measure } from '../measure.ts'
import { deployRoutes, redeploy } from '../subjects/api.ts'
import { startTurnpike, type Turnpike } from '../subjects/turnpike.ts'

const SWAPS = 10_000
/** By then the code has its final form. */
const WARM_UP = 4_000
/** The heap is a saw: what counts is its lowest point in a stretch that has seen many collections. */
const STRETCH = 3_000

export const swaps: Measure = {
  name: 'swaps',
  summary: `heaps after ${SWAPS.toLocaleString('en-US')} deployments`,
  async run() {
    const turnpike = await startTurnpike()
    await deployRoutes(turnpike, 'http://127.0.0.1:9', 10)
    await deployMany(turnpike, 0, WARM_UP - STRETCH)
    const before = await lowestHeaps(turnpike, WARM_UP - STRETCH)
    await deployMany(turnpike, WARM_UP, SWAPS - STRETCH)
    const after = await lowestHeaps(turnpike, SWAPS - STRETCH)
    await turnpike.stop()
    const growth = (key: keyof Heaps) => (after[key] - before[key]) / 2 ** 20
    const what = `growth from deployment ${WARM_UP.toLocaleString('en-US')} to ${SWAPS.toLocaleString('en-US')}`
    return [
      { what: `main thread's heap, ${what}`, measured: growth('main'), aim: 1, unit: 'MiB' },
      { what: `worker's heap, ${what}`, measured: growth('worker'), aim: 1, unit: 'MiB' },
    ]
  },
}

interface Heaps {
  main: number
  worker: number
}

async function deployMany(turnpike: Turnpike, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) await redeploy(turnpike, i)
}

async function lowestHeaps(turnpike: Turnpike, from: number): Promise<Heaps> {
  const lowest = { main: Number.POSITIVE_INFINITY, worker: Number.POSITIVE_INFINITY }
  for (let i = from; i < from + STRETCH; i++) {
    await redeploy(turnpike, i)
    const node = (await turnpike.api('GET', '/status')).nodes?.[0]
    lowest.main = Math.min(lowest.main, Number(node?.memory?.heapUsedBytes))
    lowest.worker = Math.min(lowest.worker, Number(node?.workers?.[0]?.heapUsedBytes))
  }
  return lowest
}
