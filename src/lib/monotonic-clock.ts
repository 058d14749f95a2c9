/**
 * The same clock in all threads of a process: `performance.now()` counts from the start of its own thread. It never jumps,
 * whatever happens to the date.
 */

const [seconds, nanoseconds] = process.hrtime()
const offsetMs = seconds * 1_000 + nanoseconds / 1e6 - performance.now()

/** Milliseconds since some moment that is the same in all threads, to about a microsecond. */
export function monotonicMs(): number {
  return performance.now() + offsetMs
}
