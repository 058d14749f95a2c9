/** Puts a trace on the clock of each thread's own CPU time: what other programs took away meanwhile is not in it. */

interface TimedEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** When, and how long, in microseconds. */
  ts: number
  dur?: number
  /** The same by the clock of the thread, which stands still while it does not run. */
  readonly tts?: number
  readonly tdur?: number
}

interface Task {
  readonly start: number
  readonly end: number
  readonly cpuStart: number
  readonly cpuMicros: number
}

const TASK = /RunTask$/

/** Changes the events of a trace: each task begins when it did, and takes as long as it ran; what is in it moves along. */
export function putOnCpuClock(events: TimedEvent[]): void {
  const threads = Map.groupBy(events, ({ pid, tid }) => `${pid}/${tid}`)
  for (const thread of threads.values()) {
    // The outermost first, where several begin at once.
    thread.sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0))
    let task: Task | null = null
    for (const event of thread) {
      if (task === null || event.ts > task.end) task = taskOf(event)
      if (task !== null) moveWithin(event, task)
    }
  }
}

function taskOf({ name, ph, ts, dur, tts, tdur }: TimedEvent): Task | null {
  if (ph !== 'X' || !TASK.test(name) || dur === undefined || tts === undefined || tdur === undefined) return null
  return { start: ts, end: ts + dur, cpuStart: tts, cpuMicros: tdur }
}

function moveWithin(event: TimedEvent, { start, cpuStart, cpuMicros }: Task): void {
  const spent = (event.tts ?? cpuStart + event.ts - start) - cpuStart
  event.ts = Math.round(start + Math.min(Math.max(0, spent), cpuMicros))
  if (event.dur !== undefined && event.tdur !== undefined) event.dur = event.tdur
}
