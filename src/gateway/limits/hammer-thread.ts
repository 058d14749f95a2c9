import { parentPort, workerData } from 'node:worker_threads'
import { monotonicMs } from '../../lib/monotonic-clock.ts'
import { NO_PLACE, PlaceTable } from './place-table.ts'
import { Rate } from './rate.ts'
import { RateTable } from './rate-table.ts'

/** For tests: one of several threads that ask the same limits as fast as they can. */

/** What a thread is to do. */
export interface HammerTask {
  readonly rates: SharedArrayBuffer
  readonly places: SharedArrayBuffer
  readonly placeSlots: number
  readonly worker: number
  readonly rule: { readonly requests: number; readonly periodMs: number; readonly burst: number }
  readonly most: number
  readonly keys: number
  readonly ms: number
  /** Two words: how many are inside at this moment, and how many there ever were at once. */
  readonly gauge: SharedArrayBuffer
}

/** What became of it: of each key, when a request passed, in milliseconds of the clock of all threads. */
export interface HammerResult {
  readonly passed: readonly (readonly number[])[]
}

if (parentPort !== null) {
  const task = workerData as HammerTask
  const rates = new RateTable(task.rates)
  const rate = new Rate(task.rule)
  const places = new PlaceTable(task.places, task.placeSlots, task.worker)
  const gauge = new Int32Array(task.gauge)
  const passed: number[][] = Array.from({ length: task.keys }, () => [])
  const end = monotonicMs() + task.ms
  for (let i = 0; ; i++) {
    const now = monotonicMs()
    if (now > end) break
    const key = i % task.keys
    if (rates.take(rate, key * 7_919, key + 1, now) >= 0) passed[key]?.push(now)
    const place = places.take(5, 5, task.most)
    if (place === NO_PLACE) continue
    const inside = Atomics.add(gauge, 0, 1) + 1
    for (let seen = Atomics.load(gauge, 1); inside > seen; seen = Atomics.load(gauge, 1))
      Atomics.compareExchange(gauge, 1, seen, inside)
    Atomics.sub(gauge, 0, 1)
    places.release(place)
  }
  parentPort.postMessage({ passed } satisfies HammerResult)
}
