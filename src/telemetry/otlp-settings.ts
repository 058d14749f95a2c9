import type { Sampling } from '../model/span.ts'

/** How traces and metrics leave by OTLP. */
export interface OtlpSettings {
  /** Where traces go; null where they do not. */
  readonly tracesUrl: string | null
  readonly metricsUrl: string | null
  readonly protocol: 'http/protobuf' | 'http/json'
  readonly sampling: Sampling
  readonly metricsIntervalMs: number
  readonly queue: { readonly maxQueue: number; readonly maxBatch: number; readonly delayMs: number }
  /** What all of it is of; what the environment says in OpenTelemetry's own variables counts more. */
  readonly resource: Readonly<Record<string, string>>
}
