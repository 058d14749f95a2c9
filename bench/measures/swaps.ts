import { residentBytes } from '../cpu.ts'
import type { Measure } from '../measures.ts'
import { sleep } from '../processes.ts'
import { deployRoutes, redeploy } from '../subjects/api.ts'
import { startTurnpike, type Turnpike } from '../subjects/turnpike.ts'

const SWAPS = 10_000
/** By then the heap has its size and the code its final form. */
const WARM_UP = 2_000
const SETTLE_MS = 2_000

export const swaps: Measure = {
  name: 'swaps',
  summary: `memory after ${SWAPS.toLocaleString('en-US')} deployments`,
  async run() {
    const turnpike = await startTurnpike()
    await deployRoutes(turnpike, 'http://127.0.0.1:9', 10)
    for (let i = 0; i < WARM_UP; i++) await redeploy(turnpike, i)
    const before = await settledBytes(turnpike)
    for (let i = WARM_UP; i < SWAPS; i++) await redeploy(turnpike, i)
    const after = await settledBytes(turnpike)
    await turnpike.stop()
    return [
      {
        what: `growth from deployment ${WARM_UP.toLocaleString('en-US')} to ${SWAPS.toLocaleString('en-US')}`,
        measured: (after - before) / 2 ** 20,
        aim: 16,
        unit: 'MiB',
      },
    ]
  },
}

async function settledBytes(turnpike: Turnpike): Promise<number> {
  await sleep(SETTLE_MS)
  return residentBytes(turnpike.pid)
}
