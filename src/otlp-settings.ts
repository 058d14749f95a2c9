import { InvalidSetting, type Settings } from './settings.ts'
import type { OtlpSettings } from './telemetry/otlp-settings.ts'

/**
 * Where traces and metrics go, and which: of our own settings, else of the environment variables that OpenTelemetry has for all
 * programs. Those that only matter to the sending itself (headers, time-out, compression, certificates) are read by its own
 * exporter.
 */

type Environment = Readonly<Record<string, string | undefined>>
type Given = Pick<
  Settings,
  'otlpEndpoint' | 'otlpSignals' | 'otlpServiceName' | 'traceSampler' | 'traceSampleRatio' | 'traceParents' | 'nodeName'
>

const SAMPLERS: Readonly<Record<string, { readonly isParentBased: boolean; readonly ratio: number | null }>> = {
  always_on: { isParentBased: false, ratio: 1 },
  always_off: { isParentBased: false, ratio: 0 },
  traceidratio: { isParentBased: false, ratio: null },
  parentbased_always_on: { isParentBased: true, ratio: 1 },
  parentbased_always_off: { isParentBased: true, ratio: 0 },
  parentbased_traceidratio: { isParentBased: true, ratio: null },
}
const DEFAULT_SAMPLER = 'parentbased_traceidratio'

/** The settings; null where nothing is to be sent. Throws `InvalidSetting`. */
export function readOtlpSettings(
  given: Given,
  env: Environment,
  about: { version: string; nodeId: string },
): OtlpSettings | null {
  const signals = given.otlpSignals
  const tracesUrl = isWanted('TRACES', signals.traces, given, env) ? urlOf('TRACES', 'v1/traces', given, env) : null
  const metricsUrl = isWanted('METRICS', signals.metrics, given, env)
    ? urlOf('METRICS', 'v1/metrics', given, env)
    : null
  if (tracesUrl === null && metricsUrl === null) return null
  return {
    tracesUrl,
    metricsUrl,
    protocol: protocolOf(env),
    sampling: samplingOf(given, env),
    metricsIntervalMs: whole('OTEL_METRIC_EXPORT_INTERVAL', 60_000, env),
    queue: {
      maxQueue: whole('OTEL_BSP_MAX_QUEUE_SIZE', 8_192, env),
      maxBatch: whole('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, env),
      delayMs: whole('OTEL_BSP_SCHEDULE_DELAY', 1_000, env),
    },
    resource: {
      'service.name': given.otlpServiceName || 'turnpike',
      'service.version': about.version,
      'service.instance.id': about.nodeId,
      'host.name': given.nodeName,
    },
  }
}

function isWanted(signal: 'TRACES' | 'METRICS', isOn: boolean, { otlpEndpoint }: Given, env: Environment): boolean {
  const isDisabled = otlpEndpoint === '' && env.OTEL_SDK_DISABLED?.toLowerCase() === 'true'
  return isOn && !isDisabled && (env[`OTEL_${signal}_EXPORTER`] ?? 'otlp') !== 'none'
}

function urlOf(signal: string, path: string, { otlpEndpoint }: Given, env: Environment): string | null {
  const withPath = (base: string) => `${base.replace(/\/+$/, '')}/${path}`
  if (otlpEndpoint !== '') return withPath(otlpEndpoint)
  const [ofSignal, ofAll] = [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT']
  const own = env[ofSignal]
  if (own) return checked(own, own, ofSignal)
  const shared = env[ofAll]
  return shared ? checked(shared, withPath(shared), ofAll) : null
}

/** What was given is not shown: it may hold a password. */
function checked(base: string, url: string, name: string): string {
  const parsed = URL.parse(base)
  if (parsed !== null && ['http:', 'https:'].includes(parsed.protocol)) return url
  throw new InvalidSetting(`${name} must be the URL of an OpenTelemetry collector, such as http://127.0.0.1:4318.`)
}

function protocolOf(env: Environment): OtlpSettings['protocol'] {
  const name = 'OTEL_EXPORTER_OTLP_PROTOCOL'
  const protocol = env[name] || 'http/protobuf'
  if (protocol === 'http/protobuf' || protocol === 'http/json') return protocol
  throw new InvalidSetting(
    `${name} is "${protocol}", but traces and metrics are sent by http/protobuf or http/json: set one of them, with the port that the collector has for HTTP (4318).`,
  )
}

function samplingOf(
  { traceSampler, traceSampleRatio, traceParents }: Given,
  env: Environment,
): OtlpSettings['sampling'] {
  const fromEnvironment = env.OTEL_TRACES_SAMPLER ?? ''
  const name = traceSampler || fromEnvironment || DEFAULT_SAMPLER
  const sampler = SAMPLERS[name]
  if (sampler === undefined)
    throw new InvalidSetting(
      `${traceSampler ? '--trace-sampler' : 'OTEL_TRACES_SAMPLER'} is "${name}", but must be one of ${Object.keys(SAMPLERS).join(', ')}.`,
    )
  const ratio = sampler.ratio ?? traceSampleRatio ?? ratioOf(env.OTEL_TRACES_SAMPLER_ARG)
  return { isParentBased: sampler.isParentBased, ratio, parents: traceParents }
}

function ratioOf(given: string | undefined): number {
  if (given === undefined || given === '') return 1
  const ratio = Number(given)
  if (ratio >= 0 && ratio <= 1) return ratio
  throw new InvalidSetting(`OTEL_TRACES_SAMPLER_ARG is "${given}", but must be a number from 0 to 1.`)
}

function whole(name: string, fallback: number, env: Environment): number {
  const given = env[name]
  if (given === undefined || given === '') return fallback
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given)
  throw new InvalidSetting(`${name} is "${given}", but must be a whole number above 0.`)
}
