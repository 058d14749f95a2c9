import { readdirSync, readFileSync, statSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Family, listed, single } from './metric.ts'

/** How exactly delays of the event loop are measured. */
const RESOLUTION_MS = 10
/** Delays are those of the last so many milliseconds, whoever asks and how often. */
const WINDOW_MS = 15_000

/** The process as a whole, and the event loop of its main thread. The names are those of Prometheus's own clients. */
export class ProcessMetrics {
  private readonly delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  private readonly timer: NodeJS.Timeout
  private last = readDelays(this.delays)
  private readonly maxFileDescriptors = readMaxFileDescriptors()

  constructor() {
    this.delays.enable()
    this.timer = setInterval(() => {
      this.last = readDelays(this.delays)
      this.delays.reset()
    }, WINDOW_MS).unref()
  }

  close(): void {
    clearInterval(this.timer)
    this.delays.disable()
  }

  families(): Family[] {
    const { user, system } = process.cpuUsage()
    const openFiles = countFileDescriptors()
    return [
      single(
        { name: 'process_cpu_seconds', help: 'CPU time of the process.', type: 'counter', unit: 'seconds' },
        (user + system) / 1e6,
      ),
      single(
        { name: 'process_resident_memory_bytes', help: 'Memory of the process.', type: 'gauge', unit: 'bytes' },
        process.memoryUsage.rss(),
      ),
      single(
        {
          name: 'process_start_time_seconds',
          help: 'When the process started, in seconds since the Unix epoch.',
          type: 'gauge',
          unit: 'seconds',
        },
        performance.timeOrigin / 1_000,
      ),
      ...(openFiles === null
        ? []
        : [single({ name: 'process_open_fds', help: 'Open file descriptors.', type: 'gauge' }, openFiles)]),
      ...(this.maxFileDescriptors === null
        ? []
        : [
            single(
              { name: 'process_max_fds', help: 'Most open file descriptors.', type: 'gauge' },
              this.maxFileDescriptors,
            ),
          ]),
      listed(
        {
          name: 'turnpike_event_loop_delay_seconds',
          help: 'How late the event loop of the main thread was, over the last 15 seconds: its median, its 99th percentile and its most.',
          type: 'gauge',
          unit: 'seconds',
        },
        Object.entries(this.last),
        ([of, seconds]) => [{ of }, seconds],
      ),
    ]
  }
}

function readDelays(
  delays: ReturnType<typeof monitorEventLoopDelay>,
): Readonly<Record<'median' | 'p99' | 'max', number>> {
  // What it measures is the time between two looks, which are RESOLUTION_MS apart where nothing is late.
  const late = (nanoseconds: number) => (delays.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3))
  return { median: late(delays.percentile(50)), p99: late(delays.percentile(99)), max: late(delays.max) }
}

/** Null where the system does not say. */
function countFileDescriptors(): number | null {
  try {
    // Linux has counted them since 6.2; older ones say 0, and there each is looked at.
    return statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length
  } catch {
    return null // a system without /proc, such as macOS
  }
}

function readMaxFileDescriptors(): number | null {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return found === undefined ? null : Number(found)
  } catch {
    return null // as above
  }
}
