import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http'
import type { IExporterMetricsHelper, ISerializer } from '@opentelemetry/otlp-transformer'
import type { Sent } from './batch-sender.ts'
import type { OtlpSettings } from './otlp-settings.ts'

/**
 * Sends one kind of signal to a collector, by OpenTelemetry's own exporter: it takes time-out, compression, certificates and the
 * fields with credentials from its environment variables, and tries again, with growing pauses, what may succeed then.
 */

/** Longer than the exporter takes with all its tries: a collector that never comes to the end of its answer is given up. */
const DEADLINE_MS = 30_000
const MAX_REASON = 200

/** What a collector may say of what it has taken. */
interface Response {
  readonly partialSuccess?: {
    readonly errorMessage?: string
    readonly rejectedSpans?: number
    readonly rejectedDataPoints?: number
  }
}

export interface Signal<T> {
  readonly name: 'TRACES' | 'METRICS'
  readonly url: string
  readonly protocol: OtlpSettings['protocol']
  readonly serializer: ISerializer<T, Response>
  readonly helper: IExporterMetricsHelper<T>
}

/** Makes what sends a signal. It never rejects; one call at a time. */
export function createExporter<T>({ name, url, protocol, serializer, helper }: Signal<T>): (all: T) => Promise<Sent> {
  let response: Response | null = null
  const watched: ISerializer<T, Response> = {
    serializeRequest: (request) => serializer.serializeRequest(request),
    deserializeResponse(data) {
      response = serializer.deserializeResponse(data)
      return response
    },
  }
  const contentType = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf'
  const path = name === 'TRACES' ? 'v1/traces' : 'v1/metrics'
  const options = convertLegacyHttpOptions({ url, userAgent: 'Turnpike' }, name, path, { 'Content-Type': contentType })
  const delegate = createOtlpHttpExportDelegate(options, watched, 'otlp_http_exporter', helper, undefined)
  return (all) => {
    response = null
    const { promise, resolve } = Promise.withResolvers<Sent>()
    const fail = (reason: string) => resolve({ refused: helper.countItems(all), reason: reason.slice(0, MAX_REASON) })
    const tooLate = setTimeout(() => fail('it does not come to the end of its answer'), DEADLINE_MS)
    delegate.export(all, ({ code, error }) => {
      clearTimeout(tooLate)
      if (code !== 0) fail(reasonOf(error))
      else resolve(partial(response))
    })
    return promise
  }
}

function reasonOf(error: Error | undefined): string {
  if (error === undefined) return 'it gave no reason'
  const status = 'code' in error && typeof error.code === 'number' ? `it answers ${error.code} ` : ''
  return `${status}${error.message}`
}

/** A collector may take a batch and refuse a part of it. */
function partial(response: Response | null): Sent {
  const { errorMessage = '', rejectedSpans, rejectedDataPoints } = response?.partialSuccess ?? {}
  // JSON has such numbers as text.
  const refused = Number(rejectedSpans ?? rejectedDataPoints ?? 0)
  return { refused, reason: refused === 0 ? null : `it refuses a part: ${errorMessage}`.slice(0, MAX_REASON) }
}
