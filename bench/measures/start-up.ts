import type { Measure } from '../measure.ts'
import { median } from '../median.ts'
import { startTurnpike, type Turnpike } from '../subjects/turnpike.ts'

const TIMES = 5

/** What `--demo` is not: the program as it starts on a data folder that it has used before, and on a new one. */
export const startUp: Measure = {
  name: 'start-up',
  summary: 'from the start of the process to its first answer',
  async run() {
    const fresh: number[] = []
    const again: number[] = []
    for (let i = 0; i < TIMES; i++) {
      const first = await timed(startTurnpike)
      fresh.push(first.ms)
      const restart = await first.turnpike.crash()
      const second = await timed(restart)
      again.push(second.ms)
      await second.turnpike.stop()
    }
    return [
      { what: 'on a new data folder', measured: median(fresh), aim: 1000, unit: 'ms' },
      { what: 'after a crash', measured: median(again), aim: 1000, unit: 'ms' },
    ]
  },
}

async function timed(start: () => Promise<Turnpike>): Promise<{ ms: number; turnpike: Turnpike }> {
  const began = performance.now()
  const turnpike = await start()
  // No stage has this host: the gateway itself answers, which is all that is asked for.
  const answer = await fetch(`http://127.0.0.1:${turnpike.port}/`)
  await answer.text()
  return { ms: performance.now() - began, turnpike }
}
