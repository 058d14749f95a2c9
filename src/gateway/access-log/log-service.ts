import { hostname } from 'node:os'
import { type MessagePort, Worker } from 'node:worker_threads'
import type { LogCommand, LogReport, LogThreadData, SinkStatus } from './protocol.ts'

/** The log thread as the supervisor sees it: begun when the first worker has a line to write, and again when it has died. */

/** How long the thread may take to end when its time is over. */
const END_MS = 1_000

export class LogService {
  private readonly folder: string
  private readonly warn: (message: string) => void
  private thread: Worker | null = null
  private latest: readonly SinkStatus[] = []

  constructor(folder: string, warn: (message: string) => void) {
    this.folder = folder
    this.warn = warn
  }

  /** Gives a worker its way to the thread. */
  connect(port: MessagePort): void {
    this.thread ??= this.start()
    this.tell(this.thread, { type: 'worker', port }, [port])
  }

  /** Opens all files again: for programs that move them away. */
  reopen(): void {
    if (this.thread !== null) this.tell(this.thread, { type: 'reopen' })
  }

  /** How the sinks are doing, as of the last second. */
  status(): readonly SinkStatus[] {
    return this.latest
  }

  /** To be called when the workers have ended: writes what they have left, for at most so long. */
  async stop(timeoutMs: number): Promise<void> {
    const { thread } = this
    if (thread === null) return
    this.thread = null
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
    const tooLate = setTimeout(() => void thread.terminate(), timeoutMs + END_MS)
    this.tell(thread, { type: 'stop', timeoutMs })
    await ended
    clearTimeout(tooLate)
  }

  /** Ends the thread at once, as a fault would; it begins again. For tests. */
  async crash(): Promise<void> {
    await this.thread?.terminate()
  }

  private start(): Worker {
    const workerData: LogThreadData = { folder: this.folder, hostName: syslogName(hostname()) }
    const thread = new Worker(new URL('./log-thread.ts', import.meta.url), { workerData, name: 'access-log' })
    thread.on('message', (report: LogReport) => {
      if (report.type === 'notice') this.warn(report.message)
      else this.latest = report.sinks
    })
    thread.on('error', (error) =>
      this.warn(
        `the thread of the access log failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      ),
    )
    thread.on('exit', () => {
      if (this.thread !== thread) return
      this.thread = null
      this.warn('the thread of the access log has ended, and begins again with the next line; lines were lost')
    })
    return thread
  }

  private tell(thread: Worker, command: LogCommand, transfer: MessagePort[] = []): void {
    thread.postMessage(command, transfer)
  }
}

/** HOSTNAME of RFC 5424: printable ASCII, 255 at most. */
function syslogName(name: string): string {
  return name.replaceAll(/[^!-~]/g, '').slice(0, 255) || '-'
}
