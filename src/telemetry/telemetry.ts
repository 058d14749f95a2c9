import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { Sampling } from '../model/span.ts'
import { type Family, listed } from './metric.ts'
import { taken } from './otlp-metrics.ts'
import type { OtlpSettings } from './otlp-settings.ts'
import type { OtlpCommand, OtlpReport } from './otlp-thread.ts'

/** What the program's log is told. */
interface Log {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** How long what waits may take to leave when the program ends. */
const CLOSE_MS = 5_000
/** Beyond that the thread is ended, whatever it does. */
const END_MS = CLOSE_MS + 1_000

const NOTHING: OtlpReport = {
  type: 'counts',
  spans: { sent: 0, dropped: 0, failed: 0, waiting: 0 },
  points: { sent: 0, failed: 0 },
  tracesTrouble: null,
  metricsTrouble: null,
}

/** Sends traces and metrics to an OpenTelemetry collector, from a thread of its own. */
export class Telemetry {
  private readonly settings: OtlpSettings
  private readonly log: Log
  private readonly thread: Worker
  private readonly startedAt = Date.now()
  private readonly closed = Promise.withResolvers<void>()
  private timer: NodeJS.Timeout | null = null
  private last = NOTHING

  constructor(settings: OtlpSettings, log: Log) {
    this.settings = settings
    this.log = log
    this.thread = new Worker(new URL('./otlp-thread.ts', import.meta.url), { workerData: settings, name: 'otlp' })
    this.thread.on('message', (report: OtlpReport) => this.onReport(report))
    this.thread.on('error', (error) =>
      log.error(
        `Traces and metrics are no longer sent, until the program is started again: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      ),
    )
    this.thread.on('exit', () => this.closed.resolve())
  }

  /** Which requests are to be recorded. */
  get sampling(): Sampling {
    return this.settings.sampling
  }

  get sendsTraces(): boolean {
    return this.settings.tracesUrl !== null
  }

  /** Makes a way for the spans of one worker. */
  openPort(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    this.command({ type: 'spans-from', port: port1 }, [port1])
    return port2
  }

  /** Sends what the metrics say, now and then. */
  sendMetrics(families: () => readonly Family[]): void {
    if (this.settings.metricsUrl === null) return
    const send = () =>
      this.command({ type: 'metrics', families: taken(families()), since: this.startedAt, until: Date.now() })
    this.timer = setInterval(send, this.settings.metricsIntervalMs).unref()
  }

  /** What became of spans and metrics, for the metrics themselves. */
  families(): Family[] {
    const { spans, points } = this.last
    return [
      listed(
        {
          name: 'turnpike_otlp_spans',
          help: 'Spans, by what became of them: sent, dropped for want of room, or failed because the collector did not take them.',
          type: 'counter',
        },
        [
          ['sent', spans.sent],
          ['dropped', spans.dropped],
          ['failed', spans.failed],
        ] as const,
        ([outcome, count]) => [{ outcome }, count],
      ),
      listed(
        { name: 'turnpike_otlp_waiting_spans', help: 'Spans that are yet to be sent.', type: 'gauge' },
        [spans.waiting],
        (waiting) => [{}, waiting],
      ),
      listed(
        { name: 'turnpike_otlp_metric_points', help: 'Points of metrics, by what became of them.', type: 'counter' },
        Object.entries(points),
        ([outcome, count]) => [{ outcome }, count],
      ),
    ]
  }

  /** Sends what waits, for a few seconds at most, and ends. To be called when the workers have ended. */
  async close(families: () => readonly Family[]): Promise<void> {
    if (this.timer !== null) {
      clearInterval(this.timer)
      this.command({ type: 'metrics', families: taken(families()), since: this.startedAt, until: Date.now() })
    }
    this.command({ type: 'close', timeoutMs: CLOSE_MS })
    const tooLate = setTimeout(() => this.closed.resolve(), END_MS)
    await this.closed.promise
    clearTimeout(tooLate)
    await this.thread.terminate()
  }

  private onReport(report: OtlpReport): void {
    this.tell('Traces', this.last.tracesTrouble, report.tracesTrouble)
    this.tell('Metrics', this.last.metricsTrouble, report.metricsTrouble)
    this.last = report
    if (report.type === 'closed') this.closed.resolve()
  }

  /** Says when trouble begins and ends, not what there is of it each second. */
  private tell(what: string, before: string | null, now: string | null): void {
    if (before === null && now !== null)
      this.log.warn(`${what} do not reach the OpenTelemetry collector: ${now}. What has no room to wait is dropped.`)
    if (before !== null && now === null) this.log.info(`${what} reach the OpenTelemetry collector again.`)
  }

  private command(command: OtlpCommand, transfer: readonly MessagePort[] = []): void {
    this.thread.postMessage(command, [...transfer])
  }
}
