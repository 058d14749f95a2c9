import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  MetricsExporterMetricsHelper,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import type { Span, SpanBatch } from '../model/span.ts'
import { BatchSender } from './batch-sender.ts'
import { createExporter } from './otlp-exporter.ts'
import { type SentFamily, toResourceMetrics } from './otlp-metrics.ts'
import type { OtlpSettings } from './otlp-settings.ts'
import { toReadableSpan } from './otlp-spans.ts'

/**
 * The thread that sends traces and metrics to a collector. It alone loads OpenTelemetry's packages; neither requests nor the
 * management API wait for anything that happens here.
 */

/** What the main thread says. */
export type OtlpCommand =
  | { readonly type: 'spans-from'; readonly port: MessagePort }
  | {
      readonly type: 'metrics'
      readonly families: readonly SentFamily[]
      readonly since: number
      readonly until: number
    }
  | { readonly type: 'close'; readonly timeoutMs: number }

/** Counts since the start, and why the collector does not take what it is sent; null where it does. */
export interface OtlpReport {
  readonly type: 'counts' | 'closed'
  readonly spans: { readonly sent: number; readonly dropped: number; readonly failed: number; readonly waiting: number }
  readonly points: { readonly sent: number; readonly failed: number }
  readonly tracesTrouble: string | null
  readonly metricsTrouble: string | null
}

const REPORT_MS = 1_000

function run(settings: OtlpSettings, main: MessagePort): void {
  const { tracesUrl, metricsUrl, protocol, queue } = settings
  const isJson = protocol === 'http/json'
  const resource = resourceFromAttributes({ ...settings.resource }).merge(detectResources({ detectors: [envDetector] }))
  const scope = { name: 'turnpike', version: settings.resource['service.version'] ?? '' }

  const exportSpans =
    tracesUrl === null
      ? null
      : createExporter({
          name: 'TRACES',
          url: tracesUrl,
          protocol,
          serializer: isJson ? JsonTraceSerializer : ProtobufTraceSerializer,
          helper: TraceExporterMetricsHelper,
        })
  const exportMetrics =
    metricsUrl === null
      ? null
      : createExporter({
          name: 'METRICS',
          url: metricsUrl,
          protocol,
          serializer: isJson ? JsonMetricsSerializer : ProtobufMetricsSerializer,
          helper: MetricsExporterMetricsHelper,
        })

  const spans = new BatchSender<Span>({
    ...queue,
    send: async (batch) =>
      exportSpans === null
        ? { refused: batch.length, reason: null }
        : exportSpans(batch.map((span) => toReadableSpan(span, resource, scope))),
  })
  // The last that is known is all that counts: what waits is replaced.
  const metrics = new BatchSender<Extract<OtlpCommand, { type: 'metrics' }>>({
    maxQueue: 1,
    maxBatch: 1,
    delayMs: 0,
    async send([taken]) {
      if (taken === undefined || exportMetrics === null) return { refused: 0, reason: null }
      const all = toResourceMetrics(taken.families, taken, resource, scope)
      const { refused, reason } = await exportMetrics(all)
      const count = MetricsExporterMetricsHelper.countItems(all)
      points.failed += refused
      points.sent += count - refused
      return { refused: refused > 0 ? 1 : 0, reason }
    },
  })
  const points = { sent: 0, failed: 0 }
  /** Spans that workers had no room for. */
  let droppedBefore = 0

  const report = (type: OtlpReport['type']) => {
    const { sent, dropped, failed, waiting, trouble } = spans
    main.postMessage({
      type,
      spans: { sent, dropped: dropped + droppedBefore, failed, waiting },
      points,
      tracesTrouble: trouble,
      metricsTrouble: metrics.trouble,
    } satisfies OtlpReport)
  }
  setInterval(() => report('counts'), REPORT_MS)

  const takeFrom = (port: MessagePort) =>
    port.on('message', ({ spans: batch, dropped }: SpanBatch) => {
      spans.add(batch)
      droppedBefore += dropped
      port.postMessage(batch.length)
    })
  main.on('message', async (command: OtlpCommand) => {
    if (command.type === 'spans-from') takeFrom(command.port)
    else if (command.type === 'metrics') metrics.add([command])
    else {
      await Promise.all([spans.close(command.timeoutMs), metrics.close(command.timeoutMs)])
      report('closed')
    }
  })
}

if (parentPort !== null) run(workerData as OtlpSettings, parentPort)
